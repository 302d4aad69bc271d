/* A media transport around pjsua's own: RTP and RTCP are taken from the address that SDP negotiated, and sent there.
 *
 * Of itself pjmedia follows whoever sends ten packets, and whoever sends three of RTCP. Here another source is dropped
 * and counted. Where symmetric RTP is wanted (a far end behind a translator of addresses), the first packet may decide,
 * once for each description, in the first moments and only as long as the negotiated address was not heard.
 *
 * It stands above SRTP, which lets the source of a packet through; packets of its keying never come here.
 */
#include "counts.h"
#include "module.h"
#include <pjsua-lib/pjsua_internal.h>

typedef struct source_guard {
    pjmedia_transport base;
    pj_pool_t *pool;
    pjmedia_transport *member;
    pj_bool_t close_member;
    int call;
    struct source_guard *next;

    /* The stream; under the group lock, as all that follows. */
    void *user;
    void (*rtp_cb)(void *, void *, pj_ssize_t);
    void (*rtp_cb2)(pjmedia_tp_cb_param *);
    void (*rtcp_cb)(void *, void *, pj_ssize_t);

    pj_sockaddr described; /* as the far end's SDP has it */
    pj_sockaddr rtp, rtcp; /* where the far end sends from and is sent to */
    pj_bool_t heard;       /* from the negotiated address */
    pj_bool_t latched;
    pj_time_val since;
    unsigned dropped_rtp, dropped_rtcp;

    pj_status_t refused; /* why the member cannot serve this description */
} source_guard;

static pjmedia_transport *(*previous)(pjsua_call_id, unsigned, pjmedia_transport *, unsigned);

/* All of them, under pjlib's own lock: calls ask for their counters. */
static source_guard *all;

static unsigned symmetric_ms;

/* ---- which source counts ---- */

static pj_bool_t in_first_moments(const source_guard *guard)
{
    pj_time_val now;

    pj_gettickcount(&now);
    PJ_TIME_VAL_SUB(now, guard->since);
    return PJ_TIME_VAL_MSEC(now) < (long)symmetric_ms;
}

/* Whether RTP from here is the far end's. `*moved` where it is from now on. */
static pj_bool_t takes_rtp(source_guard *guard, const pj_sockaddr *source, pj_bool_t *moved)
{
    if (!source)
        return PJ_FALSE;
    if (pj_sockaddr_cmp(source, &guard->rtp) == 0) {
        guard->heard = PJ_TRUE;
        return PJ_TRUE;
    }
    if (symmetric_ms && !guard->heard && !guard->latched && pj_sockaddr_has_addr(&guard->rtp) &&
        in_first_moments(guard)) {
        guard->latched = *moved = PJ_TRUE;
        pj_sockaddr_cp(&guard->rtp, source);
        pj_sockaddr_cp(&guard->rtcp, source);
        pj_sockaddr_set_port(&guard->rtcp, (pj_uint16_t)(pj_sockaddr_get_port(source) + 1));
        count(COUNT_LATCHED);
        return PJ_TRUE;
    }
    ++guard->dropped_rtp;
    count(COUNT_RTP);
    return PJ_FALSE;
}

/* ---- what the member receives ---- */

static void on_rtp(pjmedia_tp_cb_param *param)
{
    source_guard *guard = param->user_data;
    pjmedia_tp_cb_param passed = *param;
    pj_bool_t moved = PJ_FALSE;
    void (*cb)(void *, void *, pj_ssize_t) = NULL;
    void (*cb2)(pjmedia_tp_cb_param *) = NULL;

    pj_grp_lock_acquire(guard->base.grp_lock);
    if (param->size < 0 || takes_rtp(guard, param->src_addr, &moved)) {
        cb = guard->rtp_cb;
        cb2 = guard->rtp_cb2;
        passed.user_data = guard->user;
    }
    pj_grp_lock_release(guard->base.grp_lock);
    passed.src_addr = NULL; /* the stream has no say in this */
    passed.rem_switch = PJ_FALSE;
    if (cb2)
        cb2(&passed);
    else if (cb)
        cb(passed.user_data, passed.pkt, passed.size);
    param->rem_switch = moved;
}

/* The transport below has just received this packet; who sent it is what it says of itself. */
static pj_bool_t takes_rtcp(source_guard *guard)
{
    pjmedia_transport_info info;

    pjmedia_transport_info_init(&info);
    if (pjmedia_transport_get_info(guard->member, &info) == PJ_SUCCESS &&
        (pj_sockaddr_cmp(&info.src_rtcp_name, &guard->rtcp) == 0 ||
         pj_sockaddr_cmp(&info.src_rtcp_name, &guard->rtp) == 0))
        return PJ_TRUE;
    ++guard->dropped_rtcp;
    count(COUNT_RTCP);
    return PJ_FALSE;
}

static void on_rtcp(void *user, void *packet, pj_ssize_t size)
{
    source_guard *guard = user;
    void (*cb)(void *, void *, pj_ssize_t) = NULL;
    void *stream = NULL;

    pj_grp_lock_acquire(guard->base.grp_lock);
    if (size < 0 || takes_rtcp(guard)) {
        cb = guard->rtcp_cb;
        stream = guard->user;
    }
    pj_grp_lock_release(guard->base.grp_lock);
    if (cb)
        cb(stream, packet, size);
}

/* ---- the transport ---- */

static source_guard *of(pjmedia_transport *transport)
{
    return (source_guard *)transport;
}

static pj_status_t get_info(pjmedia_transport *transport, pjmedia_transport_info *info)
{
    return pjmedia_transport_get_info(of(transport)->member, info);
}

static void detach(pjmedia_transport *transport, void *user)
{
    source_guard *guard = of(transport);
    pj_bool_t attached;

    (void)user;
    pj_grp_lock_acquire(guard->base.grp_lock);
    attached = guard->user != NULL;
    guard->user = NULL;
    guard->rtp_cb = NULL;
    guard->rtp_cb2 = NULL;
    guard->rtcp_cb = NULL;
    pj_grp_lock_release(guard->base.grp_lock);
    if (attached)
        pjmedia_transport_detach(guard->member, guard);
}

static pj_status_t attach(pjmedia_transport *transport, pjmedia_transport_attach_param *param)
{
    source_guard *guard = of(transport);
    pjmedia_transport_attach_param below = *param;

    pj_grp_lock_acquire(guard->base.grp_lock);
    guard->user = param->user_data;
    guard->rtp_cb = param->rtp_cb;
    guard->rtp_cb2 = param->rtp_cb2;
    guard->rtcp_cb = param->rtcp_cb;
    if (pj_sockaddr_cmp(&guard->described, &param->rem_addr) || !guard->since.sec) {
        guard->heard = guard->latched = PJ_FALSE; /* another description: what was learnt of the last one is void */
        pj_gettickcount(&guard->since);
    }
    if (!guard->latched) {
        pj_sockaddr_cp(&guard->described, &param->rem_addr);
        pj_sockaddr_cp(&guard->rtp, &param->rem_addr);
        pj_sockaddr_cp(&guard->rtcp, &param->rem_rtcp);
        if (!pj_sockaddr_has_addr(&guard->rtcp)) {
            pj_sockaddr_cp(&guard->rtcp, &param->rem_addr);
            pj_sockaddr_set_port(&guard->rtcp, (pj_uint16_t)(pj_sockaddr_get_port(&param->rem_addr) + 1));
        }
    }
    pj_sockaddr_cp(&below.rem_addr, &guard->rtp);
    pj_sockaddr_cp(&below.rem_rtcp, &guard->rtcp);
    pj_grp_lock_release(guard->base.grp_lock);
    below.user_data = guard;
    below.rtp_cb = NULL;
    below.rtp_cb2 = on_rtp;
    below.rtcp_cb = on_rtcp;
    return pjmedia_transport_attach2(guard->member, &below);
}

static pj_status_t send_rtp(pjmedia_transport *transport, const void *packet, pj_size_t size)
{
    return pjmedia_transport_send_rtp(of(transport)->member, packet, size);
}

/* The member would send to whom it heard last. */
static pj_status_t send_rtcp2(pjmedia_transport *transport, const pj_sockaddr_t *address, unsigned length,
                              const void *packet, pj_size_t size)
{
    source_guard *guard = of(transport);
    pj_sockaddr to;

    if (!address) {
        pj_grp_lock_acquire(guard->base.grp_lock);
        pj_sockaddr_cp(&to, &guard->rtcp);
        pj_grp_lock_release(guard->base.grp_lock);
        if (!pj_sockaddr_has_addr(&to))
            return PJ_SUCCESS;
        address = &to;
        length = pj_sockaddr_get_len(&to);
    }
    return pjmedia_transport_send_rtcp2(guard->member, address, length, packet, size);
}

static pj_status_t send_rtcp(pjmedia_transport *transport, const void *packet, pj_size_t size)
{
    return send_rtcp2(transport, NULL, 0, packet, size);
}

/* pjsua reads a call that it has given up where this fails for an INVITE that was already answered 180 (pjsua_call.c:
 * call->inv is NULL behind pjsua_media_channel_init), and stands it where the description cannot be written: so what
 * fails here is said there. */
static pj_status_t media_create(pjmedia_transport *transport, pj_pool_t *pool, unsigned options,
                                const pjmedia_sdp_session *remote, unsigned index)
{
    source_guard *guard = of(transport);

    guard->refused = pjmedia_transport_media_create(guard->member, pool, options, remote, index);
    return PJ_SUCCESS;
}

static pj_status_t encode_sdp(pjmedia_transport *transport, pj_pool_t *pool, pjmedia_sdp_session *local,
                              const pjmedia_sdp_session *remote, unsigned index)
{
    source_guard *guard = of(transport);

    if (guard->refused != PJ_SUCCESS)
        return guard->refused;
    return pjmedia_transport_encode_sdp(guard->member, pool, local, remote, index);
}

static pj_status_t media_start(pjmedia_transport *transport, pj_pool_t *pool, const pjmedia_sdp_session *local,
                               const pjmedia_sdp_session *remote, unsigned index)
{
    return pjmedia_transport_media_start(of(transport)->member, pool, local, remote, index);
}

static pj_status_t media_stop(pjmedia_transport *transport)
{
    return pjmedia_transport_media_stop(of(transport)->member);
}

static pj_status_t simulate_lost(pjmedia_transport *transport, pjmedia_dir direction, unsigned percent)
{
    return pjmedia_transport_simulate_lost(of(transport)->member, direction, percent);
}

/* The last reference to the transports' common lock is gone. */
static void on_destroy(void *data)
{
    pj_pool_release(((source_guard *)data)->pool);
}

static pj_status_t destroy(pjmedia_transport *transport)
{
    source_guard *guard = of(transport);

    pj_enter_critical_section();
    for (source_guard **at = &all; *at; at = &(*at)->next) {
        if (*at == guard) {
            *at = guard->next;
            break;
        }
    }
    pj_leave_critical_section();
    if (guard->close_member)
        pjmedia_transport_close(guard->member);
    pj_grp_lock_dec_ref(guard->base.grp_lock);
    return PJ_SUCCESS;
}

static pjmedia_transport_op operations = {
    .get_info = get_info,
    .detach = detach,
    .send_rtp = send_rtp,
    .send_rtcp = send_rtcp,
    .send_rtcp2 = send_rtcp2,
    .media_create = media_create,
    .encode_sdp = encode_sdp,
    .media_start = media_start,
    .media_stop = media_stop,
    .simulate_lost = simulate_lost,
    .destroy = destroy,
    .attach2 = attach,
};

/* ---- where pjsua makes transports ---- */

static pjmedia_transport *on_create(pjsua_call_id call, unsigned index, pjmedia_transport *base, unsigned flags)
{
    pjmedia_transport *member = previous ? previous(call, index, base, flags) : base;
    source_guard *guard;
    pj_pool_t *pool;

    if (!member || !member->grp_lock)
        return member;
    pool = pjmedia_endpt_create_pool(pjsua_var.med_endpt, "rtpsrc%p", 1000, 1000);
    guard = PJ_POOL_ZALLOC_T(pool, source_guard);
    guard->pool = pool;
    guard->member = member;
    guard->close_member = (flags & PJSUA_MED_TP_CLOSE_MEMBER) != 0;
    guard->call = call;
    pj_ansi_strxcpy(guard->base.name, pool->obj_name, sizeof guard->base.name);
    guard->base.type = PJMEDIA_TRANSPORT_TYPE_USER + 1;
    guard->base.op = &operations;
    guard->base.grp_lock = member->grp_lock;
    pj_grp_lock_add_ref(member->grp_lock);
    pj_grp_lock_add_handler(member->grp_lock, pool, guard, on_destroy);
    pj_enter_critical_section();
    guard->next = all;
    all = guard;
    pj_leave_critical_section();
    return &guard->base;
}

/* Stand where pjsua asks for a media transport. Between libInit and libStart. */
void rtp_source_install(void)
{
    if (pjsua_var.ua_cfg.cb.on_create_media_transport == on_create)
        return;
    previous = pjsua_var.ua_cfg.cb.on_create_media_transport;
    pjsua_var.ua_cfg.cb.on_create_media_transport = on_create;
}

PyObject *rtp_source_set_symmetric(PyObject *module, PyObject *args)
{
    int milliseconds;

    (void)module;
    if (!PyArg_ParseTuple(args, "i:set_symmetric_rtp", &milliseconds))
        return NULL;
    if (milliseconds < 0 || milliseconds > 10000)
        return PyErr_Format(PyExc_ValueError, "set_symmetric_rtp: expected 0 to 10000 ms, not %d", milliseconds);
    symmetric_ms = (unsigned)milliseconds;
    Py_RETURN_NONE;
}

PyObject *rtp_source_of_call(PyObject *module, PyObject *args)
{
    unsigned rtp = 0, rtcp = 0;
    pj_bool_t latched = PJ_FALSE;
    char address[PJ_INET6_ADDRSTRLEN + 10] = "";
    int call;

    (void)module;
    if (!PyArg_ParseTuple(args, "i:media_source", &call) || !sipext_usable(PJ_FALSE))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    pj_enter_critical_section();
    for (const source_guard *guard = all; guard; guard = guard->next) {
        if (guard->call != call)
            continue;
        rtp += guard->dropped_rtp;
        rtcp += guard->dropped_rtcp;
        latched = latched || guard->latched;
        if (guard->user && pj_sockaddr_has_addr(&guard->rtp))
            pj_sockaddr_print(&guard->rtp, address, sizeof address, 3);
    }
    pj_leave_critical_section();
    Py_END_ALLOW_THREADS
    return Py_BuildValue("(sIIN)", address, rtp, rtcp, PyBool_FromLong(latched));
}

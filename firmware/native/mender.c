/* Messages that pjsip's parser would drop: offered to one Python function, which mends them, answers them or lets them
 * go. A good message costs nothing here, but one search for its end on a stream.
 *
 * pjsip tells of a dropped message after its parser has refused it, whole and on every transport. On a stream it also
 * gives up where a message ends that has no usable Content-Length, and takes all that follows with it; so such a
 * message is looked for before pjsip does, and one that is too long for its buffer (oversize.c).
 */
#include "counts.h"
#include "limiter.h"
#include "module.h"
#include "oversize.h"
#include <pjsua-lib/pjsua_internal.h>

static PyObject *mender;

/* Mended messages come through the same doors; one that is refused again is not mended again. */
static unsigned depth;

/* Where a message came from. */
typedef struct origin {
    pjsip_transport *transport;
    const pj_sockaddr *address;
    char host[PJ_INET6_ADDRSTRLEN];
    int port;
} origin;

/* What Python made of a message; `again` and `answer` are references into `result`. */
typedef struct verdict {
    PyObject *result;
    char *again, *answer;
    Py_ssize_t size;
    int number; /* the port to answer to; on a stream the bytes that are dealt with */
} verdict;

/* Line ends before a message, which pjsip drops first and tells of. */
static struct {
    const char *start, *end;
} blank;

/* ---- down to pjsip; without the GIL ---- */

static void inject(const origin *from, const char *data, pj_size_t size)
{
    pj_pool_t *pool = pjsip_endpt_create_pool(pjsua_get_pjsip_endpt(), "sipext-mended", 4000, 4000);
    pjsip_rx_data *rdata;

    if (!pool)
        return;
    if (size && size < PJSIP_MAX_PKT_LEN) {
        rdata = PJ_POOL_ZALLOC_T(pool, pjsip_rx_data);
        rdata->tp_info.pool = pool;
        rdata->tp_info.transport = from->transport;
        pj_gettimeofday(&rdata->pkt_info.timestamp);
        memcpy(rdata->pkt_info.packet, data, size);
        rdata->pkt_info.len = (pj_ssize_t)size;
        pj_sockaddr_cp(&rdata->pkt_info.src_addr, from->address);
        rdata->pkt_info.src_addr_len = (int)pj_sockaddr_get_len(from->address);
        strcpy(rdata->pkt_info.src_name, from->host);
        rdata->pkt_info.src_port = from->port;
        pjsip_tpmgr_receive_packet(from->transport->tpmgr, rdata);
    }
    pj_pool_release(pool);
}

static void respond(const origin *to, const char *data, pj_size_t size, int port)
{
    pjsip_tpselector selector = {.type = PJSIP_TPSELECTOR_TRANSPORT, .u.transport = to->transport};
    pj_sockaddr address;
    pj_status_t status;

    pj_sockaddr_cp(&address, to->address);
    if (to->transport->flag & PJSIP_TRANSPORT_DATAGRAM)
        pj_sockaddr_set_port(&address, (pj_uint16_t)port);
    status = pjsip_tpmgr_send_raw(to->transport->tpmgr, to->transport->key.type, &selector, NULL, data, size, &address,
                                  (int)pj_sockaddr_get_len(&address), NULL, NULL);
    if (status != PJ_SUCCESS && status != PJ_EPENDING)
        PJ_PERROR(4, ("sipext", status, "a refusal cannot be sent"));
}

/* ---- up to Python ---- */

/* Read the result ("again", bytes, n), ("answer", bytes, n) or ("drop", b"", n). False with an exception set. */
static pj_bool_t read_verdict(verdict *v)
{
    const char *verb;
    char *bytes;

    if (!PyTuple_Check(v->result) || !PyArg_ParseTuple(v->result, "sy#i", &verb, &bytes, &v->size, &v->number)) {
        PyErr_SetString(PyExc_TypeError, "mender: expected (\"again\", \"answer\" or \"drop\", bytes, number)");
        return PJ_FALSE;
    }
    if (!strcmp(verb, "again"))
        v->again = bytes;
    else if (!strcmp(verb, "answer"))
        v->answer = bytes;
    else if (strcmp(verb, "drop")) {
        PyErr_Format(PyExc_ValueError, "mender: \"%s\", expected again, answer or drop", verb);
        return PJ_FALSE;
    }
    return PJ_TRUE;
}

static verdict ask_python(const origin *from, const char *data, pj_size_t size, const char *problem)
{
    verdict v = {0};
    PyGILState_STATE gil;
    PyObject *function;

    if (!python_enter(&gil))
        return v;
    function = Py_XNewRef(mender);
    if (function) {
        v.result = sipext_call(function, Py_BuildValue("(y#sisi)", data, (Py_ssize_t)size, from->host, from->port,
                                                       problem, (int)depth));
        if (!v.result || !read_verdict(&v)) {
            PyErr_WriteUnraisable(function);
            Py_CLEAR(v.result);
            v.again = v.answer = NULL;
            v.number = 0;
        }
        Py_DECREF(function);
    }
    python_leave(gil);
    return v;
}

/* Carry out what Python decided; its strings live until then. */
static void carry_out(const origin *from, verdict *v)
{
    PyGILState_STATE gil;

    if (!v->result)
        return;
    pjsip_transport_add_ref(from->transport); /* what is injected may end the connection it came on */
    if (v->again && !depth) {
        count(COUNT_MENDED);
        ++depth;
        inject(from, v->again, (pj_size_t)v->size);
        --depth;
    } else if (v->answer) {
        count(COUNT_ANSWERED);
        respond(from, v->answer, (pj_size_t)v->size, v->number);
    }
    pjsip_transport_dec_ref(from->transport);
    if (python_enter(&gil)) {
        Py_CLEAR(v->result);
        python_leave(gil);
    }
}

/* ---- what pjsip tells ---- */

static void set_origin(origin *from, pjsip_transport *transport, const pj_sockaddr *address)
{
    from->transport = transport;
    from->address = address;
    pj_sockaddr_print(address, from->host, sizeof from->host, 0);
    from->port = pj_sockaddr_get_port(address);
}

/* The buffer of a datagram's transport that holds `data`, or NULL: pjsip tells of the bytes, and not who sent them. */
static const pjsip_rx_data *rdata_of(const pjsip_tp_dropped_data *dropped)
{
    const char *data = dropped->data;
    const char *start = blank.end == data ? blank.start : data;
    const pjsip_rx_data *rdata = (const void *)(start - offsetof(pjsip_rx_data, pkt_info.packet));

    if (rdata->tp_info.transport != dropped->tp || rdata->pkt_info.len != (data - start) + (pj_ssize_t)dropped->len)
        return NULL;
    return rdata;
}

/* pjsip has dropped something. */
static void on_drop(pjsip_tp_dropped_data *dropped)
{
    const char *problem;
    const pjsip_rx_data *rdata = NULL;
    pj_size_t unused;
    origin from;
    verdict v;

    if (dropped->status == PJ_EIGNORED) {
        oversize_skip(dropped->tp, dropped->len);
        if (dropped->tp->flag & PJSIP_TRANSPORT_DATAGRAM) { /* a stream's buffer goes with its connection */
            blank.start = dropped->data;
            blank.end = blank.start + dropped->len;
        }
        return;
    }
    if (!dropped->data || !dropped->len || !mender || dropped->status == PJSIP_ERXOVERFLOW)
        return; /* of what overflows the buffer, the length told is not that of the data */
    if (dropped->tp->flag & PJSIP_TRANSPORT_DATAGRAM) {
        rdata = rdata_of(dropped);
        blank.start = blank.end = NULL;
        if (!rdata)
            return;
        set_origin(&from, dropped->tp, &rdata->pkt_info.src_addr);
    } else {
        if (pjsip_find_msg(dropped->data, dropped->len, PJ_FALSE, &unused) != PJ_SUCCESS)
            return; /* on_stream has seen it */
        set_origin(&from, dropped->tp, &dropped->tp->key.rem_addr);
    }
    problem = dropped->status == PJSIP_EMISSINGHDR ? "missing" : "syntax";
    if (dropped->tp->flag & PJSIP_TRANSPORT_DATAGRAM && !depth && rdata->pkt_info.len >= PJSIP_MAX_PKT_LEN - 1)
        problem = "size"; /* the buffer is full, and the rest of the datagram is gone */
    if (!depth) {
        count(COUNT_UNREADABLE);
        if (!limiter_admits(from.address))
            return;
    }
    v = ask_python(&from, dropped->data, dropped->len, problem);
    carry_out(&from, &v);
}

/* Whether a header block ends in two line feeds: pjsip looks for another end, in the next message or for ever. */
static pj_bool_t ends_oddly(const char *data, pj_size_t size)
{
    const char *end = memmem(data, size, "\n\r\n", 3);

    return memmem(data, end ? (pj_size_t)(end - data) : size, "\n\n", 2) != NULL;
}

/* A message that will not fit in pjsip's buffer, of which there is the head or a buffer full: refused and passed over.
 * The number of bytes that are dealt with. */
static pj_size_t pass_over(const origin *from, const pjsip_tp_rx_data *received, pj_size_t whole)
{
    verdict v;

    count(COUNT_UNREADABLE);
    if (limiter_admits(from->address)) {
        v = ask_python(from, received->data, received->len, "size");
        carry_out(from, &v);
    }
    /* A head that does not end here says nothing of where the message does. */
    return oversize_begin(received->tp, received->len, whole > PJSIP_MAX_PKT_LEN ? whole : (pj_size_t)-1);
}

/* Bytes of a stream that start with a message, maybe the first part of one. */
static pj_status_t on_stream(pjsip_tp_rx_data *received)
{
    pj_size_t whole, done = oversize_skip(received->tp, received->len);
    pj_status_t status;
    origin from;
    verdict v;

    received->len -= done;
    if (!mender || depth || done)
        return PJ_SUCCESS;
    status = pjsip_find_msg(received->data, received->len, PJ_FALSE, &whole);
    if (status == PJSIP_EPARTIALMSG && (whole > PJSIP_MAX_PKT_LEN || received->len >= PJSIP_MAX_PKT_LEN)) {
        set_origin(&from, received->tp, &received->tp->key.rem_addr);
        received->len -= pass_over(&from, received, whole);
        return PJ_SUCCESS;
    }
    if ((status == PJ_SUCCESS || status == PJSIP_EPARTIALMSG) && !ends_oddly(received->data, received->len))
        return PJ_SUCCESS;
    set_origin(&from, received->tp, &received->tp->key.rem_addr);
    count(COUNT_UNREADABLE);
    if (!limiter_admits(from.address))
        return PJ_SUCCESS;
    v = ask_python(&from, received->data, received->len, "framing");
    if (v.result && v.number > 0 && (pj_size_t)v.number <= received->len)
        received->len -= (pj_size_t)v.number;
    carry_out(&from, &v);
    return PJ_SUCCESS;
}

/* ---- the module ---- */

PyObject *mender_set(PyObject *module, PyObject *function)
{
    pjsip_tpmgr *manager;

    (void)module;
    if (!sipext_usable(PJ_TRUE) || !sipext_keep(&mender, function, "mender"))
        return NULL;
    manager = pjsip_endpt_get_tpmgr(pjsua_get_pjsip_endpt());
    pjsip_tpmgr_set_drop_data_cb(manager, mender ? on_drop : NULL);
    pjsip_tpmgr_set_recv_data_cb(manager, mender ? on_stream : NULL);
    Py_RETURN_NONE;
}

void mender_clear(void)
{
    if (mender && pjsua_get_pjsip_endpt()) {
        pjsip_tpmgr *manager = pjsip_endpt_get_tpmgr(pjsua_get_pjsip_endpt());
        pjsip_tpmgr_set_drop_data_cb(manager, NULL);
        pjsip_tpmgr_set_recv_data_cb(manager, NULL);
    }
    Py_CLEAR(mender);
}

/* The module in front of all others: what is no message for us goes no further, and costs no transaction, no answer and
 * no Python. Then challenges that must not be answered lose their question, and SDP is mended (sdp.c).
 */
#include "challenge.h"
#include "counts.h"
#include "late.h"
#include "limiter.h"
#include "module.h"
#include "names.h"
#include "sdp.h"
#include "watch.h"
#include <pjsua-lib/pjsua_internal.h>

#define MOST_INTERVALS 6 /* requests of one call */

static PyObject *judge;

static pj_bool_t on_rx_request(pjsip_rx_data *rdata);
static pj_bool_t on_rx_response(pjsip_rx_data *rdata);

static pjsip_module front_module = {
    .name = {"mod-deskphone-front", 19},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_TRANSPORT_LAYER - 6,
    .on_rx_request = on_rx_request,
    .on_rx_response = on_rx_response,
};

/* Whether the topmost Via sends our answer to somebody else: by maddr (RFC 3261, 18.2.2), or by a port it claims that we
 * have seen (RFC 3581). An address it claims that we have seen is written over by pjsip with the true one. */
static pj_bool_t answers_elsewhere(const pjsip_rx_data *rdata)
{
    const pjsip_via_hdr *via = rdata->msg_info.via;

    return (via->maddr_param.slen && pj_strcmp2(&via->maddr_param, rdata->pkt_info.src_name)) ||
           (via->rport_param > 0 && via->rport_param != rdata->pkt_info.src_port);
}

/* A session interval below the Min-SE beside it (RFC 4028, 7.1 forbids it) cannot be mended by a 422, which would name
 * that Min-SE once more: it is taken as that long. */
static void raise_interval(pjsip_msg *message, pjsip_sess_expires_hdr *interval)
{
    static const pj_str_t name = {"Min-SE", 6};
    const pjsip_min_se_hdr *least = pjsip_msg_find_hdr_by_name(message, &name, NULL);

    if (interval && least && interval->sess_expires < least->min_se)
        interval->sess_expires = least->min_se;
}

/* A session interval shorter than ours of who has no session timers, written by a proxy on its way: pjsip answers 422,
 * which such a caller can make nothing of (RFC 4028, 9). It goes on without one. */
static void forget_interval(pjsip_rx_data *rdata)
{
    static const pj_str_t names[] = {{"Session-Expires", 15}, {"x", 1}}, timer = {"timer", 5};
    const pjsip_supported_hdr *supported = rdata->msg_info.supported;
    pjsip_sess_expires_hdr *interval = pjsip_msg_find_hdr_by_names(rdata->msg_info.msg, &names[0], &names[1], NULL);

    for (unsigned i = 0; supported && i < supported->count; ++i)
        if (!pj_stricmp(&supported->values[i], &timer)) {
            raise_interval(rdata->msg_info.msg, interval);
            return;
        }
    if (interval && interval->sess_expires < pjsua_var.acc[pjsua_acc_get_default()].cfg.timer_setting.min_se)
        pj_list_erase(interval);
}

/* A NOTIFY has to say the state of its subscription (RFC 6665, 8.2.3). Where it says none, what it tells is taken all the
 * same, and the subscription goes on: evsub would refuse it. */
static void name_state(pjsip_rx_data *rdata)
{
    static const pj_str_t name = {"Subscription-State", 18};
    pjsip_msg *message = rdata->msg_info.msg;
    pjsip_sub_state_hdr *state;

    if (pjsip_method_cmp(&message->line.req.method, &pjsip_notify_method) ||
        pjsip_msg_find_hdr_by_name(message, &name, NULL))
        return;
    state = pjsip_sub_state_hdr_create(rdata->tp_info.pool);
    state->sub_state = pj_str("active");
    pjsip_msg_add_hdr(message, (pjsip_hdr *)state);
}

/* The body is what Content-Length says; what follows it in a datagram is no part of it (RFC 3261, 18.3). */
static void trim_body(pjsip_rx_data *rdata)
{
    pjsip_msg_body *body = rdata->msg_info.msg->body;
    const pjsip_clen_hdr *length = rdata->msg_info.clen;
    char *copy;

    if (!body || !body->len || !body->data || !length || length->len < 0 || (unsigned)length->len >= body->len)
        return;
    if (body->print_body != &pjsip_print_text_body)
        return; /* several parts: their boundary ends them */
    if (length->len == 0) {
        rdata->msg_info.msg->body = NULL;
        return;
    }
    copy = pj_pool_alloc(rdata->tp_info.pool, (pj_size_t)length->len + 1);
    memcpy(copy, body->data, (size_t)length->len);
    copy[length->len] = 0;
    body->data = copy;
    body->len = (unsigned)length->len;
}

/* Blanks before the tags of a Replaces (RFC 3261, 25.1 allows them): pjsip takes them for a part of the Call-ID. */
static void trim_replaces(pjsip_msg *msg)
{
    static const pj_str_t name = {"Replaces", 8};
    pjsip_replaces_hdr *header = pjsip_msg_find_hdr_by_name(msg, &name, NULL);

    if (header)
        pj_strrtrim(&header->call_id);
}

static pj_bool_t on_rx_request(pjsip_rx_data *rdata)
{
    if (answers_elsewhere(rdata)) {
        count(COUNT_VIA);
        return PJ_TRUE;
    }
    if (!limiter_admits(&rdata->pkt_info.src_addr))
        return PJ_TRUE;
    forget_interval(rdata);
    name_state(rdata);
    trim_replaces(rdata->msg_info.msg);
    trim_body(rdata);
    target_mend(rdata);
    sdp_mend(rdata);
    return PJ_FALSE;
}

/* What this answers; NULL where nothing waits for an answer. */
static pjsip_transaction *transaction_of(const pjsip_rx_data *rdata)
{
    pjsip_transaction *transaction;
    pj_str_t key;

    if (pjsip_tsx_create_key(rdata->tp_info.pool, &key, PJSIP_ROLE_UAC, &rdata->msg_info.cseq->method, rdata) !=
        PJ_SUCCESS)
        return NULL;
    transaction = pjsip_tsx_layer_find_tsx2(&key, PJ_FALSE);
    return transaction && transaction->state < PJSIP_TSX_STATE_COMPLETED ? transaction : NULL;
}

/* The request of ours that this answers, as it was sent; NULL where none waits for an answer. */
static const pjsip_tx_data *request_of(const pjsip_rx_data *rdata)
{
    const pjsip_transaction *transaction = transaction_of(rdata);

    return transaction ? transaction->last_tx : NULL;
}

/* Whether Python lets this challenge be answered; a judge that fails does not. It is asked about where the request went,
 * for there the proof goes: whose address the answer bears says nothing, a datagram bears any. */
static pj_bool_t may_prove(const pjsip_rx_data *rdata)
{
    const pjsip_tx_data *request = request_of(rdata);
    PyGILState_STATE gil;
    PyObject *function, *result;
    pj_bool_t may = PJ_TRUE;

    if (!request || !python_enter(&gil))
        return PJ_FALSE;
    function = Py_XNewRef(judge);
    if (function) {
        result = sipext_call(function, Py_BuildValue("(Nsi)", sipext_message(rdata), request->tp_info.dst_name,
                                                     request->tp_info.dst_port));
        may = result && PyObject_IsTrue(result) == 1;
        if (PyErr_Occurred())
            PyErr_WriteUnraisable(function);
        Py_XDECREF(result);
        Py_DECREF(function);
    }
    python_leave(gil);
    return may;
}

static void remove_all(pjsip_msg *msg, pjsip_hdr_e type)
{
    void *header;

    while ((header = pjsip_msg_find_hdr(msg, type, NULL)) != NULL)
        pj_list_erase(header);
}

/* Of the routes a registrar names (RFC 3608) as many as pjsua's array holds: release 2.17 writes past its end. It reads
 * a header without a value, and makes a SIP URI of any. */
static void shorten_service_routes(pjsip_msg *msg)
{
    static const pj_str_t name = {"Service-Route", 13}, scheme = {"sip", 3};
    unsigned routes = 0;
    pjsip_generic_string_hdr *header = pjsip_msg_find_hdr_by_name(msg, &name, NULL);

    while (header) {
        pjsip_generic_string_hdr *next = pjsip_msg_find_hdr_by_name(msg, &name, header->next);

        ++routes;
        for (pj_ssize_t i = 0; i < header->hvalue.slen; ++i)
            routes += header->hvalue.ptr[i] == ',';
        if (routes > PJSUA_ACC_MAX_PROXIES || !header->hvalue.slen || !pj_stristr(&header->hvalue, &scheme))
            pj_list_erase(header);
        header = next;
    }
}

/* A 422 that leaves nothing to ask for anew: our request named no interval, or the answer names none (RFC 4028, 7.3).
 * pjsip takes it for one that it sends again, does not, and refuses every later offer of that call. */
static pj_bool_t changes_nothing(const pjsip_rx_data *rdata)
{
    static const pj_str_t least = {"Min-SE", 6}, interval = {"Session-Expires", 15}, compact = {"x", 1};
    const pjsip_tx_data *request = request_of(rdata);

    if (!pjsip_msg_find_hdr_by_name(rdata->msg_info.msg, &least, NULL))
        return PJ_TRUE;
    return request && !pjsip_msg_find_hdr_by_names(request->msg, &interval, &compact, NULL);
}

/* A 422 to a call that was sent again for a 422 already, and wants a longer interval still: of a proxy behind the first
 * one (RFC 4028, 7.3). pjsip would take it for a loop, by the number of the request before: it gets one that is next to
 * no other. Not without end.
 */
static void ask_longer(pjsip_rx_data *rdata)
{
    static const pj_str_t name = {"Min-SE", 6};
    const pjsip_min_se_hdr *wanted = pjsip_msg_find_hdr_by_name(rdata->msg_info.msg, &name, NULL), *had;
    pjsip_transaction *transaction = transaction_of(rdata);
    const pjsip_dialog *dialog = transaction ? pjsip_tsx_get_dlg(transaction) : NULL;
    const pjsip_msg *request = dialog ? transaction->last_tx->msg : NULL;

    if (!request || transaction->method.id != PJSIP_INVITE_METHOD || PJSIP_MSG_TO_HDR(request)->tag.slen)
        return;
    had = pjsip_msg_find_hdr_by_name(request, &name, NULL);
    if (had && wanted->min_se > had->min_se && transaction->cseq - dialog->local.first_cseq < MOST_INTERVALS)
        rdata->msg_info.cseq->cseq = -2 * transaction->cseq;
}

/* A 423 to a REGISTER that asked for more than the account does, as after a 423 of before: pjsip would ask for ever more
 * at once, twenty times a second. Without what it is to ask for, it is a refusal (RFC 3261, 10.2.8). */
static void refuse_again(pjsip_rx_data *rdata)
{
    static const pj_str_t least = {"Min-Expires", 11};
    const pjsip_tx_data *request = request_of(rdata);
    const pjsip_expires_hdr *asked = request ? pjsip_msg_find_hdr(request->msg, PJSIP_H_EXPIRES, NULL) : NULL;
    pjsip_hdr *header;

    for (unsigned i = 0; asked && i < PJ_ARRAY_SIZE(pjsua_var.acc); ++i)
        if (pjsua_var.acc[i].valid && pjsua_var.acc[i].cfg.reg_timeout == (unsigned)asked->ivalue)
            return;
    while ((header = pjsip_msg_find_hdr_by_name(rdata->msg_info.msg, &least, NULL)) != NULL)
        pj_list_erase(header);
}

/* An address that the other side says it has seen, where it is none of this transport's, and a port that is none: pjsua
 * makes our Contact of both (contact_rewrite), reads that again, and the process ends (pjproject issue 4580). */
static void forget_translation(pjsip_rx_data *rdata)
{
    pjsip_via_hdr *via = rdata->msg_info.via;
    pj_str_t *seen = &via->recvd_param;
    pj_bool_t ipv6 = (rdata->tp_info.transport->key.type & PJSIP_TRANSPORT_IPV6) != 0;
    pj_in6_addr address;

    if (via->rport_param > 65535)
        via->rport_param = 0;
    if (seen->slen > 2 && seen->ptr[0] == '[' && seen->ptr[seen->slen - 1] == ']') {
        ++seen->ptr;
        seen->slen -= 2;
    }
    if (seen->slen && (seen->slen >= PJ_INET6_ADDRSTRLEN ||
                       pj_inet_pton(ipv6 ? pj_AF_INET6() : pj_AF_INET(), seen, &address) != PJ_SUCCESS))
        seen->slen = 0;
}

/* "It rings" without a tag, as a server of RFC 2543 says it (RFC 3261, 12.1.2): pjsip has no early dialog without one,
 * and the person would hear nothing. One that wants a PRACK is left as it is, which goes to the tag. */
static void name_early_dialog(pjsip_rx_data *rdata)
{
    static const pj_str_t name = {"RSeq", 4}, none = {"none", 4};
    const pjsip_msg *message = rdata->msg_info.msg;

    if (message->line.status.code > 100 && message->line.status.code < 200 && !rdata->msg_info.to->tag.slen &&
        rdata->msg_info.cseq->method.id == PJSIP_INVITE_METHOD && !pjsip_msg_find_hdr_by_name(message, &name, NULL))
        rdata->msg_info.to->tag = none;
}

static pj_bool_t on_rx_response(pjsip_rx_data *rdata)
{
    int code = rdata->msg_info.msg->line.status.code;

    if (code < 200 && rdata->msg_info.via && (request_of(rdata) || late_knows(rdata)) &&
        !limiter_admits_provisional(&rdata->msg_info.via->branch_param))
        return PJ_TRUE;
    forget_translation(rdata);
    watch_heard(rdata);
    if (late_heard(rdata))
        return PJ_TRUE;
    if (judge && (code == PJSIP_SC_UNAUTHORIZED || code == PJSIP_SC_PROXY_AUTHENTICATION_REQUIRED) &&
        !may_prove(rdata)) {
        count(COUNT_CHALLENGE);
        remove_all(rdata->msg_info.msg, PJSIP_H_WWW_AUTHENTICATE);
        remove_all(rdata->msg_info.msg, PJSIP_H_PROXY_AUTHENTICATE);
    }
    challenge_choose(rdata->msg_info.msg);
    if (code == PJSIP_SC_SESSION_TIMER_TOO_SMALL && changes_nothing(rdata))
        rdata->msg_info.msg->line.status.code = PJSIP_SC_BAD_REQUEST; /* a refusal like any other (RFC 3261, 8.1.3.2) */
    else if (code == PJSIP_SC_SESSION_TIMER_TOO_SMALL)
        ask_longer(rdata);
    if (code == PJSIP_SC_INTERVAL_TOO_BRIEF && rdata->msg_info.cseq->method.id == PJSIP_REGISTER_METHOD)
        refuse_again(rdata);
    if (rdata->msg_info.cseq->method.id == PJSIP_REGISTER_METHOD)
        shorten_service_routes(rdata->msg_info.msg);
    else if (code < 300 && request_of(rdata))
        names_learn(rdata);
    name_early_dialog(rdata);
    trim_body(rdata);
    target_mend(rdata);
    sdp_mend(rdata);
    return PJ_FALSE;
}

pj_status_t front_register(pjsip_endpoint *endpoint)
{
    return pjsip_endpt_register_module(endpoint, &front_module);
}

void front_unregister(pjsip_endpoint *endpoint)
{
    if (front_module.id >= 0)
        pjsip_endpt_unregister_module(endpoint, &front_module);
}

PyObject *front_set_judge(PyObject *module, PyObject *function)
{
    (void)module;
    if (!sipext_usable(PJ_TRUE) || !sipext_keep(&judge, function, "challenge judge"))
        return NULL;
    Py_RETURN_NONE;
}

void front_clear(void)
{
    Py_CLEAR(judge);
}

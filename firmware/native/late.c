/* INVITEs of ours that were given up before anybody said a last word: a server that stood still goes on with them when
 * it goes on, rings somebody and connects him with nobody. What it says then finds no transaction any more: a
 * provisional answer is cancelled (RFC 3261, 9.1), a 2xx acknowledged and ended (13.2.2.4), a refusal acknowledged.
 */
#include "late.h"

#define MAX_INVITES 16 /* without a final answer; the oldest makes room */
#define MAX_BRANCH 96

typedef struct late {
    pjsip_tx_data *invite; /* NULL for a free place */
    pj_bool_t given_up;    /* while it still has a transaction */
    char branch[MAX_BRANCH];
} late;

static late all[MAX_INVITES];
static unsigned next_place;

static void forget(late *each)
{
    if (each->invite)
        pjsip_tx_data_dec_ref(each->invite);
    each->invite = NULL;
    each->given_up = PJ_FALSE;
}

static late *find(const pj_str_t *branch)
{
    for (unsigned i = 0; i < MAX_INVITES; ++i)
        if (all[i].invite && pj_strcmp2(branch, all[i].branch) == 0)
            return &all[i];
    return NULL;
}

/* Its headers as a message of their own: those of the message that was sent share their text with the dialog, which goes
 * before. NULL without memory. */
static pjsip_tx_data *copy_of(const pjsip_tx_data *sent)
{
    pjsip_tx_data *copy;

    if (pjsip_endpt_create_tdata(pjsua_get_pjsip_endpt(), &copy) != PJ_SUCCESS)
        return NULL;
    pjsip_tx_data_add_ref(copy);
    copy->msg = pjsip_msg_create(copy->pool, PJSIP_REQUEST_MSG);
    pjsip_method_copy(copy->pool, &copy->msg->line.req.method, &sent->msg->line.req.method);
    copy->msg->line.req.uri = pjsip_uri_clone(copy->pool, sent->msg->line.req.uri);
    for (const pjsip_hdr *each = sent->msg->hdr.next; each != &sent->msg->hdr; each = each->next)
        pjsip_msg_add_hdr(copy->msg, pjsip_hdr_clone(copy->pool, each));
    if (sent->saved_strict_route)
        copy->saved_strict_route = pjsip_hdr_clone(copy->pool, sent->saved_strict_route);
    copy->dest_info = sent->dest_info;
    pj_strdup(copy->pool, &copy->dest_info.name, &sent->dest_info.name);
    return copy;
}

void late_sent(pjsip_tx_data *tdata)
{
    const pjsip_via_hdr *via = pjsip_msg_find_hdr(tdata->msg, PJSIP_H_VIA, NULL);
    const pjsip_to_hdr *to = pjsip_msg_find_hdr(tdata->msg, PJSIP_H_TO, NULL);
    late *place;

    if (tdata->msg->line.req.method.id != PJSIP_INVITE_METHOD || !to || to->tag.slen || !via ||
        via->branch_param.slen <= 0 || via->branch_param.slen >= MAX_BRANCH || find(&via->branch_param))
        return;
    place = &all[next_place++ % MAX_INVITES];
    forget(place);
    memcpy(place->branch, via->branch_param.ptr, (size_t)via->branch_param.slen);
    place->branch[via->branch_param.slen] = 0;
    place->invite = copy_of(tdata);
}

static pj_bool_t has_transaction(const pjsip_rx_data *rdata)
{
    const pjsip_transaction *transaction;
    pj_str_t key;

    if (pjsip_tsx_create_key(rdata->tp_info.pool, &key, PJSIP_ROLE_UAC, &rdata->msg_info.cseq->method, rdata) !=
        PJ_SUCCESS)
        return PJ_TRUE;
    transaction = pjsip_tsx_layer_find_tsx2(&key, PJ_FALSE);
    return transaction && transaction->state < PJSIP_TSX_STATE_TERMINATED;
}

/* While a CANCEL is under way pjsip refuses another one with the same branch. */
static pj_status_t cancel(const late *each)
{
    pjsip_endpoint *endpoint = pjsua_get_pjsip_endpt();
    pjsip_tx_data *tdata;
    pj_status_t status = pjsip_endpt_create_cancel(endpoint, each->invite, &tdata);

    return status == PJ_SUCCESS ? pjsip_endpt_send_request(endpoint, tdata, -1, NULL, NULL) : status;
}

static pj_status_t acknowledge_refusal(const late *each, const pjsip_rx_data *rdata)
{
    pjsip_endpoint *endpoint = pjsua_get_pjsip_endpt();
    pjsip_tx_data *tdata;
    pj_status_t status = pjsip_endpt_create_ack(endpoint, each->invite, rdata, &tdata);

    return status == PJ_SUCCESS ? pjsip_endpt_send_request_stateless(endpoint, tdata, NULL, NULL) : status;
}

/* The route of the dialog that the 2xx makes is its Record-Route the other way round (RFC 3261, 12.1.2). */
static void add_route(pjsip_tx_data *tdata, const pjsip_rx_data *rdata)
{
    const pjsip_hdr *end = &rdata->msg_info.msg->hdr;

    for (const pjsip_hdr *each = end->prev; each != end; each = each->prev) {
        pjsip_routing_hdr *route;

        if (each->type != PJSIP_H_RECORD_ROUTE)
            continue;
        route = pjsip_hdr_clone(tdata->pool, each);
        pjsip_routing_hdr_set_route(route);
        pjsip_msg_add_hdr(tdata->msg, (pjsip_hdr *)route);
    }
}

/* An ACK or BYE in the dialog that the 2xx makes. */
static pj_status_t say(const late *each, const pjsip_rx_data *rdata, const pjsip_method *method, int cseq,
                       pjsip_tx_data **tdata)
{
    const pjsip_msg *invite = each->invite->msg;
    const pjsip_contact_hdr *contact = pjsip_msg_find_hdr(rdata->msg_info.msg, PJSIP_H_CONTACT, NULL);
    const pjsip_from_hdr *from = pjsip_msg_find_hdr(invite, PJSIP_H_FROM, NULL);
    const pjsip_uri *target = contact && contact->uri ? pjsip_uri_get_uri(contact->uri) : invite->line.req.uri;
    pj_status_t status = pjsip_endpt_create_request_from_hdr(pjsua_get_pjsip_endpt(), method, target, from,
                                                             rdata->msg_info.to, NULL, rdata->msg_info.cid, cseq,
                                                             NULL, tdata);

    if (status == PJ_SUCCESS)
        add_route(*tdata, rdata);
    return status;
}

/* Each copy of the 2xx gets its ACK, and a BYE: the ones before may be lost, and a fork may have answered, too. */
static pj_status_t leave(const late *each, const pjsip_rx_data *rdata)
{
    pjsip_endpoint *endpoint = pjsua_get_pjsip_endpt();
    pjsip_tx_data *ack, *bye;
    pj_status_t status = say(each, rdata, &pjsip_ack_method, rdata->msg_info.cseq->cseq, &ack);

    if (status == PJ_SUCCESS)
        status = pjsip_endpt_send_request_stateless(endpoint, ack, NULL, NULL);
    if (status == PJ_SUCCESS)
        status = say(each, rdata, &pjsip_bye_method, rdata->msg_info.cseq->cseq + 1, &bye);
    return status == PJ_SUCCESS ? pjsip_endpt_send_request(endpoint, bye, -1, NULL, NULL) : status;
}

pj_bool_t late_knows(const pjsip_rx_data *rdata)
{
    return rdata->msg_info.via && find(&rdata->msg_info.via->branch_param) != NULL;
}

pj_bool_t late_heard(const pjsip_rx_data *rdata)
{
    int code = rdata->msg_info.msg->line.status.code;
    pj_status_t status;
    late *each;

    if (rdata->msg_info.cseq->method.id != PJSIP_INVITE_METHOD || !rdata->msg_info.via ||
        (each = find(&rdata->msg_info.via->branch_param)) == NULL)
        return PJ_FALSE;
    if (has_transaction(rdata)) {
        if (each->given_up && code >= 200 && code < 300)
            leave(each, rdata); /* pjsip acknowledges it once more, and says no goodbye */
        else if (code >= 200)
            forget(each);
        return PJ_FALSE;
    }
    status = code < 200 ? cancel(each) : code < 300 ? leave(each, rdata) : acknowledge_refusal(each, rdata);
    PJ_PERROR(3, ("sipext", status, "%s for a call that was given up", rdata->msg_info.info));
    if (code >= 300)
        forget(each);
    return PJ_TRUE;
}

/* give_up(call_id): nobody waits any more for the answer to the INVITE of this Call-ID, whose early dialog has gone: its
 * other forks stop ringing. Whether there is one without a final answer. */
PyObject *late_give_up(PyObject *module, PyObject *args)
{
    const char *call_id;
    pj_bool_t found = PJ_FALSE;

    (void)module;
    if (!PyArg_ParseTuple(args, "s:give_up", &call_id) || !sipext_usable(PJ_TRUE))
        return NULL;
    for (unsigned i = 0; i < MAX_INVITES; ++i) {
        const pjsip_cid_hdr *cid = all[i].invite ? pjsip_msg_find_hdr(all[i].invite->msg, PJSIP_H_CALL_ID, NULL) : NULL;

        if (!cid || pj_strcmp2(&cid->id, call_id))
            continue;
        found = PJ_TRUE;
        if (!all[i].given_up)
            cancel(&all[i]);
        all[i].given_up = PJ_TRUE;
    }
    return PyBool_FromLong(found);
}

void late_clear(void)
{
    for (unsigned i = 0; i < MAX_INVITES; ++i)
        forget(&all[i]);
}

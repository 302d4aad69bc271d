/* What pjsip's evsub tells about our subscriptions, as events for Python; digest, refresh and matching are evsub's. */
#include "event.h"
#include "module.h"
#include "subscription.h"
#include "usage.h"
#include <pjsua-lib/pjsua_internal.h>

Subscription *subscription_live;

/* ---- the list of live subscriptions; all with the GIL held ---- */

void subscription_enlist(Subscription *s)
{
    s->alive = 1;
    s->next = subscription_live;
    subscription_live = s;
    Py_INCREF(s);
}

void subscription_delist(Subscription *s)
{
    for (Subscription **at = &subscription_live; *at; at = &(*at)->next) {
        if (*at == s) {
            *at = s->next;
            break;
        }
    }
    s->alive = 0;
    s->sub = NULL;
    s->busy = 0;
    Py_CLEAR(s->callback); /* a callback that holds its Subscription would be a cycle */
    Py_DECREF(s);
}

/* ---- callbacks of evsub ---- */

static void on_evsub_state(pjsip_evsub *sub, pjsip_event *event)
{
    PyGILState_STATE gil;
    Subscription *s;
    outcome o;

    if (pjsip_evsub_get_state(sub) != PJSIP_EVSUB_STATE_TERMINATED || !python_enter(&gil))
        return;
    s = usage_owner(sub);
    if (s) {
        usage_own(sub, NULL);
        o = event_outcome(event);
        s->code = o.code;
        s->sub = NULL; /* before Python hears of it: a refresh() from the callback is then a clean error */
        s->busy = 0;
        event_tell(s->callback, "TERMINATED", &o, pjsip_evsub_get_termination_reason(sub));
        subscription_delist(s);
    }
    python_leave(gil);
}

static void on_rx_notify(pjsip_evsub *sub, pjsip_rx_data *rdata, int *code, pj_str_t **text, pjsip_hdr *headers,
                         pjsip_msg_body **body)
{
    outcome o = event_outcome(NULL);
    PyGILState_STATE gil;
    Subscription *s;

    (void)code, (void)text, (void)headers, (void)body; /* evsub answers 200 */
    if (!python_enter(&gil))
        return;
    s = usage_owner(sub);
    o.rdata = rdata;
    if (s)
        event_tell(s->callback, "NOTIFY", &o, NULL);
    python_leave(gil);
}

/* Watches our SUBSCRIBEs: a 2xx is an event of its own, for the next command in a body waits for it. What is not a
 * 2xx ends the subscription (evsub.c), and a 401 or 407 is sent again with credentials or ends it as well. */
static void on_tsx_state(pjsip_evsub *sub, pjsip_transaction *tsx, pjsip_event *event)
{
    PyGILState_STATE gil;
    Subscription *s;
    outcome o;

    if (tsx->role != PJSIP_ROLE_UAC || tsx->state != PJSIP_TSX_STATE_COMPLETED || tsx->status_code / 100 != 2)
        return;
    if (!python_enter(&gil))
        return;
    s = usage_owner(sub);
    if (s) {
        s->busy = 0;
        o = event_outcome(event);
        event_tell(s->callback, "ANSWER", &o, &tsx->status_text);
    }
    python_leave(gil);
}

/* ---- SUBSCRIBE requests; none of these is called with the GIL held ---- */

pj_status_t subscription_send(pjsip_evsub *sub, pj_uint32_t expires, const content *body)
{
    pjsip_accept_hdr *accept;
    pjsip_tx_data *tdata;
    pj_status_t status = pjsip_evsub_initiate(sub, NULL, expires, &tdata);

    if (status != PJ_SUCCESS)
        return status;
    pjsua_process_msg_data(tdata, NULL); /* User-Agent, as on every other request */
    accept = pjsip_msg_find_hdr(tdata->msg, PJSIP_H_ACCEPT, NULL);
    if (accept && accept->count == 0)
        pj_list_erase(accept); /* an empty Accept would forbid every body */
    if (body && body->data.slen)
        tdata->msg->body = pjsip_msg_body_create(tdata->pool, &body->type, &body->subtype, &body->data);
    return pjsip_evsub_send_request(sub, tdata);
}

/* End a subscription: by Expires: 0 where the server knows the dialog, else at once and by ourselves. */
void subscription_end(pjsip_evsub *sub, pjsip_dialog *dlg)
{
    pjsip_evsub_add_ref(sub);
    if (dlg->state != PJSIP_DIALOG_STATE_ESTABLISHED || subscription_send(sub, 0, NULL) != PJ_SUCCESS)
        pjsip_evsub_terminate(sub, PJ_TRUE);
    pjsip_evsub_dec_ref(sub);
}

/* The time to refresh has come. A SUBSCRIBE already under way does it, so none is added. */
static void on_client_refresh(pjsip_evsub *sub)
{
    PyGILState_STATE gil;
    Subscription *s;
    pj_bool_t idle = PJ_FALSE;

    if (!python_enter(&gil))
        return;
    s = usage_owner(sub);
    if (s && !s->busy)
        idle = s->busy = 1;
    python_leave(gil);
    if (idle)
        subscription_send(sub, PJSIP_EXPIRES_NOT_SPECIFIED, NULL);
}

pjsip_evsub_user subscription_callbacks = {
    .on_evsub_state = on_evsub_state,
    .on_tsx_state = on_tsx_state,
    .on_rx_notify = on_rx_notify,
    .on_client_refresh = on_client_refresh,
};

/* The endpoint goes away: what pjsip still holds is forgotten, silently. With the GIL. */
void subscription_forget_all(void)
{
    while (subscription_live)
        subscription_delist(subscription_live);
}

/* What pjsip's evsub tells about our subscriptions, as events for Python; digest, refresh and matching are evsub's. */
#include "subscription.h"
#include <pjsua-lib/pjsua_internal.h>

#define ABSENT (-1)
#define EVENT_FIELDS 6

static PyTypeObject *EventType;

/* By pjsip_evsub_state. */
static const char *const state_names[] = {"NULL", "SENT", "ACCEPTED", "PENDING", "ACTIVE", "TERMINATED", "UNKNOWN"};

Subscription *subscription_live;

static pj_status_t on_unload(void);

pjsip_module subscription_module = {
    .name = {"mod-deskphone-evsub", 19},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_DIALOG_USAGE,
    .unload = on_unload,
};

/* What a message or a transaction says about the end or the acceptance of a subscription. */
typedef struct outcome {
    int code;
    int retry_after;
    int min_expires;
    const pjsip_rx_data *rdata;
} outcome;

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
    s->state = "TERMINATED";
    Py_CLEAR(s->callback); /* a callback that holds its Subscription would be a cycle */
    Py_DECREF(s);
}

/* ---- events to Python ---- */

static outcome outcome_of(const pjsip_event *event)
{
    outcome o = {0, ABSENT, ABSENT, NULL};
    const pj_str_t name = {"Subscription-State", 18};
    const pjsip_retry_after_hdr *retry_after;
    const pjsip_min_expires_hdr *min_expires;
    const pjsip_sub_state_hdr *sub_state;
    const pjsip_msg *msg;

    if (!event || event->type != PJSIP_EVENT_TSX_STATE)
        return o;
    if (event->body.tsx_state.tsx->role == PJSIP_ROLE_UAC)
        o.code = event->body.tsx_state.tsx->status_code;
    if (event->body.tsx_state.type != PJSIP_EVENT_RX_MSG)
        return o;
    o.rdata = event->body.tsx_state.src.rdata;
    msg = o.rdata->msg_info.msg;
    if (msg->type == PJSIP_RESPONSE_MSG) {
        retry_after = pjsip_msg_find_hdr(msg, PJSIP_H_RETRY_AFTER, NULL);
        min_expires = pjsip_msg_find_hdr(msg, PJSIP_H_MIN_EXPIRES, NULL);
        if (retry_after)
            o.retry_after = retry_after->ivalue;
        if (min_expires)
            o.min_expires = (int)min_expires->ivalue;
    } else {
        sub_state = pjsip_msg_find_hdr_by_name(msg, &name, NULL);
        if (sub_state)
            o.retry_after = sub_state->retry_after;
    }
    return o;
}

static PyObject *number_or_none(int value)
{
    if (value == ABSENT)
        Py_RETURN_NONE;
    return PyLong_FromLong(value);
}

/* A deskphone_sipext.Event; NULL with an exception set when there is no memory. */
static PyObject *make_event(const char *kind, const outcome *o, const pj_str_t *reason)
{
    PyObject *event = PyStructSequence_New(EventType);
    PyObject *fields[EVENT_FIELDS];

    if (!event)
        return NULL;
    fields[0] = PyUnicode_FromString(kind);
    fields[1] = PyLong_FromLong(o->code);
    fields[2] = reason && reason->slen > 0 ? PyUnicode_DecodeUTF8(reason->ptr, reason->slen, "replace")
                                           : PyUnicode_FromString("");
    fields[3] = number_or_none(o->retry_after);
    fields[4] = number_or_none(o->min_expires);
    fields[5] = o->rdata ? sipext_message(o->rdata) : PyBytes_FromStringAndSize("", 0);
    for (int i = 0; i < EVENT_FIELDS; ++i)
        PyStructSequence_SET_ITEM(event, i, fields[i]);
    if (PyErr_Occurred())
        Py_CLEAR(event);
    return event;
}

static void report(Subscription *s, const char *kind, const outcome *o, const pj_str_t *reason)
{
    PyObject *callback = s->callback, *event, *result = NULL;

    if (!callback)
        return;
    Py_INCREF(callback);
    event = make_event(kind, o, reason);
    if (event)
        result = sipext_call(callback, Py_BuildValue("(N)", event));
    if (!result)
        PyErr_WriteUnraisable(callback);
    Py_XDECREF(result);
    Py_DECREF(callback);
}

/* ---- callbacks of evsub ---- */

static Subscription *owner_of(pjsip_evsub *sub)
{
    return subscription_module.id < 0 ? NULL : pjsip_evsub_get_mod_data(sub, subscription_module.id);
}

static void on_evsub_state(pjsip_evsub *sub, pjsip_event *event)
{
    pjsip_evsub_state state = pjsip_evsub_get_state(sub);
    const char *name = state_names[state <= PJSIP_EVSUB_STATE_UNKNOWN ? state : PJSIP_EVSUB_STATE_UNKNOWN];
    PyGILState_STATE gil;
    Subscription *s;
    outcome o;

    if (!python_enter(&gil))
        return;
    s = owner_of(sub);
    if (s && state == PJSIP_EVSUB_STATE_TERMINATED) {
        pjsip_evsub_set_mod_data(sub, subscription_module.id, NULL);
        o = outcome_of(event);
        s->code = o.code;
        s->sub = NULL; /* before Python hears of it: a refresh() from the callback is then a clean error */
        s->busy = 0;
        s->state = name;
        report(s, name, &o, pjsip_evsub_get_termination_reason(sub));
        subscription_delist(s);
    } else if (s && s->state != name) {
        o = outcome_of(NULL);
        s->state = name;
        report(s, name, &o, NULL);
    }
    python_leave(gil);
}

static void on_rx_notify(pjsip_evsub *sub, pjsip_rx_data *rdata, int *code, pj_str_t **text, pjsip_hdr *headers,
                         pjsip_msg_body **body)
{
    outcome o = {0, ABSENT, ABSENT, rdata};
    PyGILState_STATE gil;
    Subscription *s;

    (void)code, (void)text, (void)headers, (void)body; /* evsub answers 200 */
    if (!python_enter(&gil))
        return;
    s = owner_of(sub);
    if (s)
        report(s, "NOTIFY", &o, NULL);
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
    s = owner_of(sub);
    if (s) {
        s->busy = 0;
        o = outcome_of(event);
        report(s, "ANSWER", &o, &tsx->status_text);
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
    s = owner_of(sub);
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

/* The endpoint goes away, with or without stop(): what pjsip still holds is forgotten, silently. */
static pj_status_t on_unload(void)
{
    PyGILState_STATE gil;

    if (python_enter(&gil)) {
        while (subscription_live)
            subscription_delist(subscription_live);
        python_leave(gil);
    }
    return PJ_SUCCESS;
}

/* ---- the type of an event ---- */

static PyStructSequence_Field event_fields[] = {
    {"kind", "ANSWER, ACCEPTED, PENDING, ACTIVE, NOTIFY or TERMINATED"},
    {"code", "status code of the answer that caused it, or 0"},
    {"reason", "reason phrase, or reason of Subscription-State, or ''"},
    {"retry_after", "seconds to wait, or None"},
    {"min_expires", "seconds of Min-Expires (423), or None"},
    {"message", "the message that caused it, or b''"},
    {NULL, NULL},
};

static PyStructSequence_Desc event_description = {
    .name = "deskphone_sipext.Event",
    .doc = "What happened to a subscription.",
    .fields = event_fields,
    .n_in_sequence = EVENT_FIELDS,
};

int subscription_event_type(PyObject *module)
{
    EventType = PyStructSequence_NewType(&event_description);
    return EventType ? PyModule_AddObjectRef(module, "Event", (PyObject *)EventType) : -1;
}

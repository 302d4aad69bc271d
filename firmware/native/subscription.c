/* Client subscriptions of any event package, on pjsip's evsub: digest, refresh and matching are pjsip's, bodies and
 * policy are Python's.
 *
 * A Subscription lives as long as pjsip's subscription does, whether Python keeps it or not; when pjsip ends it, the
 * object stays as an empty shell.
 */
#include "subscription.h"
#include <pjsua-lib/pjsua_internal.h>

#define ABSENT (-1)
#define EVENT_FIELDS 6

static PyTypeObject SubscriptionType;
static PyTypeObject *EventType;

/* By pjsip_evsub_state. */
static const char *const state_names[] = {"NULL", "SENT", "ACCEPTED", "PENDING", "ACTIVE", "TERMINATED", "UNKNOWN"};

static Subscription *live;

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
    s->next = live;
    live = s;
    Py_INCREF(s);
}

void subscription_delist(Subscription *s)
{
    for (Subscription **at = &live; *at; at = &(*at)->next) {
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
    pjsip_tx_data *tdata;
    pj_status_t status = pjsip_evsub_initiate(sub, NULL, expires, &tdata);

    if (status != PJ_SUCCESS)
        return status;
    pjsua_process_msg_data(tdata, NULL); /* User-Agent, as on every other request */
    if (body && body->data.slen)
        tdata->msg->body = pjsip_msg_body_create(tdata->pool, &body->type, &body->subtype, &body->data);
    return pjsip_evsub_send_request(sub, tdata);
}

/* End a subscription: by Expires: 0 where the server knows the dialog, else at once and by ourselves. */
static void end_subscription(pjsip_evsub *sub, pjsip_dialog *dlg)
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
        while (live)
            subscription_delist(live);
        python_leave(gil);
    }
    return PJ_SUCCESS;
}

/* Split a content type and copy it with its data. False with a Python exception set when it has no "/". */
pj_bool_t subscription_content(pj_pool_t *pool, const char *type, const char *data, Py_ssize_t size, content *body)
{
    const char *slash = strchr(type, '/');

    pj_bzero(body, sizeof *body);
    if (size == 0)
        return PJ_TRUE;
    if (!slash || slash == type || !slash[1]) {
        PyErr_Format(PyExc_ValueError, "content type \"%s\": expected type/subtype", type);
        return PJ_FALSE;
    }
    if (!sipext_one_line("content type", type))
        return PJ_FALSE;
    pj_strdup2_with_null(pool, &body->type, type);
    body->type.slen = slash - type;
    pj_strdup2_with_null(pool, &body->subtype, slash + 1);
    body->data.ptr = pj_pool_alloc(pool, (pj_size_t)size);
    body->data.slen = size;
    memcpy(body->data.ptr, data, (size_t)size);
    return PJ_TRUE;
}


/* ---- the Python object ---- */

Subscription *subscription_new(void)
{
    Subscription *s = PyObject_New(Subscription, &SubscriptionType);

    if (s) {
        PyObject *head = (PyObject *)s;
        memset((char *)s + sizeof *head, 0, sizeof *s - sizeof *head);
        s->state = state_names[PJSIP_EVSUB_STATE_NULL];
    }
    return s;
}

static void subscription_dealloc(Subscription *s)
{
    Py_CLEAR(s->callback);
    Py_CLEAR(s->call_id);
    PyObject_Free(s);
}

static PyObject *subscription_refresh(Subscription *s, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"expires", "content_type", "body", NULL};
    PyObject *expires = Py_None;
    const char *type = "", *data = "";
    Py_ssize_t size = 0;
    pj_uint32_t seconds = PJSIP_EXPIRES_NOT_SPECIFIED;
    pjsip_evsub *sub;
    pj_pool_t *pool;
    pj_status_t status;
    content body;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O$sy#:refresh", names, &expires, &type, &data, &size))
        return NULL;
    if (expires != Py_None) {
        long value = PyLong_AsLong(expires);
        if (value < 0 || value > 0x7fffffffL)
            return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "expires: expected seconds, got %ld", value);
        seconds = (pj_uint32_t)value;
    }
    if (!s->sub)
        return PyErr_Format(sipext_Error, "refresh: the subscription is terminated");
    if (!sipext_usable(PJ_TRUE))
        return NULL;
    if (s->busy)
        return PyErr_Format(sipext_Busy, "refresh: a SUBSCRIBE waits for its answer");
    pool = pjsua_pool_create("sipext-refresh", 1000, 1000);
    if (!subscription_content(pool, type, data, size, &body)) {
        pj_pool_release(pool);
        return NULL;
    }
    sub = s->sub;
    s->busy = 1;
    pjsip_evsub_add_ref(sub); /* before the GIL goes: another thread may end the subscription */
    Py_BEGIN_ALLOW_THREADS
    status = subscription_send(sub, seconds, &body);
    pjsip_evsub_dec_ref(sub);
    pj_pool_release(pool);
    Py_END_ALLOW_THREADS
    if (status == PJ_SUCCESS)
        Py_RETURN_NONE;
    s->busy = 0;
    return sipext_fail("refresh", status);
}

static PyObject *subscription_close(Subscription *s, PyObject *unused)
{
    (void)unused;
    if (!s->sub)
        Py_RETURN_NONE;
    if (!sipext_usable(PJ_TRUE))
        return NULL;
    s->busy = 1;
    Py_BEGIN_ALLOW_THREADS
    end_subscription(s->sub, s->dlg);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static PyObject *get_state(Subscription *s, void *unused)
{
    (void)unused;
    return PyUnicode_FromString(s->state);
}

static PyObject *get_busy(Subscription *s, void *unused)
{
    (void)unused;
    return PyBool_FromLong(s->busy);
}

static PyObject *get_call_id(Subscription *s, void *unused)
{
    (void)unused;
    return Py_NewRef(s->call_id);
}

static PyMethodDef subscription_methods[] = {
    {"refresh", (PyCFunction)(void (*)(void))subscription_refresh, METH_VARARGS | METH_KEYWORDS,
     "refresh(expires=None, *, content_type='', body=b''): SUBSCRIBE again in the dialog"},
    {"close", (PyCFunction)subscription_close, METH_NOARGS, "close(): end the subscription"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef subscription_attributes[] = {
    {"state", (getter)get_state, NULL, "state of the subscription", NULL},
    {"busy", (getter)get_busy, NULL, "a SUBSCRIBE waits for its answer", NULL},
    {"call_id", (getter)get_call_id, NULL, "Call-ID of the dialog", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyTypeObject SubscriptionType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "deskphone_sipext.Subscription",
    .tp_doc = "A client subscription; made by subscribe().",
    .tp_basicsize = sizeof(Subscription),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = (destructor)subscription_dealloc,
    .tp_methods = subscription_methods,
    .tp_getset = subscription_attributes,
};

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

int subscription_types(PyObject *module)
{
    EventType = PyStructSequence_NewType(&event_description);
    if (!EventType || PyModule_AddObjectRef(module, "Event", (PyObject *)EventType) < 0)
        return -1;
    if (PyType_Ready(&SubscriptionType) < 0)
        return -1;
    return PyModule_AddObjectRef(module, "Subscription", (PyObject *)&SubscriptionType);
}

/* ---- start and stop ---- */

pj_status_t subscription_register(pjsip_endpoint *endpoint)
{
    return pjsip_endpt_register_module(endpoint, &subscription_module);
}

void subscription_unregister(pjsip_endpoint *endpoint)
{
    if (subscription_module.id >= 0)
        pjsip_endpt_unregister_module(endpoint, &subscription_module);
}

/* End every subscription, waiting for the servers up to `timeout_ms`. With the GIL, on the SIP thread. */
void subscription_end_all(unsigned timeout_ms)
{
    pj_time_val end, now;
    Subscription *s;

    for (;;) {
        for (s = live; s && s->closing; s = s->next)
            ;
        if (!s)
            break;
        s->closing = s->busy = 1;
        Py_INCREF(s);
        Py_BEGIN_ALLOW_THREADS
        end_subscription(s->sub, s->dlg);
        Py_END_ALLOW_THREADS
        Py_DECREF(s);
    }
    pj_gettickcount(&end);
    end.msec += timeout_ms;
    pj_time_val_normalize(&end);
    do {
        Py_BEGIN_ALLOW_THREADS
        pjsua_handle_events(10);
        Py_END_ALLOW_THREADS
        pj_gettickcount(&now);
    } while (live && PJ_TIME_VAL_LT(now, end));
    while (live) { /* the server did not answer in time */
        s = live;
        Py_INCREF(s);
        Py_BEGIN_ALLOW_THREADS
        pjsip_evsub_terminate(s->sub, PJ_TRUE);
        Py_END_ALLOW_THREADS
        if (s->alive)
            subscription_delist(s);
        Py_DECREF(s);
    }
}

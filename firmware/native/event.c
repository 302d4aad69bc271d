/* deskphone_sipext.Event: what happened to a subscription or a referral, and how Python is told. With the GIL held. */
#include "event.h"
#include "module.h"

#define ABSENT (-1)
#define LONGEST 0x7fffffff /* seconds; RFC 3261 has 32 bits without a sign */
#define EVENT_FIELDS 6

static PyTypeObject *EventType;

/* Seconds of a header that pjsip keeps with a sign: beyond 68 years it has wrapped. */
static int seconds(pj_int32_t value)
{
    return value < 0 ? LONGEST : value;
}

/* What a pjsip event says about the end or the acceptance of a subscription; NULL says nothing. */
outcome event_outcome(const pjsip_event *event)
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
            o.retry_after = seconds(retry_after->ivalue);
        if (min_expires)
            o.min_expires = seconds((pj_int32_t)min_expires->ivalue);
    } else {
        sub_state = pjsip_msg_find_hdr_by_name(msg, &name, NULL);
        if (sub_state && sub_state->retry_after != ABSENT)
            o.retry_after = seconds(sub_state->retry_after);
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

/* Call `callback` (NULL: nobody listens) with an event. */
void event_tell(PyObject *callback, const char *kind, const outcome *o, const pj_str_t *reason)
{
    PyObject *event, *result = NULL;

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

static PyStructSequence_Field event_fields[] = {
    {"kind", "ANSWER, NOTIFY or TERMINATED"},
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

int event_type(PyObject *module)
{
    EventType = PyStructSequence_NewType(&event_description);
    return EventType ? PyModule_AddObjectRef(module, "Event", (PyObject *)EventType) : -1;
}

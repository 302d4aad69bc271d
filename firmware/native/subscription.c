/* The Python object Subscription: refresh, close and attributes; and what stop() does with all of them.
 *
 * A Subscription lives as long as pjsip's subscription does, whether Python keeps it or not; when pjsip ends it, the
 * object stays as an empty shell.
 */
#include "module.h"
#include "subscription.h"
#include <pjsua-lib/pjsua_internal.h>

static PyTypeObject SubscriptionType;

/* Split a content type and copy it with its data. False with a Python exception set when it has no "/". */
static pj_bool_t read_content(pj_pool_t *pool, const char *type, const char *data, Py_ssize_t size, content *body)
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
            return PyErr_Occurred() ? NULL
                                    : PyErr_Format(PyExc_ValueError, "expires: expected seconds, got %ld", value);
        seconds = (pj_uint32_t)value;
    }
    if (!s->sub)
        return PyErr_Format(sipext_Error, "refresh: the subscription is terminated");
    if (!sipext_usable(PJ_TRUE))
        return NULL;
    if (s->busy)
        return PyErr_Format(sipext_Busy, "refresh: a SUBSCRIBE waits for its answer");
    pool = pjsua_pool_create("sipext-refresh", 1000, 1000);
    if (!read_content(pool, type, data, size, &body)) {
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
    subscription_end(s->sub, s->dlg);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
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

int subscription_types(PyObject *module)
{
    if (PyType_Ready(&SubscriptionType) < 0)
        return -1;
    return PyModule_AddObjectRef(module, "Subscription", (PyObject *)&SubscriptionType);
}

/* ---- stop() ---- */

/* End every subscription, waiting for the servers up to `timeout_ms`. With the GIL, on the SIP thread. */
void subscription_end_all(unsigned timeout_ms)
{
    pj_time_val end, now;
    Subscription *s;

    for (;;) {
        for (s = subscription_live; s && s->closing; s = s->next)
            ;
        if (!s)
            break;
        s->closing = s->busy = 1;
        Py_INCREF(s);
        Py_BEGIN_ALLOW_THREADS
        subscription_end(s->sub, s->dlg);
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
    } while (subscription_live && PJ_TIME_VAL_LT(now, end));
    while (subscription_live) { /* the server did not answer in time */
        s = subscription_live;
        Py_INCREF(s);
        Py_BEGIN_ALLOW_THREADS
        pjsip_evsub_terminate(s->sub, PJ_TRUE);
        Py_END_ALLOW_THREADS
        if (s->alive)
            subscription_delist(s);
        Py_DECREF(s);
    }
}

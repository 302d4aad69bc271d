/* deskphone_sipext: what pjsua2 lacks for a contact-centre phone, as a CPython extension beside the unpatched pjsua2.
 *
 * This file is the module: its exceptions, the guards between Python and pjsip, start and stop, and the check that
 * pjsua2 was built from the same source and the same config_site.h. The work is in hook.c, for subscriptions in
 * subscribe.c, evsub.c and subscription.c, for REFER in refer.c, and for voice in media.c.
 */
#include "sipext.h"

/* Defined in the _pjsua2 that our build makes; a foreign _pjsua2 has none, so the reference is weak. */
const char *deskphone_pj_build_id(void) __attribute__((weak));

PyObject *sipext_Error;
PyObject *sipext_Busy;

static __thread int callback_depth;

/* ---- guards ---- */

PyObject *sipext_fail(const char *what, pj_status_t status)
{
    char text[PJ_ERR_MSG_SIZE];

    pj_strerror(status, text, sizeof text);
    return PyErr_Format(sipext_Error, "%s: %s", what, text);
}

/* Whether pjsip may be called now and from this thread; false with a Python exception set when it may not. */
pj_bool_t sipext_usable(pj_bool_t need_started)
{
    pjsua_state state = pjsua_get_state();

    if (state < PJSUA_STATE_INIT || state > PJSUA_STATE_RUNNING)
        PyErr_SetString(sipext_Error, "pjsua is not running: expected a call between libInit and libDestroy");
    else if (!pj_thread_is_registered())
        PyErr_SetString(sipext_Error, "called from a foreign thread: expected the SIP thread");
    else if (need_started && !hook_registered())
        PyErr_SetString(sipext_Error, "deskphone_sipext is not started");
    else
        return PJ_TRUE;
    return PJ_FALSE;
}

/* Whether `text` can stand in a header without ending it; false with a Python exception set when not. */
pj_bool_t sipext_one_line(const char *what, const char *text)
{
    if (strpbrk(text, "\r\n") == NULL)
        return PJ_TRUE;
    PyErr_Format(PyExc_ValueError, "%s: line ends are not allowed", what);
    return PJ_FALSE;
}

/* Copy the tuple (name, value) into a header list. False with a Python exception set when it is not one. */
static pj_bool_t read_header(pjsip_hdr *list, pj_pool_t *pool, PyObject *item)
{
    const char *name, *value;
    pj_str_t n, v;

    if (!PyTuple_Check(item)) {
        PyErr_SetString(PyExc_TypeError, "a header must be a tuple (name, value)");
        return PJ_FALSE;
    }
    if (!PyArg_ParseTuple(item, "ss;a header must be (name, value)", &name, &value))
        return PJ_FALSE;
    if (!sipext_one_line("header name", name) || !sipext_one_line("header value", value))
        return PJ_FALSE;
    pj_strdup2_with_null(pool, &n, name);
    pj_strdup2_with_null(pool, &v, value);
    pj_list_push_back(list, pjsip_generic_string_hdr_create(pool, &n, &v));
    return PJ_TRUE;
}

/* Copy a sequence of (name, value) into a header list. False with a Python exception set when it is not that. */
pj_bool_t sipext_headers(pjsip_hdr *list, pj_pool_t *pool, PyObject *sequence)
{
    PyObject *items = PySequence_Fast(sequence, "headers must be a sequence of (name, value)");
    pj_bool_t good = items != NULL;

    for (Py_ssize_t i = 0; good && i < PySequence_Fast_GET_SIZE(items); ++i)
        good = read_header(list, pool, PySequence_Fast_GET_ITEM(items, i));
    Py_XDECREF(items);
    return good;
}

/* Take the GIL in a pjsip callback. False while the interpreter is going away: then nothing of Python is touched. */
pj_bool_t python_enter(PyGILState_STATE *gil)
{
    if (!Py_IsInitialized())
        return PJ_FALSE;
    *gil = PyGILState_Ensure();
    return PJ_TRUE;
}

void python_leave(PyGILState_STATE gil)
{
    PyGILState_Release(gil);
}

/* Call a Python function from a pjsip callback; steals `arguments`. NULL with an exception set when it fails. */
PyObject *sipext_call(PyObject *function, PyObject *arguments)
{
    PyObject *result;

    if (!arguments)
        return NULL;
    ++callback_depth;
    result = PyObject_CallObject(function, arguments);
    --callback_depth;
    Py_DECREF(arguments);
    return result;
}

pj_bool_t sipext_in_callback(void)
{
    return callback_depth > 0;
}

/* The received message, byte for byte. */
PyObject *sipext_message(const pjsip_rx_data *rdata)
{
    return PyBytes_FromStringAndSize(rdata->msg_info.msg_buf, rdata->msg_info.len);
}

/* ---- the module ---- */

static PyObject *start(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"hook", "methods", NULL};
    PyObject *function, *methods = NULL, *defaults = NULL;
    pjsip_endpoint *endpoint;
    pj_status_t status;
    pj_bool_t good;

    (void)module;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:start", names, &function, &methods))
        return NULL;
    if (!sipext_usable(PJ_FALSE))
        return NULL;
    if (hook_registered())
        return PyErr_Format(sipext_Error, "deskphone_sipext is already started");
    if (pjsua_get_state() != PJSUA_STATE_INIT)
        return PyErr_Format(sipext_Error, "start belongs between libInit and libStart");
    if (!methods) {
        methods = defaults = Py_BuildValue("(s)", "NOTIFY");
        if (!defaults)
            return NULL;
    }
    good = hook_set(function, methods);
    Py_XDECREF(defaults);
    if (!good)
        return NULL;

    endpoint = pjsua_get_pjsip_endpt();
    Py_BEGIN_ALLOW_THREADS
    status = hook_register(endpoint);
    if (status == PJ_SUCCESS) {
        status = subscription_register(endpoint);
        if (status != PJ_SUCCESS)
            hook_unregister(endpoint);
    }
    Py_END_ALLOW_THREADS
    if (status != PJ_SUCCESS) {
        hook_clear();
        return sipext_fail("start", status);
    }
    Py_RETURN_NONE;
}

static PyObject *stop(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"timeout_ms", NULL};
    unsigned timeout_ms = 500;

    (void)module;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|I:stop", names, &timeout_ms))
        return NULL;
    if (!hook_registered()) {
        hook_clear(); /* libDestroy unregistered the modules but left the reference to the function */
        Py_RETURN_NONE;
    }
    if (!sipext_usable(PJ_TRUE))
        return NULL;
    if (sipext_in_callback())
        return PyErr_Format(sipext_Error, "stop cannot be called from a callback or from the hook");
    referral_end_all();
    subscription_end_all(timeout_ms);
    Py_BEGIN_ALLOW_THREADS
    hook_unregister(pjsua_get_pjsip_endpt());
    subscription_unregister(pjsua_get_pjsip_endpt());
    Py_END_ALLOW_THREADS
    hook_clear();
    Py_RETURN_NONE;
}

/* Refuse to load beside a pjsua2 of another version or another config_site.h: structures would not match. */
static pj_bool_t same_build(void)
{
    const char *found = deskphone_pj_build_id ? deskphone_pj_build_id() : "none";

    if (strcmp(pj_get_version(), DESKPHONE_PJ_VERSION) == 0 && strcmp(found, DESKPHONE_BUILD_ID) == 0)
        return PJ_TRUE;
    PyErr_Format(PyExc_ImportError,
                 "deskphone_sipext was built for pjproject %s build %s, but _pjsua2 beside it is pjproject %s build %s",
                 DESKPHONE_PJ_VERSION, DESKPHONE_BUILD_ID, pj_get_version(), found);
    return PJ_FALSE;
}

static PyMethodDef methods[] = {
    {"start", (PyCFunction)(void (*)(void))start, METH_VARARGS | METH_KEYWORDS,
     "start(hook, methods=('NOTIFY',)): install the request hook; between libInit and libStart"},
    {"stop", (PyCFunction)(void (*)(void))stop, METH_VARARGS | METH_KEYWORDS,
     "stop(timeout_ms=500): end every referral and subscription and uninstall the hook"},
    {"subscribe", (PyCFunction)(void (*)(void))subscription_subscribe, METH_VARARGS | METH_KEYWORDS,
     "subscribe(account, event, callback, ...): open a subscription; see deskphone_sipext.pyi"},
    {"accept_refer", (PyCFunction)(void (*)(void))referral_accept, METH_VARARGS | METH_KEYWORDS,
     "accept_refer(account, callback, code=202, headers=()): accept the REFER the hook was called for"},
    {"set_sound_devices", media_set_sound_devices, METH_O,
     "set_sound_devices(names): the ALSA devices pjmedia knows from now on, instead of all that ALSA lists"},
    {"stop_sending", media_stop_sending, METH_VARARGS,
     "stop_sending(call): no more RTP from this call; the number of its streams"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "deskphone_sipext",
    .m_doc = "What pjsua2 lacks for a contact-centre phone.",
    .m_size = -1,
    .m_methods = methods,
};

static int fill(PyObject *module)
{
    sipext_Error = PyErr_NewException("deskphone_sipext.Error", PyExc_RuntimeError, NULL);
    if (!sipext_Error || PyModule_AddObjectRef(module, "Error", sipext_Error) < 0)
        return -1;
    sipext_Busy = PyErr_NewException("deskphone_sipext.Busy", sipext_Error, NULL);
    if (!sipext_Busy || PyModule_AddObjectRef(module, "Busy", sipext_Busy) < 0)
        return -1;
    if (PyModule_AddStringConstant(module, "BUILD_ID", DESKPHONE_BUILD_ID) < 0 ||
        PyModule_AddStringConstant(module, "PJ_VERSION", DESKPHONE_PJ_VERSION) < 0)
        return -1;
    return event_type(module) < 0 || subscription_types(module) < 0 ? -1 : referral_types(module);
}

PyMODINIT_FUNC PyInit_deskphone_sipext(void)
{
    PyObject *module;

    if (!same_build())
        return NULL;
    module = PyModule_Create(&definition);
    if (module && fill(module) < 0)
        Py_CLEAR(module);
    return module;
}

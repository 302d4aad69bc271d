/* The guards between Python and pjsip: exceptions, the GIL, and what may stand in a header. Called by every other file;
 * calls none of them.
 */
#include "guard.h"

PyObject *sipext_Error;
PyObject *sipext_Busy;
pj_bool_t sipext_started;

static __thread int callback_depth;

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
    else if (need_started && !sipext_started)
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

/* Keep a callable, or None for nothing, in `*slot`. False with a Python exception set when it is neither. */
pj_bool_t sipext_keep(PyObject **slot, PyObject *function, const char *what)
{
    if (function != Py_None && !PyCallable_Check(function)) {
        PyErr_Format(PyExc_TypeError, "%s must be callable", what);
        return PJ_FALSE;
    }
    Py_XSETREF(*slot, function == Py_None ? NULL : Py_NewRef(function));
    return PJ_TRUE;
}

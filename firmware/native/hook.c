/* The request hook: a pjsip module that offers requests to one Python function before the dialog layer.
 *
 * It sits above the transaction layer, so retransmissions never reach it, and below the dialog layer, so a NOTIFY
 * "talk" inside a call is seen before pjsua answers it with 500. What to answer is Python's business.
 */
#include "counts.h"
#include "module.h"
#include "names.h"

static PyObject *hook;

static __thread struct {
    pjsip_rx_data *request;
    pj_bool_t answered;
} present;

static pj_bool_t on_rx_request(pjsip_rx_data *rdata);

static pjsip_module hook_module = {
    .name = {"mod-deskphone-hook", 18},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_UA_PROXY_LAYER - 1,
    .on_rx_request = on_rx_request,
};

/* What the hook decided about one request; strings live in the pool of the received message. */
typedef struct answer {
    int code; /* 0: none */
    int stateless; /* no transaction: nothing is kept, and a repeated request is asked about again */
    pj_str_t reason;
    pjsip_hdr headers;
} answer;

/* ACK has no answer, and a CANCEL is answered by the transaction it cancels: neither is ever offered. */
static pj_bool_t wanted(const pjsip_method *method)
{
    return method->id != PJSIP_ACK_METHOD && method->id != PJSIP_CANCEL_METHOD;
}

/* Read the hook's "drop" or (code, reason, [(name, value)...][, stateless]). False with a Python exception set when it
 * is neither. */
static pj_bool_t read_answer(PyObject *result, pj_pool_t *pool, answer *reply)
{
    const char *reason;
    PyObject *headers;

    pj_list_init(&reply->headers);
    reply->code = reply->stateless = 0;
    if (PyUnicode_Check(result) && PyUnicode_CompareWithASCIIString(result, "drop") == 0) {
        count(COUNT_HOOK);
        return PJ_TRUE;
    }
    if (!PyTuple_Check(result)) {
        PyErr_SetString(PyExc_TypeError, "hook: expected None, \"drop\" or (code, reason, headers)");
        return PJ_FALSE;
    }
    if (!PyArg_ParseTuple(result, "isO|p;hook: expected (code, reason, headers[, stateless])", &reply->code, &reason,
                          &headers, &reply->stateless))
        return PJ_FALSE;
    if (reply->code < 200 || reply->code > 699) {
        PyErr_Format(PyExc_ValueError, "hook: status code %d, expected 200 to 699", reply->code);
        return PJ_FALSE;
    }
    if (!sipext_one_line("reason", reason))
        return PJ_FALSE;
    pj_strdup2_with_null(pool, &reply->reason, reason);
    return sipext_headers(&reply->headers, pool, headers);
}

/* The request that this thread's hook is deciding about and has not answered, or NULL. */
pjsip_rx_data *hook_request(void)
{
    return present.answered ? NULL : present.request;
}

/* The hook's request has been answered by other means than the hook's result. */
void hook_answered(void)
{
    present.answered = PJ_TRUE;
}

/* Ask Python. True when the request is dealt with, by sending `reply` if it has a code. A hook that fails is an answer
 * 500, for a request left without any answer is retransmitted for half a minute. */
static pj_bool_t ask_python(pjsip_rx_data *rdata, answer *reply)
{
    const char *transport = pjsip_transport_get_type_name(rdata->tp_info.transport->key.type);
    pj_bool_t handled = PJ_FALSE;
    PyGILState_STATE gil;
    PyObject *function, *result;

    if (!python_enter(&gil))
        return PJ_FALSE;
    function = hook;
    if (function) {
        Py_INCREF(function);
        present.request = rdata;
        present.answered = PJ_FALSE;
        result = sipext_call(function, Py_BuildValue("(Nsis)", sipext_message(rdata), rdata->pkt_info.src_name,
                                                     rdata->pkt_info.src_port, transport));
        present.request = NULL;
        handled = result != Py_None || present.answered;
        if (result != Py_None && (!result || !read_answer(result, rdata->tp_info.pool, reply))) {
            PyErr_WriteUnraisable(function);
            reply->code = PJSIP_SC_INTERNAL_SERVER_ERROR;
            reply->stateless = 0;
            reply->reason.slen = 0;
            pj_list_init(&reply->headers);
        }
        if (present.answered)
            reply->code = 0;
        Py_XDECREF(result);
        Py_DECREF(function);
    }
    python_leave(gil);
    return handled;
}

/* Whether a request that is pjsip's opens a call or is in a dialog: of any other the sender may be anybody. */
static pj_bool_t belongs_here(const pjsip_rx_data *rdata)
{
    const pj_str_t *ours = &rdata->msg_info.to->tag;

    if (!ours->slen)
        return rdata->msg_info.msg->line.req.method.id == PJSIP_INVITE_METHOD;
    return pjsip_ua_find_dialog(&rdata->msg_info.cid->id, ours, &rdata->msg_info.from->tag, PJ_FALSE) != NULL;
}

static pj_bool_t on_rx_request(pjsip_rx_data *rdata)
{
    pjsip_endpoint *endpoint = pjsua_get_pjsip_endpt();
    answer reply;
    pj_status_t status;

    if (!wanted(&rdata->msg_info.msg->line.req.method))
        return PJ_FALSE;
    if (!ask_python(rdata, &reply)) {
        if (belongs_here(rdata))
            names_learn(rdata);
        return PJ_FALSE;
    }
    if (!reply.code)
        return PJ_TRUE;
    if (reply.stateless)
        status = pjsip_endpt_respond_stateless(endpoint, rdata, reply.code, reply.reason.slen ? &reply.reason : NULL,
                                               &reply.headers, NULL);
    else
        status = pjsip_endpt_respond(endpoint, NULL, rdata, reply.code, reply.reason.slen ? &reply.reason : NULL,
                                     &reply.headers, NULL, NULL);
    if (status != PJ_SUCCESS)
        PJ_PERROR(3, ("sipext", status, "hook: cannot answer %s with %d", rdata->msg_info.info, reply.code));
    return PJ_TRUE;
}

/* Set the hook's function. False with a Python exception set when it cannot be called. */
pj_bool_t hook_set(PyObject *function)
{
    if (!PyCallable_Check(function)) {
        PyErr_SetString(PyExc_TypeError, "start: hook must be callable");
        return PJ_FALSE;
    }
    Py_INCREF(function);
    Py_XSETREF(hook, function);
    return PJ_TRUE;
}

void hook_clear(void)
{
    Py_CLEAR(hook);
}

pj_status_t hook_register(pjsip_endpoint *endpoint)
{
    return pjsip_endpt_register_module(endpoint, &hook_module);
}

void hook_unregister(pjsip_endpoint *endpoint)
{
    if (hook_module.id >= 0)
        pjsip_endpt_unregister_module(endpoint, &hook_module);
}

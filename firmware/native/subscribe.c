/* subscribe(): reads its arguments, makes a dialog that looks like the account's own, and sends the first SUBSCRIBE. */
#include "subscription.h"
#include "module.h"
#include "usage.h"
#include <pjsip-simple/errno.h>
#include <pjsua-lib/pjsua_internal.h>

#define MAX_ACCEPT 16
#define DEFAULT_EXPIRES_S 3600

typedef struct request {
    pj_pool_t *pool;
    pjsua_acc_id account;
    pj_str_t event;
    pj_str_t accept[MAX_ACCEPT];
    unsigned accept_count;
    pj_uint32_t expires;
} request;

/* Create the dialog of the subscription, locked; release it with pjsip_dlg_dec_lock. */
static pj_status_t create_dialog(const request *r, pjsip_dialog **dlg)
{
    pjsua_acc *account = &pjsua_var.acc[r->account];
    const pj_str_t *target = &account->cfg.id;
    pj_str_t contact = account->contact;
    pj_status_t status;

    status = pjsip_evsub_register_pkg(&usage_module, &r->event, r->expires, r->accept_count, r->accept);
    if (status != PJ_SUCCESS && status != PJSIP_SIMPLE_EPKGEXISTS)
        return status;
    if (contact.slen == 0) {
        status = pjsua_acc_create_uac_contact(r->pool, &contact, r->account, target);
        if (status != PJ_SUCCESS)
            return status;
    }
    status = pjsip_dlg_create_uac(pjsip_ua_instance(), &account->cfg.id, &contact, target, NULL, dlg);
    if (status != PJ_SUCCESS)
        return status;
    pjsip_dlg_inc_lock(*dlg);
    usage_act_as_account(*dlg, r->account, target, PJ_TRUE);
    if (!pj_list_empty(&account->route_set))
        pjsip_dlg_set_route_set(*dlg, &account->route_set);
    return PJ_SUCCESS;
}

/* Create the subscription in a locked dialog and send its first SUBSCRIBE. Events for Python start when it is sent,
 * so a failure here is an exception and nothing else. */
static pj_status_t open_subscription(const request *r, pjsip_dialog *dlg, Subscription *s, PyObject *callback)
{
    PyGILState_STATE gil;
    pjsip_evsub *sub;
    pj_status_t status =
        pjsip_evsub_create_uac(dlg, &subscription_callbacks, &r->event, PJSIP_EVSUB_NO_EVENT_ID, &sub);

    if (status != PJ_SUCCESS)
        return status;
    gil = PyGILState_Ensure();
    s->dlg = dlg;
    s->sub = sub;
    s->busy = 1;
    PyGILState_Release(gil);
    usage_own(sub, s);
    status = subscription_send(sub, r->expires, NULL);
    if (status != PJ_SUCCESS && s->sub)
        pjsip_evsub_terminate(sub, PJ_TRUE); /* drops pjsip's hold on s; Python hears nothing, callback is NULL */
    gil = PyGILState_Ensure();
    if (status == PJ_SUCCESS && s->alive)
        s->callback = Py_NewRef(callback);
    PyGILState_Release(gil);
    return status;
}

static pj_str_t copied(pj_pool_t *pool, const char *text)
{
    pj_str_t copy;

    pj_strdup2_with_null(pool, &copy, text);
    return copy;
}

static pj_bool_t read_accept(request *r, PyObject *sequence)
{
    PyObject *types = PySequence_Fast(sequence, "accept must be a sequence of content types");

    if (!types)
        return PJ_FALSE;
    if (PySequence_Fast_GET_SIZE(types) > MAX_ACCEPT)
        PyErr_Format(PyExc_ValueError, "accept: expected at most %d content types", MAX_ACCEPT);
    for (Py_ssize_t i = 0; !PyErr_Occurred() && i < PySequence_Fast_GET_SIZE(types); ++i) {
        const char *type = PyUnicode_AsUTF8(PySequence_Fast_GET_ITEM(types, i));
        if (type && sipext_one_line("accept", type))
            r->accept[r->accept_count++] = copied(r->pool, type);
    }
    Py_DECREF(types);
    return !PyErr_Occurred();
}

/* Read the arguments of subscribe() into `r`, its pool given. False with a Python exception set. */
static pj_bool_t read_request(request *r, PyObject *args, PyObject *kwargs, PyObject **callback)
{
    static char *names[] = {"account", "event", "callback", "accept", "expires", NULL};
    PyObject *accept = NULL;
    int expires = DEFAULT_EXPIRES_S;
    const char *event;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "isO|$Oi:subscribe", names, &r->account, &event, callback, &accept,
                                     &expires))
        return PJ_FALSE;
    if (!PyCallable_Check(*callback))
        PyErr_SetString(PyExc_TypeError, "callback must be callable");
    else if (!pjsua_acc_is_valid(r->account))
        PyErr_Format(PyExc_ValueError, "account: there is no account %d", r->account);
    else if (!*event)
        PyErr_SetString(PyExc_ValueError, "event: expected the name of an event package");
    else if (expires < 0)
        PyErr_Format(PyExc_ValueError, "expires: expected seconds, got %d", expires);
    if (PyErr_Occurred() || !sipext_one_line("event", event))
        return PJ_FALSE;
    r->event = copied(r->pool, event);
    r->expires = (pj_uint32_t)expires;
    return !accept || read_accept(r, accept);
}

/* Open the subscription that `r` describes. NULL with a Python exception set when its SUBSCRIBE cannot be sent. */
static PyObject *open_request(const request *r, PyObject *callback)
{
    Subscription *s = subscription_new();
    pjsip_dialog *dlg = NULL;
    pj_status_t status;

    if (!s)
        return NULL;
    subscription_enlist(s);
    Py_BEGIN_ALLOW_THREADS
    status = create_dialog(r, &dlg);
    if (status == PJ_SUCCESS) {
        PyGILState_STATE gil = PyGILState_Ensure();
        s->call_id = PyUnicode_DecodeUTF8(dlg->call_id->id.ptr, dlg->call_id->id.slen, "replace");
        PyGILState_Release(gil);
        status = open_subscription(r, dlg, s, callback);
        pjsip_dlg_dec_lock(dlg);
    }
    Py_END_ALLOW_THREADS
    if (status == PJ_SUCCESS && s->call_id && (s->alive || s->callback))
        return (PyObject *)s;
    if (PyErr_Occurred()) {
        /* no memory for the Call-ID */
    } else if (status != PJ_SUCCESS) {
        sipext_fail("subscribe", status);
    } else {
        PyErr_Format(sipext_Error, "subscribe: the SUBSCRIBE could not be sent (%d)", s->code);
    }
    if (s->alive)
        subscription_delist(s);
    Py_DECREF(s);
    return NULL;
}

PyObject *subscription_subscribe(PyObject *module, PyObject *args, PyObject *kwargs)
{
    PyObject *callback, *result = NULL;
    request r;

    (void)module;
    if (!sipext_usable(PJ_TRUE))
        return NULL;
    pj_bzero(&r, sizeof r);
    r.pool = pjsua_pool_create("sipext-subscribe", 2000, 2000);
    if (read_request(&r, args, kwargs, &callback))
        result = open_request(&r, callback);
    pj_pool_release(r.pool);
    return result;
}

/* The Python object Referral: reports on a REFER we accepted, and what pjsip tells of its subscription.
 *
 * Refreshes and the end by time are answered here; all else is Python's. A Referral lives as long as pjsip's
 * subscription does, whether Python keeps it or not; then it stays as an empty shell.
 */
#include "referral.h"
#include "event.h"
#include "module.h"
#include "usage.h"
#include <pjsua-lib/pjsua_internal.h>

static PyTypeObject ReferralType;
static Referral *live;

/* ---- the list of live referrals; with the GIL held ---- */

/* pjsip has accepted it as `sub`. */
void referral_begin(Referral *r, pjsip_evsub *sub)
{
    r->sub = sub;
    r->next = live;
    live = r;
    Py_INCREF(r);
}

/* Harmless for one that is not in the list. */
static void delist(Referral *r)
{
    Referral **at = &live;

    while (*at && *at != r)
        at = &(*at)->next;
    r->sub = NULL;
    Py_CLEAR(r->callback); /* a callback that holds its Referral would be a cycle */
    if (*at) {
        *at = r->next;
        Py_DECREF(r);
    }
}

/* ---- NOTIFY; not with the GIL held ---- */

/* Send a report. `why` replaces the reason "noresource" of a terminated subscription. */
static pj_status_t send_report(pjsip_evsub *sub, pjsip_evsub_state state, const report *what, const char *why)
{
    const pj_str_t name = {"Subscription-State", 18};
    pj_str_t reason = {(char *)what->reason, (pj_ssize_t)strlen(what->reason)};
    pjsip_sub_state_hdr *header;
    pjsip_tx_data *tdata;
    pj_status_t status = pjsip_xfer_notify(sub, state, what->code, &reason, &tdata);

    if (status != PJ_SUCCESS)
        return status;
    header = pjsip_msg_find_hdr_by_name(tdata->msg, &name, NULL);
    if (header && header->reason_param.slen && why)
        header->reason_param = pj_str((char *)why);
    pjsua_process_msg_data(tdata, NULL); /* User-Agent, as on every other request */
    return pjsip_xfer_send_request(sub, tdata);
}

/* ---- callbacks of pjsip ---- */

static void on_state(pjsip_evsub *sub, pjsip_event *event)
{
    PyObject *callback;
    PyGILState_STATE gil;
    pj_str_t reason = {NULL, 0};
    outcome o = {0};
    Referral *r;

    if (pjsip_evsub_get_state(sub) != PJSIP_EVSUB_STATE_TERMINATED || !python_enter(&gil))
        return;
    r = usage_owner(sub);
    if (r) {
        usage_own(sub, NULL);
        o = event_outcome(event);
        if (r->why)
            reason = pj_str((char *)r->why);
        else if (o.code)
            reason = event->body.tsx_state.tsx->status_text;
        callback = r->final ? NULL : Py_XNewRef(r->callback);
        delist(r); /* before Python hears of it: a notify() from the callback is then a clean error */
        event_tell(callback, "TERMINATED", &o, &reason);
        Py_XDECREF(callback);
    }
    python_leave(gil);
}

/* Send the last report again: as the end because of `why`, or with NULL as news of an active subscription. False when
 * it could not be sent. */
static pj_bool_t repeat_report(pjsip_evsub *sub, const char *why)
{
    PyGILState_STATE gil;
    report last;
    Referral *r;

    if (!python_enter(&gil))
        return PJ_FALSE;
    r = usage_owner(sub);
    if (r) {
        last = r->last;
        r->why = why;
    }
    python_leave(gil);
    return r && send_report(sub, why ? PJSIP_EVSUB_STATE_TERMINATED : PJSIP_EVSUB_STATE_ACTIVE, &last,
                            why) == PJ_SUCCESS;
}

/* A SUBSCRIBE in the dialog; pjsip answers it 200 and sends the NOTIFY after that. */
static void on_rx_refresh(pjsip_evsub *sub, pjsip_rx_data *rdata, int *code, pj_str_t **text, pjsip_hdr *headers,
                          pjsip_msg_body **body)
{
    (void)rdata, (void)code, (void)text, (void)headers, (void)body;
    repeat_report(sub, pjsip_evsub_get_state(sub) == PJSIP_EVSUB_STATE_TERMINATED ? "timeout" : NULL);
}

static void on_server_timeout(pjsip_evsub *sub)
{
    if (!repeat_report(sub, "timeout"))
        pjsip_evsub_terminate(sub, PJ_TRUE);
}

const pjsip_evsub_user referral_callbacks = {
    .on_evsub_state = on_state,
    .on_rx_refresh = on_rx_refresh,
    .on_server_timeout = on_server_timeout,
};

/* ---- the Python object ---- */

Referral *referral_new(PyObject *callback, pj_bool_t quiet)
{
    Referral *r = PyObject_New(Referral, &ReferralType);
    PyObject *head = (PyObject *)r;

    if (!r)
        return NULL;
    memset((char *)r + sizeof *head, 0, sizeof *r - sizeof *head);
    r->last.code = PJSIP_SC_TRYING;
    r->quiet = (char)quiet;
    r->callback = quiet ? NULL : Py_NewRef(callback);
    return r;
}

static void referral_dealloc(Referral *r)
{
    Py_CLEAR(r->callback);
    PyObject_Free(r);
}

/* Read the arguments of notify(). False with a Python exception set. */
static pj_bool_t read_report(report *what, int *final, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"code", "reason", "final", NULL};
    const char *reason = "";
    size_t size;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "i|sp:notify", names, &what->code, &reason, final) ||
        !sipext_one_line("reason", reason))
        return PJ_FALSE;
    if (what->code < 100 || what->code > 699) {
        PyErr_Format(PyExc_ValueError, "code: expected 100 to 699, got %d", what->code);
        return PJ_FALSE;
    }
    size = strlen(reason);
    if (size > MAX_REASON)
        for (size = MAX_REASON; size && (reason[size] & 0xC0) == 0x80; --size)
            ; /* not in the middle of a character */
    memcpy(what->reason, reason, size);
    what->reason[size] = 0;
    return PJ_TRUE;
}

/* Send the last report and be done, whatever happens. Takes and leaves the GIL; `r` is held by the caller. */
static pj_status_t finish(Referral *r, const report *what, const char *why)
{
    pjsip_evsub *sub = r->sub;
    pj_status_t status;

    r->why = why;
    pjsip_evsub_add_ref(sub); /* before the GIL goes: another thread may end the subscription */
    Py_BEGIN_ALLOW_THREADS
    status = send_report(sub, PJSIP_EVSUB_STATE_TERMINATED, what, why);
    if (status != PJ_SUCCESS)
        pjsip_evsub_terminate(sub, PJ_TRUE);
    pjsip_evsub_dec_ref(sub);
    Py_END_ALLOW_THREADS
    return status;
}

static PyObject *referral_notify(Referral *r, PyObject *args, PyObject *kwargs)
{
    pjsip_evsub *sub = r->sub;
    pj_status_t status;
    int final = 0;
    report what;

    if (!read_report(&what, &final, args, kwargs))
        return NULL;
    if (r->quiet)
        Py_RETURN_NONE;
    if (!sub)
        return PyErr_Format(sipext_Error, "notify: the referral has ended");
    if (!sipext_usable(PJ_TRUE))
        return NULL;
    r->last = what;
    if (final) {
        r->final = 1;
        status = finish(r, &what, NULL);
    } else {
        pjsip_evsub_add_ref(sub);
        Py_BEGIN_ALLOW_THREADS
        status = send_report(sub, PJSIP_EVSUB_STATE_ACTIVE, &what, NULL);
        pjsip_evsub_dec_ref(sub);
        Py_END_ALLOW_THREADS
    }
    if (status != PJ_SUCCESS)
        return sipext_fail("notify", status);
    Py_RETURN_NONE;
}

static PyObject *get_live(Referral *r, void *unused)
{
    (void)unused;
    return PyBool_FromLong(r->sub != NULL);
}

static PyMethodDef referral_methods[] = {
    {"notify", (PyCFunction)(void (*)(void))referral_notify, METH_VARARGS | METH_KEYWORDS,
     "notify(code, reason='', final=False): report how the call fares"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef referral_attributes[] = {
    {"live", (getter)get_live, NULL, "the referrer is told of reports", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyTypeObject ReferralType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "deskphone_sipext.Referral",
    .tp_doc = "A REFER we accepted; made by accept_refer().",
    .tp_basicsize = sizeof(Referral),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = (destructor)referral_dealloc,
    .tp_methods = referral_methods,
    .tp_getset = referral_attributes,
};

int referral_types(PyObject *module)
{
    if (PyType_Ready(&ReferralType) < 0)
        return -1;
    return PyModule_AddObjectRef(module, "Referral", (PyObject *)&ReferralType);
}

/* ---- stop() and the end of the endpoint ---- */

/* End every referral with a last report. With the GIL, on the SIP thread. */
void referral_end_all(void)
{
    const report leaving = {PJSIP_SC_SERVICE_UNAVAILABLE, ""};

    while (live) {
        Referral *r = live;
        Py_INCREF(r);
        finish(r, &leaving, "noresource");
        delist(r); /* done, unless pjsip did not tell of the end */
        Py_DECREF(r);
    }
}

/* The endpoint goes away: what pjsip still holds is forgotten, silently. With the GIL. */
void referral_forget_all(void)
{
    while (live)
        delist(live);
}

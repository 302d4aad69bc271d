/* The Python object Dialog: a call's dialog that lives on for what else it carries (RFC 5057): the reports on a REFER go
 * out whether the call goes on or not. Answers to such requests are nobody's; a challenge among them is not answered,
 * for no usage of the dialog does so.
 */
#include "module.h"
#include <pjsua-lib/pjsua_internal.h>

typedef struct KeptDialog {
    PyObject_HEAD
    struct KeptDialog *next;
    pjsip_dialog *dlg; /* NULL: given up, or the endpoint is gone */
} KeptDialog;

static PyTypeObject KeptDialogType;
static KeptDialog *live;

static pjsip_module kept_module = {
    .name = {"mod-deskphone-kept", 18},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_DIALOG_USAGE,
};

pj_status_t kept_dialog_register(pjsip_endpoint *endpoint)
{
    return pjsip_endpt_register_module(endpoint, &kept_module);
}

void kept_dialog_unregister(pjsip_endpoint *endpoint)
{
    if (kept_module.id >= 0)
        pjsip_endpt_unregister_module(endpoint, &kept_module);
}

/* Take it out of the list; the dialog it kept, or NULL. With the GIL held. */
static pjsip_dialog *forget(KeptDialog *d)
{
    KeptDialog **at = &live;
    pjsip_dialog *dlg = d->dlg;

    while (*at && *at != d)
        at = &(*at)->next;
    if (*at)
        *at = d->next;
    d->dlg = NULL;
    return dlg;
}

/* Not with the GIL held: the dialog may go at once. */
static void give_up(pjsip_dialog *dlg)
{
    if (dlg)
        pjsip_dlg_dec_session(dlg, &kept_module);
}

/* The call's dialog, with a session more; NULL where the call is over. Not with the GIL held. */
static pjsip_dialog *keep(int call)
{
    pjsip_dialog *dlg = NULL;

    PJSUA_LOCK();
    if (pjsua_call_is_active(call) && pjsua_var.calls[call].inv)
        dlg = pjsua_var.calls[call].inv->dlg;
    if (dlg && pjsip_dlg_inc_session(dlg, &kept_module) != PJ_SUCCESS)
        dlg = NULL;
    PJSUA_UNLOCK();
    return dlg;
}

PyObject *kept_dialog_keep(PyObject *module, PyObject *args)
{
    KeptDialog *d;
    int call;

    (void)module;
    if (!PyArg_ParseTuple(args, "i:keep_dialog", &call) || !sipext_usable(PJ_TRUE))
        return NULL;
    if (call < 0 || call >= PJSUA_MAX_CALLS)
        return PyErr_Format(PyExc_ValueError, "keep_dialog: expected a call from 0 to %d, not %d", PJSUA_MAX_CALLS - 1,
                            call);
    d = PyObject_New(KeptDialog, &KeptDialogType);
    if (!d)
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    d->dlg = keep(call);
    Py_END_ALLOW_THREADS
    d->next = NULL;
    if (d->dlg) {
        d->next = live;
        live = d;
        return (PyObject *)d;
    }
    Py_DECREF(d);
    return PyErr_Format(sipext_Error, "keep_dialog: the call is over");
}

/* Event under another name to who looks for it: pjsip's subscriptions would take a report of ours for one on a REFER of
 * our own in the same dialog, and read its id, which a header of plain text has not.
 */
static int event_print(void *self, char *to, pj_size_t size)
{
    const pjsip_generic_string_hdr *hdr = self;
    int length = pj_ansi_snprintf(to, size, "Event: %.*s", (int)hdr->hvalue.slen, hdr->hvalue.ptr);

    return length > 0 && (pj_size_t)length < size ? length : -1;
}

static void *event_clone(pj_pool_t *pool, const void *self);

static pjsip_hdr_vptr event_vptr = {
    .clone = event_clone,
    .shallow_clone = event_clone,
    .print_on = event_print,
};

static void *event_clone(pj_pool_t *pool, const void *self)
{
    static const pj_str_t hidden = {"Event of a report", 17};
    const pjsip_generic_string_hdr *hdr = self;
    pjsip_generic_string_hdr *copy = pjsip_generic_string_hdr_create(pool, &hidden, &hdr->hvalue);

    copy->vptr = &event_vptr;
    return copy;
}

static pjsip_hdr *header_of(pj_pool_t *pool, const pjsip_hdr *each)
{
    return pj_stricmp2(&each->name, "Event") ? pjsip_hdr_clone(pool, each) : event_clone(pool, each);
}

/* One request of the dialog; `list` and `body` are copied. Not with the GIL held. */
static pj_status_t send_request(pjsip_dialog *dlg, const pj_str_t *name, const pjsip_hdr *list, const pj_str_t *type,
                                const pj_str_t *body)
{
    pj_str_t main_type = {NULL, 0}, subtype = *type;
    const char *slash = pj_strchr(type, '/');
    pjsip_method method;
    pjsip_tx_data *tdata;
    pj_status_t status;

    pjsip_method_init_np(&method, (pj_str_t *)name);
    status = pjsip_dlg_create_request(dlg, &method, -1, &tdata);
    if (status != PJ_SUCCESS)
        return status;
    for (const pjsip_hdr *each = list->next; each != list; each = each->next)
        pjsip_msg_add_hdr(tdata->msg, header_of(tdata->pool, each));
    if (body->slen && slash) {
        main_type.ptr = type->ptr;
        main_type.slen = slash - type->ptr;
        subtype.ptr = type->ptr + main_type.slen + 1;
        subtype.slen = type->slen - main_type.slen - 1;
        tdata->msg->body = pjsip_msg_body_create(tdata->pool, &main_type, &subtype, body);
    }
    pjsua_process_msg_data(tdata, NULL); /* User-Agent, as on every other request */
    return pjsip_dlg_send_request(dlg, tdata, -1, NULL);
}

static PyObject *dialog_request(KeptDialog *d, PyObject *args)
{
    const char *method, *type, *data;
    PyObject *headers;
    Py_ssize_t size;
    pj_status_t status = PJ_EINVALIDOP;
    pj_pool_t *pool;
    pjsip_hdr list;

    if (!PyArg_ParseTuple(args, "sOsy#:request", &method, &headers, &type, &data, &size) ||
        !sipext_one_line("method", method) || !sipext_one_line("content type", type) || !sipext_usable(PJ_TRUE))
        return NULL;
    if (!d->dlg)
        return PyErr_Format(sipext_Error, "request: the dialog was released");
    pool = pjsua_pool_create("sipext-kept", 1000, 1000);
    pj_list_init(&list);
    if (sipext_headers(&list, pool, headers)) {
        const pj_str_t n = pj_str((char *)method), t = pj_str((char *)type), b = {(char *)data, (pj_ssize_t)size};
        Py_BEGIN_ALLOW_THREADS
        status = send_request(d->dlg, &n, &list, &t, &b);
        Py_END_ALLOW_THREADS
    }
    pj_pool_release(pool);
    if (PyErr_Occurred())
        return NULL;
    if (status != PJ_SUCCESS)
        return sipext_fail("request", status);
    Py_RETURN_NONE;
}

static PyObject *dialog_release(KeptDialog *d, PyObject *unused)
{
    pjsip_dialog *dlg = forget(d);

    (void)unused;
    if (dlg && sipext_usable(PJ_FALSE)) {
        Py_BEGIN_ALLOW_THREADS
        give_up(dlg);
        Py_END_ALLOW_THREADS
    }
    if (PyErr_Occurred())
        return NULL;
    Py_RETURN_NONE;
}

static void dialog_dealloc(KeptDialog *d)
{
    pjsip_dialog *dlg = forget(d);

    if (dlg && pjsua_get_state() >= PJSUA_STATE_INIT && pjsua_get_state() <= PJSUA_STATE_RUNNING &&
        pj_thread_is_registered()) {
        Py_BEGIN_ALLOW_THREADS
        give_up(dlg);
        Py_END_ALLOW_THREADS
    }
    PyObject_Free(d);
}

static PyMethodDef dialog_methods[] = {
    {"request", (PyCFunction)dialog_request, METH_VARARGS,
     "request(method, headers, content_type, body): send a request in the dialog"},
    {"release", (PyCFunction)dialog_release, METH_NOARGS, "release(): it need not live on"},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject KeptDialogType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "deskphone_sipext.Dialog",
    .tp_doc = "The dialog of a call that lives on; made by keep_dialog().",
    .tp_basicsize = sizeof(KeptDialog),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = (destructor)dialog_dealloc,
    .tp_methods = dialog_methods,
};

int kept_dialog_types(PyObject *module)
{
    if (PyType_Ready(&KeptDialogType) < 0)
        return -1;
    return PyModule_AddObjectRef(module, "Dialog", (PyObject *)&KeptDialogType);
}

/* Let all go: stop(). With the GIL, on the SIP thread. */
void kept_dialog_end_all(void)
{
    while (live) {
        pjsip_dialog *dlg = forget(live);
        Py_BEGIN_ALLOW_THREADS
        give_up(dlg);
        Py_END_ALLOW_THREADS
    }
}

/* The endpoint goes away, and the dialogs with it. With the GIL. */
void kept_dialog_forget_all(void)
{
    while (live)
        forget(live);
}

/* accept_refer(): a REFER outside a dialog, which pjsua answers not at all, gets a dialog and an implicit subscription
 * (RFC 3515, 2.4.4), unless the referrer wants none (RFC 4488). Who may refer, and to whom, is the hook's to judge.
 */
#include "referral.h"
#include "module.h"
#include "usage.h"
#include <pjsua-lib/pjsua_internal.h>

static const pjsip_generic_string_hdr *find_text(const pjsip_msg *msg, const char *name, const char *short_name,
                                                 const void *after)
{
    pj_str_t n = pj_str((char *)name), s = pj_str((char *)short_name);
    const pjsip_hdr *from = after ? ((const pjsip_hdr *)after)->next : NULL;

    return pjsip_msg_find_hdr_by_names(msg, &n, &s, from);
}

/* Whether a value is an address as in From, with parameters or without. */
static pj_bool_t is_address(pj_pool_t *pool, const pj_str_t *value)
{
    const pj_str_t from = {"From", 4};
    pj_str_t copy;

    pj_strdup_with_null(pool, &copy, value);
    return pjsip_parse_hdr(pool, &from, copy.ptr, (pj_size_t)copy.slen, NULL) != NULL;
}

/* What keeps a request from being accepted here, or NULL. Whether its target may be called is the hook's to judge. */
static const char *flaw_of(const pjsip_rx_data *rdata)
{
    const pjsip_msg *msg = rdata->msg_info.msg;
    const pj_str_t event_name = {"Event", 5}, event_short = {"o", 1};
    const pjsip_generic_string_hdr *refer_to = find_text(msg, "Refer-To", "r", NULL);
    const pjsip_event_hdr *event = pjsip_msg_find_hdr_by_names(msg, &event_name, &event_short, NULL);

    if (pjsip_method_cmp(&msg->line.req.method, pjsip_get_refer_method()) != 0)
        return "expected a REFER";
    if (rdata->msg_info.to->tag.slen)
        return "the REFER is inside a dialog";
    if (!refer_to || find_text(msg, "Refer-To", "r", refer_to))
        return "expected exactly one Refer-To";
    if (!is_address(rdata->tp_info.pool, &refer_to->hvalue))
        return "Refer-To cannot be read";
    if (event && pj_stricmp2(&event->event_type, "refer") != 0)
        return "its Event is not refer";
    return NULL;
}

/* Whether the referrer wants no reports: Refer-Sub: false (RFC 4488). */
static pj_bool_t wants_quiet(const pjsip_msg *msg)
{
    const pjsip_generic_string_hdr *refer_sub = find_text(msg, "Refer-Sub", "Refer-Sub", NULL);
    pj_str_t value = refer_sub ? refer_sub->hvalue : pj_str("");
    const char *end = pj_strchr(&value, ';');

    if (end)
        value.slen = end - value.ptr;
    pj_strtrim(&value);
    return pj_stricmp2(&value, "false") == 0;
}

/* Accept without a dialog: there is nothing to subscribe to. */
static pj_status_t accept_quietly(pjsip_rx_data *rdata)
{
    const pj_str_t name = {"Refer-Sub", 9}, value = {"false", 5};
    pjsip_hdr headers;

    pj_list_init(&headers);
    pj_list_push_back(&headers, pjsip_generic_string_hdr_create(rdata->tp_info.pool, &name, &value));
    return pjsip_endpt_respond(pjsua_get_pjsip_endpt(), NULL, rdata, PJSIP_SC_ACCEPTED, NULL, &headers, NULL, NULL);
}

/* Create the dialog, locked; release it with pjsip_dlg_dec_lock. */
static pj_status_t create_dialog(pjsua_acc_id id, pjsip_rx_data *rdata, pjsip_dialog **dlg)
{
    pj_pool_t *pool = rdata->tp_info.pool;
    pj_str_t contact = pjsua_var.acc[id].contact, target;
    pj_status_t status;
    int size;

    if (contact.slen == 0) {
        status = pjsua_acc_create_uas_contact(pool, &contact, id, rdata);
        if (status != PJ_SUCCESS)
            return status;
    }
    status = pjsip_dlg_create_uas_and_inc_lock(pjsip_ua_instance(), rdata, &contact, dlg);
    if (status != PJ_SUCCESS)
        return status;
    target.ptr = pj_pool_alloc(pool, PJSIP_MAX_URL_SIZE);
    size = pjsip_uri_print(PJSIP_URI_IN_REQ_URI, (*dlg)->target, target.ptr, PJSIP_MAX_URL_SIZE);
    target.slen = size < 0 ? 0 : size;
    usage_act_as_account(*dlg, id, &target, PJ_FALSE);
    return PJ_SUCCESS;
}

/* Create the subscription in a locked dialog and answer 202. Every request that came this far gets an answer. */
static pj_status_t open_referral(pjsip_dialog *dlg, pjsip_rx_data *rdata, Referral *r, pjsip_evsub **sub)
{
    pj_status_t status = pjsip_xfer_create_uas(dlg, &referral_callbacks, rdata, sub);

    if (status != PJ_SUCCESS) {
        pjsip_dlg_respond(dlg, rdata, PJSIP_SC_INTERNAL_SERVER_ERROR, NULL, NULL, NULL);
        return status;
    }
    status = pjsip_xfer_accept(*sub, rdata, PJSIP_SC_ACCEPTED, NULL);
    if (status != PJ_SUCCESS)
        pjsip_evsub_terminate(*sub, PJ_FALSE);
    else
        usage_own(*sub, r);
    return status;
}

/* Accept the REFER, as an account does, for `r`, which is new. Not with the GIL held. */
static pj_status_t accept_as(pjsua_acc_id id, pjsip_rx_data *rdata, Referral *r)
{
    pjsip_evsub *sub = NULL;
    PyGILState_STATE gil;
    pjsip_dialog *dlg;
    pj_status_t status;

    if (r->quiet)
        return accept_quietly(rdata);
    status = create_dialog(id, rdata, &dlg);
    if (status != PJ_SUCCESS)
        return status;
    status = open_referral(dlg, rdata, r, &sub);
    if (status == PJ_SUCCESS) {
        gil = PyGILState_Ensure();
        referral_begin(r, sub);
        PyGILState_Release(gil);
    }
    pjsip_dlg_dec_lock(dlg);
    return status;
}

PyObject *referral_accept(PyObject *module, PyObject *args)
{
    PyObject *callback;
    pjsip_rx_data *rdata;
    pj_status_t status;
    const char *flaw;
    int account;
    Referral *r;

    (void)module;
    if (!PyArg_ParseTuple(args, "iO:accept_refer", &account, &callback) || !sipext_usable(PJ_TRUE))
        return NULL;
    if (!PyCallable_Check(callback))
        return PyErr_Format(PyExc_TypeError, "callback must be callable");
    if (!pjsua_acc_is_valid(account))
        return PyErr_Format(PyExc_ValueError, "account: there is no account %d", account);
    rdata = hook_request();
    if (!rdata)
        return PyErr_Format(sipext_Error, "accept_refer belongs into the hook, once for the request it is called with");
    flaw = flaw_of(rdata);
    if (flaw)
        return PyErr_Format(sipext_Error, "accept_refer: %s", flaw);
    r = referral_new(callback, wants_quiet(rdata->msg_info.msg));
    if (!r)
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = accept_as(account, rdata, r);
    Py_END_ALLOW_THREADS
    if (status == PJ_SUCCESS || pjsip_rdata_get_tsx(rdata))
        hook_answered();
    if (status == PJ_SUCCESS)
        return (PyObject *)r;
    Py_DECREF(r);
    return sipext_fail("accept_refer", status);
}

/* deskphone_sipext: what pjsua2 lacks for a contact-centre phone, as a CPython extension beside the unpatched pjsua2.
 *
 * This file is the module: start and stop, and the check that pjsua2 was built from the same source and the same
 * config_site.h. It calls every other file; none calls it.
 */
#include "module.h"
#include "contact.h"
#include "counts.h"
#include "late.h"
#include "limiter.h"
#include "names.h"
#include "sdp.h"
#include "usage.h"
#include "watch.h"

/* Defined in the _pjsua2 that our build makes; a foreign _pjsua2 has none, so the reference is weak. */
const char *deskphone_pj_build_id(void) __attribute__((weak));

/* The endpoint goes away, with or without stop(). */
static void forget_all(void)
{
    subscription_forget_all();
    referral_forget_all();
    kept_dialog_forget_all();
    late_clear();
}

static const struct {
    pj_status_t (*add)(pjsip_endpoint *);
    void (*remove)(pjsip_endpoint *);
} modules[] = {
    {front_register, front_unregister},
    {outgoing_register, outgoing_unregister},
    {trace_register, trace_unregister},
    {hook_register, hook_unregister},
    {usage_register, usage_unregister},
    {kept_dialog_register, kept_dialog_unregister},
};

/* farewells: what leaves is written as ever until the endpoint goes. */
static void unregister_modules(pjsip_endpoint *endpoint, pj_bool_t farewells)
{
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(modules); ++i)
        if (!farewells || modules[i].remove != outgoing_unregister)
            modules[i].remove(endpoint);
}

static pj_status_t register_modules(pjsip_endpoint *endpoint)
{
    pj_status_t status = PJ_SUCCESS;

    usage_on_unload(forget_all);
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(modules) && status == PJ_SUCCESS; ++i)
        status = modules[i].add(endpoint);
    if (status != PJ_SUCCESS)
        unregister_modules(endpoint, PJ_FALSE);
    return status;
}

/* Everything of Python's that the doors hold. */
static void clear_all(void)
{
    hook_clear();
    front_clear();
    mender_clear();
    sdp_clear();
    limiter_clear();
    watch_clear();
    names_clear();
}

static PyObject *timers_set(PyObject *module, PyObject *args)
{
    unsigned t1, t2, t4, life = 0;

    (void)module;
    if (!PyArg_ParseTuple(args, "III|I:set_timers", &t1, &t2, &t4, &life) || !sipext_usable(PJ_TRUE))
        return NULL;
    pjsip_tsx_set_timers(t1, t2, t4, life);
    Py_RETURN_NONE;
}

static PyObject *start(PyObject *module, PyObject *function)
{
    pj_status_t status;

    (void)module;
    if (!sipext_usable(PJ_FALSE))
        return NULL;
    if (sipext_started)
        return PyErr_Format(sipext_Error, "deskphone_sipext is already started");
    if (pjsua_get_state() != PJSUA_STATE_INIT)
        return PyErr_Format(sipext_Error, "start belongs between libInit and libStart");
    if (!hook_set(function))
        return NULL;
    names_begin();
    contact_begin();
    Py_BEGIN_ALLOW_THREADS
    status = register_modules(pjsua_get_pjsip_endpt());
    if (status == PJ_SUCCESS) {
        connections_install();
        upcalls_install();
        rtp_source_install();
    }
    Py_END_ALLOW_THREADS
    if (status != PJ_SUCCESS) {
        hook_clear();
        return sipext_fail("start", status);
    }
    sipext_started = PJ_TRUE;
    Py_RETURN_NONE;
}

static PyObject *stop(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"timeout_ms", NULL};
    unsigned timeout_ms = 500;

    (void)module;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|I:stop", names, &timeout_ms))
        return NULL;
    if (!sipext_started) {
        clear_all(); /* libDestroy unregistered the modules but left the references to functions */
        Py_RETURN_NONE;
    }
    if (!sipext_usable(PJ_TRUE))
        return NULL;
    if (sipext_in_callback())
        return PyErr_Format(sipext_Error, "stop cannot be called from a callback or from the hook");
    names_stop();
    referral_end_all();
    kept_dialog_end_all();
    subscription_end_all(timeout_ms);
    Py_BEGIN_ALLOW_THREADS
    late_clear();
    connections_uninstall();
    unregister_modules(pjsua_get_pjsip_endpt(), PJ_TRUE);
    Py_END_ALLOW_THREADS
    sipext_started = PJ_FALSE;
    clear_all();
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
    {"start", start, METH_O, "start(hook): install the request hook; between libInit and libStart"},
    {"stop", (PyCFunction)(void (*)(void))stop, METH_VARARGS | METH_KEYWORDS,
     "stop(timeout_ms=500): end every referral and subscription and uninstall the hook"},
    {"subscribe", (PyCFunction)(void (*)(void))subscription_subscribe, METH_VARARGS | METH_KEYWORDS,
     "subscribe(account, event, callback, *, accept=(), expires=3600): open a subscription; see deskphone_sipext.pyi"},
    {"accept_refer", referral_accept, METH_VARARGS,
     "accept_refer(account, callback): accept the REFER the hook was called for"},
    {"keep_dialog", kept_dialog_keep, METH_VARARGS, "keep_dialog(call): its dialog, which lives on until released"},
    {"set_mender", mender_set, METH_O, "set_mender(function): who mends what pjsip's parser would drop"},
    {"reads_header", parser_reads_header, METH_VARARGS, "reads_header(name, value): whether pjsip's parser takes it"},
    {"reads_message", parser_reads_message, METH_VARARGS, "reads_message(message): whether pjsip's parser takes it"},
    {"set_sdp_mender", sdp_set_mender, METH_O, "set_sdp_mender(function): who mends SDP that pjmedia cannot read"},
    {"reads_sdp", sdp_reads, METH_VARARGS, "reads_sdp(sdp): whether pjmedia reads it whole"},
    {"set_challenge_judge", front_set_judge, METH_O, "set_challenge_judge(function): which 401 and 407 are answered"},
    {"unanswered", watch_unanswered, METH_VARARGS, "unanswered(milliseconds, question=0): requests of ours that wait for so long"},
    {"give_up", late_give_up, METH_VARARGS, "give_up(call_id): nobody waits for the answer to its INVITE"},
    {"set_timers", timers_set, METH_VARARGS, "set_timers(t1, t2, t4, life=0): RFC 3261's, in milliseconds"},
    {"set_limits", limiter_set, METH_VARARGS, "set_limits(servers, strangers, each_server): messages a second"},
    {"set_capabilities", outgoing_set_capabilities, METH_VARARGS,
     "set_capabilities(methods, bodies, extensions): Allow, Accept and Supported of what pjsip writes by itself"},
    {"set_resolver", names_set_resolver, METH_O, "set_resolver(function): who says what a name in a URI means"},
    {"resolved", names_resolved, METH_VARARGS, "resolved(number, addresses): what the name asked for means"},
    {"registered_contact", contact_registered, METH_VARARGS,
     "registered_contact(call_id): the Contact URI of the last REGISTER with this Call-ID, as it left"},
    {"bindings_removed", contact_removed, METH_VARARGS,
     "bindings_removed(call_id): no further REGISTER with this Call-ID removes any; whether there was one"},
    {"trace", trace_read, METH_VARARGS, "trace(after=0): the last messages, as they passed"},
    {"counts", counts_all, METH_NOARGS, "counts(): what was dropped or mended, by kind"},
    {"set_sound_devices", media_set_sound_devices, METH_O,
     "set_sound_devices(names): the ALSA devices pjmedia knows from now on, instead of all that ALSA lists"},
    {"set_symmetric_rtp", rtp_source_set_symmetric, METH_VARARGS,
     "set_symmetric_rtp(milliseconds): how long a stream may follow its sender; 0: never"},
    {"media_source", rtp_source_of_call, METH_VARARGS, "media_source(call): whom its media follow, what was dropped"},
    {"connections", connections_list, METH_NOARGS, "connections(): those that others opened"},
    {"changing_connection", connections_changing, METH_NOARGS, "changing_connection(): the one onTransportState tells of"},
    {"close_connection", connections_close, METH_VARARGS, "close_connection(number): whether it was open"},
    {"close_sound", media_close_sound, METH_NOARGS,
     "close_sound(): the bridge has no sound device, and nothing is left of the one it had"},
    {"stop_sending", media_stop_sending, METH_VARARGS,
     "stop_sending(call): no more RTP from this call; the number of its streams"},
    {"local_tag", media_local_tag, METH_VARARGS, "local_tag(call): our tag in its dialog"},
    {"encrypted", media_encrypted, METH_VARARGS,
     "encrypted(call, media): whether this media of the call has SRTP's keys in use"},
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
        PyModule_AddStringConstant(module, "PJ_VERSION", DESKPHONE_PJ_VERSION) < 0 ||
        PyModule_AddStringConstant(module, "PJ_SOURCE", DESKPHONE_PJ_SOURCE) < 0)
        return -1;
    if (event_type(module) < 0 || subscription_types(module) < 0 || kept_dialog_types(module) < 0)
        return -1;
    return referral_types(module);
}

PyMODINIT_FUNC PyInit_deskphone_sipext(void)
{
    PyObject *module;

    if (!same_build())
        return NULL;
    pool_zero();
    module = PyModule_Create(&definition);
    if (module && fill(module) < 0)
        Py_CLEAR(module);
    return module;
}

/* What every message of ours carries, also those that pjsip makes by itself: who wrote it, and no such header twice. */
#include "contact.h"
#include "late.h"
#include "module.h"
#include "watch.h"
#include <pjsua-lib/pjsua_internal.h>

static pj_status_t on_tx_request(pjsip_tx_data *tdata);
static pj_status_t on_tx_response(pjsip_tx_data *tdata);

static pjsip_module outgoing_module = {
    .name = {"mod-deskphone-outgoing", 22},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_TRANSPORT_LAYER + 2, /* the last before a message is printed */
    .on_tx_request = on_tx_request,
    .on_tx_response = on_tx_response,
};

/* Headers that stand once in a message; pjsua and a caller of pjsua may both have added one. */
static const char *const single[] = {"User-Agent", "Server", "Referred-By", "Allow-Events"};

static void remove_doubles(pjsip_msg *msg, const char *text)
{
    const pj_str_t name = pj_str((char *)text);
    pjsip_hdr *first = pjsip_msg_find_hdr_by_name(msg, &name, NULL), *other;

    while (first && first->next != &msg->hdr &&
           (other = pjsip_msg_find_hdr_by_name(msg, &name, first->next)) != NULL)
        pj_list_erase(other);
}

/* A message that is sent again was printed when it was sent first. */
static void complete(pjsip_tx_data *tdata, const char *text)
{
    const pj_str_t name = pj_str((char *)text), agent = {"User-Agent", 10};
    pjsip_msg *msg = tdata->msg;
    pjsip_hdr *header;

    if (!msg || pjsip_tx_data_is_valid(tdata))
        return;
    contact_sent(tdata);
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(single); ++i)
        remove_doubles(msg, single[i]);
    if (!pjsua_var.ua_cfg.user_agent.slen || pjsip_msg_find_hdr_by_name(msg, &name, NULL) ||
        pjsip_msg_find_hdr_by_name(msg, &agent, NULL))
        return;
    header = (pjsip_hdr *)pjsip_generic_string_hdr_create(tdata->pool, &name, &pjsua_var.ua_cfg.user_agent);
    pjsip_msg_add_hdr(msg, header);
}

static pj_status_t on_tx_request(pjsip_tx_data *tdata)
{
    if (sipext_started && tdata->msg && !pjsip_tx_data_is_valid(tdata)) {
        watch_sent(tdata);
        late_sent(tdata);
    }
    complete(tdata, "User-Agent");
    return PJ_SUCCESS;
}

static pj_status_t on_tx_response(pjsip_tx_data *tdata)
{
    complete(tdata, "Server");
    return PJ_SUCCESS;
}

pj_status_t outgoing_register(pjsip_endpoint *endpoint)
{
    /* else from before a stop() */
    return outgoing_module.id < 0 ? pjsip_endpt_register_module(endpoint, &outgoing_module) : PJ_SUCCESS;
}

void outgoing_unregister(pjsip_endpoint *endpoint)
{
    if (outgoing_module.id >= 0)
        pjsip_endpt_unregister_module(endpoint, &outgoing_module);
}

/* One of pjsip's lists of what it can, made the one of `names`. It keeps the list, and lends it to each message. False
 * with a Python exception set where these are too many, or no names. */
static pj_bool_t say_instead(pjsip_hdr_e type, PyObject *names)
{
    pjsip_endpoint *endpoint = pjsua_get_pjsip_endpt();
    pjsip_generic_array_hdr *header = (void *)pjsip_endpt_get_capability(endpoint, type, NULL);
    Py_ssize_t count = PyTuple_GET_SIZE(names);
    pj_str_t values[PJSIP_GENERIC_ARRAY_MAX_COUNT];

    if (!count || count > PJSIP_GENERIC_ARRAY_MAX_COUNT) {
        PyErr_Format(PyExc_ValueError, "set_capabilities: %d names, expected 1 to %d", (int)count,
                     PJSIP_GENERIC_ARRAY_MAX_COUNT);
        return PJ_FALSE;
    }
    for (Py_ssize_t i = 0; i < count; ++i) {
        const char *name = PyUnicode_AsUTF8(PyTuple_GET_ITEM(names, i));

        if (!name || !sipext_one_line("capability", name))
            return PJ_FALSE;
        values[i] = pj_str((char *)name);
    }
    if (header)
        header->count = 0;
    return pjsip_endpt_add_capability(endpoint, NULL, type, NULL, (unsigned)count, values) == PJ_SUCCESS;
}

/* set_capabilities(methods, bodies, extensions): Allow, Accept and Supported of all that pjsip writes by itself. It names
 * what its modules could; the hook refuses half of that. Each call takes a little memory of the endpoint's. */
PyObject *outgoing_set_capabilities(PyObject *module, PyObject *args)
{
    PyObject *methods, *bodies, *extensions;

    (void)module;
    if (!PyArg_ParseTuple(args, "O!O!O!:set_capabilities", &PyTuple_Type, &methods, &PyTuple_Type, &bodies,
                          &PyTuple_Type, &extensions) ||
        !sipext_usable(PJ_TRUE))
        return NULL;
    if (!say_instead(PJSIP_H_ALLOW, methods) || !say_instead(PJSIP_H_ACCEPT, bodies) ||
        !say_instead(PJSIP_H_SUPPORTED, extensions))
        return NULL;
    Py_RETURN_NONE;
}

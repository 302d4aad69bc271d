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

/* In Supported; pjsip refuses what requires an extension that is not there (RFC 5373, RFC 4916). */
static const pj_str_t extensions[] = {{"answermode", 10}, {"from-change", 11}};

pj_status_t outgoing_register(pjsip_endpoint *endpoint)
{
    pj_status_t status =
        outgoing_module.id < 0 ? pjsip_endpt_register_module(endpoint, &outgoing_module) : PJ_EEXISTS;

    if (status == PJ_EEXISTS) /* from before a stop() */
        return PJ_SUCCESS;
    if (status != PJ_SUCCESS)
        return status;
    return pjsip_endpt_add_capability(endpoint, &outgoing_module, PJSIP_H_SUPPORTED, NULL, PJ_ARRAY_SIZE(extensions),
                                      extensions);
}

void outgoing_unregister(pjsip_endpoint *endpoint)
{
    if (outgoing_module.id >= 0)
        pjsip_endpt_unregister_module(endpoint, &outgoing_module);
}

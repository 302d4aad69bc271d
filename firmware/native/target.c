/* Where the far end of a dialog wants to be asked, as an address that this phone can send to.
 *
 * pjsip sends nothing at all in a dialog whose target names a transport that is not open here, or is no SIP URI: an ACK
 * that never leaves, a BYE that never leaves, and the call goes on at the other side only. So such a target is asked by
 * the way its message came. With a Record-Route a proxy is asked, who knows the way; of a REGISTER or a redirect the
 * Contact is no target. A Record-Route that is no SIP URI is none, and the one that our requests go to first is mended as
 * a target is: of an answer only, for of a request it goes back as it came.
 */
#include "module.h"
#include <pjsua-lib/pjsua_internal.h>

static pj_bool_t is_open(pjsip_rx_data *rdata, pjsip_transport_type_e type)
{
    pjsip_tpmgr_fla2_param asked;

    pjsip_tpmgr_fla2_param_default(&asked);
    asked.tp_type = type | (rdata->tp_info.transport->key.type & PJSIP_TRANSPORT_IPV6);
    return pjsip_tpmgr_find_local_addr2(rdata->tp_info.transport->tpmgr, rdata->tp_info.pool, &asked) == PJ_SUCCESS;
}

/* By the transport that the message came by. UDP is the default, and not said. */
static void by_the_same_way(pjsip_rx_data *rdata, pjsip_sip_uri *uri)
{
    pj_bool_t datagram = (rdata->tp_info.transport->flag & PJSIP_TRANSPORT_DATAGRAM) != 0;

    pjsip_sip_uri_set_secure(uri, PJ_FALSE);
    uri->transport_param = pj_str(datagram ? "" : rdata->tp_info.transport->type_name);
}

/* The address that the message came from. */
static pjsip_contact_hdr *sender(pjsip_rx_data *rdata)
{
    pj_pool_t *pool = rdata->tp_info.pool;
    pjsip_contact_hdr *contact = pjsip_contact_hdr_create(pool);
    pjsip_sip_uri *uri = pjsip_sip_uri_create(pool, PJ_FALSE);

    uri->host = pj_strdup3(pool, rdata->pkt_info.src_name);
    uri->port = rdata->pkt_info.src_port;
    by_the_same_way(rdata, uri);
    contact->uri = (pjsip_uri *)uri;
    return contact;
}

/* A response that makes or changes a dialog. */
static pj_bool_t answers_a_call(const pjsip_rx_data *rdata)
{
    const pjsip_msg *message = rdata->msg_info.msg;

    return message->type == PJSIP_RESPONSE_MSG && message->line.status.code > 100 && message->line.status.code < 300 &&
           rdata->msg_info.cseq->method.id == PJSIP_INVITE_METHOD;
}

/* Whether it is an IPv6 address and the message came by IPv4: who has both wrote the one that this call is not of. */
static pj_bool_t is_of_another_network(const pjsip_rx_data *rdata, const pjsip_sip_uri *uri)
{
    return pj_strchr(&uri->host, ':') && !(rdata->tp_info.transport->key.type & PJSIP_TRANSPORT_IPV6);
}

static void mend_uri(pjsip_rx_data *rdata, pjsip_sip_uri *uri)
{
    pjsip_transport_type_e type = PJSIP_TRANSPORT_UDP;

    if (is_of_another_network(rdata, uri)) {
        uri->host = pj_strdup3(rdata->tp_info.pool, rdata->pkt_info.src_name);
        uri->port = rdata->pkt_info.src_port;
    }
    if (uri->transport_param.slen)
        type = pjsip_transport_get_type_from_name(&uri->transport_param);
    if (PJSIP_URI_SCHEME_IS_SIPS(uri))
        type = PJSIP_TRANSPORT_TLS;
    if (type == PJSIP_TRANSPORT_UNSPECIFIED || !is_open(rdata, type))
        by_the_same_way(rdata, uri);
}

/* A star is no address, and stands in a REGISTER that removes all bindings only (RFC 3261, 10.2.2): where pjsip meets one
 * in an answer to a REGISTER it reads the address that is not there, and the process ends. */
static void forget_stars(pjsip_msg *message)
{
    pjsip_contact_hdr *contact = pjsip_msg_find_hdr(message, PJSIP_H_CONTACT, NULL);

    while (contact) {
        pjsip_contact_hdr *next = pjsip_msg_find_hdr(message, PJSIP_H_CONTACT, contact->next);

        if (contact->star || !contact->uri)
            pj_list_erase(contact);
        contact = next;
    }
}

static pjsip_sip_uri *sip_uri_of(const pjsip_routing_hdr *route)
{
    pjsip_uri *uri = pjsip_uri_get_uri(&route->name_addr);

    return uri && (PJSIP_URI_SCHEME_IS_SIP(uri) || PJSIP_URI_SCHEME_IS_SIPS(uri)) ? (pjsip_sip_uri *)uri : NULL;
}

static pjsip_rr_hdr *next_route(const pjsip_msg *message, const void *after)
{
    return pjsip_msg_find_hdr(message, PJSIP_H_RECORD_ROUTE, after);
}

/* Of the way back what this phone can go. */
static void mend_route(pjsip_rx_data *rdata)
{
    const pjsip_msg *message = rdata->msg_info.msg;
    pjsip_rr_hdr *last = NULL, *following;

    for (pjsip_rr_hdr *route = next_route(message, NULL); route; route = following) {
        following = route->next == (void *)&message->hdr ? NULL : next_route(message, route->next);
        if (sip_uri_of(route))
            last = route;
        else
            pj_list_erase(route);
    }
    rdata->msg_info.record_route = next_route(message, NULL);
    if (last && answers_a_call(rdata))
        mend_uri(rdata, sip_uri_of(last));
}

void target_mend(pjsip_rx_data *rdata)
{
    pjsip_msg *message = rdata->msg_info.msg;
    pjsip_contact_hdr *contact;

    forget_stars(message);
    if (rdata->msg_info.record_route)
        mend_route(rdata);
    if (rdata->msg_info.record_route || rdata->msg_info.cseq->method.id == PJSIP_REGISTER_METHOD)
        return;
    if (message->type == PJSIP_RESPONSE_MSG && !answers_a_call(rdata))
        return;
    contact = pjsip_msg_find_hdr(message, PJSIP_H_CONTACT, NULL);
    if (contact) {
        void *uri = pjsip_uri_get_uri(contact->uri);

        if (PJSIP_URI_SCHEME_IS_SIP(uri) || PJSIP_URI_SCHEME_IS_SIPS(uri)) {
            mend_uri(rdata, uri);
            return;
        }
    }
    if (message->type != PJSIP_RESPONSE_MSG)
        return; /* of a request the hook says 400 */
    while ((contact = pjsip_msg_find_hdr(message, PJSIP_H_CONTACT, NULL)) != NULL)
        pj_list_erase(contact);
    pjsip_msg_add_hdr(message, (pjsip_hdr *)sender(rdata));
}

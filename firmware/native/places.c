/* Where a session description sends voice and reports: to one host, by an address that nobody need be asked for. What
 * goes to a group all of the LAN hears (RFC 4566 lets c= name one); and to 0.0.0.0 the kernel sends to this machine.
 */
#include "places.h"

pj_bool_t place_in_brackets(const pjmedia_sdp_conn *conn)
{
    return conn && conn->addr.slen && *conn->addr.ptr == '[';
}

/* Whether an address is one of `family`, which can be sent to without asking anybody. */
static pj_bool_t is_literal(int family, const pj_str_t *address)
{
    pj_in6_addr unused;

    return pj_inet_pton(family, address, &unused) == PJ_SUCCESS;
}

/* The bytes of an address of IPv4, also of one written as IPv6 (::ffff:0:0/96, RFC 4291, 2.5.5.2); NULL of any other. */
static const pj_uint8_t *ipv4_of(const pj_str_t *address, pj_uint8_t bytes[16])
{
    static const pj_uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    if (pj_inet_pton(pj_AF_INET(), address, bytes) == PJ_SUCCESS)
        return bytes;
    if (pj_inet_pton(pj_AF_INET6(), address, bytes) == PJ_SUCCESS && !memcmp(bytes, mapped, sizeof mapped))
        return bytes + sizeof mapped;
    return NULL;
}

/* Whether an address is none of one host: multicast, and 240.0.0.0/4 with the broadcast in it. */
static pj_bool_t is_group(const pj_str_t *address)
{
    pj_uint8_t bytes[16];
    const pj_uint8_t *ipv4 = ipv4_of(address, bytes);

    if (ipv4)
        return ipv4[0] >= 224;
    return is_literal(pj_AF_INET6(), address) && bytes[0] == 0xff;
}

static pj_bool_t is_nobody(const pj_str_t *address)
{
    static const pj_uint8_t zeros[16];
    pj_uint8_t bytes[16];
    const pj_uint8_t *ipv4 = ipv4_of(address, bytes);

    if (ipv4)
        return !memcmp(ipv4, zeros, 4);
    return is_literal(pj_AF_INET6(), address) && !memcmp(bytes, zeros, sizeof zeros);
}

/* For a name, for another family and for what cannot be read pjmedia fails the whole stream. */
pj_bool_t place_rtcp_is_read(const pjmedia_sdp_attr *attribute, const pjmedia_sdp_conn *conn)
{
    pjmedia_sdp_rtcp_attr rtcp;
    int family = conn && !pj_stricmp2(&conn->addr_type, "IP6") ? pj_AF_INET6() : pj_AF_INET();

    if (pjmedia_sdp_attr_get_rtcp(attribute, &rtcp) != PJ_SUCCESS)
        return PJ_FALSE;
    return !rtcp.addr.slen ||
           (is_literal(family, &rtcp.addr) && !is_group(&rtcp.addr) && !is_nobody(&rtcp.addr));
}

static const pjmedia_sdp_conn *conn_of(const pjmedia_sdp_session *session, const pjmedia_sdp_media *medium)
{
    return medium->conn ? medium->conn : session->conn;
}

pj_bool_t place_is_group(const pjmedia_sdp_session *session, const pjmedia_sdp_media *medium)
{
    const pjmedia_sdp_conn *conn = conn_of(session, medium);

    return conn && is_group(&conn->addr);
}

pj_bool_t place_is_reachable(const pjmedia_sdp_session *session, const pjmedia_sdp_media *medium, int family)
{
    const pjmedia_sdp_conn *conn = conn_of(session, medium);

    return !conn || !pj_strcmp2(&conn->addr, "0.0.0.0") || !pj_strcmp2(&conn->addr, "::") ||
           (is_literal(family, &conn->addr) && !is_group(&conn->addr));
}

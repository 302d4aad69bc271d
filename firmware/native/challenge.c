/* The challenges of a 401 or 407, made such that pjsip answers the right ones: of each realm the topmost that it can
 * answer (RFC 8760, 2.4). Of two in one realm it answers the last, and a list of qop with a blank in it (RFC 7616, 3.3)
 * it does not read.
 */
#include "challenge.h"
#include <pjsip/sip_auth.h>
#include <string.h>

/* Whether `auth` is among what a server offers, in any case and between any of the signs that servers write. */
static pj_bool_t offers_auth(const pj_str_t *offer)
{
    static const char between[] = " \t\r\n,;\"";
    static const pj_str_t auth = {"auth", 4};
    const char *at = offer->ptr, *end = at + offer->slen;

    while (at < end) {
        pj_str_t word = {(char *)at, 0};

        while (at < end && !memchr(between, *at, sizeof between - 1))
            ++at;
        word.slen = at - word.ptr;
        if (!pj_stricmp(&word, &auth))
            return PJ_TRUE;
        at += at < end;
    }
    return PJ_FALSE;
}

/* Whether it is answered with a password; the others that pjsip knows take a SIM card (RFC 3310, RFC 4169). */
static pj_bool_t takes_password(const pj_str_t *name)
{
    const pjsip_auth_algorithm *algorithm = pjsip_auth_get_algorithm_by_iana_name(name);

    return algorithm && algorithm->algorithm_type != PJSIP_AUTH_ALGORITHM_AKAV1_MD5 &&
           algorithm->algorithm_type != PJSIP_AUTH_ALGORITHM_AKAV2_MD5;
}

/* Whether pjsip can answer it; its qop is in pjsip's words after that. */
static pj_bool_t answerable(pjsip_www_authenticate_hdr *header)
{
    static const pj_str_t digest = {"Digest", 6}, auth = {"auth", 4};
    pjsip_digest_challenge *challenge = &header->challenge.digest;

    if (pj_stricmp(&header->scheme, &digest) || !takes_password(&challenge->algorithm))
        return PJ_FALSE;
    if (!challenge->qop.slen)
        return PJ_TRUE;
    if (!offers_auth(&challenge->qop))
        return PJ_FALSE;
    challenge->qop = auth;
    return PJ_TRUE;
}

/* All others of the realm of `kept`. */
static void remove_others(pjsip_msg *msg, const pjsip_www_authenticate_hdr *kept)
{
    pjsip_www_authenticate_hdr *header = pjsip_msg_find_hdr(msg, kept->type, NULL);

    while (header) {
        pjsip_www_authenticate_hdr *next = pjsip_msg_find_hdr(msg, kept->type, header->next);

        if (header != kept && !pj_stricmp(&header->challenge.common.realm, &kept->challenge.common.realm))
            pj_list_erase(header);
        header = next;
    }
}

void challenge_choose(pjsip_msg *msg)
{
    static const pjsip_hdr_e types[] = {PJSIP_H_WWW_AUTHENTICATE, PJSIP_H_PROXY_AUTHENTICATE};

    for (unsigned i = 0; i < PJ_ARRAY_SIZE(types); ++i) {
        pjsip_www_authenticate_hdr *header = pjsip_msg_find_hdr(msg, types[i], NULL);

        while (header) {
            if (answerable(header))
                remove_others(msg, header);
            header = pjsip_msg_find_hdr(msg, types[i], header->next);
        }
    }
}

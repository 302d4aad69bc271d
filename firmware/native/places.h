/* Where a session description sends voice and reports (places.c). */
#ifndef DESKPHONE_PLACES_H
#define DESKPHONE_PLACES_H

#include <pjmedia.h>

/* An address in the brackets of a URI, which nothing can be sent to. */
pj_bool_t place_in_brackets(const pjmedia_sdp_conn *conn);

/* Whether a=rtcp (RFC 3605) tells a port alone, or with an address that a medium at `conn` may have its reports at. */
pj_bool_t place_rtcp_is_read(const pjmedia_sdp_attr *attribute, const pjmedia_sdp_conn *conn);

/* Whether voice by it would go to a group or to everybody. */
pj_bool_t place_is_group(const pjmedia_sdp_session *session, const pjmedia_sdp_media *medium);

/* Whether there is a way to what is sent for this medium: an address of our family (a name would be asked for while SIP
 * waits) that is one host's, or nowhere, as of one that is held. */
pj_bool_t place_is_reachable(const pjmedia_sdp_session *session, const pjmedia_sdp_media *medium, int family);

#endif

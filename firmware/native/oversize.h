/* Messages on a stream that are longer than pjsip's buffer (oversize.c). */
#ifndef DESKPHONE_OVERSIZE_H
#define DESKPHONE_OVERSIZE_H

#include "guard.h"

/* `size` bytes begin a message of `whole`: what is to come of it is passed over, or its connection closed. The number of
 * bytes that are dealt with. */
pj_size_t oversize_begin(pjsip_transport *transport, pj_size_t size, pj_size_t whole);

/* How many of the next `size` bytes still belong to such a message; they count as passed. */
pj_size_t oversize_skip(const pjsip_transport *transport, pj_size_t size);

/* This connection is gone, its socket closed; NULL: all are. */
void oversize_forget(const pjsip_transport *transport);

#endif

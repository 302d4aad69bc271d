/* Messages on a stream that are longer than pjsip's buffer: passed over to their last byte, so that the next one is read.
 *
 * pjsip fills its buffer, throws it away and reads a message where the body of the long one goes on: who writes that body
 * would speak in the name of the server that hands it on. It also tells its callback the length that the message was to
 * have, not that of the bytes that are there.
 */
#include "oversize.h"

#define MAX_STREAMS PJ_IOQUEUE_MAX_HANDLES /* each has a socket: there is a place for every one */
#define LONGEST (256 * 1024)               /* bytes of one; who has more to say loses the connection */
#define ALL ((pj_size_t)-1)                /* to the end of the connection */

static struct {
    const pjsip_transport *transport; /* NULL for a free place */
    pj_size_t left;
} under_way[MAX_STREAMS];

/* The place of a connection, or a free one for NULL; MAX_STREAMS: none. */
static unsigned place_of(const pjsip_transport *transport)
{
    unsigned i = 0;

    while (i < MAX_STREAMS && under_way[i].transport != transport)
        ++i;
    return i;
}

pj_size_t oversize_begin(pjsip_transport *transport, pj_size_t size, pj_size_t whole)
{
    unsigned place = place_of(NULL);

    if (whole <= size)
        return whole;
    if (place < MAX_STREAMS) {
        under_way[place].transport = transport;
        under_way[place].left = whole > LONGEST ? ALL : whole - size;
    }
    if (whole > LONGEST || place == MAX_STREAMS) /* pjsip closes the socket later, and reads on until then */
        pjsip_transport_shutdown2(transport, PJ_TRUE);
    return size;
}

pj_size_t oversize_skip(const pjsip_transport *transport, pj_size_t size)
{
    unsigned place = place_of(transport);
    pj_size_t skipped;

    if (place == MAX_STREAMS)
        return 0;
    skipped = size < under_way[place].left ? size : under_way[place].left;
    under_way[place].left -= skipped;
    if (!under_way[place].left)
        under_way[place].transport = NULL;
    return skipped;
}

void oversize_forget(const pjsip_transport *transport)
{
    for (unsigned i = 0; i < MAX_STREAMS; ++i)
        if (!transport || under_way[i].transport == transport)
            under_way[i].transport = NULL;
}

/* What the doors dropped, by kind (counts.c). */
#ifndef DESKPHONE_COUNTS_H
#define DESKPHONE_COUNTS_H

#include "guard.h"

typedef enum count_kind {
    COUNT_VIA,        /* requests whose topmost Via sends the answer elsewhere */
    COUNT_RATE,       /* messages beyond the rate of their sender */
    COUNT_HOOK,       /* requests the hook dropped */
    COUNT_UNREADABLE, /* messages pjsip's parser dropped, mended or not */
    COUNT_MENDED,     /* of these: given to pjsip again */
    COUNT_ANSWERED,   /* of these: answered */
    COUNT_CHALLENGE,  /* challenges that were not to be answered */
    COUNT_SDP,        /* SDP that was mended */
    COUNT_RTP,        /* RTP from elsewhere than the negotiated address */
    COUNT_RTCP,       /* RTCP from elsewhere than the negotiated address */
    COUNT_LATCHED,    /* streams that followed their sender in the first moments */
    COUNT_KINDS
} count_kind;

/* From any thread, without the GIL. */
void count(count_kind kind);
PyObject *counts_all(PyObject *module, PyObject *unused);

#endif

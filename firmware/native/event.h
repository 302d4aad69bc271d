/* deskphone_sipext.Event (event.c). */
#ifndef DESKPHONE_EVENT_H
#define DESKPHONE_EVENT_H

#include "guard.h"

/* What a message or a transaction says about the end or the acceptance of a subscription. */
typedef struct outcome {
    int code;
    int retry_after;
    int min_expires;
    const pjsip_rx_data *rdata;
} outcome;

outcome event_outcome(const pjsip_event *event);
void event_tell(PyObject *callback, const char *kind, const outcome *o, const pj_str_t *reason);

#endif

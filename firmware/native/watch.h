/* Requests of ours that nobody has answered yet (watch.c). */
#ifndef DESKPHONE_WATCH_H
#define DESKPHONE_WATCH_H

#include "guard.h"

/* A request leaves for the first time; its topmost Via has its branch. On the SIP thread, as all of these. */
void watch_sent(const pjsip_tx_data *tdata);
/* An answer came, provisional or final. */
void watch_heard(const pjsip_rx_data *rdata);
void watch_clear(void);

PyObject *watch_unanswered(PyObject *module, PyObject *args);

#endif

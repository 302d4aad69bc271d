/* INVITEs of ours that were given up and are answered after all (late.c). */
#ifndef DESKPHONE_LATE_H
#define DESKPHONE_LATE_H

#include "guard.h"

/* A request leaves for the first time; its topmost Via has its branch. On the SIP thread, as all of these. */
void late_sent(pjsip_tx_data *tdata);
/* A response came: true where it was to an INVITE that nobody waits for any more, and has been seen to. */
pj_bool_t late_heard(const pjsip_rx_data *rdata);
/* Whether it answers an INVITE that began a call and has no final answer yet, given up or not. */
pj_bool_t late_knows(const pjsip_rx_data *rdata);
PyObject *late_give_up(PyObject *module, PyObject *args);
/* Before the endpoint goes. */
void late_clear(void);

#endif

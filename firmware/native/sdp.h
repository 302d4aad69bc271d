/* SDP that pjmedia cannot read, mended by Python before pjsip looks at it (sdp.c). */
#ifndef DESKPHONE_SDP_H
#define DESKPHONE_SDP_H

#include "guard.h"

/* On the SIP thread, before any other module has asked for the SDP of this message. */
void sdp_mend(pjsip_rx_data *rdata);

/* parts.c: the description of this message as its body, also out of several parts; NULL where it has none. */
pjsip_msg_body *parts_unwrap(pjsip_rx_data *rdata);

PyObject *sdp_set_mender(PyObject *module, PyObject *function);
PyObject *sdp_reads(PyObject *module, PyObject *args);
void sdp_clear(void);

#endif

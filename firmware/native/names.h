/* Names in URIs, looked up by Python while the stack goes on (names.c). */
#ifndef DESKPHONE_NAMES_H
#define DESKPHONE_NAMES_H

#include "guard.h"

/* This message is taken: where it came from is asked for the names in its Contact and Record-Route, where no name server
 * answers. */
void names_learn(const pjsip_rx_data *rdata);

/* Another endpoint: nothing is asked or known. */
void names_begin(void);
/* Python is asked no more; what has waited for it goes where is known, without the GIL. */
void names_stop(void);

PyObject *names_set_resolver(PyObject *module, PyObject *function);
PyObject *names_resolved(PyObject *module, PyObject *args);
void names_clear(void);

#endif

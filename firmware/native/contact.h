/* Contact of what leaves, and which bindings a REGISTER removes (contact.c). */
#ifndef DESKPHONE_CONTACT_H
#define DESKPHONE_CONTACT_H

#include "guard.h"

/* Before it is printed. */
void contact_sent(pjsip_tx_data *tdata);

PyObject *contact_registered(PyObject *module, PyObject *args);
PyObject *contact_removed(PyObject *module, PyObject *args);
/* Another endpoint: nothing was sent. */
void contact_begin(void);

#endif

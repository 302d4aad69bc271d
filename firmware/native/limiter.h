/* How many messages a second each sender may cost us (limiter.c). */
#ifndef DESKPHONE_LIMITER_H
#define DESKPHONE_LIMITER_H

#include "guard.h"

/* Whether one more message of this sender is taken; counted where not. On the SIP thread. */
pj_bool_t limiter_admits(const pj_sockaddr_t *source);

/* Whether one more provisional answer to the request of ours with this branch is taken; counted where not. */
pj_bool_t limiter_admits_provisional(const pj_str_t *branch);

PyObject *limiter_set(PyObject *module, PyObject *args);
void limiter_clear(void);

#endif

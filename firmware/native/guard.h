/* The guards between Python and pjsip (guard.c).
 *
 * Two rules keep the two worlds apart. Going down: no pjsip call that can lock or call back is made with the GIL held.
 * Coming up: a pjsip callback takes the GIL through python_enter(), which refuses while Python is going away.
 */
#ifndef DESKPHONE_GUARD_H
#define DESKPHONE_GUARD_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <pjsip.h>
#include <pjsip_ua.h>
#include <pjsip_simple.h>
#include <pjsua-lib/pjsua.h>

extern PyObject *sipext_Error;
extern PyObject *sipext_Busy;
extern pj_bool_t sipext_started; /* between start() and stop() or the end of the endpoint */

PyObject *sipext_fail(const char *what, pj_status_t status);
pj_bool_t sipext_usable(pj_bool_t need_started);
pj_bool_t sipext_one_line(const char *what, const char *text);
pj_bool_t sipext_headers(pjsip_hdr *list, pj_pool_t *pool, PyObject *sequence);
pj_bool_t python_enter(PyGILState_STATE *gil);
void python_leave(PyGILState_STATE gil);
PyObject *sipext_call(PyObject *function, PyObject *arguments);
pj_bool_t sipext_in_callback(void);
pj_bool_t sipext_keep(PyObject **slot, PyObject *function, const char *what);
PyObject *sipext_message(const pjsip_rx_data *rdata);

#endif

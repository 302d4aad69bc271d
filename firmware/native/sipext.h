/* Shared by the C files of deskphone_sipext: the guards between Python and pjsip, and what each file offers module.c.
 *
 * Two rules keep the two worlds apart. Going down: no pjsip call that can lock or call back is made with the GIL held.
 * Coming up: a pjsip callback takes the GIL through python_enter(), which refuses while Python is going away.
 */
#ifndef DESKPHONE_SIPEXT_H
#define DESKPHONE_SIPEXT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <pjsip.h>
#include <pjsip_ua.h>
#include <pjsip_simple.h>
#include <pjsua-lib/pjsua.h>

/* module.c: exceptions and guards */
extern PyObject *sipext_Error;
extern PyObject *sipext_Busy;
PyObject *sipext_fail(const char *what, pj_status_t status);
pj_bool_t sipext_usable(pj_bool_t need_started);
pj_bool_t sipext_one_line(const char *what, const char *text);
pj_bool_t sipext_headers(pjsip_hdr *list, pj_pool_t *pool, PyObject *sequence);
pj_bool_t python_enter(PyGILState_STATE *gil);
void python_leave(PyGILState_STATE gil);
PyObject *sipext_call(PyObject *function, PyObject *arguments);
pj_bool_t sipext_in_callback(void);
PyObject *sipext_message(const pjsip_rx_data *rdata);

/* hook.c: requests offered to Python before pjsip's dialog layer sees them */
pj_status_t hook_register(pjsip_endpoint *endpoint);
void hook_unregister(pjsip_endpoint *endpoint);
pj_bool_t hook_registered(void);
pj_bool_t hook_set(PyObject *function, PyObject *methods);
void hook_clear(void);
pjsip_rx_data *hook_request(void);
void hook_answered(void);

/* event.c: what Python is told of both */
int event_type(PyObject *module);

/* refer.c and referral.c: REFER outside a dialog, accepted by the hook and reported on */
int referral_types(PyObject *module);
void referral_end_all(void);
void referral_forget_all(void);
PyObject *referral_accept(PyObject *module, PyObject *args, PyObject *kwargs);

/* media.c: what pjmedia can and pjsua2 does not reach */
PyObject *media_set_sound_devices(PyObject *module, PyObject *sequence);
PyObject *media_stop_sending(PyObject *module, PyObject *args);

/* subscription.c, subscribe.c and evsub.c: client subscriptions of any event package */
int subscription_types(PyObject *module);
pj_status_t subscription_register(pjsip_endpoint *endpoint);
void subscription_unregister(pjsip_endpoint *endpoint);
void subscription_end_all(unsigned timeout_ms);
PyObject *subscription_subscribe(PyObject *module, PyObject *args, PyObject *kwargs);

#endif

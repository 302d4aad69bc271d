/* What each file offers module.c, and hook.c offers refer.c. */
#ifndef DESKPHONE_MODULE_H
#define DESKPHONE_MODULE_H

#include "guard.h"

/* hook.c: requests offered to Python before pjsip's dialog layer sees them */
pj_status_t hook_register(pjsip_endpoint *endpoint);
void hook_unregister(pjsip_endpoint *endpoint);
pj_bool_t hook_set(PyObject *function);
void hook_clear(void);
pjsip_rx_data *hook_request(void);
void hook_answered(void);

/* event.c: what Python is told of subscriptions and referrals */
int event_type(PyObject *module);

/* refer.c and referral.c: REFER outside a dialog, accepted by the hook and reported on */
int referral_types(PyObject *module);
void referral_end_all(void);
void referral_forget_all(void);
PyObject *referral_accept(PyObject *module, PyObject *args);

/* media.c: what pjmedia can and pjsua2 does not reach */
PyObject *media_set_sound_devices(PyObject *module, PyObject *sequence);
PyObject *media_stop_sending(PyObject *module, PyObject *args);

/* subscription.c, subscribe.c and evsub.c: client subscriptions of any event package */
int subscription_types(PyObject *module);
void subscription_end_all(unsigned timeout_ms);
void subscription_forget_all(void);
PyObject *subscription_subscribe(PyObject *module, PyObject *args, PyObject *kwargs);

#endif

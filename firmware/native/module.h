/* What each file offers module.c, and hook.c offers refer.c. */
#ifndef DESKPHONE_MODULE_H
#define DESKPHONE_MODULE_H

#include "guard.h"

/* pool.c: what fresh memory holds */
void pool_zero(void);

/* hook.c: requests offered to Python before pjsip's dialog layer sees them */
pj_status_t hook_register(pjsip_endpoint *endpoint);
void hook_unregister(pjsip_endpoint *endpoint);
pj_bool_t hook_set(PyObject *function);
void hook_clear(void);
pjsip_rx_data *hook_request(void);
void hook_answered(void);

/* front.c: the module in front of all others */
pj_status_t front_register(pjsip_endpoint *endpoint);
void front_unregister(pjsip_endpoint *endpoint);
PyObject *front_set_judge(PyObject *module, PyObject *function);
void front_clear(void);

/* target.c: where the far end of a dialog wants to be asked */
void target_mend(pjsip_rx_data *rdata);

/* mender.c: messages that pjsip's parser would drop */
PyObject *mender_set(PyObject *module, PyObject *function);
void mender_clear(void);

/* parser.c: pjsip's own judgement */
PyObject *parser_reads_header(PyObject *module, PyObject *args);
PyObject *parser_reads_message(PyObject *module, PyObject *args);

/* rtp_source.c: RTP and RTCP of the negotiated address only */
void rtp_source_install(void);
PyObject *rtp_source_set_symmetric(PyObject *module, PyObject *args);
PyObject *rtp_source_of_call(PyObject *module, PyObject *args);

/* upcalls.c: callbacks of pjsua2 that nobody hears */
void upcalls_install(void);

/* connections.c: connections that others opened */
void connections_install(void);
void connections_uninstall(void);
PyObject *connections_list(PyObject *module, PyObject *unused);
PyObject *connections_close(PyObject *module, PyObject *args);
PyObject *connections_changing(PyObject *module, PyObject *unused);

/* outgoing.c: what every message of ours carries */
pj_status_t outgoing_register(pjsip_endpoint *endpoint);
void outgoing_unregister(pjsip_endpoint *endpoint);
PyObject *outgoing_set_capabilities(PyObject *module, PyObject *args);

/* trace.c: the last messages, as they passed */
pj_status_t trace_register(pjsip_endpoint *endpoint);
void trace_unregister(pjsip_endpoint *endpoint);
PyObject *trace_read(PyObject *module, PyObject *args);

/* event.c: what Python is told of subscriptions and referrals */
int event_type(PyObject *module);

/* refer.c and referral.c: REFER outside a dialog, accepted by the hook and reported on */
int referral_types(PyObject *module);
void referral_end_all(void);
void referral_forget_all(void);
PyObject *referral_accept(PyObject *module, PyObject *args);

/* kept_dialog.c: a call's dialog that outlives the call */
pj_status_t kept_dialog_register(pjsip_endpoint *endpoint);
void kept_dialog_unregister(pjsip_endpoint *endpoint);
int kept_dialog_types(PyObject *module);
void kept_dialog_end_all(void);
void kept_dialog_forget_all(void);
PyObject *kept_dialog_keep(PyObject *module, PyObject *args);

/* media.c: what pjmedia can and pjsua2 does not reach */
PyObject *media_set_sound_devices(PyObject *module, PyObject *sequence);
PyObject *media_close_sound(PyObject *module, PyObject *none);
PyObject *media_stop_sending(PyObject *module, PyObject *args);
PyObject *media_encrypted(PyObject *module, PyObject *args);
PyObject *media_local_tag(PyObject *module, PyObject *args);
void media_limit_packets(pjsua_call_id id, pjsua_on_stream_precreate_param *of);

/* subscription.c, subscribe.c and evsub.c: client subscriptions of any event package */
int subscription_types(PyObject *module);
void subscription_end_all(unsigned timeout_ms);
void subscription_forget_all(void);
PyObject *subscription_subscribe(PyObject *module, PyObject *args, PyObject *kwargs);

#endif

/* The Subscription object, shared by subscribe.c (its birth), evsub.c (what pjsip tells of it) and subscription.c; and
 * what a referral (referral.h) has in common with it: events (event.c), pjsip's module and the account's ways. */
#ifndef DESKPHONE_SUBSCRIPTION_H
#define DESKPHONE_SUBSCRIPTION_H

#include "sipext.h"

/* Every field, and the list of live ones, is guarded by the GIL. */
typedef struct Subscription {
    PyObject_HEAD
    pjsip_evsub *sub;   /* NULL once terminated */
    pjsip_dialog *dlg;  /* valid while sub is */
    PyObject *callback; /* NULL until the first SUBSCRIBE is sent, and once terminated */
    PyObject *call_id;
    const char *state;
    int code;           /* status code that ended it */
    char busy;          /* a SUBSCRIBE waits for its final answer */
    char closing;       /* stop() has begun to end it */
    char alive;         /* in the list, which holds a reference */
    struct Subscription *next;
} Subscription;

/* Content of a request; no data means no body. */
typedef struct content {
    pj_str_t type, subtype, data;
} content;

/* What a message or a transaction says about the end or the acceptance of a subscription. */
typedef struct outcome {
    int code;
    int retry_after;
    int min_expires;
    const pjsip_rx_data *rdata;
} outcome;

/* event.c */
outcome event_outcome(const pjsip_event *event);
void event_tell(PyObject *callback, const char *kind, const outcome *o, const pj_str_t *reason);

/* Its id is where an evsub keeps its Subscription or Referral. */
extern pjsip_module subscription_module;
extern pjsip_evsub_user subscription_callbacks;

extern Subscription *subscription_live;

Subscription *subscription_new(void);
void subscription_enlist(Subscription *s);
void subscription_delist(Subscription *s);
pj_status_t subscription_send(pjsip_evsub *sub, pj_uint32_t expires, const content *body);
void subscription_end(pjsip_evsub *sub, pjsip_dialog *dlg);
void subscription_act_as_account(pjsip_dialog *dlg, pjsua_acc_id id, const pj_str_t *target, unsigned count,
                                 const pjsip_cred_info *credentials);
pj_bool_t subscription_content(pj_pool_t *pool, const char *type, const char *data, Py_ssize_t size, content *body);

#endif

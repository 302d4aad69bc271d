/* The Subscription object, shared by subscribe.c (its birth), evsub.c (what pjsip tells of it) and subscription.c. */
#ifndef DESKPHONE_SUBSCRIPTION_H
#define DESKPHONE_SUBSCRIPTION_H

#include "guard.h"

/* Every field, and the list of live ones, is guarded by the GIL. */
typedef struct Subscription {
    PyObject_HEAD
    pjsip_evsub *sub;   /* NULL once terminated */
    pjsip_dialog *dlg;  /* valid while sub is */
    PyObject *callback; /* NULL until the first SUBSCRIBE is sent, and once terminated */
    PyObject *call_id;
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

extern pjsip_evsub_user subscription_callbacks;

extern Subscription *subscription_live;

/* subscription.c */
Subscription *subscription_new(void);

/* evsub.c */
void subscription_enlist(Subscription *s);
void subscription_delist(Subscription *s);
pj_status_t subscription_send(pjsip_evsub *sub, pj_uint32_t expires, const content *body);
void subscription_end(pjsip_evsub *sub, pjsip_dialog *dlg);

#endif

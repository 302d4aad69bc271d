/* The Referral object, shared by refer.c (its birth) and referral.c (its life). */
#ifndef DESKPHONE_REFERRAL_H
#define DESKPHONE_REFERRAL_H

#include "guard.h"

/* pjsip_xfer_notify writes the status line into 128 bytes. */
#define MAX_REASON 100

/* The status line of a report. */
typedef struct report {
    int code;
    char reason[MAX_REASON + 1];
} report;

/* Every field, and the list of live ones, is guarded by the GIL. */
typedef struct Referral {
    PyObject_HEAD
    pjsip_evsub *sub;   /* NULL once ended, and when quiet */
    PyObject *callback; /* NULL once ended, and when quiet */
    report last;        /* what a refresh is answered with */
    const char *why;    /* why we end it, as in Subscription-State; NULL while the far end would */
    char quiet;         /* the referrer wants no reports */
    char final;         /* the last report is on its way: Python knows that it ends */
    struct Referral *next;
} Referral;

extern const pjsip_evsub_user referral_callbacks;

Referral *referral_new(PyObject *callback, pj_bool_t quiet);
void referral_begin(Referral *r, pjsip_evsub *sub);

#endif

/* What subscriptions and referrals have in common in pjsip (usage.c). */
#ifndef DESKPHONE_USAGE_H
#define DESKPHONE_USAGE_H

#include "guard.h"

void usage_on_unload(void (*forget)(void));
pj_status_t usage_register(pjsip_endpoint *endpoint);
void usage_unregister(pjsip_endpoint *endpoint);
extern pjsip_module usage_module;

/* The Subscription or Referral of an evsub, or NULL. */
void *usage_owner(pjsip_evsub *sub);
void usage_own(pjsip_evsub *sub, void *owner);
void usage_act_as_account(pjsip_dialog *dlg, pjsua_acc_id id, const pj_str_t *target, pj_bool_t with_credentials);

#endif

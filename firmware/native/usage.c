/* The one pjsip module whose id marks our subscriptions and referrals, and its end: pjsip unloads it when the endpoint
 * goes, with or without stop(), and then all that Python still holds is forgotten.
 */
#include "usage.h"
#include <pjsua-lib/pjsua_internal.h>

static void (*forget_all)(void);

/* The endpoint goes away. */
static pj_status_t on_unload(void)
{
    PyGILState_STATE gil;

    if (python_enter(&gil)) {
        if (forget_all)
            forget_all();
        python_leave(gil);
    }
    sipext_started = PJ_FALSE;
    return PJ_SUCCESS;
}

pjsip_module usage_module = {
    .name = {"mod-deskphone-usage", 19},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_DIALOG_USAGE,
    .unload = on_unload,
};

/* `forget` is called with the GIL held. */
void usage_on_unload(void (*forget)(void))
{
    forget_all = forget;
}

pj_status_t usage_register(pjsip_endpoint *endpoint)
{
    return pjsip_endpt_register_module(endpoint, &usage_module);
}

void usage_unregister(pjsip_endpoint *endpoint)
{
    if (usage_module.id >= 0)
        pjsip_endpt_unregister_module(endpoint, &usage_module);
}

void *usage_owner(pjsip_evsub *sub)
{
    return usage_module.id < 0 ? NULL : pjsip_evsub_get_mod_data(sub, usage_module.id);
}

void usage_own(pjsip_evsub *sub, void *owner)
{
    pjsip_evsub_set_mod_data(sub, usage_module.id, owner);
}

/* Give a locked dialog what the account's own requests have: Via and transport; and its credentials where the dialog
 * may prove who we are. A dialog that somebody else opened may not: whoever wrote its Contact could ask for a proof. */
void usage_act_as_account(pjsip_dialog *dlg, pjsua_acc_id id, const pj_str_t *target, pj_bool_t with_credentials)
{
    pjsua_acc *account = &pjsua_var.acc[id];
    pjsip_tpselector selector;
    pjsip_host_port via;
    const void *transport;

    if (account->cfg.allow_via_rewrite && account->via_addr.host.slen > 0) {
        pjsip_dlg_set_via_sent_by(dlg, &account->via_addr, account->via_tp);
    } else if (!pjsua_sip_acc_is_using_stun(account->index) && !pjsua_sip_acc_is_using_upnp(account->index) &&
               pjsua_acc_get_uac_addr(account->index, dlg->pool, target, &via, NULL, NULL, &transport) ==
                   PJ_SUCCESS) {
        pjsip_dlg_set_via_sent_by(dlg, &via, (pjsip_transport *)transport);
    }
    pjsua_init_tpselector(account->index, &selector);
    pjsip_dlg_set_transport(dlg, &selector);
    if (!with_credentials)
        return;
    if (account->cfg.use_shared_auth)
        pjsip_dlg_set_auth_sess(dlg, &account->shared_auth_sess);
    else if (account->cred_cnt)
        pjsip_auth_clt_set_credentials(&dlg->auth_sess, (int)account->cred_cnt, account->cred);
    pjsip_auth_clt_set_prefs(&dlg->auth_sess, &account->cfg.auth_pref);
}

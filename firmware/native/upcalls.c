/* What pjsua2 would carry up to Python and nobody hears there, stopped before it takes the interpreter.
 *
 * Each of pjsua2's callbacks copies its event (whole messages) and then waits for Python's lock, whether a method
 * overrides it or not: for a caller who waits for 180 that was half a millisecond behind the core's own turn. What
 * reaches Python is written in deskphone_sipext.pyi, at start().
 */
#include "module.h"
#include <pjsua-lib/pjsua_internal.h>

static void (*call_state)(pjsua_call_id, pjsip_event *);
static void (*call_tsx_state)(pjsua_call_id, pjsip_transaction *, pjsip_event *);
static void (*call_sdp_created)(pjsua_call_id, pjmedia_sdp_session *, pj_pool_t *, const pjmedia_sdp_session *);

/* The session of a call that came in and has had no ACK yet, else NULL. */
static const pjsip_inv_session *unconfirmed(pjsua_call_id id)
{
    const pjsip_inv_session *session = pjsua_var.calls[id].inv;

    return session && session->role == PJSIP_ROLE_UAS && session->state < PJSIP_INV_STATE_CONFIRMED ? session : NULL;
}

/* Its callers know the provisional answers they send, and this comes before one of them leaves. */
static void on_call_state(pjsua_call_id id, pjsip_event *event)
{
    if (event->type == PJSIP_EVENT_TSX_STATE && event->body.tsx_state.type == PJSIP_EVENT_TX_MSG &&
        event->body.tsx_state.tsx->status_code < PJSIP_SC_OK && unconfirmed(id))
        return;
    call_state(id, event);
}

/* Whether it is of a call that has ended and whose number another one has by now: its BYE is answered, or given up, long
 * after pjsua has let the number go (2.17 does not look). */
static pj_bool_t of_another(pjsua_call_id id, pjsip_transaction *tsx)
{
    const pjsip_inv_session *session = pjsua_var.calls[id].inv;

    return session && session->dlg != pjsip_tsx_get_dlg(tsx);
}

/* What becomes of the INVITE that opens a call from outside, on_call_state tells. */
static void on_call_tsx_state(pjsua_call_id id, pjsip_transaction *tsx, pjsip_event *event)
{
    if (of_another(id, tsx))
        return;
    if (tsx->role != PJSIP_ROLE_UAS || tsx->method.id != PJSIP_INVITE_METHOD || !unconfirmed(id))
        call_tsx_state(id, tsx, event);
}

/* An answer is the stack's own, an offer may be changed. */
static void on_call_sdp_created(pjsua_call_id id, pjmedia_sdp_session *local, pj_pool_t *pool,
                                const pjmedia_sdp_session *remote)
{
    if (!remote)
        call_sdp_created(id, local, pool, remote);
}

/* As pjsua2 has it: the first transport of a call that comes in is where its account hears of the call. */
static pjmedia_transport *on_create_media_transport(pjsua_call_id id, unsigned index, pjmedia_transport *base,
                                                    unsigned flags)
{
    pjsua_call *call = &pjsua_var.calls[id];
    pjsip_dialog *dialog;

    (void)index, (void)flags;
    if (pjsua_call_get_user_data(id) || !call->incoming_data)
        return base;
    pjsua_var.ua_cfg.cb.on_incoming_call(call->acc_id, id, call->incoming_data);
    dialog = call->inv ? call->inv->dlg : NULL;
    if (pjsua_call_get_user_data(id) && dialog && !dialog->mod_data[pjsua_var.mod.id]) {
        dialog->mod_data[pjsua_var.mod.id] = call;
        call->inv->mod_data[pjsua_var.mod.id] = call;
        ++pjsua_var.call_cnt;
    }
    return base;
}

/* Stand before pjsua2's callbacks. Between libInit, which sets them, and libStart; before rtp_source_install(). */
void upcalls_install(void)
{
    pjsua_callback *cb = &pjsua_var.ua_cfg.cb;

    if (cb->on_call_state == on_call_state)
        return;
    call_state = cb->on_call_state;
    cb->on_call_state = on_call_state;
    call_tsx_state = cb->on_call_tsx_state;
    cb->on_call_tsx_state = on_call_tsx_state;
    call_sdp_created = cb->on_call_sdp_created;
    cb->on_call_sdp_created = on_call_sdp_created;
    cb->on_create_media_transport = on_create_media_transport;
    cb->on_stream_precreate = media_limit_packets;
    /* Of these pjsua2's own methods do nothing. */
    cb->on_acc_find_for_incoming = NULL;
    cb->on_call_media_transport_state = NULL;
    cb->on_stream_created2 = NULL;
    cb->on_stream_destroyed = NULL;
}

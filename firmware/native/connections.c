/* TCP and TLS connections that others opened: listed with their idle time, and closed. Which is idle too long, or one too
 * many of a host, is Python's to say. And of a connection whose state changes, what pjsua2 does not tell: who opened it,
 * and to where.
 */
#include "module.h"
#include "oversize.h"
#include <pjsua-lib/pjsua_internal.h>

#define MAX_CONNECTIONS 512 /* more than there are places for sockets */

typedef struct connection {
    pjsip_transport *transport;
    unsigned number;
    pj_time_val opened;
} connection;

static connection open_ones[MAX_CONNECTIONS];
static unsigned open_count, last_number;
static pjsip_tp_state_callback previous;
static void (*told)(pjsip_transport *, pjsip_transport_state, const pjsip_transport_state_info *);
static const pjsip_transport *changing; /* while `told` is told of it */

static void forget(const pjsip_transport *transport)
{
    for (unsigned i = 0; i < open_count; ++i) {
        if (open_ones[i].transport == transport) {
            open_ones[i] = open_ones[--open_count];
            return;
        }
    }
}

static void on_state(pjsip_transport *transport, pjsip_transport_state state, const pjsip_transport_state_info *info)
{
    if (state == PJSIP_TP_STATE_CONNECTED && transport->dir == PJSIP_TP_DIR_INCOMING &&
        !(transport->flag & PJSIP_TRANSPORT_DATAGRAM)) {
        forget(transport);
        if (open_count < MAX_CONNECTIONS) {
            open_ones[open_count].transport = transport;
            open_ones[open_count].number = ++last_number;
            pj_gettickcount(&open_ones[open_count].opened);
            ++open_count;
        }
    } else if (state == PJSIP_TP_STATE_DISCONNECTED || state == PJSIP_TP_STATE_SHUTDOWN ||
               state == PJSIP_TP_STATE_DESTROY) {
        forget(transport);
    }
    if (state == PJSIP_TP_STATE_DESTROY) /* until then its socket is read */
        oversize_forget(transport);
    if (previous)
        previous(transport, state, info);
}

/* pjsua's callback, before pjsip's: onTransportState of pjsua2 comes from here. */
static void on_told(pjsip_transport *transport, pjsip_transport_state state, const pjsip_transport_state_info *info)
{
    const pjsip_transport *before = changing; /* one change may bring about another */

    changing = transport;
    if (told)
        told(transport, state, info);
    changing = before;
}

void connections_install(void)
{
    pjsip_tpmgr *manager = pjsip_endpt_get_tpmgr(pjsua_get_pjsip_endpt());

    open_count = 0;
    previous = pjsip_tpmgr_get_state_cb(manager);
    pjsip_tpmgr_set_state_cb(manager, on_state);
    told = pjsua_var.ua_cfg.cb.on_transport_state;
    pjsua_var.ua_cfg.cb.on_transport_state = &on_told;
}

void connections_uninstall(void)
{
    if (pjsua_get_pjsip_endpt()) {
        pjsua_var.ua_cfg.cb.on_transport_state = told;
        pjsip_tpmgr_set_state_cb(pjsip_endpt_get_tpmgr(pjsua_get_pjsip_endpt()), previous);
    }
    open_count = 0;
    oversize_forget(NULL);
}

/* Milliseconds since something came on it, or since it was opened. */
static unsigned idle_ms(const connection *each)
{
    pj_time_val now;
    pj_timestamp stamp;
    unsigned open_for;

    pj_gettickcount(&now);
    PJ_TIME_VAL_SUB(now, each->opened);
    open_for = (unsigned)PJ_TIME_VAL_MSEC(now);
    if (!each->transport->last_recv_ts.u64)
        return open_for;
    pj_get_timestamp(&stamp);
    return pj_elapsed_msec(&each->transport->last_recv_ts, &stamp);
}

PyObject *connections_list(PyObject *module, PyObject *unused)
{
    PyObject *list = sipext_usable(PJ_TRUE) ? PyList_New(0) : NULL;

    (void)module, (void)unused;
    for (unsigned i = 0; list && i < open_count; ++i) {
        const pjsip_transport *transport = open_ones[i].transport;
        char host[PJ_INET6_ADDRSTRLEN] = "";
        PyObject *item;

        pj_sockaddr_print(&transport->key.rem_addr, host, sizeof host, 0);
        item = Py_BuildValue("(IsisI)", open_ones[i].number, host, (int)pj_sockaddr_get_port(&transport->key.rem_addr),
                             pjsip_transport_get_type_name(transport->key.type), idle_ms(&open_ones[i]));
        if (!item || PyList_Append(list, item) < 0)
            Py_CLEAR(list);
        Py_XDECREF(item);
    }
    return list;
}

PyObject *connections_changing(PyObject *module, PyObject *unused)
{
    char host[PJ_INET6_ADDRSTRLEN] = "";

    (void)module, (void)unused;
    if (!changing)
        Py_RETURN_NONE;
    pj_sockaddr_print(&changing->key.rem_addr, host, sizeof host, 0);
    return Py_BuildValue("(Osi)", changing->dir == PJSIP_TP_DIR_OUTGOING ? Py_True : Py_False, host,
                         (int)pj_sockaddr_get_port(&changing->key.rem_addr));
}

PyObject *connections_close(PyObject *module, PyObject *args)
{
    pjsip_transport *found = NULL;
    unsigned number;

    (void)module;
    if (!PyArg_ParseTuple(args, "I:close_connection", &number) || !sipext_usable(PJ_TRUE))
        return NULL;
    for (unsigned i = 0; i < open_count; ++i)
        if (open_ones[i].number == number)
            found = open_ones[i].transport;
    if (found) {
        forget(found);
        Py_BEGIN_ALLOW_THREADS
        pjsip_transport_shutdown2(found, PJ_TRUE);
        Py_END_ALLOW_THREADS
    }
    return PyBool_FromLong(found != NULL);
}

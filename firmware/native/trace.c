/* The trace: the last SIP messages as they passed, each way, for whoever looks for a fault. Kept in C, so that a message
 * costs one copy and no Python; bounded in number, in the length of each, and in all. Secrets are still in it: who reads
 * it masks them (deskphone/wire/masking.py).
 */
#include "module.h"
#include <pthread.h>
#include <stdlib.h>

#define MOST 400
#define LONGEST 4096
#define MOST_BYTES 262144

static pj_bool_t on_rx(pjsip_rx_data *rdata);
static pj_status_t on_tx(pjsip_tx_data *tdata);

/* Between the transport, which prints a message, and everybody else: what is sent is seen last, what comes after front.c
 * let it in. */
static pjsip_module trace_module = {
    .name = {"mod-deskphone-trace", 19},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_TRANSPORT_LAYER - 1,
    .on_rx_request = on_rx,
    .on_rx_response = on_rx,
    .on_tx_request = on_tx,
    .on_tx_response = on_tx,
};

typedef struct passed {
    unsigned long long number;
    double at; /* seconds since 1970 */
    pj_bool_t sent;
    char transport[8];
    char host[PJ_INET6_ADDRSTRLEN];
    int port;
    unsigned whole; /* the message's length; `kept` of it are here */
    unsigned kept;
    char *text;
} passed;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static passed ring[MOST];
static unsigned first, used, bytes;
static unsigned long long numbers;

static void drop_oldest(void)
{
    bytes -= ring[first].kept;
    free(ring[first].text);
    ring[first].text = NULL;
    first = (first + 1) % MOST;
    --used;
}

static void keep(const char *text, pj_ssize_t length, pj_bool_t sent, const char *transport, const char *host, int port)
{
    unsigned kept = length > LONGEST ? LONGEST : (unsigned)length;
    char *copy = length > 0 ? malloc(kept) : NULL;
    pj_time_val now;
    passed *each;

    if (!copy)
        return;
    memcpy(copy, text, kept);
    pj_gettimeofday(&now);
    pthread_mutex_lock(&lock);
    while (used == MOST || (used && bytes + kept > MOST_BYTES))
        drop_oldest();
    each = &ring[(first + used) % MOST];
    each->number = ++numbers;
    each->at = (double)now.sec + (double)now.msec / 1000;
    each->sent = sent;
    pj_ansi_snprintf(each->transport, sizeof each->transport, "%s", transport);
    pj_ansi_snprintf(each->host, sizeof each->host, "%s", host);
    each->port = port;
    each->whole = (unsigned)length;
    each->kept = kept;
    each->text = copy;
    ++used;
    bytes += kept;
    pthread_mutex_unlock(&lock);
}

static pj_bool_t on_rx(pjsip_rx_data *rdata)
{
    keep(rdata->msg_info.msg_buf, rdata->msg_info.len, PJ_FALSE,
         pjsip_transport_get_type_name(rdata->tp_info.transport->key.type), rdata->pkt_info.src_name,
         rdata->pkt_info.src_port);
    return PJ_FALSE;
}

static pj_status_t on_tx(pjsip_tx_data *tdata)
{
    if (tdata->tp_info.transport && tdata->buf.start)
        keep(tdata->buf.start, tdata->buf.cur - tdata->buf.start, PJ_TRUE,
             pjsip_transport_get_type_name(tdata->tp_info.transport->key.type), tdata->tp_info.dst_name,
             tdata->tp_info.dst_port);
    return PJ_SUCCESS;
}

pj_status_t trace_register(pjsip_endpoint *endpoint)
{
    return pjsip_endpt_register_module(endpoint, &trace_module);
}

void trace_unregister(pjsip_endpoint *endpoint)
{
    if (trace_module.id >= 0)
        pjsip_endpt_unregister_module(endpoint, &trace_module);
}

/* One message for Python. The lock is held: short, without a call of pjsip, and without Python's collector, whose
 * finalizers might make one. */
static PyObject *told(const passed *each)
{
    return Py_BuildValue("(KdOssiIy#)", each->number, each->at, each->sent ? Py_True : Py_False, each->transport,
                         each->host, each->port, each->whole, each->text, (Py_ssize_t)each->kept);
}

/* trace(after=0): the messages with a higher number than `after`, oldest first. From any thread. */
PyObject *trace_read(PyObject *module, PyObject *args)
{
    unsigned long long after = 0;
    PyObject *list;
    int collects;

    (void)module;
    if (!PyArg_ParseTuple(args, "|K:trace", &after))
        return NULL;
    list = PyList_New(0);
    collects = PyGC_Disable();
    pthread_mutex_lock(&lock);
    for (unsigned i = 0; list && i < used; ++i) {
        const passed *each = &ring[(first + i) % MOST];
        PyObject *item;

        if (each->number <= after)
            continue;
        item = told(each);
        if (!item || PyList_Append(list, item) < 0)
            Py_CLEAR(list);
        Py_XDECREF(item);
    }
    pthread_mutex_unlock(&lock);
    if (collects)
        PyGC_Enable();
    return list;
}

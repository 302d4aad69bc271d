/* Requests of ours that nobody has answered yet, by the branch of their Via: so that a dead server is noticed by whatever
 * is asked of it, long before the transaction ends (32 s). What follows from silence is Python's to say.
 */
#include "watch.h"

#define MAX_WAITING 128 /* requests under way; the oldest makes room */
#define MAX_BRANCH 96

typedef struct waiting {
    char branch[MAX_BRANCH]; /* "" for a free place */
    char host[PJ_INET6_ADDRSTRLEN];
    char method[16];
    int port;
    unsigned told; /* bit by bit, to which questions */
    pj_time_val sent;
} waiting;

static waiting all[MAX_WAITING];
static unsigned next_place;

static waiting *find(const pj_str_t *branch)
{
    for (unsigned i = 0; i < MAX_WAITING; ++i)
        if (all[i].branch[0] && pj_strcmp2(branch, all[i].branch) == 0)
            return &all[i];
    return NULL;
}

static void copy(char *to, size_t size, const pj_str_t *from)
{
    size_t length = from->slen > 0 ? (size_t)from->slen : 0;

    length = length < size ? length : size - 1;
    memcpy(to, from->ptr, length);
    to[length] = 0;
}

void watch_sent(const pjsip_tx_data *tdata)
{
    const pjsip_via_hdr *via = pjsip_msg_find_hdr(tdata->msg, PJSIP_H_VIA, NULL);
    const pjsip_method *method = &tdata->msg->line.req.method;
    waiting *place;

    if (method->id == PJSIP_ACK_METHOD || !via || via->branch_param.slen <= 0 ||
        via->branch_param.slen >= MAX_BRANCH || find(&via->branch_param))
        return;
    place = &all[next_place++ % MAX_WAITING];
    copy(place->branch, sizeof place->branch, &via->branch_param);
    copy(place->method, sizeof place->method, &method->name);
    strncpy(place->host, tdata->tp_info.dst_name, sizeof place->host - 1);
    place->host[sizeof place->host - 1] = 0;
    place->port = tdata->tp_info.dst_port;
    place->told = 0;
    pj_gettickcount(&place->sent);
}

void watch_heard(const pjsip_rx_data *rdata)
{
    waiting *found = rdata->msg_info.via ? find(&rdata->msg_info.via->branch_param) : NULL;

    if (found)
        found->branch[0] = 0;
}

void watch_clear(void)
{
    pj_bzero(all, sizeof all);
}

/* unanswered(milliseconds, question): those that wait for so long, each once a question: address, port, method. */
PyObject *watch_unanswered(PyObject *module, PyObject *args)
{
    unsigned patience, question = 0;
    pj_time_val now, waited;
    PyObject *list;

    (void)module;
    if (!PyArg_ParseTuple(args, "I|I:unanswered", &patience, &question) || !sipext_usable(PJ_TRUE))
        return NULL;
    list = PyList_New(0);
    pj_gettickcount(&now);
    for (unsigned i = 0; list && i < MAX_WAITING; ++i) {
        PyObject *item;

        if (!all[i].branch[0] || all[i].told & 1u << question % 32)
            continue;
        waited = now;
        PJ_TIME_VAL_SUB(waited, all[i].sent);
        if (PJ_TIME_VAL_MSEC(waited) < (long)patience)
            continue;
        all[i].told |= 1u << question % 32;
        item = Py_BuildValue("(sis)", all[i].host, all[i].port, all[i].method);
        if (!item || PyList_Append(list, item) < 0)
            Py_CLEAR(list);
        Py_XDECREF(item);
    }
    return list;
}

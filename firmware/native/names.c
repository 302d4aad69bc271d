/* Names in URIs: pjsip would ask the name server itself, and nothing else would happen until that answers or is given up,
 * which with a dead one is longer than a watchdog waits. So a Python function is asked, the stack goes on, and what was to
 * be sent goes when the answer comes. Where there is none, it goes where it went last, or where the name came from: a far
 * end that names itself has just spoken.
 */
#include "names.h"
#include <pjsua-lib/pjsua_internal.h>

#define MAX_QUESTIONS 32
#define MAX_NAMES 32
#define MAX_NAME 256

typedef struct question {
    unsigned number; /* 0 for a free place */
    char name[MAX_NAME];
    pjsip_transport_type_e type;
    int port; /* 0: none is written */
    void *token;
    pjsip_resolver_callback *cb;
} question;

static question asked[MAX_QUESTIONS];
static unsigned last_number;

/* What a name means; of many names the oldest makes room. */
typedef struct meaning {
    char name[MAX_NAME];
    unsigned count;
    pj_sockaddr addresses[PJSIP_MAX_RESOLVED_ADDRESSES]; /* port 0: none is known */
} meaning;

typedef struct meanings {
    meaning each[MAX_NAMES];
    unsigned next;
} meanings;

static meanings told;   /* by Python */
static meanings learnt; /* where messages came from that bore this name */

static PyObject *resolver;

static pj_bool_t copy_name(char *to, const pj_str_t *name)
{
    if (name->slen <= 0 || name->slen >= MAX_NAME)
        return PJ_FALSE;
    memcpy(to, name->ptr, (size_t)name->slen);
    to[name->slen] = 0;
    return PJ_TRUE;
}

/* Whether it is an address, and then which. */
static pj_bool_t read_address(const pj_str_t *host, pj_sockaddr *address)
{
    pj_in_addr v4;
    pj_in6_addr v6;

    if (pj_inet_pton(pj_AF_INET(), host, &v4) == PJ_SUCCESS)
        return pj_sockaddr_init(pj_AF_INET(), address, host, 0) == PJ_SUCCESS;
    return pj_inet_pton(pj_AF_INET6(), host, &v6) == PJ_SUCCESS &&
           pj_sockaddr_init(pj_AF_INET6(), address, host, 0) == PJ_SUCCESS;
}

/* ---- what is known ---- */

static meaning *find(meanings *in, const char *name)
{
    for (unsigned i = 0; i < MAX_NAMES; ++i)
        if (in->each[i].name[0] && !pj_ansi_stricmp(in->each[i].name, name))
            return &in->each[i];
    return NULL;
}

/* The meaning of this name, empty now. */
static meaning *renew(meanings *in, const char *name)
{
    meaning *found = find(in, name);

    if (!found)
        found = &in->each[in->next++ % MAX_NAMES];
    strcpy(found->name, name);
    found->count = 0;
    return found;
}

static void mean(meaning *of, const pj_sockaddr *address)
{
    if (of->count < PJSIP_MAX_RESOLVED_ADDRESSES)
        pj_sockaddr_cp(&of->addresses[of->count++], address);
}

/* ---- what is told to pjsip ---- */

static void add(pjsip_server_addresses *all, const question *q, const pj_sockaddr *address)
{
    int port = q->port ? q->port : pj_sockaddr_get_port(address);
    pjsip_server_address_record *entry = &all->entry[all->count];
    pj_bool_t ipv6 = address->addr.sa_family == pj_AF_INET6();

    if (all->count == PJSIP_MAX_RESOLVED_ADDRESSES || (q->type & PJSIP_TRANSPORT_IPV6 && !ipv6 && q->number))
        return;
    pj_bzero(entry, sizeof *entry);
    entry->name = pj_str((char *)q->name);
    entry->type = ipv6 ? q->type | PJSIP_TRANSPORT_IPV6 : q->type & ~PJSIP_TRANSPORT_IPV6;
    pj_sockaddr_cp(&entry->addr, address);
    if (!port)
        port = pjsip_transport_get_default_port_for_type(entry->type);
    pj_sockaddr_set_port(&entry->addr, (pj_uint16_t)port);
    entry->addr_len = pj_sockaddr_get_len(&entry->addr);
    ++all->count;
}

static void add_known(pjsip_server_addresses *all, const question *q, meanings *in)
{
    const meaning *found = find(in, q->name);

    for (unsigned i = 0; found && i < found->count; ++i)
        add(all, q, &found->addresses[i]);
}

/* The answer: what Python told, now or before; else where the name came from. The question is free again before. */
static void answer(question *place)
{
    pjsip_server_addresses all = {.count = 0};
    question q = *place;

    place->number = 0;
    add_known(&all, &q, &told);
    if (!all.count)
        add_known(&all, &q, &learnt);
    q.cb(all.count ? PJ_SUCCESS : PJ_ERESOLVE, q.token, all.count ? &all : NULL);
}

/* Whether Python will say what the name means. */
static pj_bool_t ask_python(const question *q)
{
    PyObject *function, *result;
    pj_bool_t taken = PJ_FALSE;
    PyGILState_STATE gil;

    if (!python_enter(&gil))
        return PJ_FALSE;
    function = Py_XNewRef(resolver);
    if (function) {
        result = sipext_call(function, Py_BuildValue("(Is)", q->number, q->name));
        taken = result != NULL;
        if (!result)
            PyErr_WriteUnraisable(function);
        Py_XDECREF(result);
        Py_DECREF(function);
    }
    python_leave(gil);
    return taken;
}

static pjsip_transport_type_e type_of(const pjsip_host_info *target)
{
    if (target->type != PJSIP_TRANSPORT_UNSPECIFIED)
        return target->type;
    if (target->flag & PJSIP_TRANSPORT_SECURE)
        return PJSIP_TRANSPORT_TLS;
    return target->flag & PJSIP_TRANSPORT_RELIABLE ? PJSIP_TRANSPORT_TCP : PJSIP_TRANSPORT_UDP;
}

static void resolve(pjsip_resolver_t *unused, pj_pool_t *pool, const pjsip_host_info *target, void *token,
                    pjsip_resolver_callback *cb)
{
    pjsip_server_addresses all = {.count = 0};
    question direct = {.type = type_of(target), .port = target->addr.port, .token = token, .cb = cb};
    question *q = asked, *end = asked + MAX_QUESTIONS;
    pj_sockaddr address;

    (void)unused, (void)pool;
    if (!copy_name(direct.name, &target->addr.host)) {
        cb(PJ_ERESOLVE, token, NULL);
        return;
    }
    if (read_address(&target->addr.host, &address)) {
        add(&all, &direct, &address);
        cb(PJ_SUCCESS, token, &all);
        return;
    }
    while (q < end && q->number)
        ++q;
    if (q == end) {
        answer(&direct);
        return;
    }
    *q = direct;
    q->number = ++last_number ? last_number : ++last_number;
    if (!ask_python(q))
        answer(q);
}

static pjsip_ext_resolver ours = {.resolve = resolve};

/* ---- what is learnt of messages ---- */

static void learn(const pjsip_uri *uri, const pj_sockaddr *from)
{
    const pjsip_sip_uri *sip = uri ? pjsip_uri_get_uri(uri) : NULL;
    pj_sockaddr address;
    char name[MAX_NAME];

    if (!sip || !(PJSIP_URI_SCHEME_IS_SIP(sip) || PJSIP_URI_SCHEME_IS_SIPS(sip)) || !copy_name(name, &sip->host) ||
        read_address(&sip->host, &address))
        return;
    mean(renew(&learnt, name), from);
}

void names_learn(const pjsip_rx_data *rdata)
{
    const pjsip_msg *message = rdata->msg_info.msg;

    for (const pjsip_hdr *each = message->hdr.next; each != &message->hdr; each = each->next) {
        if (each->type == PJSIP_H_RECORD_ROUTE)
            learn(((const pjsip_routing_hdr *)each)->name_addr.uri, &rdata->pkt_info.src_addr);
        else if (each->type == PJSIP_H_CONTACT)
            learn(((const pjsip_contact_hdr *)each)->uri, &rdata->pkt_info.src_addr);
    }
}

/* ---- Python ---- */

PyObject *names_set_resolver(PyObject *module, PyObject *function)
{
    (void)module;
    if (!sipext_usable(PJ_TRUE) || !sipext_keep(&resolver, function, "resolver"))
        return NULL;
    pjsip_endpt_set_ext_resolver(pjsua_get_pjsip_endpt(), resolver ? &ours : NULL);
    pjsua_var.ua_cfg.nameserver_count = resolver != NULL; /* else pjsua asks by itself, for Contact (contact.c) */
    Py_RETURN_NONE;
}

PyObject *names_resolved(PyObject *module, PyObject *args)
{
    question *q = asked, *end = asked + MAX_QUESTIONS;
    PyObject *sequence, *items;
    meaning *now = NULL;
    unsigned number;

    (void)module;
    if (!PyArg_ParseTuple(args, "IO:resolved", &number, &sequence) || !sipext_usable(PJ_TRUE))
        return NULL;
    if (sipext_in_callback())
        return PyErr_Format(sipext_Error, "resolved cannot be called from a callback");
    items = PySequence_Fast(sequence, "resolved: expected a sequence of addresses");
    if (!items)
        return NULL;
    while (q < end && (q->number != number || !number))
        ++q;
    for (Py_ssize_t i = 0; q < end && i < PySequence_Fast_GET_SIZE(items); ++i) {
        const char *text = PyUnicode_AsUTF8(PySequence_Fast_GET_ITEM(items, i));
        pj_str_t host;
        pj_sockaddr address;

        if (!text)
            break;
        host = pj_str((char *)text);
        if (!read_address(&host, &address))
            continue;
        if (!now)
            now = renew(&told, q->name);
        mean(now, &address);
    }
    Py_DECREF(items);
    if (PyErr_Occurred())
        return NULL;
    if (q < end) {
        Py_BEGIN_ALLOW_THREADS
        answer(q);
        Py_END_ALLOW_THREADS
    }
    return PyBool_FromLong(q < end);
}

void names_begin(void)
{
    pj_bzero(asked, sizeof asked);
    pj_bzero(&told, sizeof told);
    pj_bzero(&learnt, sizeof learnt);
}

/* What waits for an answer goes now: at the end nobody would bring one. What is known stays, for goodbyes are said after
 * this. */
void names_stop(void)
{
    Py_CLEAR(resolver);
    Py_BEGIN_ALLOW_THREADS
    for (question *q = asked; q < asked + MAX_QUESTIONS; ++q)
        if (q->number)
            answer(q);
    Py_END_ALLOW_THREADS
}

void names_clear(void)
{
    Py_CLEAR(resolver);
    pj_bzero(asked, sizeof asked);
}

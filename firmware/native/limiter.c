/* The rate limit in front of everything: a bucket of tokens for each known server, and one for all strangers together,
 * since a stranger can write any source address he likes. A flood in one server's name costs only that server.
 */
#include "limiter.h"
#include "counts.h"

#define MAX_SERVERS 64
#define MAX_ASKED 32 /* requests of ours with a bucket each; those that share one by their branch share its rate */
#define PROVISIONAL_RATE 20.0
#define PROVISIONAL_BURST 60.0

typedef struct bucket {
    double tokens;
    pj_time_val filled;
} bucket;

static struct {
    pj_sockaddr address; /* its port is not looked at */
    bucket level;
} servers[MAX_SERVERS];

static unsigned server_count;
static bucket strangers;
static struct {
    double per_second, burst; /* 0: no limit */
} stranger_rate, server_rate;

static pj_bool_t take(bucket *b, double per_second, double burst)
{
    pj_time_val now, passed;

    if (per_second <= 0)
        return PJ_TRUE;
    pj_gettickcount(&now);
    passed = now;
    PJ_TIME_VAL_SUB(passed, b->filled);
    b->filled = now;
    b->tokens += (double)PJ_TIME_VAL_MSEC(passed) / 1000 * per_second;
    if (b->tokens > burst)
        b->tokens = burst;
    if (b->tokens < 1)
        return PJ_FALSE;
    b->tokens -= 1;
    return PJ_TRUE;
}

/* Same address, whatever the port; an IPv4 address in IPv6 clothes is that IPv4 address. */
static pj_bool_t same_host(const pj_sockaddr *known, const pj_sockaddr_t *source)
{
    static const pj_uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const pj_sockaddr *from = source;
    const pj_uint8_t *bytes = pj_sockaddr_get_addr(source);
    unsigned size = pj_sockaddr_get_addr_len(source);

    if (from->addr.sa_family == pj_AF_INET6() && !memcmp(bytes, mapped, sizeof mapped)) {
        bytes += sizeof mapped;
        size = 4;
    }
    return pj_sockaddr_get_addr_len(known) == size && !memcmp(pj_sockaddr_get_addr(known), bytes, size);
}

pj_bool_t limiter_admits(const pj_sockaddr_t *source)
{
    pj_bool_t admitted;
    unsigned i;

    for (i = 0; i < server_count && !same_host(&servers[i].address, source); ++i)
        ;
    admitted = i < server_count ? take(&servers[i].level, server_rate.per_second, server_rate.burst)
                                : take(&strangers, stranger_rate.per_second, stranger_rate.burst);
    if (!admitted)
        count(COUNT_RATE);
    return admitted;
}

/* A provisional answer counts for nothing that one before it did not: who repeats his without end takes no time of the
 * other calls. A reliable one that is dropped comes again (RFC 3262, 3). */
pj_bool_t limiter_admits_provisional(const pj_str_t *branch)
{
    static bucket asked[MAX_ASKED];

    if (take(&asked[pj_hash_calc(0, branch->ptr, (unsigned)branch->slen) % MAX_ASKED], PROVISIONAL_RATE,
             PROVISIONAL_BURST))
        return PJ_TRUE;
    count(COUNT_RATE);
    return PJ_FALSE;
}

/* Read one address of the sequence. False with a Python exception set. */
static pj_bool_t read_server(PyObject *item)
{
    const char *text = PyUnicode_AsUTF8(item);
    pj_str_t host;

    if (!text)
        return PJ_FALSE;
    host = pj_str((char *)text);
    if (pj_sockaddr_init(strchr(text, ':') ? pj_AF_INET6() : pj_AF_INET(), &servers[server_count].address, NULL, 0) !=
            PJ_SUCCESS ||
        pj_sockaddr_parse(pj_AF_UNSPEC(), 0, &host, &servers[server_count].address) != PJ_SUCCESS) {
        PyErr_Format(PyExc_ValueError, "set_limits: \"%s\" is no address", text);
        return PJ_FALSE;
    }
    servers[server_count].level.tokens = server_rate.burst;
    pj_gettickcount(&servers[server_count].level.filled);
    ++server_count;
    return PJ_TRUE;
}

PyObject *limiter_set(PyObject *module, PyObject *args)
{
    PyObject *sequence, *items;
    double stranger, stranger_burst, server, server_burst;
    Py_ssize_t size;

    (void)module;
    if (!PyArg_ParseTuple(args, "O(dd)(dd):set_limits", &sequence, &stranger, &stranger_burst, &server,
                          &server_burst) || !sipext_usable(PJ_TRUE))
        return NULL;
    items = PySequence_Fast(sequence, "set_limits: expected a sequence of addresses");
    if (!items)
        return NULL;
    size = PySequence_Fast_GET_SIZE(items);
    if (size > MAX_SERVERS) {
        PyErr_Format(PyExc_ValueError, "set_limits: expected at most %d addresses, not %zd", MAX_SERVERS, size);
        Py_DECREF(items);
        return NULL;
    }
    if (stranger_rate.per_second != stranger || stranger_rate.burst != stranger_burst)
        strangers.tokens = stranger_burst; /* a list that is set anew fills no bucket */
    stranger_rate.per_second = stranger;
    stranger_rate.burst = stranger_burst;
    server_rate.per_second = server;
    server_rate.burst = server_burst;
    server_count = 0;
    for (Py_ssize_t i = 0; i < size && read_server(PySequence_Fast_GET_ITEM(items, i)); ++i)
        ;
    Py_DECREF(items);
    if (PyErr_Occurred())
        return NULL;
    Py_RETURN_NONE;
}

void limiter_clear(void)
{
    server_count = 0;
    stranger_rate.per_second = server_rate.per_second = 0;
}

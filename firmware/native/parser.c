/* pjsip's own judgement: whether its parser takes a header or a message. Who mends what it drops asks before it is asked
 * again.
 */
#include "module.h"

/* Whether pjsip's parser takes a header, to its last byte. Without the GIL: its log may be Python's. */
static pj_bool_t parser_takes(const char *name, const char *value, size_t size)
{
    pj_pool_t *pool = pjsua_pool_create("sipext-header", 1000, 1000);
    pj_str_t n = pj_str((char *)name);
    char *copy = pj_pool_alloc(pool, size + 3);
    int parsed = 0;
    void *header;

    memcpy(copy, value, size);
    memcpy(copy + size, "\r\n", 3);
    header = pjsip_parse_hdr(pool, &n, copy, size + 2, &parsed);
    pj_pool_release(pool);
    return header && (size_t)parsed == size + 2;
}

PyObject *parser_reads_header(PyObject *module, PyObject *args)
{
    const char *name, *value;
    Py_ssize_t size;
    pj_bool_t taken;

    (void)module;
    if (!PyArg_ParseTuple(args, "sy#:reads_header", &name, &value, &size) || !sipext_usable(PJ_FALSE))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    taken = parser_takes(name, value, (size_t)size);
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(taken);
}

/* Whether pjsip's parser takes a whole message. */
static pj_bool_t parser_takes_message(const char *data, pj_size_t size)
{
    pj_pool_t *pool = pjsua_pool_create("sipext-message", 4000, 4000);
    pjsip_rx_data *rdata = PJ_POOL_ZALLOC_T(pool, pjsip_rx_data);
    char *copy = pj_pool_alloc(pool, size + 1);
    pj_bool_t taken;

    memcpy(copy, data, size);
    copy[size] = 0;
    rdata->tp_info.pool = pool;
    pj_list_init(&rdata->msg_info.parse_err);
    taken = pjsip_parse_rdata(copy, size, rdata) != NULL && pj_list_empty(&rdata->msg_info.parse_err);
    pj_pool_release(pool);
    return taken;
}

PyObject *parser_reads_message(PyObject *module, PyObject *args)
{
    const char *data;
    Py_ssize_t size;
    pj_bool_t taken;

    (void)module;
    if (!PyArg_ParseTuple(args, "y#:reads_message", &data, &size) || !sipext_usable(PJ_FALSE))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    taken = parser_takes_message(data, (pj_size_t)size);
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(taken);
}

/* SDP that pjmedia cannot read, or would read in part, is offered to Python before pjsip looks at it. The judge is
 * pjmedia's own reader: what it takes whole costs one more reading and no Python.
 */
#include "sdp.h"
#include "counts.h"

static PyObject *mender;

/* Whether every rtpmap of a medium can be read and everything it has was kept. */
static pj_bool_t whole_medium(const pjmedia_sdp_media *medium)
{
    pjmedia_sdp_rtpmap rtpmap;

    if (medium->desc.fmt_count >= PJMEDIA_MAX_SDP_FMT || medium->attr_count >= PJMEDIA_MAX_SDP_ATTR ||
        medium->bandw_count >= PJMEDIA_MAX_SDP_BANDW)
        return PJ_FALSE;
    for (unsigned i = 0; i < medium->attr_count; ++i)
        if (!pj_strcmp2(&medium->attr[i]->name, "rtpmap") &&
            pjmedia_sdp_attr_get_rtpmap(medium->attr[i], &rtpmap) != PJ_SUCCESS)
            return PJ_FALSE;
    return PJ_TRUE;
}

/* The lines that begin a medium: after an error of some kinds pjmedia goes on behind lines it has not read. */
static unsigned media_lines(const char *text, pj_size_t size)
{
    const char *end = text + size;
    unsigned found = 0;

    for (const char *at = text; at + 1 < end; ++at)
        if (at[0] == 'm' && (at[1] == '=' || at[1] == ' ') && (at == text || at[-1] == '\n' || at[-1] == '\r'))
            ++found;
    return found;
}

/* Whether pjmedia reads it, and loses nothing. `text` is written to and needs a NUL behind its end. */
static pj_bool_t reads_whole(pj_pool_t *pool, char *text, pj_size_t size)
{
    pjmedia_sdp_session *session = NULL;
    unsigned media = media_lines(text, size);

    if (memchr(text, 0, size) || pjmedia_sdp_parse(pool, text, size, &session) != PJ_SUCCESS || !session ||
        pjmedia_sdp_validate2(session, PJ_FALSE) != PJ_SUCCESS)
        return PJ_FALSE;
    if (session->attr_count >= PJMEDIA_MAX_SDP_ATTR || session->media_count != media ||
        session->media_count >= PJMEDIA_MAX_SDP_MEDIA ||
        session->bandw_count >= PJMEDIA_MAX_SDP_BANDW)
        return PJ_FALSE;
    for (unsigned i = 0; i < session->media_count; ++i)
        if (!whole_medium(session->media[i]))
            return PJ_FALSE;
    return PJ_TRUE;
}

static pj_bool_t judged_whole(const void *data, pj_size_t size)
{
    pj_pool_t *pool = pjsua_pool_create("sipext-sdp", 4000, 4000);
    char *copy = pj_pool_alloc(pool, size + 1);
    pj_bool_t whole;

    memcpy(copy, data, size);
    copy[size] = 0;
    whole = reads_whole(pool, copy, size);
    pj_pool_release(pool);
    return whole;
}

/* What Python makes of it, in `pool`; nothing where it can make nothing. */
static pj_str_t ask_python(pj_pool_t *pool, const void *data, pj_size_t size)
{
    pj_str_t mended = {NULL, 0};
    PyGILState_STATE gil;
    PyObject *function, *result;
    Py_ssize_t length;
    char *bytes;

    if (!python_enter(&gil))
        return mended;
    function = Py_XNewRef(mender);
    if (function) {
        result = sipext_call(function, Py_BuildValue("(y#)", (const char *)data, (Py_ssize_t)size));
        if (result && result != Py_None && PyBytes_AsStringAndSize(result, &bytes, &length) == 0 && length) {
            mended.ptr = pj_pool_alloc(pool, (pj_size_t)length + 1);
            mended.slen = length;
            memcpy(mended.ptr, bytes, (size_t)length);
            mended.ptr[length] = 0;
        }
        if (PyErr_Occurred())
            PyErr_WriteUnraisable(function);
        Py_XDECREF(result);
        Py_DECREF(function);
    }
    python_leave(gil);
    return mended;
}

/* The SDP of a message, alone or as one of several parts, or NULL. */
static pjsip_msg_body *description_of(pjsip_msg_body *body)
{
    pjsip_media_type wanted;
    pjsip_multipart_part *part;

    pjsip_media_type_init2(&wanted, "application", "sdp");
    if (!body || !pj_stricmp(&body->content_type.type, &wanted.type))
        return body && !pj_stricmp(&body->content_type.subtype, &wanted.subtype) ? body : NULL;
    if (pj_stricmp2(&body->content_type.type, "multipart"))
        return NULL;
    part = pjsip_multipart_find_part(body, &wanted, NULL);
    return part ? part->body : NULL;
}

void sdp_mend(pjsip_rx_data *rdata)
{
    pjsip_msg_body *body = mender ? description_of(rdata->msg_info.msg->body) : NULL;
    pj_str_t mended;

    if (!body || !body->data || !body->len || judged_whole(body->data, body->len))
        return;
    mended = ask_python(rdata->tp_info.pool, body->data, body->len);
    if (!mended.slen)
        return;
    count(COUNT_SDP);
    body->data = mended.ptr;
    body->len = (unsigned)mended.slen;
}

PyObject *sdp_set_mender(PyObject *module, PyObject *function)
{
    (void)module;
    if (!sipext_usable(PJ_TRUE) || !sipext_keep(&mender, function, "SDP mender"))
        return NULL;
    Py_RETURN_NONE;
}

PyObject *sdp_reads(PyObject *module, PyObject *args)
{
    const char *data;
    Py_ssize_t size;
    pj_bool_t whole;

    (void)module;
    if (!PyArg_ParseTuple(args, "y#:reads_sdp", &data, &size) || !sipext_usable(PJ_FALSE))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    whole = judged_whole(data, (pj_size_t)size);
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(whole);
}

void sdp_clear(void)
{
    Py_CLEAR(mender);
}

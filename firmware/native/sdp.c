/* SDP that pjmedia cannot read, or would read in part, is offered to Python before pjsip looks at it. The judge is
 * pjmedia's own reader: what it takes whole costs one more reading and no Python.
 *
 * Media that pjsua cannot speak are switched off here (RFC 3264, 6): keys by DTLS, and SRTP without any. pjsua takes them
 * for SRTP, fails when it makes the transport, and then reads a call it has given up (pjsua_call.c: call->inv is NULL
 * behind pjsua_media_channel_init, endpoint.cpp: in_call->inv->dlg): one INVITE would end the process.
 */
#include "sdp.h"
#include "counts.h"

static PyObject *mender;

/* Whether a line of keys has the form of RFC 4568 and a suite by a name we know; pjmedia refuses the whole for another. */
static pj_bool_t key_is_read(const pj_str_t *value)
{
    const char *at = value->ptr, *end = value->ptr + value->slen;

    while (at < end && pj_isdigit(*at))
        ++at;
    return at > value->ptr && end - at > 5 && (!memcmp(at, " AES_", 5) || !memcmp(at, " AEAD_", 6)) &&
           memmem(at, (pj_size_t)(end - at), " inline:", 8) != NULL;
}

/* Whether every rtpmap of a medium can be read and everything it has was kept. */
static pj_bool_t whole_medium(const pjmedia_sdp_media *medium)
{
    pjmedia_sdp_rtpmap rtpmap;

    if (medium->desc.fmt_count >= PJMEDIA_MAX_SDP_FMT || medium->attr_count >= PJMEDIA_MAX_SDP_ATTR ||
        medium->bandw_count >= PJMEDIA_MAX_SDP_BANDW)
        return PJ_FALSE;
    for (unsigned i = 0; i < medium->attr_count; ++i) {
        const pjmedia_sdp_attr *attribute = medium->attr[i];
        if ((!pj_strcmp2(&attribute->name, "rtpmap") &&
             pjmedia_sdp_attr_get_rtpmap(attribute, &rtpmap) != PJ_SUCCESS) ||
            (!pj_strcmp2(&attribute->name, "crypto") && !key_is_read(&attribute->value)))
            return PJ_FALSE;
    }
    return PJ_TRUE;
}

static pj_bool_t begins_medium(const char *text, const char *at, const char *end)
{
    return at + 1 < end && at[0] == 'm' && (at[1] == '=' || at[1] == ' ') &&
           (at == text || at[-1] == '\n' || at[-1] == '\r');
}

/* The lines that begin a medium: after an error of some kinds pjmedia goes on behind lines it has not read. */
static unsigned media_lines(const char *text, pj_size_t size)
{
    unsigned found = 0;

    for (const char *at = text; at < text + size; ++at)
        found += begins_medium(text, at, text + size) ? 1 : 0;
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

/* The same of a copy. */
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

/* ---- media that are not spoken ---- */

static pj_bool_t holds(const pj_str_t *text, const char *word)
{
    const pj_str_t wanted = {(char *)word, (pj_ssize_t)strlen(word)};

    return pj_stristr(text, &wanted) != NULL;
}

static pj_bool_t spoken(const pjmedia_sdp_session *session, const pjmedia_sdp_media *medium)
{
    const pj_str_t crypto = {"crypto", 6};

    if (!medium->desc.port)
        return PJ_TRUE;
    if (holds(&medium->desc.transport, "TLS"))
        return PJ_FALSE;
    return !holds(&medium->desc.transport, "SAVP") || pjmedia_sdp_media_find_attr(medium, &crypto, NULL) ||
           pjmedia_sdp_attr_find(session->attr_count, session->attr, &crypto, NULL);
}

/* Write zeros over the port of the m= line that is the `index`th. */
static void write_zeros(char *text, pj_size_t size, unsigned index)
{
    char *end = text + size, *at = text;
    unsigned line = 0;

    for (; at < end; ++at)
        if (begins_medium(text, at, end) && line++ == index)
            break;
    while (at < end && *at != '=')
        ++at;
    for (++at; at < end && *at == ' '; ++at)
        ; /* blanks before the kind */
    while (at < end && *at != ' ')
        ++at;
    for (; at < end && (*at == ' ' || pj_isdigit(*at)); ++at)
        if (*at != ' ')
            *at = '0';
}

/* Switch off what is not spoken, in `body`, with what it needs from `pool`. It is read whole by now, or not at all. */
static void switch_off(pj_pool_t *pool, pjsip_msg_body *body)
{
    pj_pool_t *scratch = pjsua_pool_create("sipext-sdp", 4000, 4000);
    char *copy = pj_pool_alloc(scratch, body->len + 1), *text = NULL;
    pjmedia_sdp_session *session = NULL;

    memcpy(copy, body->data, body->len);
    copy[body->len] = 0;
    if (pjmedia_sdp_parse(scratch, copy, body->len, &session) != PJ_SUCCESS || !session)
        session = NULL;
    for (unsigned i = 0; session && i < session->media_count; ++i) {
        if (spoken(session, session->media[i]))
            continue;
        if (!text) { /* the message itself stays as it came */
            text = pj_pool_alloc(pool, body->len + 1);
            memcpy(text, body->data, body->len);
            text[body->len] = 0;
            body->data = text;
        }
        write_zeros(text, body->len, i);
    }
    pj_pool_release(scratch);
}

/* ---- and what Python mends ---- */

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

static pj_bool_t names_secrets(const pjsip_msg_body *body)
{
    const pj_str_t text = {body->data, (pj_ssize_t)body->len};

    return holds(&text, "SAVP") || holds(&text, "TLS");
}

void sdp_mend(pjsip_rx_data *rdata)
{
    pjsip_msg_body *body = description_of(rdata->msg_info.msg->body);
    pj_str_t mended;

    if (!body || !body->data || !body->len)
        return;
    if (mender && !judged_whole(body->data, body->len)) {
        mended = ask_python(rdata->tp_info.pool, body->data, body->len);
        if (mended.slen) {
            count(COUNT_SDP);
            body->data = mended.ptr;
            body->len = (unsigned)mended.slen;
        }
    }
    if (names_secrets(body))
        switch_off(rdata->tp_info.pool, body);
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

/* SDP that pjmedia cannot read, or would read in part, is offered to Python before pjsip looks at it. The judge is
 * pjmedia's own reader: what it takes whole costs one more reading and no Python.
 *
 * Some things that pjmedia reads would end the process or the call in pjsua, so they are written otherwise here, whoever
 * mends the rest.
 * Media that pjsua cannot speak, with keys by DTLS or SRTP without any of a suite of ours, are switched off (RFC 3264,
 * 6): pjsua takes them for SRTP, fails when it makes the transport, and then refuses the whole or reads a call it has
 * given up (pjsua_call.c: call->inv is NULL behind pjsua_media_channel_init, endpoint.cpp: in_call->inv->dlg). And a
 * description without any c= line gets one that says nowhere (pjsua_media.c: sort_media reads it of every audio line,
 * also of one that is off).
 */
#include "sdp.h"
#include "counts.h"
#include "places.h"
#include <pjsua-lib/pjsua_internal.h>

/* Keys of one medium (RFC 4568): release 2.17 writes past an array for 64, and nobody sends as many as these. */
#define MOST_KEYS 16

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

static pj_bool_t holds(const pj_str_t *text, const char *word)
{
    const pj_str_t wanted = {(char *)word, (pj_ssize_t)strlen(word)};

    return pj_stristr(text, &wanted) != NULL;
}

/* Of RTP every format is a payload type: beside one that is none pjmedia finds no codec at all. */
static pj_bool_t formats_are_numbers(const pjmedia_sdp_media *medium)
{
    for (unsigned i = 0; i < medium->desc.fmt_count && holds(&medium->desc.transport, "RTP/"); ++i)
        if (!medium->desc.fmt[i].slen || !pj_isdigit(*medium->desc.fmt[i].ptr))
            return PJ_FALSE;
    return PJ_TRUE;
}

/* A direction in other letters than small ones (a=SendOnly): pjmedia passes it over, and would talk to who holds us. */
static pj_bool_t is_shouted(const pjmedia_sdp_attr *attribute)
{
    static const char *const directions[] = {"sendrecv", "sendonly", "recvonly", "inactive"};

    for (unsigned i = 0; i < PJ_ARRAY_SIZE(directions); ++i)
        if (!pj_stricmp2(&attribute->name, directions[i]))
            return pj_strcmp2(&attribute->name, directions[i]) != 0;
    return PJ_FALSE;
}

/* A kind of medium in other letters than small ones (m=AUDIO): pjsua has no medium of that name. */
static pj_bool_t is_capital(const pj_str_t *kind)
{
    for (pj_ssize_t i = 0; i < kind->slen; ++i)
        if (pj_isupper(kind->ptr[i]))
            return PJ_TRUE;
    return PJ_FALSE;
}

/* An rtpmap of events (RFC 4733) for a number that the m= line has not, as of a border controller that took it out there
 * only: pjmedia would send digits by it, which nobody takes. */
static pj_bool_t is_left_over(const pjmedia_sdp_media *medium, const pjmedia_sdp_rtpmap *rtpmap)
{
    if (pj_stricmp2(&rtpmap->enc_name, "telephone-event"))
        return PJ_FALSE;
    for (unsigned i = 0; i < medium->desc.fmt_count; ++i)
        if (!pj_strcmp(&medium->desc.fmt[i], &rtpmap->pt))
            return PJ_FALSE;
    return PJ_TRUE;
}

/* Whether every rtpmap of a medium can be read and everything it has was kept. */
static pj_bool_t whole_medium(const pjmedia_sdp_session *session, const pjmedia_sdp_media *medium)
{
    pjmedia_sdp_rtpmap rtpmap;
    unsigned keys = 0;

    if (medium->desc.fmt_count >= PJMEDIA_MAX_SDP_FMT || medium->attr_count >= PJMEDIA_MAX_SDP_ATTR ||
        medium->bandw_count >= PJMEDIA_MAX_SDP_BANDW || !formats_are_numbers(medium) || place_in_brackets(medium->conn) ||
        is_capital(&medium->desc.media))
        return PJ_FALSE;
    for (unsigned i = 0; i < medium->attr_count; ++i) {
        const pjmedia_sdp_attr *attribute = medium->attr[i];
        if ((!pj_strcmp2(&attribute->name, "rtpmap") &&
             (pjmedia_sdp_attr_get_rtpmap(attribute, &rtpmap) != PJ_SUCCESS || is_left_over(medium, &rtpmap))) ||
            (!pj_strcmp2(&attribute->name, "rtcp") &&
             !place_rtcp_is_read(attribute, medium->conn ? medium->conn : session->conn)) ||
            (!pj_strcmp2(&attribute->name, "crypto") && (!key_is_read(&attribute->value) || ++keys > MOST_KEYS)) ||
            is_shouted(attribute))
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

/* pjmedia's reading of a copy, or NULL. In silence: it has a line to say about each format and attribute that it has no
 * place for, a stranger's datagram thousands, and what it leaves out is seen here. */
static pjmedia_sdp_session *read_copy(pj_pool_t *pool, const void *data, pj_size_t size)
{
    pjmedia_sdp_session *session = NULL;
    char *copy = pj_pool_alloc(pool, size + 1);
    int level = pj_log_get_level();
    pj_status_t status;

    memcpy(copy, data, size);
    copy[size] = 0;
    pj_log_set_level(0);
    status = pjmedia_sdp_parse(pool, copy, size, &session);
    pj_log_set_level(level);
    return status == PJ_SUCCESS && session && pjmedia_sdp_validate2(session, PJ_FALSE) == PJ_SUCCESS ? session : NULL;
}

/* Whether the reading has lost nothing. */
static pj_bool_t is_whole(const pjmedia_sdp_session *session, const void *data, pj_size_t size)
{
    if (!session || memchr(data, 0, size) || session->media_count != media_lines(data, size) ||
        session->attr_count >= PJMEDIA_MAX_SDP_ATTR || session->media_count >= PJMEDIA_MAX_SDP_MEDIA ||
        session->bandw_count >= PJMEDIA_MAX_SDP_BANDW || place_in_brackets(session->conn))
        return PJ_FALSE;
    for (unsigned i = 0; i < session->attr_count; ++i)
        if (is_shouted(session->attr[i]))
            return PJ_FALSE;
    for (unsigned i = 0; i < session->media_count; ++i)
        if (!whole_medium(session, session->media[i]))
            return PJ_FALSE;
    return PJ_TRUE;
}

/* ---- what would end the process ---- */

/* Whether an account of ours speaks the suite of a line of keys: `1 AES_CM_128_HMAC_SHA1_80 inline:...`. */
static pj_bool_t is_our_suite(const pj_str_t *value)
{
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(pjsua_var.acc); ++i) {
        const pjsua_srtp_opt *ours = &pjsua_var.acc[i].cfg.srtp_opt;

        if (!pjsua_var.acc[i].valid || pjsua_var.acc[i].cfg.use_srtp == PJMEDIA_SRTP_DISABLED)
            continue;
        if (!ours->crypto_count)
            return PJ_TRUE; /* whatever libsrtp knows */
        for (unsigned k = 0; k < ours->crypto_count; ++k) {
            char name[64];
            int length = pj_ansi_snprintf(name, sizeof name, " %.*s ", (int)ours->crypto[k].name.slen,
                                          ours->crypto[k].name.ptr);

            if (length > 0 && length < (int)sizeof name && holds(value, name))
                return PJ_TRUE;
        }
    }
    return PJ_FALSE;
}

static pj_bool_t has_our_keys(unsigned count, pjmedia_sdp_attr *const attributes[])
{
    for (unsigned i = 0; i < count; ++i)
        if (!pj_stricmp2(&attributes[i]->name, "crypto") && is_our_suite(&attributes[i]->value))
            return PJ_TRUE;
    return PJ_FALSE;
}

static pj_bool_t spoken(const pjmedia_sdp_session *session, const pjmedia_sdp_media *medium)
{
    if (!medium->desc.port)
        return PJ_TRUE;
    if (holds(&medium->desc.transport, "TLS"))
        return PJ_FALSE;
    return !holds(&medium->desc.transport, "SAVP") || has_our_keys(medium->attr_count, medium->attr) ||
           has_our_keys(session->attr_count, session->attr);
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

/* Whether any medium has no address. */
static pj_bool_t is_nowhere(const pjmedia_sdp_session *session)
{
    for (unsigned i = 0; i < session->media_count; ++i)
        if (!session->conn && !session->media[i]->conn)
            return PJ_TRUE;
    return PJ_FALSE;
}

/* `body` with a c= line before its first medium, of `pool`. */
static void add_connection(pj_pool_t *pool, pjsip_msg_body *body)
{
    static const char line[] = "c=IN IP4 0.0.0.0\r\n";
    const char *text = body->data, *at = text, *end = text + body->len;
    char *longer = pj_pool_alloc(pool, body->len + sizeof line);

    while (at < end && !begins_medium(text, at, end))
        ++at;
    memcpy(longer, text, (pj_size_t)(at - text));
    memcpy(longer + (at - text), line, sizeof line - 1);
    memcpy(longer + (at - text) + sizeof line - 1, at, (pj_size_t)(end - at));
    body->len += (unsigned)sizeof line - 1;
    longer[body->len] = 0;
    body->data = longer;
}

/* Whether voice can come of one of the media: beside it a line of another family is switched off (RFC 4091 offers both),
 * for pjsua would fail all for it, or take the wrong one. */
static pj_bool_t has_good_audio(const pjmedia_sdp_session *session, int family)
{
    for (unsigned i = 0; i < session->media_count; ++i) {
        const pjmedia_sdp_media *medium = session->media[i];

        if (medium->desc.port && !pj_strcmp2(&medium->desc.media, "audio") && spoken(session, medium) &&
            place_is_reachable(session, medium, family))
            return PJ_TRUE;
    }
    return PJ_FALSE;
}

/* Make `body`, which reads as `session`, one that pjsua survives; the message itself stays as it came. family: the one it
 * came by, in which we send. */
static void make_safe(pj_pool_t *pool, pjsip_msg_body *body, const pjmedia_sdp_session *session, int family)
{
    pj_bool_t chosen = has_good_audio(session, family);
    char *text = NULL;

    for (unsigned i = 0; i < session->media_count; ++i) {
        const pjmedia_sdp_media *medium = session->media[i];

        if (spoken(session, medium) && !place_is_group(session, medium) &&
            (!chosen || place_is_reachable(session, medium, family)))
            continue;
        if (!text) {
            text = pj_pool_alloc(pool, body->len + 1);
            memcpy(text, body->data, body->len);
            text[body->len] = 0;
            body->data = text;
        }
        write_zeros(text, body->len, i);
    }
    if (is_nowhere(session))
        add_connection(pool, body);
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

void sdp_mend(pjsip_rx_data *rdata)
{
    pjsip_msg_body *body = parts_unwrap(rdata);
    pjmedia_sdp_session *session;
    pj_pool_t *scratch;
    pj_str_t mended;

    if (!body || !body->data || !body->len)
        return;
    scratch = pjsua_pool_create("sipext-sdp", 4000, 4000);
    session = read_copy(scratch, body->data, body->len);
    if (mender && !is_whole(session, body->data, body->len)) {
        mended = ask_python(rdata->tp_info.pool, body->data, body->len);
        if (mended.slen) {
            count(COUNT_SDP);
            body->data = mended.ptr;
            body->len = (unsigned)mended.slen;
            session = read_copy(scratch, body->data, body->len);
        }
    }
    if (session)
        make_safe(rdata->tp_info.pool, body, session,
                  rdata->tp_info.transport->key.type & PJSIP_TRANSPORT_IPV6 ? pj_AF_INET6() : pj_AF_INET());
    pj_pool_release(scratch);
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
    pj_pool_t *scratch;
    Py_ssize_t size;
    pj_bool_t whole;

    (void)module;
    if (!PyArg_ParseTuple(args, "y#:reads_sdp", &data, &size) || !sipext_usable(PJ_FALSE))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    scratch = pjsua_pool_create("sipext-sdp", 4000, 4000);
    whole = is_whole(read_copy(scratch, data, (pj_size_t)size), data, (pj_size_t)size);
    pj_pool_release(scratch);
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(whole);
}

void sdp_clear(void)
{
    Py_CLEAR(mender);
}

/* A session description in a body of several parts. pjsip looks for it among the parts of the outermost multipart/mixed
 * or multipart/alternative and takes the first; a body within a body must be read, too, and of alternatives the last is
 * the best (RFC 5621, 3.2; RFC 2046, 5.1.4). So the description takes the place of the whole body before pjsip looks.
 * A last part that no boundary ends, which pjsip leaves out, ends with the message.
 */
#include "sdp.h"
#include <stdio.h>
#include <pjsua-lib/pjsua_internal.h>

#define DEEPEST 3
#define MOST_PARTS 16

static pj_bool_t is_description(const pjsip_msg_body *body)
{
    return !pj_stricmp2(&body->content_type.type, "application") && !pj_stricmp2(&body->content_type.subtype, "sdp");
}

/* A part as a body of its own, closed by a zero, which pjsip's readers look for. */
static pjsip_msg_body *copy_of(pj_pool_t *pool, const pjsip_msg_body *part)
{
    pjsip_msg_body *body = PJ_POOL_ZALLOC_T(pool, pjsip_msg_body);
    char *text = pj_pool_alloc(pool, part->len + 1);

    pjsip_media_type_cp(pool, &body->content_type, &part->content_type); /* it has a list, whose head is its own place */
    body->print_body = part->print_body;
    body->clone_data = part->clone_data;
    body->len = part->len;
    memcpy(text, part->data, part->len);
    text[part->len] = 0;
    body->data = text;
    return body;
}

/* The parts of a body: pjsip has read those of the outermost only. */
static pjsip_msg_body *read_parts(pj_pool_t *pool, pjsip_msg_body *body)
{
    if (body->print_body != &pjsip_print_text_body)
        return body;
    if (!body->data || !body->len)
        return NULL;
    body = copy_of(pool, body);
    return pjsip_multipart_parse(pool, body->data, body->len, &body->content_type, 0);
}

/* A description of another session, heard before the answer only (RFC 3959): not the one that is negotiated. */
static pj_bool_t is_early(const pjsip_multipart_part *part)
{
    static const pj_str_t name = {"Content-Disposition", 19}, word = {"early-session", 13};

    for (const pjsip_hdr *each = part->hdr.next; each != &part->hdr; each = each->next)
        if (!pj_stricmp(&each->name, &name) && pj_stristr(&((const pjsip_generic_string_hdr *)each)->hvalue, &word))
            return PJ_TRUE;
    return PJ_FALSE;
}

static pjsip_msg_body *find(pj_pool_t *pool, pjsip_msg_body *body, unsigned depth)
{
    pjsip_msg_body *found = NULL;
    pjsip_multipart_part *part;
    unsigned count = 0;

    if (is_description(body))
        return body;
    if (pj_stricmp2(&body->content_type.type, "multipart") || depth == DEEPEST)
        return NULL;
    body = read_parts(pool, body);
    if (!body)
        return NULL;
    for (part = pjsip_multipart_get_first_part(body); part && count++ < MOST_PARTS;
         part = pjsip_multipart_get_next_part(body, part)) {
        pjsip_msg_body *here = is_early(part) ? NULL : find(pool, part->body, depth + 1);

        found = here ? here : found;
        if (found && pj_stricmp2(&body->content_type.subtype, "alternative"))
            break;
    }
    return found;
}

/* Whether a body that is not understood is to be passed over (RFC 3261, 20.11): pjsua refuses the INVITE for it. */
static pj_bool_t is_optional(const pjsip_msg *message)
{
    static const pj_str_t name = {"Content-Disposition", 19};
    static const pj_str_t word = {"handling=optional", 17};
    const pjsip_generic_string_hdr *header = pjsip_msg_find_hdr_by_name(message, &name, NULL);

    if (message->type != PJSIP_REQUEST_MSG || (message->line.req.method.id != PJSIP_INVITE_METHOD &&
                                               pj_strcmp2(&message->line.req.method.name, "UPDATE")))
        return PJ_FALSE;
    return header && pj_stristr(&header->hvalue, &word) != NULL;
}

/* The text of the body as it came: of several parts without an end pjsip keeps nothing. */
static pj_str_t text_of(const pjsip_rx_data *rdata)
{
    const char *end = rdata->msg_info.msg_buf + rdata->msg_info.len;
    char *blank = memmem(rdata->msg_info.msg_buf, (pj_size_t)rdata->msg_info.len, "\r\n\r\n", 4);
    pj_str_t text = {NULL, 0};

    if (blank) {
        text.ptr = blank + 4;
        text.slen = end - text.ptr;
    }
    return text;
}

/* The same body with the boundary at its end that it lacks; NULL where it has one, or names none. */
static pjsip_msg_body *closed(const pjsip_rx_data *rdata)
{
    static const pj_str_t name = {"boundary", 8};
    pj_pool_t *pool = rdata->tp_info.pool;
    pjsip_media_type *type = rdata->msg_info.ctype ? &rdata->msg_info.ctype->media : NULL;
    const pjsip_param *boundary;
    pj_str_t text, word;
    char *longer, last[128];
    int size;

    if (!type || pj_stricmp2(&type->type, "multipart"))
        return NULL;
    text = text_of(rdata);
    boundary = pjsip_param_find(&type->param, &name);
    if (!boundary || text.slen <= 0)
        return NULL;
    word = boundary->value;
    if (word.slen > 2 && *word.ptr == '"') {
        ++word.ptr;
        word.slen -= 2;
    }
    size = snprintf(last, sizeof last, "\r\n--%.*s--\r\n", (int)word.slen, word.ptr);
    if (size < 0 || size >= (int)sizeof last || memmem(text.ptr, (pj_size_t)text.slen, last + 2, (pj_size_t)size - 4))
        return NULL;
    longer = pj_pool_alloc(pool, (pj_size_t)text.slen + (pj_size_t)size + 1);
    memcpy(longer, text.ptr, (pj_size_t)text.slen);
    memcpy(longer + text.slen, last, (pj_size_t)size + 1);
    return pjsip_multipart_parse(pool, longer, (pj_size_t)text.slen + (pj_size_t)size, type, 0);
}

pjsip_msg_body *parts_unwrap(pjsip_rx_data *rdata)
{
    pjsip_msg *message = rdata->msg_info.msg;
    pj_pool_t *pool = rdata->tp_info.pool;
    pjsip_msg_body *found;

    if (!message->body)
        message->body = closed(rdata);
    if (!message->body)
        return NULL;
    found = find(pool, message->body, 0);
    if (!found && is_optional(message))
        message->body = NULL;
    if (!found || found == message->body)
        return found;
    message->body = copy_of(pool, found);
    rdata->msg_info.ctype = pjsip_ctype_hdr_create(pool);
    pjsip_media_type_init2(&rdata->msg_info.ctype->media, "application", "sdp");
    return message->body;
}

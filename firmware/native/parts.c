/* A session description in a body of several parts. pjsip looks for it among the parts of the outermost multipart/mixed
 * or multipart/alternative and takes the first; a body within a body must be read, too, and of alternatives the last is
 * the best (RFC 5621, 3.2; RFC 2046, 5.1.4). So the description takes the place of the whole body before pjsip looks.
 */
#include "sdp.h"
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
        pjsip_msg_body *here = find(pool, part->body, depth + 1);

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

pjsip_msg_body *parts_unwrap(pjsip_rx_data *rdata)
{
    pjsip_msg *message = rdata->msg_info.msg;
    pj_pool_t *pool = rdata->tp_info.pool;
    pjsip_msg_body *found;

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

/* Contact of what leaves: over TCP and TLS the address and port of its connection, for a proxy may know the phone by nothing
 * else. Where the server is a name pjsua would ask the name server for it, on the SIP thread; told that somebody else asks
 * (names.c), it writes the port of its listener, and the connection is known when the message leaves. And what a REGISTER
 * removes beside what it makes (RFC 3261, 10.2.2): Python hands that in as a header of the account.
 */
#include "contact.h"
#include <pjsua-lib/pjsua_internal.h>

#define MAX_REGISTERS 8
#define MAX_TEXT 512

static const pj_str_t CONTACT = {"Contact", 7};

/* Of the last rows of REGISTERs (each has one Call-ID): what the newest makes, and that the others are removed by now. */
typedef struct sent_register {
    char call_id[MAX_TEXT];
    char contact[MAX_TEXT];
    pj_bool_t removed;
} sent_register;

static sent_register registers[MAX_REGISTERS];
static unsigned next_register;

static sent_register *find_register(const char *call_id)
{
    for (unsigned i = 0; i < MAX_REGISTERS; ++i)
        if (registers[i].call_id[0] && strcmp(registers[i].call_id, call_id) == 0)
            return &registers[i];
    return NULL;
}

/* That of this message: the oldest makes room for a new one. NULL where its Call-ID is not ours. */
static sent_register *register_of(const pjsip_msg *msg)
{
    const pjsip_cid_hdr *call_id = pjsip_msg_find_hdr(msg, PJSIP_H_CALL_ID, NULL);
    sent_register *found;
    char id[MAX_TEXT];

    if (!call_id || call_id->id.slen >= MAX_TEXT)
        return NULL;
    pj_ansi_snprintf(id, sizeof id, "%.*s", (int)call_id->id.slen, call_id->id.ptr);
    found = find_register(id);
    if (!found) {
        found = &registers[next_register++ % MAX_REGISTERS];
        pj_bzero(found, sizeof *found);
        strcpy(found->call_id, id);
    }
    return found;
}

static pjsip_contact_hdr *next_contact(const pjsip_msg *msg, const void *after)
{
    return pjsip_msg_find_hdr(msg, PJSIP_H_CONTACT, after);
}

#define EACH_CONTACT(it, msg)                                                                                               \
    for (pjsip_contact_hdr *it = next_contact(msg, NULL); it;                                                               \
         it = it->next == (void *)&(msg)->hdr ? NULL : next_contact(msg, it->next))

static pjsip_sip_uri *uri_of(const pjsip_contact_hdr *contact)
{
    pjsip_uri *uri = contact->star || !contact->uri ? NULL : pjsip_uri_get_uri(contact->uri);

    return uri && (PJSIP_URI_SCHEME_IS_SIP(uri) || PJSIP_URI_SCHEME_IS_SIPS(uri)) ? (pjsip_sip_uri *)uri : NULL;
}

/* The port that our listener of this kind has, 0 for none. */
static int listener_port(pjsip_transport_type_e type)
{
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(pjsua_var.tpdata); ++i)
        if (pjsua_var.tpdata[i].data.ptr && pjsua_var.tpdata[i].type == type)
            return pjsua_var.tpdata[i].data.factory->addr_name.port;
    return 0;
}

/* The URI is the dialog's, so it is copied: the next request may go by another connection. */
static void write_connection(pjsip_tx_data *tdata, const pjsip_transport *connection)
{
    int listens = listener_port(connection->key.type);

    EACH_CONTACT(contact, tdata->msg)
    {
        pjsip_sip_uri *uri = uri_of(contact);
        int port = !uri ? 0 : uri->port ? uri->port : pjsip_transport_get_default_port_for_type(connection->key.type);

        if (!port || port != listens)
            continue;
        contact->uri = pjsip_uri_clone(tdata->pool, contact->uri);
        uri = uri_of(contact);
        pj_strdup(tdata->pool, &uri->host, &connection->local_name.host);
        uri->port = connection->local_name.port;
    }
}

/* A header that Python wrote is text until now; it goes behind ours, for some servers read one. */
static void read_texts(pjsip_tx_data *tdata, pj_bool_t wanted)
{
    for (pjsip_hdr *each = tdata->msg->hdr.next, *next; each != &tdata->msg->hdr; each = next) {
        pj_str_t text;
        pjsip_hdr *read;

        next = each->next;
        if (each->type != PJSIP_H_OTHER || pj_stricmp(&each->name, &CONTACT))
            continue;
        pj_strdup_with_null(tdata->pool, &text, &((pjsip_generic_string_hdr *)each)->hvalue);
        read = wanted ? pjsip_parse_hdr(tdata->pool, &CONTACT, text.ptr, (pj_size_t)text.slen, NULL) : NULL;
        pj_list_erase(each);
        if (read)
            pj_list_push_back(&tdata->msg->hdr, read);
    }
}

/* What is made in this REGISTER is not removed in it. */
static void keep_own(pjsip_msg *msg, const pjsip_contact_hdr *own)
{
    pjsip_contact_hdr *gone = NULL;

    EACH_CONTACT(each, msg)
    {
        if (gone)
            pj_list_erase(gone);
        gone = each != own && !each->expires && uri_of(each) &&
                       !pjsip_uri_cmp(PJSIP_URI_IN_CONTACT_HDR, uri_of(each), uri_of(own))
                   ? each
                   : NULL;
    }
    if (gone)
        pj_list_erase(gone);
}

static void register_sent(pjsip_tx_data *tdata)
{
    sent_register *sent = register_of(tdata->msg);
    const pjsip_contact_hdr *own = NULL;
    int written;

    read_texts(tdata, sent && !sent->removed);
    EACH_CONTACT(each, tdata->msg)
    {
        if (each->expires && uri_of(each))
            own = each;
    }
    if (!own || !sent)
        return;
    keep_own(tdata->msg, own);
    written = pjsip_uri_print(PJSIP_URI_IN_CONTACT_HDR, uri_of(own), sent->contact, sizeof sent->contact - 1);
    sent->contact[PJ_MAX(written, 0)] = 0;
}

void contact_sent(pjsip_tx_data *tdata)
{
    const pjsip_msg *msg = tdata->msg;
    const pjsip_transport *connection = tdata->tp_info.transport;
    pj_bool_t elsewhere = msg->type == PJSIP_RESPONSE_MSG && PJSIP_IS_STATUS_IN_CLASS(msg->line.status.code, 300);

    if (connection && connection->flag & PJSIP_TRANSPORT_RELIABLE && connection->dir == PJSIP_TP_DIR_OUTGOING &&
        connection->local_name.port && !elsewhere)
        write_connection(tdata, connection);
    if (msg->type == PJSIP_REQUEST_MSG && msg->line.req.method.id == PJSIP_REGISTER_METHOD)
        register_sent(tdata);
}

/* ---- Python ---- */

PyObject *contact_registered(PyObject *module, PyObject *args)
{
    const char *call_id, *text;
    const sent_register *found;

    (void)module;
    if (!PyArg_ParseTuple(args, "s:registered_contact", &call_id) || !sipext_usable(PJ_TRUE))
        return NULL;
    found = find_register(call_id);
    text = found ? found->contact : "";
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "surrogateescape");
}

PyObject *contact_removed(PyObject *module, PyObject *args)
{
    const char *call_id;
    sent_register *found;

    (void)module;
    if (!PyArg_ParseTuple(args, "s:bindings_removed", &call_id) || !sipext_usable(PJ_TRUE))
        return NULL;
    found = find_register(call_id);
    if (found)
        found->removed = PJ_TRUE;
    return PyBool_FromLong(found != NULL);
}

void contact_begin(void)
{
    pj_bzero(registers, sizeof registers);
}

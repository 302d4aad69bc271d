/* Who sent us ICMP "destination unreachable" for a datagram of ours: the sign of a host whose SIP Server is gone. Whether
 * it is believed is Python's to say: anybody who knows our port can send one.
 *
 * The kernel tells it where a socket wants to know (IP_RECVERR). Its word lies in a queue of the socket's own, and makes
 * the next sendto() fail, whomever that one is for: so the queue is emptied before each message of ours, too.
 */
#include "module.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <pjsip/sip_transport_udp.h>
#include <pjsua-lib/pjsua_internal.h>
#include <sys/socket.h>
/* after the C library's own, whose timespec it would define again */
#include <linux/errqueue.h>

#define MOST 16 /* places between two questions; the others come again, for they are asked again */

static pj_sockaddr places[MOST];
static unsigned count;

static void keep(const pj_sockaddr *place)
{
    for (unsigned i = 0; i < count; ++i)
        if (pj_sockaddr_cmp(&places[i], place) == 0)
            return;
    if (count < MOST)
        pj_sockaddr_cp(&places[count++], place);
}

/* A datagram that is too long for the way has no unreachable destination. */
static pj_bool_t tells_of_a_host(const struct sock_extended_err *error)
{
    if (error->ee_origin == SO_EE_ORIGIN_ICMP)
        return error->ee_type == ICMP_DEST_UNREACH && error->ee_code != ICMP_FRAG_NEEDED;
    return error->ee_origin == SO_EE_ORIGIN_ICMP6 && error->ee_type == 1; /* RFC 4443 section 3.1 */
}

static void empty(pj_sock_t socket)
{
    for (unsigned i = 0; i < 64; ++i) { /* bounded: somebody may fill it as fast */
        char text[1], room[512];
        pj_sockaddr to;
        struct iovec part = {text, sizeof text};
        struct msghdr message = {.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &part, .msg_iovlen = 1,
                                 .msg_control = room, .msg_controllen = sizeof room};

        if (recvmsg((int)socket, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
            return;
        for (struct cmsghdr *each = CMSG_FIRSTHDR(&message); each; each = CMSG_NXTHDR(&message, each)) {
            pj_bool_t error = (each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_RECVERR) ||
                              (each->cmsg_level == IPPROTO_IPV6 && each->cmsg_type == IPV6_RECVERR);

            if (error && message.msg_namelen && tells_of_a_host((const void *)CMSG_DATA(each)))
                keep(&to);
        }
    }
}

static pj_sock_t socket_of(pjsip_transport *transport)
{
    pjsip_transport_type_e type = transport ? transport->key.type : PJSIP_TRANSPORT_UNSPECIFIED;

    return type == PJSIP_TRANSPORT_UDP || type == PJSIP_TRANSPORT_UDP6 ? pjsip_udp_transport_get_socket(transport)
                                                                       : PJ_INVALID_SOCKET;
}

void unreachable_before_sending(pjsip_transport *transport)
{
    pj_sock_t socket = socket_of(transport);
    int on = 1;

    if (socket == PJ_INVALID_SOCKET)
        return;
    if (transport->key.type == PJSIP_TRANSPORT_UDP)
        setsockopt((int)socket, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
    else
        setsockopt((int)socket, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
    empty(socket);
}

void unreachable_clear(void)
{
    count = 0;
}

PyObject *unreachable_list(PyObject *module, PyObject *unused)
{
    PyObject *list = sipext_usable(PJ_TRUE) ? PyList_New(0) : NULL;

    (void)module, (void)unused;
    for (unsigned i = 0; list && i < PJ_ARRAY_SIZE(pjsua_var.tpdata); ++i) {
        const pjsua_transport_data *each = &pjsua_var.tpdata[i];

        if (each->data.ptr && (each->type == PJSIP_TRANSPORT_UDP || each->type == PJSIP_TRANSPORT_UDP6))
            empty(pjsip_udp_transport_get_socket(each->data.tp));
    }
    for (unsigned i = 0; list && i < count; ++i) {
        char host[PJ_INET6_ADDRSTRLEN] = "";
        PyObject *item;

        pj_sockaddr_print(&places[i], host, sizeof host, 0);
        item = Py_BuildValue("(si)", host, (int)pj_sockaddr_get_port(&places[i]));
        if (!item || PyList_Append(list, item) < 0)
            Py_CLEAR(list);
        Py_XDECREF(item);
    }
    if (list)
        count = 0;
    return list;
}

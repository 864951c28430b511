/* SPDX-License-Identifier: MIT */
/* On libmnl. None of the sockets blocks. */
#include "agent/kernel_netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

#define ANSWERS_MAX    32768   /* dumps come in pieces of at most this */
#define MONITOR_BUFFER 4194304 /* a thousand changes at a time take 0.8 MB */
#define DUMP_SEQUENCE  1

static uint8_t family_of(struct address address)
{
	return address_is_v4(address) ? AF_INET : AF_INET6;
}

static bool parse_address(struct address *address, uint8_t family, const struct nlattr *attribute)
{
	const uint16_t length = mnl_attr_get_payload_len(attribute);

	if (family == AF_INET && length == sizeof(uint32_t))
		*address = address_v4(ntohl(mnl_attr_get_u32(attribute)));
	else if (family == AF_INET6 && length == ADDRESS_OCTETS)
		*address = address_load(mnl_attr_get_payload(attribute));
	else
		return false;
	return family_of(*address) == family;
}

static void put_address(struct nlmsghdr *header, struct address address)
{
	uint8_t octet[ADDRESS_OCTETS];

	if (address_is_v4(address)) {
		mnl_attr_put_u32(header, NDA_DST, htonl(address_number(address)));
		return;
	}
	address_store(octet, address);
	mnl_attr_put(header, NDA_DST, sizeof(octet), octet);
}

bool kernel_message_parse(struct kernel_neighbour *neighbour, const struct nlmsghdr *header)
{
	const struct ndmsg *message = mnl_nlmsg_get_payload(header);
	const struct nlattr *attribute;
	bool found = false;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*message) ||
	    (message->ndm_family != AF_INET && message->ndm_family != AF_INET6) ||
	    !message->ndm_ifindex ||
	    message->ndm_flags & NTF_PROXY) /* proxies are a table of their own */
		return false;
	*neighbour = (struct kernel_neighbour){
	        .ifindex = (unsigned)message->ndm_ifindex,
	        .state = message->ndm_state,
	        .router = message->ndm_flags & NTF_ROUTER,
	        .ext_learned = message->ndm_flags & NTF_EXT_LEARNED,
	        .gone = header->nlmsg_type == RTM_DELNEIGH,
	};
	mnl_attr_for_each(attribute, header, sizeof(*message))
	{
		uint16_t length = mnl_attr_get_payload_len(attribute);

		switch (mnl_attr_get_type(attribute)) {
		case NDA_DST:
			found = parse_address(&neighbour->address, message->ndm_family, attribute);
			break;
		case NDA_LLADDR:
			if (length == sizeof(neighbour->mac.octet))
				memcpy(neighbour->mac.octet, mnl_attr_get_payload(attribute),
				       length);
			break;
		case NDA_PROTOCOL:
			if (length == sizeof(uint8_t))
				neighbour->protocol = mnl_attr_get_u8(attribute);
			break;
		case NDA_FLAGS_EXT:
			if (length == sizeof(uint32_t))
				neighbour->managed = mnl_attr_get_u32(attribute) & NTF_EXT_MANAGED;
			break;
		default:
			break;
		}
	}
	return found;
}

static struct ndmsg *begin(void *buffer, struct nlmsghdr **header, uint16_t type, uint8_t family,
                           uint16_t flags, uint32_t sequence)
{
	struct ndmsg *message;

	*header = mnl_nlmsg_put_header(buffer);
	(*header)->nlmsg_type = type;
	(*header)->nlmsg_flags = NLM_F_REQUEST | flags;
	(*header)->nlmsg_seq = sequence;
	message = mnl_nlmsg_put_extra_header(*header, sizeof(*message));
	message->ndm_family = family;
	return message;
}

size_t kernel_message_write(void *buffer, enum kernel_write write,
                            const struct kernel_neighbour *neighbour, uint32_t sequence)
{
	static const uint16_t flags[] = {
	        [KERNEL_CREATE] = NLM_F_CREATE | NLM_F_EXCL,
	        /* Not NLM_F_CREATE: an entry that went away meanwhile stays away. */
	        [KERNEL_REPLACE] = NLM_F_REPLACE,
	        /* neigh_add() leaves another MAC alone without NLM_F_REPLACE. */
	        [KERNEL_REFRESH] = 0,
	        [KERNEL_REMOVE] = 0,
	};
	struct nlmsghdr *header;
	struct ndmsg *message =
	        begin(buffer, &header, write == KERNEL_REMOVE ? RTM_DELNEIGH : RTM_NEWNEIGH,
	              family_of(neighbour->address), flags[write], sequence);

	message->ndm_ifindex = (int)neighbour->ifindex;
	message->ndm_state = neighbour->state;
	/* neigh_add() takes R from the request, whatever the entry had. */
	message->ndm_flags = (uint8_t)((neighbour->ext_learned ? NTF_EXT_LEARNED : 0) |
	                               (neighbour->router ? NTF_ROUTER : 0));
	put_address(header, neighbour->address);
	if (write != KERNEL_REMOVE)
		mnl_attr_put(header, NDA_LLADDR, sizeof(neighbour->mac.octet),
		             neighbour->mac.octet);
	if (neighbour->protocol)
		mnl_attr_put_u8(header, NDA_PROTOCOL, neighbour->protocol);
	return header->nlmsg_len;
}

static size_t kernel_message_get(void *buffer, unsigned ifindex, struct address address,
                                 uint32_t sequence)
{
	struct nlmsghdr *header;
	struct ndmsg *message =
	        begin(buffer, &header, RTM_GETNEIGH, family_of(address), 0, sequence);

	message->ndm_ifindex = (int)ifindex;
	put_address(header, address);
	return header->nlmsg_len;
}

static size_t kernel_message_dump(void *buffer, uint32_t sequence)
{
	struct nlmsghdr *header;

	begin(buffer, &header, RTM_GETNEIGH, AF_UNSPEC, NLM_F_DUMP, sequence);
	return header->nlmsg_len;
}

static int socket_open(struct mnl_socket **socket, unsigned groups, struct fault *fault)
{
	int error;

	*socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (*socket && mnl_socket_bind(*socket, groups, MNL_SOCKET_AUTOPID) >= 0)
		return 0;
	error = -errno;
	if (*socket)
		mnl_socket_close(*socket);
	*socket = NULL;
	return fault_set(fault, error, "the host's neighbour table: cannot open a socket: %s",
	                 strerror(-error));
}

int kernel_socket_open(struct kernel_socket *socket, struct fault *fault)
{
	socket->length = socket->count = 0;
	return socket_open(&socket->socket, 0, fault);
}

void kernel_socket_close(struct kernel_socket *socket)
{
	if (socket->socket)
		mnl_socket_close(socket->socket);
	socket->socket = NULL;
}

void kernel_socket_put(struct kernel_socket *socket, enum kernel_write write,
                       const struct kernel_neighbour *neighbour)
{
	socket->length += kernel_message_write(socket->batch + socket->length, write, neighbour,
	                                       ++socket->sequence);
	socket->count++;
}

static ssize_t receive(struct mnl_socket *socket, void *buffer)
{
	ssize_t length;

	do
		length = mnl_socket_recvfrom(socket, buffer, ANSWERS_MAX);
	while (length < 0 && errno == EINTR);
	return length < 0 ? -errno : length;
}

void kernel_socket_flush(struct kernel_socket *socket,
                         void (*refused)(void *context, int error,
                                         const struct kernel_neighbour *request),
                         void *context)
{
	char buffer[ANSWERS_MAX] __attribute__((aligned(4)));
	ssize_t length;

	if (!socket->count)
		return;
	if (mnl_socket_sendto(socket->socket, socket->batch, socket->length) < 0)
		log_debug("the host's neighbour table: a request was not sent: %s",
		          strerror(errno));
	socket->length = socket->count = 0;
	while ((length = receive(socket->socket, buffer)) > 0) {
		const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;

		for (int left = (int)length; mnl_nlmsg_ok(header, left);
		     header = mnl_nlmsg_next(header, &left)) {
			const struct nlmsgerr *answer = mnl_nlmsg_get_payload(header);
			struct kernel_neighbour request;

			/* The request follows its error, whole (no NETLINK_CAP_ACK). */
			if (header->nlmsg_type == NLMSG_ERROR && answer->error &&
			    kernel_message_parse(&request, &answer->msg))
				refused(context, answer->error, &request);
		}
	}
}

int kernel_socket_get(struct kernel_socket *socket, struct kernel_neighbour *neighbour,
                      unsigned ifindex, struct address address)
{
	char buffer[ANSWERS_MAX] __attribute__((aligned(4)));
	const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;
	const struct nlmsgerr *answer;
	ssize_t length = (ssize_t)kernel_message_get(buffer, ifindex, address, ++socket->sequence);

	if (mnl_socket_sendto(socket->socket, buffer, (size_t)length) < 0)
		return -errno;
	length = receive(socket->socket, buffer);
	if (length < 0)
		return (int)length;
	if (!mnl_nlmsg_ok(header, (int)length))
		return -EBADMSG;
	if (header->nlmsg_type == NLMSG_ERROR) {
		answer = mnl_nlmsg_get_payload(header);
		return answer->error ? answer->error : -EBADMSG;
	}
	return kernel_message_parse(neighbour, header) ? 0 : -EBADMSG;
}

int kernel_dump_open(struct mnl_socket **dump, struct fault *fault)
{
	char buffer[KERNEL_MESSAGE_MAX] __attribute__((aligned(4)));
	int error = socket_open(dump, 0, fault);

	if (error)
		return error;
	if (mnl_socket_sendto(*dump, buffer, kernel_message_dump(buffer, DUMP_SEQUENCE)) >= 0)
		return 0;
	error = -errno;
	mnl_socket_close(*dump);
	*dump = NULL;
	return fault_set(fault, error, "the host's neighbour table: cannot list it: %s",
	                 strerror(-error));
}

/* 1: visited; 0: the end of a list; or a negative errno. A list that changed meanwhile
 * (NLM_F_DUMP_INTR) is not an error: the monitor reports what it lacks. */
static int visit_all(const void *buffer, ssize_t length, kernel_visit *visit, void *context)
{
	const struct nlmsghdr *header = buffer;
	struct kernel_neighbour neighbour;

	for (int left = (int)length; mnl_nlmsg_ok(header, left);
	     header = mnl_nlmsg_next(header, &left)) {
		const struct nlmsgerr *answer = mnl_nlmsg_get_payload(header);

		if (header->nlmsg_type == NLMSG_DONE)
			return 0;
		if (header->nlmsg_type == NLMSG_ERROR)
			return answer->error;
		if ((header->nlmsg_type == RTM_NEWNEIGH || header->nlmsg_type == RTM_DELNEIGH) &&
		    kernel_message_parse(&neighbour, header))
			visit(context, &neighbour);
	}
	return 1;
}

int kernel_dump_next(struct mnl_socket *dump, kernel_visit *visit, void *context)
{
	char buffer[ANSWERS_MAX] __attribute__((aligned(4)));
	ssize_t length = receive(dump, buffer);

	return length < 0 ? (int)length : visit_all(buffer, length, visit, context);
}

int kernel_monitor_open(struct mnl_socket **monitor, struct fault *fault)
{
	const int size = MONITOR_BUFFER;
	int error = socket_open(monitor, RTMGRP_NEIGH, fault);

	/* Beyond rmem_max, by CAP_NET_ADMIN; without it, more is lost, and listed again. */
	if (!error)
		(void)setsockopt(mnl_socket_get_fd(*monitor), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		                 sizeof(size));
	return error;
}

int kernel_monitor_next(struct mnl_socket *monitor, kernel_visit *visit, void *context)
{
	char buffer[ANSWERS_MAX] __attribute__((aligned(4)));
	ssize_t length = receive(monitor, buffer);

	if (length < 0)
		return length == -EAGAIN ? 0 : (int)length;
	(void)visit_all(buffer, length, visit, context);
	return 1;
}

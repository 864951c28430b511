/* SPDX-License-Identifier: MIT */
/* rtnetlink through libmnl: one socket that listens, and a short-lived one for each dump. */
#include "ports/links.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "ports/link_message.h"

#define MESSAGES_MAX 32768 /* libmnl: one page up to 8 KiB a message; dumps come in larger ones */

struct links {
	struct mnl_socket *monitor;
	struct links_ops ops;
	void *context;
};

static int message(const struct nlmsghdr *header, void *context)
{
	struct links *links = context;
	struct link_address address;
	struct link_state link;

	switch (header->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		if (link_message_parse(&link, header))
			links->ops.link(links->context, &link);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		if (address_message_parse(&address, header))
			links->ops.address(links->context, &address);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static int dump(struct links *links, uint16_t type, struct fault *fault)
{
	char buffer[MESSAGES_MAX];
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	ssize_t length;
	int error = 0;

	if (!socket)
		return fault_set(fault, -errno, "netlink: cannot open a socket: %s",
		                 strerror(errno));
	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = type;
	if (type == RTM_GETLINK) {
		struct ifinfomsg *info =
		        mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg));
		info->ifi_family = AF_UNSPEC;
	} else {
		struct ifaddrmsg *info =
		        mnl_nlmsg_put_extra_header(header, sizeof(struct ifaddrmsg));
		info->ifa_family = AF_INET;
	}
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, header, header->nlmsg_len) < 0) {
		error = -errno;
		goto out;
	}
	while ((length = mnl_socket_recvfrom(socket, buffer, sizeof(buffer))) > 0) {
		int more = mnl_cb_run(buffer, (size_t)length, type, mnl_socket_get_portid(socket),
		                      message, links);

		if (more < 0)
			error = -errno;
		if (more <= MNL_CB_STOP)
			goto out;
	}
	if (length < 0)
		error = -errno;
out:
	mnl_socket_close(socket);
	if (error)
		fault_set(fault, error, "netlink: cannot list interfaces: %s", strerror(-error));
	return error;
}

int links_open(struct links **out, const struct links_ops *ops, void *context, struct fault *fault)
{
	struct links *links = calloc(1, sizeof(*links));

	if (!links)
		return fault_set(fault, -ENOMEM, "netlink: out of memory");
	links->ops = *ops;
	links->context = context;
	links->monitor = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!links->monitor || mnl_socket_bind(links->monitor, RTMGRP_LINK | RTMGRP_IPV4_IFADDR,
	                                       MNL_SOCKET_AUTOPID) < 0) {
		int error = -errno;

		links_close(links);
		return fault_set(fault, error, "netlink: cannot watch interfaces: %s",
		                 strerror(-error));
	}
	*out = links;
	return 0;
}

int links_dump(struct links *links, struct fault *fault)
{
	int error = dump(links, RTM_GETLINK, fault);

	return error ? error : dump(links, RTM_GETADDR, fault);
}

int links_fd(const struct links *links)
{
	return mnl_socket_get_fd(links->monitor);
}

int links_receive(struct links *links, struct fault *fault)
{
	char buffer[MESSAGES_MAX];

	for (;;) {
		ssize_t length = mnl_socket_recvfrom(links->monitor, buffer, sizeof(buffer));

		if (length < 0 && errno == ENOBUFS) {
			log_warning("netlink: changes were lost; listing all interfaces again");
			return links_dump(links, fault);
		}
		if (length < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (length < 0)
			return fault_set(fault, -errno, "netlink: %s", strerror(errno));
		/* seq 0 and port 0: notifications are no answers to a request. */
		if (mnl_cb_run(buffer, (size_t)length, 0, 0, message, links) < 0)
			log_debug("netlink: a message could not be parsed: %s", strerror(errno));
	}
}

void links_close(struct links *links)
{
	if (!links)
		return;
	if (links->monitor)
		mnl_socket_close(links->monitor);
	free(links);
}

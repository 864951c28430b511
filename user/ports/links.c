/* SPDX-License-Identifier: MIT */
/*
 * rtnetlink through libmnl: one socket that listens, and a short-lived one for each dump. It parses
 * the attributes of linux/if_link.h and linux/if_addr.h that the agent needs.
 */
#include "ports/links.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES_MAX 32768 /* libmnl: one page up to 8 KiB a message; dumps come in larger ones */

static enum link_kind kind_of(const char *name)
{
	if (!strcmp(name, "bridge"))
		return LINK_BRIDGE;
	if (!strcmp(name, "bond") || !strcmp(name, "team"))
		return LINK_BOND;
	if (!strcmp(name, "vlan"))
		return LINK_VLAN;
	return LINK_OTHER;
}

static void vlan_data(struct link_state *link, const struct nlattr *data)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, data)
	{
		if (mnl_attr_get_type(attribute) == IFLA_VLAN_ID &&
		    mnl_attr_validate(attribute, MNL_TYPE_U16) >= 0)
			link->vlan = mnl_attr_get_u16(attribute);
	}
}

/* The kind comes before its data (rtnl_link_info_fill()), but no document promises it. */
static void link_info(struct link_state *link, const struct nlattr *info)
{
	const struct nlattr *attribute, *data = NULL;

	mnl_attr_for_each_nested(attribute, info)
	{
		if (mnl_attr_get_type(attribute) == IFLA_INFO_DATA)
			data = attribute;
		if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND &&
		    mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0)
			link->kind = kind_of(mnl_attr_get_str(attribute));
	}
	if (data && link->kind == LINK_VLAN)
		vlan_data(link, data);
}

bool link_message_parse(struct link_state *link, const struct nlmsghdr *header)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);
	const struct nlattr *attribute;
	bool elsewhere = false;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*info))
		return false;
	*link = (struct link_state){
	        .ifindex = (unsigned)info->ifi_index,
	        .ethernet = info->ifi_type == ARPHRD_ETHER,
	        .up = (info->ifi_flags & IFF_UP) && (info->ifi_flags & IFF_RUNNING),
	        .gone = header->nlmsg_type == RTM_DELLINK,
	        .mtu = UINT16_MAX,
	};
	/* AF_BRIDGE messages speak of a port's membership, not of the interface. */
	if (info->ifi_family != AF_UNSPEC)
		return false;
	mnl_attr_for_each(attribute, header, sizeof(*info))
	{
		uint16_t length = mnl_attr_get_payload_len(attribute);

		switch (mnl_attr_get_type(attribute)) {
		case IFLA_IFNAME:
			if (mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0)
				strncpy(link->name, mnl_attr_get_str(attribute), IFNAMSIZ - 1);
			break;
		case IFLA_ADDRESS:
			if (length == sizeof(link->mac.octet))
				memcpy(link->mac.octet, mnl_attr_get_payload(attribute), length);
			break;
		case IFLA_MTU:
			if (length == sizeof(uint32_t) && mnl_attr_get_u32(attribute) < link->mtu)
				link->mtu = (uint16_t)mnl_attr_get_u32(attribute);
			break;
		case IFLA_MASTER:
			if (length == sizeof(uint32_t))
				link->master = mnl_attr_get_u32(attribute);
			break;
		case IFLA_LINK:
			if (length == sizeof(uint32_t))
				link->lower = mnl_attr_get_u32(attribute);
			break;
		case IFLA_LINK_NETNSID:
			elsewhere = true;
			break;
		case IFLA_LINKINFO:
			link_info(link, attribute);
			break;
		default:
			break;
		}
	}
	if (elsewhere) /* then IFLA_LINK is an index in that namespace */
		link->lower = 0;
	return true;
}

/* IFA_LOCAL is our side, and IFA_ADDRESS then the peer's. IPv6 has the former on point-to-point
 * links only (inet6_fill_ifaddr()). */
static bool address_of(struct link_address *address, uint8_t family, const struct nlattr *attribute)
{
	const uint16_t length = mnl_attr_get_payload_len(attribute);

	if (family == AF_INET && length == sizeof(uint32_t))
		address->address = address_v4(ntohl(mnl_attr_get_u32(attribute)));
	else if (family == AF_INET6 && length == ADDRESS_OCTETS)
		address->address = address_load(mnl_attr_get_payload(attribute));
	else
		return false;
	return address_is_v4(address->address) == (family == AF_INET);
}

bool address_message_parse(struct link_address *address, const struct nlmsghdr *header)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(header);
	const struct nlattr *attribute, *own = NULL, *either = NULL;
	uint32_t flags;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*info) ||
	    (info->ifa_family != AF_INET && info->ifa_family != AF_INET6))
		return false;
	flags = info->ifa_flags;
	mnl_attr_for_each(attribute, header, sizeof(*info))
	{
		const uint16_t type = mnl_attr_get_type(attribute);

		if (type == IFA_LOCAL)
			own = attribute;
		if (type == IFA_ADDRESS && info->ifa_family == AF_INET6)
			either = attribute;
		if (type == IFA_FLAGS && mnl_attr_validate(attribute, MNL_TYPE_U32) >= 0)
			flags = mnl_attr_get_u32(attribute);
	}
	*address = (struct link_address){
	        .ifindex = info->ifa_index,
	        .length = info->ifa_prefixlen,
	        .gone = header->nlmsg_type == RTM_DELADDR ||
	                flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED),
	};
	own = own ? own : either;
	return own && address_of(address, info->ifa_family, own);
}

bool router_message_parse(struct link_router *router, const struct nlmsghdr *header)
{
	const struct netconfmsg *info = mnl_nlmsg_get_payload(header);
	const struct nlattr *attribute;
	int32_t ifindex = 0, forwarding = -1;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*info) || info->ncm_family != AF_INET6)
		return false;
	mnl_attr_for_each(attribute, header, sizeof(*info))
	{
		const uint16_t type = mnl_attr_get_type(attribute);

		if (mnl_attr_validate(attribute, MNL_TYPE_U32) < 0)
			continue;
		if (type == NETCONFA_IFINDEX)
			ifindex = (int32_t)mnl_attr_get_u32(attribute);
		if (type == NETCONFA_FORWARDING)
			forwarding = (int32_t)mnl_attr_get_u32(attribute);
	}
	*router = (struct link_router){(unsigned)ifindex, forwarding > 0};
	/* Negative indexes are "all" and "default". */
	return ifindex > 0 && forwarding >= 0;
}

struct links {
	struct mnl_socket *monitor;
	struct links_ops ops;
	void *context;
};

static int message(const struct nlmsghdr *header, void *context)
{
	struct links *links = context;
	struct link_address address;
	struct link_router router;
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
	case RTM_NEWNETCONF:
		if (router_message_parse(&router, header))
			links->ops.router(links->context, &router);
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
	} else if (type == RTM_GETNETCONF) {
		struct netconfmsg *info =
		        mnl_nlmsg_put_extra_header(header, sizeof(struct netconfmsg));
		info->ncm_family = AF_INET6;
	} else {
		struct ifaddrmsg *info =
		        mnl_nlmsg_put_extra_header(header, sizeof(struct ifaddrmsg));
		info->ifa_family = AF_UNSPEC;
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
	int group = RTNLGRP_IPV6_NETCONF;

	if (!links)
		return fault_set(fault, -ENOMEM, "netlink: out of memory");
	links->ops = *ops;
	links->context = context;
	links->monitor = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!links->monitor ||
	    mnl_socket_bind(links->monitor, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
	                    MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_setsockopt(links->monitor, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) <
	            0) {
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
	struct fault unsaid;
	int error = dump(links, RTM_GETLINK, fault);

	if (!error)
		error = dump(links, RTM_GETADDR, fault);
	if (!error) /* a kernel without IPv6 has none */
		(void)dump(links, RTM_GETNETCONF, &unsaid);
	return error;
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

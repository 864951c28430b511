/* SPDX-License-Identifier: MIT */
/* The attributes of include/uapi/linux/if_link.h and if_addr.h that the agent needs. */
#include "ports/link_message.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

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

bool address_message_parse(struct link_address *address, const struct nlmsghdr *header)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(header);
	const struct nlattr *attribute;
	bool found = false;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*info) || info->ifa_family != AF_INET)
		return false;
	*address = (struct link_address){
	        .ifindex = info->ifa_index,
	        .length = info->ifa_prefixlen,
	        .gone = header->nlmsg_type == RTM_DELADDR,
	};
	/* IFA_LOCAL is our side; IFA_ADDRESS is the peer's on point-to-point links. */
	mnl_attr_for_each(attribute, header, sizeof(*info))
	{
		if (mnl_attr_get_type(attribute) != IFA_LOCAL)
			continue;
		if (mnl_attr_get_payload_len(attribute) != sizeof(uint32_t))
			continue;
		address->address = ntohl(mnl_attr_get_u32(attribute));
		found = true;
	}
	return found;
}

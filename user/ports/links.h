/* SPDX-License-Identifier: MIT */
/* Interfaces and their addresses, from rtnetlink: all that exist, then every change. */
#ifndef USER_PORTS_LINKS_H
#define USER_PORTS_LINKS_H

#include <linux/netlink.h>
#include <net/if.h>

#include "base/base.h"
#include "wire/wire.h"

enum link_kind { LINK_OTHER, LINK_BRIDGE, LINK_BOND, LINK_VLAN };

struct link_state {
	unsigned ifindex;
	char name[IFNAMSIZ];
	struct mac mac;
	bool ethernet; /* ARPHRD_ETHER */
	bool up;       /* administratively up and with carrier */
	bool gone;     /* RTM_DELLINK */
	uint16_t mtu;  /* 65535: that or more */
	enum link_kind kind;
	unsigned master; /* the interface that it is a port or slave of; 0: none */
	unsigned lower;  /* the interface below it, in this network namespace; 0: none */
	uint16_t vlan;   /* of LINK_VLAN: the ID of its tag, 802.1Q or 802.1ad */
};

struct link_address {
	unsigned ifindex;
	struct address address;
	uint8_t length; /* of its prefix */
	bool gone;      /* RTM_DELADDR */
};

/* Whether the host forwards IPv6 that comes from an interface: there it is a router (RFC
 * 4861 6.2.1). */
struct link_router {
	unsigned ifindex;
	bool router;
};

/* RTM_NEWLINK, RTM_DELLINK. False: the message is not about the interface itself. */
bool link_message_parse(struct link_state *link, const struct nlmsghdr *header);
/* RTM_NEWADDR, RTM_DELADDR. False: not an IP address. An IPv6 address that the host may not use, or
 * not yet (RFC 4862 5.4: it is tentative, or a duplicate), counts as gone. */
bool address_message_parse(struct link_address *address, const struct nlmsghdr *header);

/* RTM_NEWNETCONF. False: not about an interface's IPv6 forwarding. */
bool router_message_parse(struct link_router *router, const struct nlmsghdr *header);

struct links_ops {
	void (*link)(void *context, const struct link_state *link);
	void (*address)(void *context, const struct link_address *address);
	void (*router)(void *context, const struct link_router *router);
};

struct links;

/* Subscribes to changes in the current network namespace; nothing is called yet. */
int links_open(struct links **links, const struct links_ops *ops, void *context,
               struct fault *fault);
/* Calls the operations for all that exists: links first, then addresses and routers. Blocks
 * briefly. */
int links_dump(struct links *links, struct fault *fault);
/* To poll for reading; then links_receive() calls the operations for what changed. After an
 * overrun it dumps everything again. */
int links_fd(const struct links *links);
int links_receive(struct links *links, struct fault *fault);
void links_close(struct links *links);

#endif

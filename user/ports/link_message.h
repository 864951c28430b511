/* SPDX-License-Identifier: MIT */
/* rtnetlink's messages about interfaces and addresses, as values. */
#ifndef USER_PORTS_LINK_MESSAGE_H
#define USER_PORTS_LINK_MESSAGE_H

#include <linux/netlink.h>

#include "ports/links.h"

/* RTM_NEWLINK, RTM_DELLINK. False: the message is not about the interface itself. */
bool link_message_parse(struct link_state *link, const struct nlmsghdr *header);
/* RTM_NEWADDR, RTM_DELADDR. False: not an IPv4 address. */
bool address_message_parse(struct link_address *address, const struct nlmsghdr *header);

#endif

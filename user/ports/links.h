/* SPDX-License-Identifier: MIT */
/* Interfaces and their IPv4 addresses, from rtnetlink: all that exist, then every change. */
#ifndef USER_PORTS_LINKS_H
#define USER_PORTS_LINKS_H

#include "base/base.h"
#include "ports/link_message.h"

struct links_ops {
	void (*link)(void *context, const struct link_state *link);
	void (*address)(void *context, const struct link_address *address);
};

struct links;

/* Subscribes to changes in the current network namespace; nothing is called yet. */
int links_open(struct links **links, const struct links_ops *ops, void *context,
               struct fault *fault);
/* Calls the operations for all that exists: links first, then addresses. Blocks briefly. */
int links_dump(struct links *links, struct fault *fault);
/* To poll for reading; then links_receive() calls the operations for what changed. After an
 * overrun it dumps everything again. */
int links_fd(const struct links *links);
int links_receive(struct links *links, struct fault *fault);
void links_close(struct links *links);

#endif

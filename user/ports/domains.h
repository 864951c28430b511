/* SPDX-License-Identifier: MIT */
/*
 * What a segment is as a whole, over all of its ports: whether any has a link, the MAC that stands
 * for it, and which addresses of it are the host's own. Reports changes through struct ports_ops.
 */
#ifndef USER_PORTS_DOMAINS_H
#define USER_PORTS_DOMAINS_H

#include "ports/port.h"

/* One for each segment, up and without a MAC. */
int domains_init(struct ports *ports);
/* Reports links and MACs. Call when a port or its link changed. */
void domains_tell(struct ports *ports);
/* Looks anew which addresses are on and above each port, and reports them. Call when a port, an
 * interface above one, or an address changed. */
void domains_addresses(struct ports *ports);
/* Reports each of the host's own addresses once more. Call when what they are has changed. */
void domains_again(struct ports *ports);
/* Whether the host has the IPv6 address, and is a router on its interface. */
bool domains_is_router(const struct ports *ports, unsigned segment, struct address address);

/* The host's own addresses: those on and above the ports, or only those that are attached. 0 or
 * -ENOMEM. */
int domains_own(struct locals *own, const struct ports *ports, const struct layout *layout,
                bool attached);

/* An address that is in the set already keeps its MAC. 0 or -ENOMEM. */
int locals_add(struct locals *locals, unsigned segment, struct address address, struct mac mac);
/* Moves `fresh` to `told`, and reports each difference, in order. */
void locals_become(struct locals *told, struct locals *fresh,
                   void (*tell)(void *context, unsigned segment, struct address address,
                                const struct mac *mac), /* mac NULL: no longer */
                   void *context);
/* NULL: it is not in the set. */
const struct local *locals_find(const struct locals *locals, unsigned segment,
                                struct address address);
void locals_clear(struct locals *locals);

#endif

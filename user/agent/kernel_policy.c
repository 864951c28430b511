/* SPDX-License-Identifier: MIT */
/*
 * Entries are REACHABLE, and not PERMANENT or NOARP: if the agent dies, the kernel's own ageing
 * takes over, and the kernel requests the addresses that it uses.
 */
#include "agent/kernel_policy.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

bool kernel_is_ours(const struct kernel_neighbour *running)
{
	return running->ext_learned && running->protocol == KERNEL_PROTOCOL &&
	       !(running->state & (NUD_PERMANENT | NUD_NOARP)) && !running->managed;
}

bool kernel_is_plain(const struct kernel_neighbour *running)
{
	/* `ip neigh replace` leaves the protocol of an entry as it was. */
	return !running->ext_learned && !running->managed &&
	       !(running->state & (NUD_PERMANENT | NUD_NOARP)) &&
	       (running->protocol == RTPROT_UNSPEC || running->protocol == KERNEL_PROTOCOL);
}

bool kernel_is_news(const struct kernel_neighbour *running)
{
	return !running->gone && running->state & NUD_REACHABLE && !running->ext_learned &&
	       mac_is_station(running->mac);
}

bool kernel_reconcile(enum kernel_write *write, const struct kernel_wish *wish,
                      const struct kernel_neighbour *running)
{
	if (!running) {
		*write = KERNEL_CREATE;
		return wish->wanted;
	}
	if (!wish->wanted) {
		*write = KERNEL_REMOVE;
		return kernel_is_ours(running);
	}
	/* A stale binding changes nothing, and keeps no entry from ageing. */
	if (!wish->alive || (!kernel_is_ours(running) && !kernel_is_plain(running)))
		return false;
	*write = kernel_is_ours(running) && mac_equal(running->mac, wish->mac) ? KERNEL_REFRESH
	                                                                       : KERNEL_REPLACE;
	return true;
}

bool kernel_introduce(struct mac asker, const struct kernel_neighbour *running)
{
	return kernel_is_plain(running) && !mac_equal(running->mac, asker);
}

struct kernel_neighbour kernel_entry(const struct kernel_wish *wish, unsigned ifindex,
                                     struct address address)
{
	return (struct kernel_neighbour){
	        .ifindex = ifindex,
	        .address = address,
	        .mac = wish->mac,
	        .state = wish->alive ? NUD_REACHABLE : NUD_STALE,
	        .protocol = KERNEL_PROTOCOL,
	        .router = wish->router,
	        .ext_learned = true,
	};
}

struct kernel_neighbour kernel_entry_for(const struct kernel_wish *wish,
                                         const struct kernel_neighbour *running)
{
	struct kernel_neighbour entry = kernel_entry(wish, running->ifindex, running->address);

	entry.router = entry.router || running->router;
	return entry;
}

struct kernel_neighbour kernel_asker(struct mac mac, unsigned ifindex, struct address address)
{
	return (struct kernel_neighbour){
	        .ifindex = ifindex,
	        .address = address,
	        .mac = mac,
	        .state = NUD_STALE,
	};
}

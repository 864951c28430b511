/* SPDX-License-Identifier: MIT */
/* What to do with an entry of the host's neighbour table: the wish against what exists. Pure. */
#ifndef USER_AGENT_KERNEL_POLICY_H
#define USER_AGENT_KERNEL_POLICY_H

#include "agent/kernel_netlink.h"

/* What the agent wishes the host's table to say of an address. */
struct kernel_wish {
	bool wanted; /* else: no entry of the agent's */
	bool alive;  /* STATIC, or DYNAMIC: it was heard within the timeout; else STALE */
	bool router;
	struct mac mac;
};

/* The agent made it, and no other program has changed it since. */
bool kernel_is_ours(const struct kernel_neighbour *running);
/* The kernel made it by itself, or a program just so. What is neither ours nor plain is left alone.
 */
bool kernel_is_plain(const struct kernel_neighbour *running);
/* The kernel has just had a reply, not an entry from the agent or another daemon. */
bool kernel_is_news(const struct kernel_neighbour *running);

/* Export. `running` NULL: no entry exists. True: do `write`, with kernel_entry() of the wish. */
bool kernel_reconcile(enum kernel_write *write, const struct kernel_wish *wish,
                      const struct kernel_neighbour *running);
/* local = offload: whether an entry with another MAC than the asker's may be replaced. */
bool kernel_introduce(struct mac asker, const struct kernel_neighbour *running);

/* The entry for a wish; and for an asker: as arp_process() makes it, so it is not the agent's. */
struct kernel_neighbour kernel_entry(const struct kernel_wish *wish, unsigned ifindex,
                                     struct address address);
/* The entry for a wish in place of another: where the kernel has found a router, it stays one. */
struct kernel_neighbour kernel_entry_for(const struct kernel_wish *wish,
                                         const struct kernel_neighbour *running);
struct kernel_neighbour kernel_asker(struct mac mac, unsigned ifindex, struct address address);

#endif

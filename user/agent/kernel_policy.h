/* SPDX-License-Identifier: MIT */
/*
 * What becomes of an entry of the host's own neighbour table: what we would have there against
 * what is there. Pure.
 */
#ifndef USER_AGENT_KERNEL_POLICY_H
#define USER_AGENT_KERNEL_POLICY_H

#include "agent/kernel_message.h"

/* What our table would have the host's table say of an address. */
struct kernel_wish {
	bool wanted; /* else: nothing of ours */
	bool alive;  /* STATIC, or DYNAMIC: it was heard within the timeout; else STALE */
	struct mac mac;
};

/* We made it, and nobody has made it his own since. */
bool kernel_is_ours(const struct kernel_neighbour *running);
/* The kernel found it out by itself, or somebody did as if. What is neither is left alone. */
bool kernel_is_plain(const struct kernel_neighbour *running);
/* The kernel has just had an answer, not from us, nor from another daemon. */
bool kernel_is_news(const struct kernel_neighbour *running);

/*
 * Export. `running` NULL: there is no entry. True: `write` is to be done, with what
 * kernel_entry() makes of the wish.
 */
bool kernel_reconcile(enum kernel_write *write, const struct kernel_wish *wish,
                      const struct kernel_neighbour *running);
/* local = offload: whether an asker's entry that is not as he said may be replaced. */
bool kernel_introduce(struct mac asker, const struct kernel_neighbour *running);

/* The entry for a wish, and for an asker: as arp_process() makes it, so not ours afterwards. */
struct kernel_neighbour kernel_entry(const struct kernel_wish *wish, unsigned ifindex,
                                     uint32_t address);
struct kernel_neighbour kernel_asker(struct mac mac, unsigned ifindex, uint32_t address);

#endif

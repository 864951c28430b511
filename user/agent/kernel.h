/* SPDX-License-Identifier: MIT */
/*
 * The host's own neighbour table (the kernel's, `ip neigh`). Import: what the kernel verified
 * counts as heard. Export: the agent's bindings spare the host its own requests. And askers that
 * the XDP program answered for the host (local = offload), so that the host does not ask back.
 *
 * The agent keeps no copy: each decision follows from a message that the kernel has just sent. The
 * agent's own entries have the flag NTF_EXT_LEARNED and a protocol number, by which a later
 * agent recognizes them.
 */
#ifndef USER_AGENT_KERNEL_H
#define USER_AGENT_KERNEL_H

#include "base/base.h"
#include "wire/wire.h"

struct agent;
struct kernel;

/* Opens what the configuration needs; does nothing yet. */
int kernel_open(struct kernel **kernel, struct agent *agent, struct fault *fault);
/* The loop runs from now on. Puts right what an earlier agent left. */
void kernel_begin(struct kernel *kernel);
/* A binding may have changed. NULL is fine. */
void kernel_changed(struct kernel *kernel, unsigned segment, struct address address);
/* The host's interfaces or addresses have changed. NULL is fine. */
void kernel_moved(struct kernel *kernel);
/* The station `address` at `mac` asked for an address of the host, and was answered (EVENT_LOCAL).
 */
void kernel_asked(struct kernel *kernel, unsigned segment, unsigned ifindex, struct address address,
                  struct mac mac);
/* Removes the agent's entries, and ends. NULL is fine. */
void kernel_withdraw(struct kernel *kernel);
/* The loop must turn once more. NULL is fine. */
void kernel_close(struct kernel *kernel);
/* For a command: removes all of an agent's entries in this network namespace. Another instance's
 * agent puts its own back in its next round; without an agent the host asks by itself. */
int kernel_forget_all(struct fault *fault);

#endif

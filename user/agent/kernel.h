/* SPDX-License-Identifier: MIT */
/*
 * The host's own neighbour table (the kernel's, `ip neigh`). Import: what the kernel finds out is
 * heard by ours. Export: what ours knows spares the host its own requests. And askers that the XDP
 * program answered for the host (local = offload), so that the host does not ask back.
 *
 * What is there is never remembered: each decision is made on a message in which the kernel has
 * just said it. Entries of ours have the flag NTF_EXT_LEARNED and a protocol number of their own,
 * by which a later agent knows them.
 */
#ifndef USER_AGENT_KERNEL_H
#define USER_AGENT_KERNEL_H

#include "arpkeeper/event.h"
#include "base/base.h"
#include "wire/wire.h"

struct agent;
struct kernel;

/* Opens what the configuration needs; does nothing yet. */
int kernel_open(struct kernel **kernel, struct agent *agent, struct fault *fault);
/* The loop runs from now on. What an earlier agent left is compared with what should be. */
void kernel_begin(struct kernel *kernel);
/* A binding may have changed, in whatever way. May be called with NULL. */
void kernel_changed(struct kernel *kernel, unsigned segment, uint32_t address);
/* The host's interfaces or addresses have changed. May be called with NULL. */
void kernel_moved(struct kernel *kernel);
/* A station asked for an address of the host, and was answered (EVENT_LOCAL). */
void kernel_asked(struct kernel *kernel, unsigned segment, const struct event *event);
/* Takes our entries away; the end. May be called with NULL. */
void kernel_withdraw(struct kernel *kernel);
/* Once the loop is closed. */
void kernel_close(struct kernel *kernel);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Export: what the host's table should have, written in batches. An entry is created first, and
 * only if one exists already, the agent looks at it.
 */
#ifndef USER_AGENT_KERNEL_EXPORT_H
#define USER_AGENT_KERNEL_EXPORT_H

#include "agent/kernel_policy.h"
#include "agent/kernel_state.h"

bool kernel_exports(const struct kernel *kernel, unsigned segment);
struct kernel_wish kernel_wish_of(const struct neighbour_view *view);
/* The wish for an address on that interface. False: it is down, and is left alone. */
bool kernel_wish_on(const struct kernel *kernel, struct kernel_wish *wish, unsigned segment,
                    unsigned ifindex, uint32_t address);
/* One more request; kernel_flush() must follow before the loop goes on. */
void kernel_put(struct kernel *kernel, enum kernel_write write,
                const struct kernel_neighbour *neighbour);
/* The request, if any, that makes an entry of the kernel's what it should be. */
void kernel_put_right(struct kernel *kernel, const struct kernel_wish *wish,
                      const struct kernel_neighbour *running);
void kernel_flush(struct kernel *kernel);
/* A binding that changed. */
void kernel_catch_up(struct kernel *kernel, uint32_t slot);

#endif

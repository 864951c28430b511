/* SPDX-License-Identifier: MIT */
/* Removes the agent's entries from the host's neighbour table: at the end, and after a kill. */
#ifndef USER_AGENT_KERNEL_FORGET_H
#define USER_AGENT_KERNEL_FORGET_H

#include "base/base.h"

struct kernel_socket;
struct ports;

/* Those on the ports `only`, and on interfaces above them; NULL: on all. The batch must be empty.
 * Returns when all are gone. */
int kernel_forget(struct kernel_socket *socket, const struct ports *only, struct fault *fault);
/* For a command: all in this network namespace. Another instance's agent puts its own back in its
 * next round; without an agent the host asks by itself. */
int kernel_forget_all(struct fault *fault);

#endif

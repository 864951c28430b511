/* SPDX-License-Identifier: MIT */
/* Taking entries of ours out of the host's neighbour table: at the end, and after a kill. */
#ifndef USER_AGENT_KERNEL_FORGET_H
#define USER_AGENT_KERNEL_FORGET_H

#include "agent/kernel_socket.h"

struct ports;

/* Those on the interfaces of `only`, and on what stands on them; NULL: on all. The batch must be
 * empty. Returns when all are gone. */
int kernel_forget(struct kernel_socket *socket, const struct ports *only, struct fault *fault);
/* The same for a command: all in this network namespace. Should another instance's be among them,
 * its agent puts them back in its next round, and without one the host asks by itself. */
int kernel_forget_all(struct fault *fault);

#endif

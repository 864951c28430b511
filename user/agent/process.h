/* SPDX-License-Identifier: MIT */
/* The process: its network namespace, and the lock of its instance. */
#ifndef USER_AGENT_PROCESS_H
#define USER_AGENT_PROCESS_H

#include <sys/types.h>

#include "base/base.h"

/* Enters a network namespace by name (/run/netns/NAME) or path. /sys stays as it is: there bpffs is
 * mounted, which `ip netns exec` would hide. */
int netns_enter(const char *name, struct fault *fault);
/* The one-writer lock of an instance: /run/arpkeeper/<instance>.lock, held until the process
 * ends. -EEXIST and a fault with the holder's process id when another agent has it. */
int instance_lock(const char *instance, int *descriptor, struct fault *fault);
/* The process that has the lock; 0: none does. */
pid_t instance_holder(const char *instance);
/* Removes the file, and releases the lock. -1 is fine. */
void instance_unlock(const char *instance, int descriptor);

#endif

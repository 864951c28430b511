/* SPDX-License-Identifier: MIT */
#ifndef USER_AGENT_NETNS_H
#define USER_AGENT_NETNS_H

#include "base/base.h"

/* Enters a network namespace by name (/run/netns/NAME) or path. /sys stays as it is: there bpffs is
 * mounted, which `ip netns exec` would hide. */
int netns_enter(const char *name, struct fault *fault);

#endif

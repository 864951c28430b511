/* SPDX-License-Identifier: MIT */
/* Import: a binding that the kernel has just verified counts as heard. */
#ifndef USER_AGENT_KERNEL_IMPORT_H
#define USER_AGENT_KERNEL_IMPORT_H

#include "agent/kernel_state.h"

bool kernel_imports(const struct kernel *kernel, unsigned segment);
/* An entry of the kernel's, seen on a port: imports it if it is news, and import is on. */
void kernel_hear(struct kernel *kernel, const struct kernel_neighbour *running, unsigned segment,
                 uint32_t slot, const struct agent_port *port);

#endif

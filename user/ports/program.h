/* SPDX-License-Identifier: MIT */
/* The configuration of the XDP program on a port. */
#ifndef USER_PORTS_PROGRAM_H
#define USER_PORTS_PROGRAM_H

#include "arpkeeper/port.h"
#include "ports/port.h"

/* What the program needs: the interface's MAC, and the VLANs and prefixes of its segments. -E2BIG
 * and a fault if there are too many. */
int program_config(struct port_config *out, const struct agent_port *port, struct fault *fault);

#endif

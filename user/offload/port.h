/* SPDX-License-Identifier: MIT */
/* The handle of a program on an interface, and the map through which the agent configures it. */
#ifndef USER_OFFLOAD_PORT_H
#define USER_OFFLOAD_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "arpkeeper/port.h"
#include "offload/types.h"

/* "native" or "generic", and why, in one phrase. Both live as long as the port. */
const char *offload_port_mode(const struct offload_port *port);
const char *offload_port_reason(const struct offload_port *port);
bool offload_port_in_dispatcher(const struct offload_port *port);
/* "dispatcher" or "single program". */
const char *offload_port_attachment(const struct offload_port *port);
/* PORT_REDIRECT is added here when the mode needs it. */
void offload_port_configure(struct offload_port *port, const struct port_config *config);
/* The agent lives: `now` in coarse seconds; `silence` as in struct port. */
void offload_port_heartbeat(struct offload_port *port, uint32_t now, uint32_t silence);
/* Whether this program is still the attached one. */
bool offload_port_is_attached(const struct offload_port *port);
/* As offload_port_close(), of an interface that is not here any more: what libxdp pinned for it
 * goes, unless other programs are in its dispatcher. NULL is fine. */
void offload_port_forget(struct offload_port *port);
/* Frees the handle only. NULL is fine. */
void offload_port_close(struct offload_port *port);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What one part reports is handed to the others: events of the XDP program and of the ports to the
 * table; what the table decided to the ports, to history and to the watchers.
 *
 * An event of the XDP program is a hint that may be old: if the table was laid out anew since, its
 * address counts, not its slot.
 */
#ifndef USER_AGENT_EVENTS_H
#define USER_AGENT_EVENTS_H

#include "agent/state.h"
#include "arpkeeper/event.h"

/* The context of each is the struct agent. */
void events_handle(void *context, const struct event *event);
extern const struct ports_ops events_of_ports;
extern const struct neighbour_ops events_of_table;
extern const struct announce_ops events_announced;

/* Reports a change to the watchers, and to the host's neighbour table. */
void events_changed(struct agent *agent, const struct neighbour_change *change);
/* Once a second: reports own addresses again whose declared binding is gone. */
void events_beat(struct agent *agent);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * How the ports hear solicitations: those of IPv6 go to a group of the address (RFC 4861 7.2.2),
 * and neither an interface nor a switch that snoops passes a group that was not joined. Each port
 * with neighbour discovery has an ear (ear.h), which opens the interface; and it reports the groups
 * of all addresses of its segments to the switches (MLD), as a host with all these addresses would:
 * when an address comes or goes, when a link comes up, and when a querier asks.
 *
 *     hearing_init()
 *     hearing_add(), hearing_remove()     an address has come into the table, or has gone
 *     hearing_ready()                     a port has begun to answer, or its link came up
 *     hearing_beat()                      once a second
 *     hearing_restart()                   other ports: forgets the addresses, keeps the ears
 *     hearing_clear()
 *
 * Reports are paced, and one of version 2 holds 72 groups. A querier of version 1 gets reports of
 * that version, with a group each; so many groups may take longer than it asks for, but not longer
 * than it remembers them.
 */
#ifndef USER_PORTS_HEARING_H
#define USER_PORTS_HEARING_H

#include "ports/hearing_state.h"

/* Once the ports are known. On error, too, hearing_clear() must follow. */
int hearing_init(struct hearing *hearing, uv_loop_t *loop, struct ports *ports,
                 struct fault *fault);
/* With other ports, whose segments may be others: forgets all addresses. On error, too,
 * hearing_clear() must follow. */
int hearing_restart(struct hearing *hearing, struct ports *ports, struct fault *fault);
/* An IPv6 address has a place in the table, or none any more. IPv4 addresses are ignored. */
void hearing_add(struct hearing *hearing, unsigned segment, struct address address);
void hearing_remove(struct hearing *hearing, unsigned segment, struct address address);
void hearing_ready(struct hearing *hearing, const struct agent_port *port);
void hearing_beat(struct hearing *hearing);

struct hearing_report {
	bool wanted;            /* a segment of the port has neighbour discovery */
	bool open;              /* the interface passes every multicast frame */
	size_t groups;          /* of all segments of the port */
	struct address querier; /* the last one; "::": none was heard */
	unsigned version;       /* of the reports: 1 or 2 */
	uint64_t ago_ms;        /* when the querier was heard */
};

struct hearing_report hearing_report(const struct hearing *hearing, const struct agent_port *port);
/* Once the loop has closed its handles. */
void hearing_clear(struct hearing *hearing);

#endif

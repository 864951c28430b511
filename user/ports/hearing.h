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

#include <uv.h>

#include "ports/groups.h"
#include "ports/port.h"

/* A group to report. One that was joined or left is reported twice, for lost frames: RFC 3810 6.1.
 */
struct hearing_change {
	uint64_t due_ms; /* loop time */
	unsigned segment;
	unsigned ifindex; /* on this port; 0: on all */
	uint32_t suffix;
	enum mld_record record;
};

struct hearing_changes {
	struct hearing_change *item; /* owned */
	size_t first, count, room;
};

/* A segment on a port. */
struct hearing_place {
	unsigned segment;
	uint32_t vlan;
	unsigned walks; /* over all groups, that are still to be made; one under way counts */
	bool walking;   /* one is under way */
	uint32_t left;  /* groups that it has not reported yet: the first ones */
	enum mld_record record; /* of the walk: joined, or the answer to a query */
	unsigned frames;        /* each PORTS_PACE_MS */
	uint64_t next_ms;
	uint64_t version1_until_ms;
	struct address querier; /* "::": none was heard */
	uint64_t queried_ms;
};

struct hearing_port {
	struct hearing *hearing;
	unsigned ifindex;
	int ear;
	uv_poll_t poll;
	struct hearing_place *place; /* owned */
	size_t places;
};

struct hearing {
	uv_loop_t *loop;
	uv_timer_t timer;
	struct ports *ports;
	struct groups *groups; /* owned: one for each segment */
	size_t segments;
	struct hearing_port **port; /* owned, and each of them, too */
	size_t count, room;
	unsigned refused; /* the interface whose ear could not be opened: reported once */
	struct hearing_changes changes[2]; /* for the first and the second time */
};

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
/* The loop must turn once more. */
void hearing_clear(struct hearing *hearing);

#endif

/* SPDX-License-Identifier: MIT */
/* What hearing.c and turns.c share: the ports that listen, and the groups that they report. */
#ifndef USER_PORTS_HEARING_STATE_H
#define USER_PORTS_HEARING_STATE_H

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
	struct hearing_port *next;
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
	struct hearing_port *first; /* owned: a list */
	unsigned refused;           /* the interface whose ear could not be opened: reported once */
	struct hearing_changes changes[2]; /* for the first and the second time */
};

#endif

/* SPDX-License-Identifier: MIT */
/* The state of this node's part in the fleet; what it means is claims.h's, gather.h's,
 * claimload.h's. */
#ifndef USER_HISTORY_FLEETSTATE_H
#define USER_HISTORY_FLEETSTATE_H

#include <uv.h>

#include "fleet/fleet.h"
#include "history/claimfile.h"
#include "history/doubts.h"
#include "history/types.h"

#define FLOORS_REF "refs/fleet/floors"

/* What this node says in one segment. */
struct own_branch {
	struct version tip;
	bool begun; /* there is a tip */
	uint64_t count;
	struct addresses said;   /* since the tip */
	struct addresses tidied; /* likewise, and main has not got yet what it follows from */
};

/* What another node says in one segment: the newest of its commits that the index has. */
struct node_branch {
	unsigned segment, node;
	bool known; /* there is a tip */
	bool moved; /* the reference is behind, until main has it */
	git_oid tip, tree;
	uint64_t count;
	git_oid refused; /* left out, and said so; zero: none */
};

struct claims {
	struct fleet *fleet;
	char node[NODE_NAME_MAX + 1];
	char boot[BOOT_TEXT];
	uint32_t poll_ms;
	size_t segments;
	uint8_t *share;             /* of each segment; owned */
	struct own_branch *own;     /* likewise */
	struct idmap numbers;       /* of segment and node: an index of `branch` */
	struct node_branch *branch; /* owned */
	size_t branch_room;
	int64_t now;          /* Unix seconds; never goes back */
	struct doubts doubts; /* main may not be what the view says */
	struct doubts asked;  /* those that the owner is asked about */
	struct waits waits;   /* learned, and claimed later */
	/* Of a start (claimload.h): what people did to main, what nobody claims, and all claims,
	 * with 1 where main has a file. */
	struct addresses edited, unclaimed;
	struct doubts held;
	bool compares;   /* what was applied is known */
	bool starts;     /* what the view says already is no word */
	bool look;       /* refs/fleet/from must be looked at */
	bool duplicate;  /* another node has this name: nothing is published */
	bool has_floors; /* FLOORS_REF is there */
	uint64_t overruled;
	uv_timer_t timer; /* for `waits` */
	bool has_timer;
	void (*raised)(void *context, const struct history_alert *alert);
	void *context;
};

#endif

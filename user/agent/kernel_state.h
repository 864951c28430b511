/* SPDX-License-Identifier: MIT */
/* The state behind kernel.h: types only. */
#ifndef USER_AGENT_KERNEL_STATE_H
#define USER_AGENT_KERNEL_STATE_H

#include "agent/kernel_socket.h"
#include "agent/state.h"

#define CHANGED_MAX 4096    /* bindings that changed; beyond, a round finds them */
#define SOON_MS     100     /* until a round: more reasons for it may follow */
#define TURN_NS     1000000 /* of a turn of the loop */

enum phase { RESTING, LISTING, FILLING };

/* So many a second. */
struct allowance {
	uint64_t second;
	unsigned used;
};

struct kernel {
	struct agent *agent;
	struct kernel_socket requests;
	struct mnl_socket *monitor, *dump; /* NULL: closed */
	uv_poll_t poll;
	uv_timer_t timer;
	uv_idle_t idle;
	bool begun, ended, exports, imports;

	enum phase phase;
	bool first;      /* of all rounds: it looks for orphans */
	bool hear;       /* this round imports what it lists */
	bool hear_again; /* the next one does */
	bool refused;    /* the kernel refused a request in this round */
	uint64_t *found; /* a bit for each slot that the list had; NULL: nothing is exported */
	uint32_t cursor; /* of FILLING */

	uint32_t changed[CHANGED_MAX]; /* slots */
	unsigned changes;
	struct kernel_neighbour contested[KERNEL_BATCH]; /* entries to create that exist */
	unsigned contests;
	struct allowance reactions, askers;
	int said; /* the last error in the log */
};

#endif

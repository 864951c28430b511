/* SPDX-License-Identifier: MIT */
/* The object behind agent/kernel.h, for the kernel_*.c files only. */
#ifndef USER_AGENT_KERNEL_STATE_H
#define USER_AGENT_KERNEL_STATE_H

#include "agent/kernel_place.h"
#include "agent/kernel_policy.h"
#include "agent/kernel_socket.h"
#include "agent/state.h"

#define CHANGED_MAX 4096    /* bindings that changed; beyond, a round finds them */
#define SOON_MS     100     /* until a round that something gave rise to: more of it may follow */
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
	bool first;      /* of all rounds: orphans are looked for */
	bool hear;       /* this round's list is news, too */
	bool hear_again; /* the next one's */
	bool refused;    /* something was, in this round */
	uint64_t *found; /* a bit for each slot that the list had; NULL: nothing is exported */
	uint32_t cursor; /* of FILLING */

	uint32_t changed[CHANGED_MAX]; /* slots */
	unsigned changes;
	struct kernel_neighbour contested[KERNEL_BATCH]; /* that we would create, and are there */
	unsigned contests;
	struct allowance reactions, askers;
	int said; /* the last error that was told */
};

/* kernel_export.c: what we would have there, and writing it. */
bool kernel_exports(const struct kernel *kernel, unsigned segment);
struct kernel_wish kernel_wish_of(const struct neighbour_view *view);
/* What we would have of an address on that interface. False: it is down, and nothing is to be done.
 */
bool kernel_wish_on(const struct kernel *kernel, struct kernel_wish *wish, unsigned segment,
                    unsigned ifindex, uint32_t address);
/* One more request; kernel_flush() must follow before the loop goes on. */
void kernel_put(struct kernel *kernel, enum kernel_write write,
                const struct kernel_neighbour *neighbour);
void kernel_flush(struct kernel *kernel);
/* A binding that changed. */
void kernel_catch_up(struct kernel *kernel, uint32_t slot);

/* kernel_round.c: the whole table, again and again. */
void kernel_round_begin(struct kernel *kernel);
void kernel_round_within(struct kernel *kernel, uint64_t milliseconds);
void kernel_round_end(struct kernel *kernel);
/* There is something to do: a millisecond of it in each turn of the loop. */
void kernel_work(struct kernel *kernel);
void kernel_on_idle(uv_idle_t *idle);

/* kernel.c: what the kernel tells is news, if it has just found it out, and is to be imported. */
void kernel_hear(struct kernel *kernel, const struct kernel_neighbour *running, unsigned segment,
                 uint32_t slot, const struct agent_port *port);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * One entry between the host's table and the agent's. Import: a binding that the kernel has just
 * verified counts as heard. Export: what the host's table should have, written in batches. An entry
 * is created first, and only if one exists already, the agent looks at it.
 */
#ifndef USER_AGENT_KERNEL_EXCHANGE_H
#define USER_AGENT_KERNEL_EXCHANGE_H

#include "agent/kernel_policy.h"
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

/* An address whose binding changed. */
struct kernel_change {
	unsigned segment;
	struct address address;
};

struct kernel {
	struct agent *agent;
	struct kernel_socket requests;
	struct mnl_socket *monitor, *dump; /* NULL: closed */
	uv_poll_t poll;
	uv_timer_t timer;
	uv_idle_t idle;
	bool begun, ended, exports, imports;
	unsigned handles; /* that the loop has not closed yet */

	enum phase phase;
	bool first;      /* of all rounds: it looks for orphans */
	bool hear;       /* this round imports what it lists */
	bool hear_again; /* the next one does */
	bool refused;    /* the kernel refused a request in this round */
	uint64_t *found; /* a bit for each slot that the list had; NULL: nothing is exported */
	uint32_t cursor; /* of FILLING */

	struct kernel_change changed[CHANGED_MAX];
	unsigned changes;
	struct kernel_neighbour contested[KERNEL_BATCH]; /* entries to create that exist */
	unsigned contests;
	struct allowance reactions, askers;
	int said; /* the last error in the log */
};

bool kernel_imports(const struct kernel *kernel, unsigned segment);
/* An entry of the kernel's, seen on a port: imports it if it is news, and import is on. */
void kernel_hear(struct kernel *kernel, const struct kernel_neighbour *running, unsigned segment,
                 const struct agent_port *port);

bool kernel_exports(const struct kernel *kernel, unsigned segment);
struct kernel_wish kernel_wish_of(const struct neighbour_view *view);
/* The wish for an address on that interface. False: it is down, and is left alone. */
bool kernel_wish_on(const struct kernel *kernel, struct kernel_wish *wish, unsigned segment,
                    unsigned ifindex, struct address address);
/* One more request; kernel_flush() must follow before the loop goes on. */
void kernel_put(struct kernel *kernel, enum kernel_write write,
                const struct kernel_neighbour *neighbour);
/* The request, if any, that makes an entry of the kernel's what it should be. */
void kernel_put_right(struct kernel *kernel, const struct kernel_wish *wish,
                      const struct kernel_neighbour *running);
void kernel_flush(struct kernel *kernel);
void kernel_catch_up(struct kernel *kernel, const struct kernel_change *change);

#endif

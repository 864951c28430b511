/* SPDX-License-Identifier: MIT */
/*
 * Whose turn it is. Clients with work queue up, one queue for each standing. In each turn of the
 * loop a queue gets a bounded time, and a client in it a smaller one: then the next client has its
 * turn, and all else that the loop does.
 */
#ifndef USER_CONTROL_TURNS_H
#define USER_CONTROL_TURNS_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "control/standing.h"

/* In the client's struct, zero at first. */
struct turn {
	struct turn *next;
	enum standing standing;
	bool queued;
};

/* Works until nothing is left, or until `until` of uv_hrtime(). True: something is left. */
typedef bool turns_serve(struct turn *turn, uint64_t until);

struct turns {
	uv_idle_t idle; /* first; runs while a queue is not empty; the owner closes it */
	turns_serve *serve;
	bool held;
	struct turn *first[STANDINGS], **last[STANDINGS];
};

void turns_init(struct turns *turns, uv_loop_t *loop, turns_serve *serve);
/* The client has work; it may be in the queue already. */
void turns_queue(struct turns *turns, struct turn *turn);
/* Until it ends, no client has its turn. */
void turns_hold(struct turns *turns, bool hold);
/* The client is about to go. */
void turns_leave(struct turns *turns, struct turn *turn);

#endif

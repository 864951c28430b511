/* SPDX-License-Identifier: MIT */
/*
 * How long the loop's turns take, for `status`: during a turn, no event is handled and no client is
 * answered. Waiting does not count.
 */
#ifndef USER_AGENT_TURNS_H
#define USER_AGENT_TURNS_H

#include <stdint.h>
#include <uv.h>

#define TURN_LONG_NS 5000000 /* longer than any should be */

struct turns {
	uv_prepare_t prepare;
	uint64_t at, idle; /* nanoseconds: when the last one ended, and idled until then */
	uint64_t longest;  /* nanoseconds */
	uint64_t count, over;
};

/* `loop` is not yet running. */
void turns_begin(struct turns *turns, uv_loop_t *loop);

#endif

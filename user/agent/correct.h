/* SPDX-License-Identifier: MIT */
/*
 * Corrections: a host that got the sponge's MAC for an address is sent the true one, by unicast.
 * Twice, CORRECT_AGAIN_MS apart: for a second, Linux ignores what differs from the last reply
 * (`locktime`), so that the first may be in vain. Paced: there may be thousands of holders.
 */
#ifndef USER_AGENT_CORRECT_H
#define USER_AGENT_CORRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "neighbour/neighbour.h"
#include "ports/ports.h"

#define CORRECT_AGAIN_MS 2000

struct correction {
	unsigned segment;
	uint32_t address; /* host order */
	struct mac owner;
	uint32_t holder; /* host order */
	struct mac holder_mac;
	bool again;      /* sent once already */
	uint64_t due_ms; /* loop time */
};

struct corrector {
	uv_timer_t timer;
	struct ports *ports;
	struct neighbour *const *neighbour; /* asked when the second one leaves */
	struct correction *item;            /* owned, in no order */
	size_t count, room;
};

void correct_init(struct corrector *corrector, uv_loop_t *loop, struct ports *ports,
                  struct neighbour *const *neighbour);
/* Soon, and once again if the address is still at `owner`. Without memory: once, immediately. */
void correct_add(struct corrector *corrector, unsigned segment, uint32_t address, struct mac owner,
                 uint32_t holder, struct mac holder_mac);
/* Closes the timer and forgets what was left. */
void correct_close(struct corrector *corrector);

#endif

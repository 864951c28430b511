/* SPDX-License-Identifier: MIT */
/*
 * Corrections: whoever was told the sponge's MAC is told, by unicast, where the address is. Twice,
 * CORRECT_AGAIN_MS apart: Linux keeps what a neighbour said for a second, whatever comes then
 * (`locktime`), so the first one may be in vain. Paced, as there may be thousands of holders. It
 * decides nothing about who they are.
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
	bool again;      /* it was sent once */
	uint64_t due_ms; /* loop time */
};

struct corrector {
	uv_timer_t timer;
	struct ports *ports;
	struct neighbour *const *neighbour; /* what holds when the second one leaves */
	struct correction *item;            /* owned, in no order */
	size_t count, room;
};

void correct_init(struct corrector *corrector, uv_loop_t *loop, struct ports *ports,
                  struct neighbour *const *neighbour);
/* Soon, and once again, if the address is still at `owner` then. Without memory: once, at once. */
void correct_add(struct corrector *corrector, unsigned segment, uint32_t address, struct mac owner,
                 uint32_t holder, struct mac holder_mac);
/* Closes the timer and forgets what was left. */
void correct_close(struct corrector *corrector);

#endif

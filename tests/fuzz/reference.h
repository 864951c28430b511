/* SPDX-License-Identifier: MIT */
/*
 * The reference: what must become of a frame, in plain C, written from the rules
 * (docs/architecture.md "The life of one frame", RFC 826, RFC 5227) and not from the program. It is
 * slow, looks at octets one by one, and shares with the program only the headers that describe
 * memory.
 *
 * Every tick of the clock is an argument.
 */
#ifndef TESTS_FUZZ_REFERENCE_H
#define TESTS_FUZZ_REFERENCE_H

#include <stdint.h>

#include "arpkeeper/counters.h"
#include "arpkeeper/event.h"
#include "arpkeeper/port.h"
#include "arpkeeper/slot.h"

#define REFERENCE_SLOTS  512
#define REFERENCE_MEMORY 256 /* of what was told, and of stations: more than one world's frames */
#define REFERENCE_FRAME  256
#define REFERENCE_EVENTS 4

struct reference_told {
	uint8_t mac[ETH_ALEN];
	uint32_t slot, kind, second;
};

struct reference_share {
	uint8_t mac[ETH_ALEN];
	uint64_t full;
};

struct reference {
	struct port port;
	struct neigh_slot slots[REFERENCE_SLOTS];
	uint64_t bucket;
	struct reference_share shares[REFERENCE_MEMORY];
	unsigned share_count;
	struct reference_told told[REFERENCE_MEMORY];
	unsigned told_count;
};

struct outcome {
	int action;
	uint8_t frame[REFERENCE_FRAME];
	uint64_t counted[COUNTERS];
	struct event events[REFERENCE_EVENTS];
	unsigned event_count;
};

/* A frame of at least 14 octets, which the kernel sees to; `now` in coarse nanoseconds. */
void reference_frame(struct reference *world, const uint8_t *frame, unsigned length, uint64_t now,
                     uint32_t ifindex, struct outcome *outcome);

#endif

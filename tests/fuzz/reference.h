/* SPDX-License-Identifier: MIT */
/*
 * The reference: the correct result for a frame, in plain C. Its source is the rules
 * (docs/architecture.md "The life of one frame", docs/nd.md, RFC 826, RFC 4861, RFC 5227), not the
 * program. It is slow and reads single bytes. It shares only the headers that describe memory with
 * the program.
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
#define REFERENCE_MEMORY 256 /* of reports, and of stations: more than one world's frames */
#define REFERENCE_FRAME  1024
#define REFERENCE_EVENTS 4
#define REFERENCE_PLACES 64

struct reference_report {
	uint8_t mac[ETH_ALEN];
	uint32_t slot, kind, second;
};

/* The same for neighbour discovery. */
struct reference_report6 {
	uint8_t mac[8], address[16];
	uint32_t segment, kind, second;
};

/* An IPv6 address of the table. */
struct reference_place {
	struct neigh_key6 key;
	uint32_t slot;
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
	struct reference_report reports[REFERENCE_MEMORY];
	unsigned report_count;
	struct reference_report6 reports6[REFERENCE_MEMORY];
	unsigned report6_count;
	struct reference_place places[REFERENCE_PLACES];
	unsigned place_count;
};

struct outcome {
	int action;
	uint8_t frame[REFERENCE_FRAME];
	unsigned length;
	uint64_t counted[COUNTERS];
	struct event events[REFERENCE_EVENTS];
	unsigned event_count;
};

/* A frame of at least 14 bytes, as the kernel guarantees, with 8 bytes of room for growing. `now`
 * is in coarse nanoseconds. */
void reference_frame(struct reference *world, const uint8_t *frame, unsigned length, uint64_t now,
                     uint32_t ifindex, struct outcome *outcome);

#endif

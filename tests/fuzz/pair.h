/* SPDX-License-Identifier: MIT */
/*
 * The pair: the program in the kernel (BPF_PROG_RUN) and the reference. Both get the same world and
 * the same frames. The fuzzer compares all that is visible: action, bytes, counters, events, slots.
 */
#ifndef TESTS_FUZZ_PAIR_H
#define TESTS_FUZZ_PAIR_H

#include <stdbool.h>
#include <stdio.h>

#include "arpkeeper.skel.h"
#include "reference.h"

enum pair_result {
	PAIR_EQUAL,
	PAIR_TICKED, /* the clock moved meanwhile: the reference does not know what the program
	              * saw. Nothing is compared; call pair_begin() again */
	PAIR_DIFFERENT
};

struct pair {
	struct reference world; /* set it up as you like, then pair_begin() */
	struct outcome wanted, got;
	struct arpkeeper_bpf *bpf;
	struct neigh_slot *slots;
	struct port *port;
	union index6_line *index6;
	struct ring_buffer *ring;
	uint64_t before[COUNTERS];
	/* Which of the program's hash maps may have entries. */
	struct pair_filled {
		bool throttle, throttle6, shares;
	} filled;
};

/* Loads the program. Ends the process on failure, because then there is no test. */
void pair_open(struct pair *pair);
void pair_close(struct pair *pair);

/* An empty world, at rest: no reports yet, one port without prefixes, the agent alive. */
void pair_clear(struct pair *pair);
/* Loads the world in pair->world into the program. */
void pair_begin(struct pair *pair);
/* A change of slots or port while frames pass. */
void pair_update(struct pair *pair);
/* Moves all reports `seconds` into the past. */
void pair_age(struct pair *pair, uint32_t seconds);

/* The clock of both, in coarse nanoseconds. */
uint64_t pair_now(void);

enum pair_result pair_send(struct pair *pair, const uint8_t *frame, unsigned length);
/* After PAIR_DIFFERENT: the difference. */
void pair_explain(const struct pair *pair, const uint8_t *frame, unsigned length, FILE *out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The pair: the program in the kernel (BPF_PROG_RUN) and the reference, given the same world and
 * the same frames, and compared in all that can be seen of them: action, octets, counters, events,
 * slots.
 */
#ifndef TESTS_FUZZ_PAIR_H
#define TESTS_FUZZ_PAIR_H

#include <stdio.h>

#include "arpkeeper.skel.h"
#include "reference.h"

enum pair_result {
	PAIR_EQUAL,
	PAIR_TICKED, /* the clock moved meanwhile: the reference does not know what the program saw.
	                Nothing is compared; pair_begin() anew */
	PAIR_DIFFERENT
};

struct pair {
	struct reference world; /* set it up as you like, then pair_begin() */
	struct outcome wanted, got;
	struct arpkeeper_bpf *bpf;
	struct neigh_slot *slots;
	struct port *port;
	struct ring_buffer *ring;
	uint64_t before[COUNTERS];
};

/* Loads the program. Ends the process when it cannot: there is no test then. */
void pair_open(struct pair *pair);
void pair_close(struct pair *pair);

/* An empty world, at rest: nothing told, one port without prefixes, the agent alive. */
void pair_clear(struct pair *pair);
/* Gives the world, as it stands in pair->world, to the program. */
void pair_begin(struct pair *pair);
/* A change of slots or port while frames pass. */
void pair_update(struct pair *pair);
/* As if `seconds` had passed since whatever was told. */
void pair_age(struct pair *pair, uint32_t seconds);

/* The clock that both go by, in coarse nanoseconds. */
uint64_t pair_now(void);

enum pair_result pair_send(struct pair *pair, const uint8_t *frame, unsigned length);
/* After PAIR_DIFFERENT: in what. */
void pair_explain(const struct pair *pair, const uint8_t *frame, unsigned length, FILE *out);

#endif

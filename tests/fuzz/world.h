/* SPDX-License-Identifier: MIT */
/*
 * Turns bytes, which the fuzzer chooses, into a world and its events. Every input means something,
 * and most frames are nearly correct ARP. Addresses and MACs are few, so that they meet. Any field
 * can take any value.
 */
#ifndef TESTS_FUZZ_WORLD_H
#define TESTS_FUZZ_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pair.h"

struct input {
	const uint8_t *at, *end;
};

/* Sets the world up, and loads it into both. */
void world_begin(struct pair *pair, struct input *input);

/* The next event. Writes a frame to `frame` and returns its length. Returns 0 for another event: a
 * write to a slot, a late agent, passing time. */
unsigned world_step(struct pair *pair, struct input *input, uint8_t frame[REFERENCE_FRAME]);

#endif

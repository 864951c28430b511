/* SPDX-License-Identifier: MIT */
/*
 * From octets, which the fuzzer chooses, to a world and what happens in it. Every input means
 * something, most frames are nearly right ARP, and addresses and MACs are few, so that they meet;
 * but any field can become anything.
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

/* Sets the world up, and gives it to both. */
void world_begin(struct pair *pair, struct input *input);

/* The next thing that happens. Frames are written to `frame`; returns its length, 0 when something
 * else happened: a slot is written, the agent is late, time passes. */
unsigned world_step(struct pair *pair, struct input *input, uint8_t frame[REFERENCE_FRAME]);

#endif

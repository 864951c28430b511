/* SPDX-License-Identifier: MIT */
/* The part of a world that is neighbour discovery: segments, addresses, messages. */
#ifndef TESTS_FUZZ_WORLD_ND_H
#define TESTS_FUZZ_WORLD_ND_H

#include "world.h"

void world_nd_begin(struct pair *pair, struct input *input);
/* Writes to the slot of an address. */
void world_nd_slot(struct pair *pair, struct input *input);
/* As world_step(). */
unsigned world_nd_frame(struct pair *pair, struct input *input, uint8_t frame[REFERENCE_FRAME]);

#endif

/* SPDX-License-Identifier: MIT */
/* The hosts that hold the sponge's MAC for an address. */
#ifndef USER_NEIGHBOUR_HOLDERS_H
#define USER_NEIGHBOUR_HOLDERS_H

#include "neighbour/machine.h"

/* 0 or -ENOMEM. */
int holders_init(struct neighbour *neighbour);
void holders_remember(struct neighbour *neighbour, uint32_t slot, struct address holder,
                      struct mac mac);
/* The slot is to be another address's. */
void holders_forget(struct neighbour *neighbour, uint32_t slot);
/* The cause's slot has a binding at `mac`: corrects the holders. `known`: HOLDERS_*. */
void holders_correct(struct neighbour *neighbour, const struct cause *cause, struct mac mac,
                     uint8_t known);

#endif

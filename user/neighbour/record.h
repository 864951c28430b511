/* SPDX-License-Identifier: MIT */
/* The durable entry of an address, packed into the word beside its slot. */
#ifndef USER_NEIGHBOUR_RECORD_H
#define USER_NEIGHBOUR_RECORD_H

#include "neighbour/state.h"

/* Room for an origin: "host/interface". */
#define ORIGIN_TEXT (sizeof(((struct neighbour_policy *)0)->origin) + 64)

/* The slot's record; its texts are the table's, until it is released. False: no durable entry. */
bool record_read(const struct neighbour *neighbour, uint32_t slot, struct record *record);
/* Whether it has one, and that is another node's. */
bool record_is_foreign(const struct neighbour *neighbour, uint32_t slot);
/* Packs a record, without MAC and state, with copies of its texts: to be attached, or released. 0
 * or -ENOMEM.
 */
int record_make(struct neighbour *neighbour, uint64_t *word, const struct record *record);
/* Follows the table_put() that gives the slot a durable state. */
void record_attach(struct neighbour *neighbour, uint32_t slot, uint64_t word);
/* Takes the record off the slot, to be released; before the table_put() that ends its state. */
uint64_t record_detach(struct neighbour *neighbour, uint32_t slot);
void record_release(uint64_t word);
/* Seconds since the binding began, by the Unix time `wall`; 0: the clock has gone back since. */
uint32_t record_age(const struct record *record, int64_t wall);
/* The origin of a learned entry: "host/interface", "host", or NULL, in `text`. */
char *record_origin(char text[ORIGIN_TEXT], const struct neighbour_policy *policy,
                    const char *interface);

#endif

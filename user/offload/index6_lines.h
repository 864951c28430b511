/* SPDX-License-Identifier: MIT */
/*
 * The index of IPv6 addresses in memory (arpkeeper/index6.h): put, found and taken out, while
 * programs read it. It knows no maps.
 */
#ifndef USER_OFFLOAD_INDEX6_LINES_H
#define USER_OFFLOAD_INDEX6_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "arpkeeper/index6.h"
#include "arpkeeper/slot.h"

/* How many elements an index of so many addresses has. */
uint32_t lines_elements(uint32_t places);
/* Makes zeroed memory an index of so many addresses. `random`: two secret numbers. */
void lines_begin(union index6_line *line, uint32_t places, const uint64_t random[2]);
/* Whether the memory, of so many elements, is such an index. */
bool lines_fit(const union index6_line *line, uint32_t elements, uint32_t places);
/* Counts the addresses of such an index. An agent that was killed while it moved an entry has left
 * it in both of its lines: removes the second. */
void lines_tidy(union index6_line *line);

/* The address's slot, or -1. */
int64_t lines_find(const union index6_line *line, const struct neigh_key6 *key);
/* Gives the address that slot, also if it has another one. 0, or -E2BIG: there is no room. */
int lines_put(union index6_line *line, const struct neigh_key6 *key, uint32_t slot);
/* Whether it was there. */
bool lines_remove(union index6_line *line, const struct neigh_key6 *key);
/* Visits all addresses, each once. Not 0 stops, with this result. */
int lines_visit(const union index6_line *line,
                int (*visit)(void *context, const struct neigh_key6 *key, uint32_t slot),
                void *context);

#endif

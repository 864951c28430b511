/* SPDX-License-Identifier: MIT */
/* Which segment and slots a name, an address or a prefix belongs to, and why not. */
#ifndef USER_AGENT_PLACE_H
#define USER_AGENT_PLACE_H

#include "agent/state.h"

/* The segment's index; `name` NULL: -1, for any. -ENOENT: no such segment. */
int place_segment(int *segment, const struct agent *agent, const char *name, struct fault *fault);
/* `name` NULL: the only segment that has a place for the address. -ENOENT: no such segment;
 * -ERANGE: no prefix has the address; -ENOTUNIQ: several segments do. `fault` may be NULL. */
int place_find(unsigned *segment, const struct agent *agent, const char *name,
               struct address address, struct fault *fault);
/* What an error of neighbour_declare(), neighbour_import() or place_find() says of an address. */
const char *place_why(int error);
/* The same for a range: the only segment that has a place for any of it. */
int place_find_range(unsigned *segment, const struct agent *agent, const char *name,
                     struct range range, struct fault *fault);
/* What both have; they must overlap. */
struct range place_common(struct range a, struct range b);
/* The slots from the first to the last that the range covers in the segment (-1: in any); first
 * greater than last: none. */
void place_slots(uint32_t *first, uint32_t *last, const struct layout *layout, int segment,
                 struct range range);

#endif

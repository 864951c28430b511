/* SPDX-License-Identifier: MIT */
/*
 * An address that another node of the fleet has given up, and whose host was heard here: it is kept
 * as STALE, without an entry, and verified. If the host replies, it is learned here; if not, it was
 * gone. So what one node no longer hears is not taken from a node that does.
 */
#ifndef USER_NEIGHBOUR_KEEP_H
#define USER_NEIGHBOUR_KEEP_H

#include "neighbour/machine.h"

/* Whether the slot's MAC was heard within the timeout. */
bool keep_is_heard(const struct neighbour *neighbour, const struct cause *cause);
/* REMOVED: whether the slot with this record is to be kept. */
bool keep_may(const struct neighbour *neighbour, const struct cause *cause,
              const struct record *record);
action keep_begin, keep_end;

#endif

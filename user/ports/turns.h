/* SPDX-License-Identifier: MIT */
/* When reports go out: paced, at once for what changes, and within a querier's time for what it
 * asks. Part of hearing.h. */
#ifndef USER_PORTS_TURNS_H
#define USER_PORTS_TURNS_H

#include "ports/hearing_state.h"

/* A group of the segment was joined (MLD_TO_EXCLUDE) or left (MLD_TO_INCLUDE): on all ports, twice.
 * -ENOSPC: too many wait. */
int turns_change(struct hearing *hearing, unsigned segment, uint32_t suffix,
                 enum mld_record record);
/* All groups of the segment are reported there as joined, twice. */
void turns_join(struct hearing *hearing, struct hearing_place *place);
void turns_answer(struct hearing *hearing, const struct hearing_port *port,
                  struct hearing_place *place, const struct mld_query *query);
/* Whether reports are of version 1 there. */
bool turns_version1(const struct hearing *hearing, const struct hearing_place *place);

#endif

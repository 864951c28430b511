/* SPDX-License-Identifier: MIT */
/* The guard for mass changes (history.guard), where the keeper itself changes the table. */
#ifndef USER_AGENT_MASS_H
#define USER_AGENT_MASS_H

#include "agent/state.h"

/* The request's "confirm": so many known addresses may change beyond what history.guard allows. 0:
 * it has none, or not a number that a person could have read. */
uint32_t mass_confirmed(const struct control_request *request);
/* An import of at most so many lines need not be looked at before it is applied. */
uint32_t mass_unguarded(const struct agent *agent, uint32_t confirmed);
/* `part`: one for each segment; sets `known`. 0, or -EPERM: too many, and the fault says how to
 * confirm. `what`: "the import of hosts". */
int mass_judge(const struct agent *agent, struct guard_part *part, uint32_t confirmed,
               const char *what, struct fault *fault);
/* The same for one segment. */
int mass_judge_segment(const struct agent *agent, unsigned segment, size_t changes,
                       uint32_t confirmed, const char *what, struct fault *fault);

#endif

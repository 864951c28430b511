/* SPDX-License-Identifier: MIT */
/*
 * What other nodes say: `arpkeeper hook sync` fetches their branches to
 * refs/fleet/from/<remote>/<segment>/<node>. Here they are judged, and what changed since the last
 * tip goes into the index. So the cost is that of what changed. A branch that is bad is left out as
 * a whole, with one alert for each of its tips, and the others go on.
 *
 * refs/heads/node/<segment>/<node> names the tip of which main has everything. It is written with
 * the commit of main that has it, in one rewrite (claims.h). After a kill before that, the index is
 * read from the older tips, and the same difference is gathered again. What this node says because
 * of it waits until then, too: a start that knew of the answer, and not of the question, would
 * claim again what others had removed.
 */
#ifndef USER_HISTORY_GATHER_H
#define USER_HISTORY_GATHER_H

#include "history/claims.h"

/* Looks at all that was fetched. What may be new for main is in claims->doubts afterwards. */
int gather_look(struct state *state, struct fault *fault);
/* Whether something gathered waits for gather_publish(). */
bool gather_waits(const struct state *state);
/* main has what was gathered: the tips are written with the next flush. */
int gather_publish(struct state *state, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A node that does not come back is retired: what the view has of it ends, or becomes this node's.
 *
 * A static entry is declared anew here. A learned one is unset, which leaves a mark that is later
 * than the claim; a host that is heard is learned again, after it. Both are greater than all that
 * the node said, so it brings nothing back if it returns. Its branches stay, and with them the
 * marks.
 */
#ifndef USER_HISTORY_RETIRE_H
#define USER_HISTORY_RETIRE_H

#include "history/state.h"
#include "merge/merge.h"

/* Whether the node of this name may be: 0, or -EINVAL, -ENOENT and a fault. */
int retire_check(const struct state *state, const char *name, struct fault *why);
/* What is to be proposed. `mass`, one for each segment, counts what would be removed. 0, or an
 * error and a fault. */
int retire_collect(struct state *state, const char *name, struct changes *changes,
                   struct guard_part *mass, struct fault *fault);
/* The next flush notes at which tips the node was retired. 0 or -ENOMEM. */
int retire_note(struct state *state, const char *name);

#endif

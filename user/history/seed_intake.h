/* SPDX-License-Identifier: MIT */
/* A fetched and judged seed goes into our repository. */
#ifndef USER_HISTORY_SEED_INTAKE_H
#define USER_HISTORY_SEED_INTAKE_H

#include <git2.h>

#include "format/format.h"
#include "history/seed.h"
#include "history/state.h"
#include "store/store.h"

struct seed {
	char *source; /* owned; for people */
	struct quarantine quarantine;
	git_oid tip, tree;
	size_t entries, outside;
	char outside_path[PATH_TEXT];
	struct pack_keep keep; /* until a reference names the objects */
	bool taken;            /* main holds it */
};

/* When the repository is opened, and its lock held: takes the objects in. If main does not exist
 * yet, or nothing was ever recorded in it, main becomes the seed's, commit for commit. */
int seed_intake_adopt(struct seed *seed, git_repository *repository, struct fault *fault);
/* At start-up, on history's thread: else merges the seed into main, as a task `sync`. Happens once;
 * it can be called again when it failed. */
int seed_intake_merge(struct seed *seed, struct state *state, struct version *main,
                      struct fault *fault);

#endif

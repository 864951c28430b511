/* SPDX-License-Identifier: MIT */
/* Which packs there are, and whether one has gone since the last look. */
#ifndef USER_STORE_PACKSET_H
#define USER_STORE_PACKSET_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct packset {
	git_oid *name; /* of packs, sorted; owned */
	size_t count, room;
	struct timespec changed; /* the folder, as of then */
};

/* Looks at the folder, if it has changed. Whether a pack of the last look is gone. After an error
 * the next look compares with the same packs again. */
bool packset_look(struct packset *set, const git_repository *repository);
void packset_clear(struct packset *set);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Which packs there are, so that libgit2 lets go of those that are gone. Its object database keeps
 * each pack that it ever saw: the mapped index, a descriptor, and a cache of up to 16 MB. While
 * packs are joined all the time, that grows without end, and only a new object database helps.
 */
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

/*
 * Looks at the folder, if it has changed. If a pack of the last look is gone, the repository gets a
 * new object database, and the old one is closed when its last user frees it. Whether it did.
 * Callers ask for the database with git_repository_odb() each time. After an error the old one
 * stays, and the next look tries again.
 */
bool packset_look(struct packset *set, git_repository *repository);
void packset_clear(struct packset *set);

#endif

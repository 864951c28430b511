/* SPDX-License-Identifier: MIT */
/*
 * Packs that were joined. Another pack has their objects, and they stay for a while: a reader that
 * listed them before may open them only now (git fsck, cp -a, go-git, isomorphic-git).
 *
 * They stay until a run that comes RETIRED_S later, but at most RETIRED_MAX, and at most an eighth
 * of the free disk. The list is a file of ours; if it is lost, they are packs like any others.
 */
#ifndef USER_UPKEEP_RETIRED_H
#define USER_UPKEEP_RETIRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"
#include "pack/pack.h"

#define RETIRED_S   60
#define RETIRED_MAX 64

struct retired_pack {
	char name[PACK_NAME], into[PACK_NAME];
	ino_t file; /* of the pack: another one of this name is not ours to remove */
	int64_t since;
	uint64_t bytes;
};

struct retired {
	const char *git_directory;
	struct retired_pack *pack; /* owned; oldest first */
	size_t count, room;
};

/* Reads the list, without what is gone. */
int retired_read(struct retired *retired, const char *git_directory, struct fault *fault);
void retired_clear(struct retired *retired);
bool retired_has(const struct retired *retired, const char *name);
/* Its objects are in the pack `into` since `now`. */
int retired_add(struct retired *retired, const char *name, const char *into, int64_t now,
                struct fault *fault);
/* Removes what has stayed long enough, or is too much, and writes the list. `all`: everything.
 * -EALREADY: git is writing an index of packs; nothing is removed. */
int retired_remove(struct retired *retired, int64_t now, bool all, struct fault *fault);

#endif

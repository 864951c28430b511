/* SPDX-License-Identifier: MIT */
/* Many objects at once, as one pack file and its index. */
#ifndef USER_HISTORY_PACK_H
#define USER_HISTORY_PACK_H

#include <stddef.h>

#include "history/objects.h"
#include "log/fault.h"

/* Files that keep new packs from being pruned until references name their objects. */
struct pack_keep {
	char **path; /* owned */
	size_t paths;
};

/* Writes all pending objects as a durable pack of the repository; adds its .keep file to
 * `keep`. The pack is made aside: an error leaves nothing behind that git would read. */
int pack_write(struct pack_keep *keep, const char *git_directory, const struct objects *pending,
               struct fault *fault);
/* Removes the .keep files. */
void pack_settle(struct pack_keep *keep);
/* Removes a pack half written. */
void pack_clean(const char *git_directory);
/* At start-up: removes .keep files that an earlier agent left when it died. */
void pack_clean_keeps(const char *git_directory);

#endif

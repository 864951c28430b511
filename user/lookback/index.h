/* SPDX-License-Identifier: MIT */
/* What the look-back index holds: rows of commits and rows of changes. */
#ifndef USER_LOOKBACK_INDEX_H
#define USER_LOOKBACK_INDEX_H

#include <git2.h>
#include <stdint.h>

#include "pack/pack.h"
#include "wire/wire.h"

#define INDEX_FILE        PACK_FOLDER "/index" /* in the git directory */
#define INDEX_COMMITS_MAX ((uint32_t)1 << 28)

struct index; /* opaque; for one thread */

#define INDEX_LINE   ((uint32_t)1 << 31) /* main has named it: first parents, from its tip */
#define INDEX_TIP    ((uint32_t)1 << 30) /* all rows before it are its ancestors */
#define INDEX_AGAIN  ((uint32_t)1 << 29) /* has a row already, and has joined the line since */
#define INDEX_BRINGS ((uint32_t)1 << 28) /* a merge whose changes are those of what it brought */
#define INDEX_DROP   (INDEX_BRINGS - 1) /* how many rows before it on the line have left the line */

struct index_commit {
	git_oid id;
	uint32_t flags;
	int64_t time; /* committer's, Unix seconds */
};

#define INDEX_BEFORE_UNKNOWN ((uint16_t)1) /* `before` is not known, and may be any MAC */

/* As readers see it; in the file it is one row, or two (index_change.h). */
struct index_change {
	struct address address;
	uint32_t commit;  /* ordinal: its row's number */
	uint16_t segment; /* number; see index_segment_name() */
	uint16_t flags;
	struct mac before, after; /* zero: absent */
};

#endif

/* SPDX-License-Identifier: MIT */
/* What may enter the table from a repository. The pre-receive hook, reconciling, the start and
 * `check` all judge files by it. */
#ifndef USER_FORMAT_VALIDATE_H
#define USER_FORMAT_VALIDATE_H

#include "entry/entry.h"
#include "format/settings.h"
#include "store/store.h"

struct validated {
	enum {
		VALIDATED_OTHER, /* outside the segments: README.md, another folder */
		VALIDATED_ENTRY
	} what;
	unsigned segment; /* of an entry: index in the list given */
	struct address address;
	struct entry *entry; /* malloc'ed, the caller's; NULL: absent in `after` */
};

/*
 * Judges what a difference leads to (its `after`). A removal is always valid. 0, or with a fault
 * "path: reason":
 *
 *     -EINVAL   in a segment's folder, but not an entry's path, not a regular file (100644), not an
 *               entry's text, or not a host's address
 *     -ERANGE   outside the configuration: an entry's path in a folder that is not a segment, or an
 *               address in no prefix
 *     -EIO      the repository cannot be read
 */
int validate_difference(struct validated *validated, git_repository *repository,
                        const struct segment *segment, size_t segments,
                        const struct tree_difference *difference, struct fault *fault);

/* The same without the text: the entry in `validated` stays NULL. */
int validate_place(struct validated *validated, const struct segment *segment, size_t segments,
                   const struct tree_difference *difference, struct fault *fault);

/* Whether an entry that others wrote says that it began in the future. -EINVAL; `now` is the clock,
 * Unix seconds. */
int validate_since(const struct entry *entry, int64_t now, struct fault *fault);

/* Reads a blob into `text`, and parses it in place (entry_parse_in_place()). 0, -EINVAL (fault
 * "line N: reason"), -EIO. */
int validate_text(struct entry *entry, char text[ENTRY_TEXT_MAX + 1], size_t *length, git_odb *odb,
                  const git_oid *id, struct fault *fault);
/* The same as a malloc'ed entry; also -ENOMEM. */
int validate_blob(struct entry **entry, git_repository *repository, const git_oid *id,
                  struct fault *fault);

/* A path fit for a terminal: whatever is not printable ASCII becomes '?'. */
#define PATH_TEXT 128
char *validate_path_text(char text[PATH_TEXT], const char *path);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What may enter the table from a repository: the one judge of every file that people change,
 * in the pre-receive hook, when reconciling, at start-up and in `check`.
 */
#ifndef USER_FORMAT_VALIDATE_H
#define USER_FORMAT_VALIDATE_H

#include <git2.h>
#include <stddef.h>
#include <stdint.h>

#include "entry/entry.h"
#include "format/segments.h"
#include "store/store.h"

struct validated {
	enum {
		VALIDATED_OTHER, /* no business of ours: README.md, a folder that is no segment */
		VALIDATED_ENTRY
	} what;
	unsigned segment;    /* of an entry: index in the list given */
	uint32_t address;    /* host byte order */
	struct entry *entry; /* malloc'ed, the caller's; NULL: absent in `after` */
};

/*
 * Judges what a difference leads to (its `after`). 0 and `validated`; -EINVAL and a fault
 * "path: reason" when it may not enter the table: not an entry's path inside a segment's
 * folder, not a regular file (100644), text that is no entry, an address that is not a host's;
 * -ERANGE, likewise, when it is outside the configuration: an entry's path in a folder that is no
 * segment, or an address in no prefix. -EIO when the repository cannot be read. A removal is
 * always valid.
 */
int validate_difference(struct validated *validated, git_repository *repository,
                        const struct segment *segment, size_t segments,
                        const struct tree_difference *difference, struct fault *fault);

/* The same, but for the text: `validated` says whose it is, and its entry stays NULL. */
int validate_place(struct validated *validated, const struct segment *segment, size_t segments,
                   const struct tree_difference *difference, struct fault *fault);

/* Reads and parses the entry stored as a blob into `text`, to which the entry's own texts point
 * (entry_parse_in_place()). 0, -EINVAL (fault "line N: reason"), -EIO. */
int validate_text(struct entry *entry, char text[ENTRY_TEXT_MAX + 1], size_t *length, git_odb *odb,
                  const git_oid *id, struct fault *fault);
/* The same as a malloc'ed entry; also -ENOMEM. */
int validate_blob(struct entry **entry, git_repository *repository, const git_oid *id,
                  struct fault *fault);

/* Whether the address is a host's in one of the segment's prefixes; else a fault and -EINVAL
 * (network or broadcast address) or -ERANGE (in none). */
int validate_address(const struct segment *segment, uint32_t address, struct fault *fault);

/* A path as people may see it on a terminal: what is not printable ASCII becomes '?'. */
#define PATH_TEXT 128
char *validate_path_text(char text[PATH_TEXT], const char *path);

#endif

/* SPDX-License-Identifier: MIT */
/* Judges many files with format/validate's rules, and reads their entries fast from packs. */
#ifndef USER_HISTORY_JUDGE_H
#define USER_HISTORY_JUDGE_H

#include <git2.h>

#include "format/format.h"

struct judge {
	git_repository *repository;
	const struct segment *segment;
	size_t segments;
	struct blobs *blobs; /* NULL: not opened yet */
	size_t read;
};

/* As validate_difference(). */
int judge_difference(struct judge *judge, struct validated *validated,
                     const struct tree_difference *difference, struct fault *why);
/* As validate_blob(). */
int judge_entry(struct judge *judge, struct entry **entry, const git_oid *id, struct fault *why);
void judge_clear(struct judge *judge);

#endif

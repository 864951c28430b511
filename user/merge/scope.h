/* SPDX-License-Identifier: MIT */
/* Where a merge happens. */
#ifndef USER_MERGE_SCOPE_H
#define USER_MERGE_SCOPE_H

#include "format/format.h"

struct merge_scope {
	git_repository *repository;
	const struct segment *segment; /* the configured ones */
	size_t segments;
};

#endif

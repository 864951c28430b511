/* SPDX-License-Identifier: MIT */
/* Who made what an address has. */
#ifndef USER_LOOKBACK_AUTHOR_H
#define USER_LOOKBACK_AUTHOR_H

#include <git2.h>
#include <stdint.h>

#include "lookback/index.h"
#include "store/store.h"

struct author_query {
	git_repository *repository;
	const char *segment;
	struct address address;
	const git_oid *file; /* the entry's */
	uint32_t before;     /* only commits whose rows are before this one */
};

/* The newest commit that the index knows to have made this file: its author's name, or, if an agent
 * made it by itself, the task. "": not known. */
void author_find(char by[TASK_ID_MAX], struct index *index, const struct author_query *query);

#endif

/* SPDX-License-Identifier: MIT */
/* A task between history_begin() and history_end(). */
#ifndef USER_HISTORY_TASK_H
#define USER_HISTORY_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "format/format.h"
#include "store/store.h"

struct task {
	struct task *next;
	uint64_t token;
	char *kind;             /* owned */
	char id[TASK_ID_MAX];   /* "" until the first commit */
	struct version base;    /* where its branch starts */
	struct version tip;     /* its last commit */
	bool commits;           /* tip is not base */
	struct context context; /* of its first change */
	bool context_known;
	struct transitions pending; /* not yet committed */
	uint64_t done;              /* changes committed on the branch, and not yet on main */
	struct addresses fresh;     /* of `pending` */
	struct addresses held;      /* of all that is not yet on main */
};

#endif

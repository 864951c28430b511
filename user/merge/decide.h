/* SPDX-License-Identifier: MIT */
/* What becomes of each address and file of a merge. */
#ifndef USER_MERGE_DECIDE_H
#define USER_MERGE_DECIDE_H

#include "merge/ours.h"

struct decide_request {
	const struct merge_scope *scope;
	const struct merge_ours *ours;
	/* Whether the table cannot take an item, because the address is the host's own. NULL: that
	 * is not known of any. */
	bool (*is_own)(void *context, const struct history_item *item);
	/* Called with each item that is decided, and main's entry: the item's base, or valid only
	 * during the call. May be NULL. 0, or an error and a fault. */
	int (*decided)(void *context, const struct history_item *item, const struct entry *ours,
	               struct fault *fault);
	void *context;
};

/* Decides the items that the owner has not merged, by the rule, against the entries of main. */
int decide_items(struct history_proposal *proposal, const struct decide_request *request,
                 struct fault *fault);

/* What of a decided item comes into main. */
struct decided {
	bool changed;    /* main's entry becomes item->result */
	bool took_ours;  /* of a conflict: the table's stands */
	const char *why; /* of a conflict: "later since"; NULL: it is none */
};

/* Whether the item's own file goes into main: then ids of files are enough. */
bool decide_took_theirs(const struct history_proposal *proposal, const struct history_item *item);
/* `ours`: main's entry; NULL: none. */
struct decided decide_item(const struct history_item *item, const struct entry *ours);

/* A file outside the table comes from the side that changed it; from main, if both did. Of an entry
 * outside our segments, which another host has in its table, the rule decides that, too. */
enum decide_file {
	DECIDE_FILE_LEFT,  /* main's stays, and nothing need be said */
	DECIDE_FILE_KEPT,  /* main's stays, and both have changed it */
	DECIDE_FILE_TAKEN, /* theirs */
};
int decide_file(enum decide_file *what, const struct merge_scope *scope,
                const struct merge_ours *ours, const struct edit *theirs, const struct edit *before,
                struct fault *fault);

#endif

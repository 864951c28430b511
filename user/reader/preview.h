/* SPDX-License-Identifier: MIT */
/*
 * What `arpkeeper merge` would make of a branch now. The decision is that of the merge itself
 * (merge/), taken against main as the repository has it. Writes nothing.
 */
#ifndef USER_READER_PREVIEW_H
#define USER_READER_PREVIEW_H

#include "entry/entry.h"

struct reader;

#define PREVIEW_PATH 128

struct preview_request {
	const char *name; /* a branch, "review/rack3"; or a commit, in any way that git names it */
	bool in_fleet;    /* as the agent knows it */
	bool fleet_known; /* else the repository's configuration decides */
	/* Whether the host has the address itself, so that the table refuses it. NULL: not known.
	 */
	bool (*is_own)(void *context, const char *segment, struct address address);
	void *context;
};

/* An address that both sides have otherwise than their base, or that the table cannot take. */
struct preview_row {
	const char *segment;
	struct address address;
	const struct entry *now;    /* what main has; NULL: nothing */
	const struct entry *theirs; /* what the branch wants; NULL: nothing */
	const struct entry *then;   /* what main would have; NULL: nothing */
	const char *why;            /* why the rule chose, "later since"; NULL: no conflict */
	bool changed;               /* `then` is not `now` */
	bool kept;                  /* a conflict that main's wins */
};

struct preview {
	const char *branch;      /* as people know it; or the name that was asked for */
	char commit[41];         /* that it names */
	char main[41];           /* that it was compared with */
	bool known;              /* main has all of it already: there is nothing to merge */
	size_t changed;          /* addresses */
	size_t overwritten;      /* of them: main has changed them, too, and theirs wins */
	size_t kept;             /* conflicts that main's wins */
	size_t files;            /* outside the table, that would change; */
	size_t files_kept;       /* and that both sides changed, and main's stay */
	size_t invalid;          /* reasons why all of it would be refused */
	bool guarded;            /* history.guard asks for --confirm */
	size_t confirm;          /* with this number */
	char guard[GUARD_TEXT];  /* history.guard */
	const char *command;     /* that merges it, for a shell; NULL: it cannot be merged */
	struct preview_state *_; /* the reader's */
};

/* -ENOENT: there is no such branch or commit; -EINVAL: it is never merged, such as `alerts`.
 * preview_free() in any case. */
int reader_preview(struct preview **preview, struct reader *reader,
                   const struct preview_request *request, struct fault *fault);
void preview_free(struct preview *preview); /* NULL is fine */

/* Calls `handle` for each row by segment and address; it stops when that returns non-zero, and
 * returns that. Both changed and kept ones are among them. */
int preview_each(const struct preview *preview,
                 int (*handle)(void *context, const struct preview_row *row), void *context);
/* Why all of it would be refused: of the first of `invalid`, from 0. False: no text of that one was
 * kept. `path` has room for PREVIEW_PATH bytes, and is fit for a terminal; "": the whole. `reason`
 * is the preview's.
 */
bool preview_invalid(const struct preview *preview, size_t number, char *path, const char **reason);

#endif

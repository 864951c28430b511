/* SPDX-License-Identifier: MIT */
/* The words of a fetch and of a push. No name that begins with a dash comes this far. */
#ifndef USER_SYNC_GITWORDS_H
#define USER_SYNC_GITWORDS_H

#include <stddef.h>

#include "sync/remotegit.h"

#define GITWORDS_SPECS 64 /* of one fetch or push, options included */

/* Fetches the refspecs, which git checks as it does for everybody. As remotegit_run(). */
int gitwords_fetch(struct remotegit *git, const char *const *spec, size_t specs,
                   gitchild_line_fn *complaint, void *context, struct fault *fault);
/* Pushes with these options, each "--…". `line` gets git's --porcelain lines. */
int gitwords_push(struct remotegit *git, const char *const *option, size_t options,
                  const char *const *spec, size_t specs, gitchild_line_fn *line,
                  gitchild_line_fn *complaint, void *context, struct fault *fault);

/* A reference of the remote, and what it is to be. */
struct gitwords_change {
	const char *reference;
	const char *expected; /* it is replaced only if it is at this; "": it must not be there;
	                         NULL: whatever it is */
	const char *id;       /* "": it is removed */
	char verdict;         /* set: git's letter, '!': not taken; 0: nothing was said of it */
	char summary[80];     /* set: what git says of it */
};

#define GITWORDS_CHANGES 16
/* Makes these changes, each by itself. 0: each has a verdict; -EREMOTEIO: the remote was lost. */
int gitwords_change(struct remotegit *git, struct gitwords_change *change, size_t count,
                    struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* What stands where: for each branch, the remote's tip, the tip that was fetched, and our own. */
#ifndef USER_SYNC_TIPS_H
#define USER_SYNC_TIPS_H

#include "sync/remotegit.h"
#include "sync/request.h"

struct sync_branch {
	char name[SYNC_NAME]; /* behind SYNC_BRANCHES */
	char theirs[SYNC_ID]; /* at the remote; "": it is not there */
	char held[SYNC_ID];   /* fetched from there, or pushed, before */
	char ours[SYNC_ID];   /* at SYNC_BRANCHES here */
};

struct tips {
	struct sync_branch *item; /* owned, sorted by name */
	size_t count, room;
};

/* Only those that one of the request's patterns names. The remote is asked; `directory` is the
 * agent's repository. */
int tips_list(struct tips *tips, struct remotegit *git, const struct sync_request *request,
              const char *directory, uint32_t *listed, struct fault *fault);
void tips_clear(struct tips *tips);
/* The name behind `begin`; NULL: it does not begin so, or is invalid. */
const char *branch_name(const char *reference, const char *begin);
/* Reads "<id> <name>", apart by a blank or a tab, into both. false: it is not such a line. */
bool branch_line(char id[SYNC_ID], const char **reference, const char *line);

#endif

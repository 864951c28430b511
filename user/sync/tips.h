/* SPDX-License-Identifier: MIT */
/* What stands where: for each branch, the remote's tip, the tip that was fetched, and our own. */
#ifndef USER_SYNC_TIPS_H
#define USER_SYNC_TIPS_H

#include "sync/remotegit.h"
#include "sync/request.h"

/* And the node that takes requests: its main, for people. */
#define SYNC_TABLE "refs/heads/table/"

struct sync_branch {
	char name[SYNC_NAME]; /* behind SYNC_BRANCHES */
	char theirs[SYNC_ID]; /* at the remote; "": it is not there */
	char held[SYNC_ID];   /* fetched from there, or pushed, before */
	char ours[SYNC_ID];   /* at SYNC_BRANCHES here */
};

#define TIPS_ASKED 256 /* requests that are looked at; the others wait at the remote */

/* A request at the remote, and its answer. */
struct sync_asked {
	char name[SYNC_ASKED_NAME]; /* behind SYNC_ASKED */
	char id[SYNC_ID];
	enum sync_verdict verdict;
	bool noted; /* its answer is at the remote */
	char words[SYNC_WORDS];
};

struct tips {
	struct sync_branch *item; /* owned, sorted by name */
	size_t count, room;
	struct sync_asked *asked; /* owned; only where this node may take them */
	size_t asks, asked_room;
	size_t misnamed; /* requests whose names are invalid: left alone */
	char misnamed_id[SYNC_ID];
	char table[SYNC_ID]; /* at SYNC_TABLE and this node's name; "" */
};

/* Only those that one of the request's patterns names. The remote is asked; `directory` is the
 * agent's repository. */
int tips_list(struct tips *tips, struct remotegit *git, const struct sync_request *request,
              const char *directory, uint32_t *listed, struct fault *fault);
/* Reads our own again, which have moved meanwhile. */
int tips_renew(struct tips *tips, const struct sync_request *request, const char *directory,
               struct fault *fault);
void tips_clear(struct tips *tips);
/* The name behind `begin`; NULL: it does not begin so, or is invalid. */
const char *branch_name(const char *reference, const char *begin);
/* Reads "<id> <name>", apart by a blank or a tab, into both. false: it is not such a line. */
bool branch_line(char id[SYNC_ID], const char **reference, const char *line);

#endif

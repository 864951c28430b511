/* SPDX-License-Identifier: MIT */
/* What became of an exchange. */
#ifndef USER_SYNC_REPORT_H
#define USER_SYNC_REPORT_H

#include <jansson.h>
#include <stdint.h>

#include "sync/request.h"

#define SYNC_CLEARED_MAX 8
#define SYNC_REFUSED_MAX 16 /* branches that a report names; the others are counted */

enum sync_why {
	SYNC_REWOUND,    /* the remote's tip does not follow from the one that was fetched before */
	SYNC_INVALID,    /* its objects are damaged, missing or not a commit's */
	SYNC_REFUSED,    /* the remote, or git here, did not take it: the text says why */
	SYNC_DIVERGED,   /* the remote has another history of a branch that was to be pushed */
	SYNC_UNANSWERED, /* a request is decided, and the remote did not take the answer */
};

struct sync_refused {
	char name[SYNC_NAME]; /* behind SYNC_BRANCHES */
	char id[SYNC_ID];     /* the tip that was left out */
	enum sync_why why;
	char text[200];
};

#define SYNC_BEHIND_MAX 20

/* A node that has not taken all of a branch of this one. */
struct sync_behind {
	char node[NODE_NAME_MAX + 1], branch[SYNC_NAME];
	uint32_t commits;
	int64_t since; /* of the oldest of them; Unix seconds, by this node's clock */
};

struct sync_report {
	uint32_t listed;  /* branches of the remote */
	uint32_t changed; /* of these, whose tip is new here */
	uint32_t fetched, pushed;
	uint64_t bytes; /* of the packs that were fetched */
	uint32_t milliseconds;
	struct sync_refused refused[SYNC_REFUSED_MAX];
	uint32_t refusals; /* also those that are not named */
	/* Branches that the request says to skip at a tip that the remote has no more. */
	char cleared[SYNC_CLEARED_MAX][SYNC_NAME];
	uint32_t clears;
	bool seen; /* what other nodes have told the remote was read: */
	uint32_t nodes;
	struct sync_behind behind[SYNC_BEHIND_MAX];
	uint32_t behinds;
	/* Of people's requests at the remote, where this node may take them: */
	char holder[NODE_NAME_MAX + 1], lease[SYNC_ID]; /* who does; "" */
	uint32_t waiting;                               /* not answered yet */
	uint32_t merged, declined;                      /* answered now */
};

const char *syncreport_why(enum sync_why why); /* "rewound" */
/* Formats `text` as printf does. */
void syncreport_refuse(struct sync_report *report, const char *name, const char *id,
                       enum sync_why why, const char *format, ...)
        __attribute__((format(printf, 5, 6)));
/* `error`: "" if the exchange came to its end. At most some 6,000 bytes as text. */
json_t *syncreport_json(const struct sync_report *report, const struct sync_request *request,
                        const char *error);

#endif

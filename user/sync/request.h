/* SPDX-License-Identifier: MIT */
/* What one exchange with a remote repository is to do. */
#ifndef USER_SYNC_REQUEST_H
#define USER_SYNC_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

#define SYNC_BRANCHES      "refs/heads/node/" /* what is exchanged: <name>/<name> behind this */
#define SYNC_FROM          "refs/fleet/from/" /* and <remote>/<name>/<name>: what was fetched */
#define SYNC_NAME          (2 * (NODE_NAME_MAX + 1)) /* bytes of "<name>/<name>", with its end */
#define SYNC_ID            41
#define SYNC_ASKED         "refs/heads/merge/" /* requests: <name> behind this, with slashes */
#define SYNC_ASKED_NAME    100
#define SYNC_WORDS         4000   /* of an answer to one */
#define SYNC_TIMEOUT_MS    600000 /* all of an exchange, */
#define SYNC_SILENCE_MS    30000  /* and a git that says nothing */
#define SYNC_LEASE_SECONDS 180
#define SYNC_PACK_BYTES    (1ULL << 30) /* of one fetched pack */

/*
 *     {"remote": "hub", "url": "ssh://…", "fetch": [patterns],
 *      "push": [patterns], "own": [patterns], "skip": {"lan/a": "<id>"},
 *      "timeout": milliseconds, "silence": milliseconds, "bytes": of a pack,
 *      "control": path, "serial": number, "node": "leaf1",
 *      "seen": true,
 *      "operators": {"lease": id, "unmoved": milliseconds, "holder": "leaf1", "seconds": number}}
 *
 * All but `remote` and `url` may be missing. A star in a pattern stands for a name, or its rest.
 * `operators` needs `node`: this node takes the requests that people push to the remote.
 */
enum sync_verdict {
	SYNC_PENDING,  /* not decided yet, or it is not known */
	SYNC_MERGED,   /* main has it */
	SYNC_DECLINED, /* and will not have it */
	SYNC_LEFT,     /* it cannot be read, so its reference stays */
};

/* Asks the agent what became of a request that is in its repository. `words`: what it says. */
typedef enum sync_verdict sync_ask_fn(void *context, const char *reference, char *words,
                                      size_t size);

struct sync_request {
	json_t *json; /* owned; the strings below are in it */
	const char *remote, *url, *control;
	const json_t *fetch; /* patterns of branches to fetch, */
	const json_t *push;  /* to push, of other writers, */
	const json_t *own;   /* and to push after these */
	const json_t *skip;  /* tips that were bad: not fetched again */
	uint32_t timeout_ms, silence_ms;
	uint64_t pack_bytes;
	json_int_t serial; /* the asker's: it comes back in the report */
	const char *node;  /* this node's name; NULL */
	bool seen;         /* tell the remote what is applied here, and read what others told */
	bool operators;
	const char *lease, *holder; /* as they were last seen; "" */
	uint64_t lease_unmoved_ms;  /* so long requests have waited, and it was the same */
	uint32_t lease_seconds;
	sync_ask_fn *ask; /* set by the caller; NULL */
	void *ask_context;
};

/* -EINVAL and a fault: it is not such a text, a name or a pattern is invalid, or the URL is
 * refused.
 */
int syncrequest_read(struct sync_request *request, const char *text, struct fault *fault);
void syncrequest_clear(struct sync_request *request);
/* Whether the branch, by its name behind SYNC_BRANCHES, is one of these patterns. */
bool syncrequest_matches(const json_t *patterns, const char *name);
/* Whether it is the name of a request behind SYNC_ASKED: parts that are valid as a node's. */
bool syncrequest_asked_is_valid(const char *name);
/* "<name>/<name>", each valid as a node's. */
bool syncrequest_name_is_valid(const char *name);

#endif

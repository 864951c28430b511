/* SPDX-License-Identifier: MIT */
/* What one exchange with a remote repository is to do. */
#ifndef USER_SYNC_REQUEST_H
#define USER_SYNC_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

#define SYNC_BRANCHES   "refs/heads/node/"        /* what is exchanged: <name>/<name> behind this */
#define SYNC_FROM       "refs/fleet/from/"        /* and <remote>/<name>/<name>: what was fetched */
#define SYNC_NAME       (2 * (NODE_NAME_MAX + 1)) /* bytes of "<name>/<name>", with its end */
#define SYNC_ID         41
#define SYNC_TIMEOUT_MS 600000       /* all of an exchange, */
#define SYNC_SILENCE_MS 30000        /* and a git that says nothing */
#define SYNC_PACK_BYTES (1ULL << 30) /* of one fetched pack */

/*
 *     {"remote": "hub", "url": "ssh://…", "fetch": [patterns],
 *      "push": [patterns], "own": [patterns], "skip": {"lan/a": "<id>"},
 *      "timeout": milliseconds, "silence": milliseconds, "bytes": of a pack,
 *      "control": path, "serial": number}
 *
 * All but `remote` and `url` may be missing. A star in a pattern stands for a name, or its rest.
 */
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
};

/* -EINVAL and a fault: it is not such a text, a name or a pattern is invalid, or the URL is
 * refused.
 */
int syncrequest_read(struct sync_request *request, const char *text, struct fault *fault);
void syncrequest_clear(struct sync_request *request);
/* Whether the branch, by its name behind SYNC_BRANCHES, is one of these patterns. */
bool syncrequest_matches(const json_t *patterns, const char *name);
/* "<name>/<name>", each valid as a node's. */
bool syncrequest_name_is_valid(const char *name);

#endif

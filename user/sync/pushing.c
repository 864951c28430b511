// SPDX-License-Identifier: MIT
/* Chooses what to push, and reads what became of it. Never forces anything. */
#include "sync/pushing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/gitwords.h"
#include "sync/lost.h"

#define BATCH 64
#define SPEC  (SYNC_ID + sizeof(SYNC_BRANCHES) + SYNC_NAME)

struct push {
	struct exchange *exchange;
	struct sync_branch *branch[BATCH];
	bool taken[BATCH], judged[BATCH];
	char summary[BATCH][80]; /* what git says of it */
	size_t count;
};

/* "*	<id>:<reference>	[new branch]": the first letter is '!' for what was refused. */
static int on_line(void *context, char *line)
{
	struct push *push = context;
	char *reference = strchr(line, ':'), *summary;

	if (!reference || !(summary = strchr(reference, '\t')) || line[1] != '\t')
		return 0;
	*summary++ = '\0';
	for (size_t i = 0; i < push->count; i++) {
		const char *name = branch_name(reference + 1, SYNC_BRANCHES);

		if (!name || strcmp(name, push->branch[i]->name) != 0)
			continue;
		push->judged[i] = true;
		push->taken[i] = *line != '!';
		snprintf(push->summary[i], sizeof(push->summary[i]), "%s", summary);
	}
	return 0;
}

/* So the next exchange need not fetch what it has from here. */
static int hold_taken(struct push *push, struct fault *fault)
{
	struct sync_branch *branch[BATCH];
	char id[BATCH][SYNC_ID];
	size_t count = 0;

	for (size_t i = 0; i < push->count; i++) {
		struct sync_branch *one = push->branch[i];

		if (!push->taken[i])
			continue;
		push->exchange->report->pushed++;
		if (!syncrequest_matches(push->exchange->request->fetch, one->name))
			continue;
		branch[count] = one;
		memcpy(id[count++], one->ours, SYNC_ID);
	}
	return exchange_hold(push->exchange, branch, (const char(*)[SYNC_ID])id, count, fault);
}

static int push_batch(struct push *push, struct fault *fault)
{
	const char *argument[BATCH];
	char spec[BATCH][SPEC];
	const struct sync_branch *refused = NULL;
	size_t judged = 0;
	int error, failed;

	for (size_t i = 0; i < push->count; i++) {
		snprintf(spec[i], sizeof(spec[i]), "%s:" SYNC_BRANCHES "%s", push->branch[i]->ours,
		         push->branch[i]->name);
		argument[i] = spec[i];
		push->taken[i] = push->judged[i] = false;
	}
	failed = gitwords_push(&push->exchange->git, NULL, 0, argument, push->count, on_line, NULL,
	                       push, fault);
	for (size_t i = 0; i < push->count; i++)
		judged += push->judged[i];
	for (size_t i = 0; i < push->count; i++) {
		if (!push->judged[i] || push->taken[i])
			continue;
		syncreport_refuse(push->exchange->report, push->branch[i]->name,
		                  push->branch[i]->ours, SYNC_REFUSED,
		                  "the remote did not take it: %s: %.110s", push->summary[i],
		                  push->exchange->git.words);
		if (push->branch[i]->theirs[0])
			refused = push->branch[i];
	}
	if (failed)
		lost_remove(push->exchange, refused);
	error = hold_taken(push, failed ? NULL : fault);
	/* A branch that was refused makes git fail, and is in the report. */
	return failed && (failed != -EREMOTEIO || judged < push->count) ? failed : error;
}

/* What differs and does not go on from the remote's: the remote is ahead, as it often is of what
 * others write, or it has another history. */
static bool may_go(struct exchange *exchange, const struct sync_branch *branch, bool own)
{
	if (!branch->ours[0] || !strcmp(branch->ours, branch->theirs))
		return false;
	if (!branch->theirs[0] || exchange_follows(exchange, branch->ours, branch->theirs))
		return true;
	if (own)
		syncreport_refuse(exchange->report, branch->name, branch->theirs, SYNC_DIVERGED,
		                  "the remote has another history of this branch (%.10s), which "
		                  "does not lead to %.10s",
		                  branch->theirs, branch->ours);
	return false;
}

static int push_all(struct exchange *exchange, bool own, struct fault *fault)
{
	const struct sync_request *request = exchange->request;
	struct push push = {.exchange = exchange};
	int error = 0;

	for (size_t i = 0; i < exchange->tips.count && !error; i++) {
		struct sync_branch *branch = &exchange->tips.item[i];

		if (syncrequest_matches(request->own, branch->name) != own ||
		    (!own && !syncrequest_matches(request->push, branch->name)) ||
		    !may_go(exchange, branch, own))
			continue;
		push.branch[push.count++] = branch;
		if (push.count < BATCH)
			continue;
		error = push_batch(&push, fault);
		push.count = 0;
	}
	return !error && push.count ? push_batch(&push, fault) : error;
}

int pushing_run(struct exchange *exchange, struct fault *fault)
{
	int error = push_all(exchange, false, fault);

	return error ? error : push_all(exchange, true, fault);
}

// SPDX-License-Identifier: MIT
/*
 * Git fetches into the repository aside, whose references are the tips that are held, and no
 * others: so git itself refuses what does not go on from them (no '+'), what fails fsck, and what
 * is not complete; it sends no more than a batch's tips, and checks no more than what is new.
 * Then the packs move over, and then the references. What was refused goes with the folder.
 *
 * A pack that is refused says nothing of which branch it was: the batch is halved.
 */
#include "sync/fetching.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sync/gitwords.h"

#define BATCH 16
#define LOST  4 /* fetches that fail in a row, one branch each: then it is the remote */
#define SPEC  (sizeof(SYNC_BRANCHES) + sizeof(SYNC_FROM) + NODE_NAME_MAX + 2 * SYNC_NAME + 2)

struct batch {
	struct exchange *exchange;
	struct sync_branch *branch[BATCH];
	char fetched[BATCH][SYNC_ID]; /* "": it did not come */
	bool rewound[BATCH];
	size_t count;
};

/* --- the repository aside --------------------------------------------------------------------- */

static int set_tips(const struct batch *batch, struct fault *fault)
{
	const struct exchange *exchange = batch->exchange;
	struct exchange_tip tip[2 * BATCH];
	size_t count = 0;

	for (size_t i = 0; i < batch->count; i++) {
		const struct sync_branch *branch = batch->branch[i];

		if (branch->held[0])
			exchange_tip_set(&tip[count++], branch->held, SYNC_FROM "%s/%s",
			                 exchange->request->remote, branch->name);
		/* From another remote, the same branch may be here. */
		if (branch->ours[0])
			exchange_tip_set(&tip[count++], branch->ours, SYNC_BRANCHES "%s",
			                 branch->name);
	}
	return exchange_set_tips(exchange, tip, count, fault);
}

static int on_fetched(void *context, char *line)
{
	struct batch *batch = context;
	char id[SYNC_ID], from[sizeof(SYNC_FROM) + NODE_NAME_MAX + 1];
	const char *reference, *name;

	snprintf(from, sizeof(from), SYNC_FROM "%s/", batch->exchange->request->remote);
	/* A tag or a blob is not a branch's tip, though git may take it for one. */
	if (strncmp(line, "commit ", strlen("commit ")) != 0 ||
	    !branch_line(id, &reference, line + strlen("commit ")) ||
	    !(name = branch_name(reference, from)))
		return 0;
	for (size_t i = 0; i < batch->count; i++)
		if (!strcmp(batch->branch[i]->name, name) &&
		    strcmp(batch->branch[i]->held, id) != 0)
			memcpy(batch->fetched[i], id, SYNC_ID);
	return 0;
}

static int look_what_came(struct batch *batch, struct fault *fault)
{
	static const char *const arguments[] = {
	        "for-each-ref", "--format=%(objecttype) %(objectname) %(refname)", SYNC_FROM, NULL};

	memset(batch->fetched, 0, sizeof(batch->fetched));
	return gitchild_run(batch->exchange->aside_directory, arguments, NULL, on_fetched, batch,
	                    fault);
}

/* --- one batch -------------------------------------------------------------------------------- */

/* " ! [rejected]  a -> b  (non-fast-forward)" */
static int on_complaint(void *context, char *line)
{
	struct batch *batch = context;

	if (!strstr(line, "[rejected]") || !strstr(line, "(non-fast-forward)"))
		return 0;
	for (size_t i = 0; i < batch->count; i++) {
		char end[SPEC];

		snprintf(end, sizeof(end), "/%s ", batch->branch[i]->name);
		if (strstr(line, end))
			batch->rewound[i] = true;
	}
	return 0;
}

static int fetch_batch(struct batch *batch, struct fault *fault)
{
	struct exchange *exchange = batch->exchange;
	const char *argument[BATCH];
	char spec[BATCH][SPEC];

	for (size_t i = 0; i < batch->count; i++) {
		snprintf(spec[i], sizeof(spec[i]), SYNC_BRANCHES "%s:" SYNC_FROM "%s/%s",
		         batch->branch[i]->name, exchange->request->remote, batch->branch[i]->name);
		argument[i] = spec[i];
		batch->rewound[i] = false;
	}
	return gitwords_fetch(&exchange->git, argument, batch->count, on_complaint, batch, fault);
}

/* Packs first, behind .keep files, until references name what is in them. */
static int take_over(struct batch *batch, struct fault *fault)
{
	struct exchange *exchange = batch->exchange;
	struct sync_branch *branch[BATCH];
	char id[BATCH][SYNC_ID];
	struct pack_keep keep = {0};
	size_t count = 0;
	int error;

	for (size_t i = 0; i < batch->count; i++) {
		if (!batch->fetched[i][0])
			continue;
		branch[count] = batch->branch[i];
		memcpy(id[count++], batch->fetched[i], SYNC_ID);
	}
	if (count == 0) {
		(void)exchange_weigh_packs(exchange, true);
		return 0;
	}
	exchange->report->bytes += exchange_weigh_packs(exchange, false);
	error = quarantine_release_objects(&exchange->aside, exchange->directory, &keep, fault);
	if (!error)
		error = exchange_hold(exchange, branch, (const char(*)[SYNC_ID])id, count, fault);
	pack_settle(&keep);
	if (!error)
		exchange->report->fetched += (uint32_t)count;
	(void)exchange_weigh_packs(exchange, true);
	return error;
}

/* Why one branch, fetched alone, did not come. */
static void refuse(const struct batch *batch, const char *words)
{
	const struct sync_branch *branch = batch->branch[0];
	struct sync_report *report = batch->exchange->report;

	if (batch->rewound[0])
		syncreport_refuse(report, branch->name, branch->theirs, SYNC_REWOUND,
		                  "its tip %.10s does not follow from %.10s", branch->theirs,
		                  branch->held);
	else
		syncreport_refuse(report, branch->name, branch->theirs, SYNC_INVALID, "%.190s",
		                  words[0] ? words : "its tip is not a commit");
}

/* Whether the failure is one of what came, and not of the remote. */
static bool is_of_objects(const struct remotegit *git)
{
	static const char *const sign[] = {"index-pack",       "fsck",
	                                   "did not send all", "bad object",
	                                   "missing ",         "unpack",
	                                   "pack has",         "rejected",
	                                   "not our ref",      "couldn't find remote ref"};

	for (size_t i = 0; i < sizeof(sign) / sizeof(sign[0]); i++)
		if (strcasestr(git->words, sign[i]))
			return true;
	return false;
}

static int fetch(struct batch *batch, struct fault *fault);

static int fetch_rest(const struct batch *batch, const bool *left, struct fault *fault)
{
	size_t count = 0, done = 0, half;
	int error = 0;

	for (size_t i = 0; i < batch->count; i++)
		count += left[i];
	half = (count + 1) / 2;
	for (size_t i = 0; i < batch->count && !error;) {
		struct batch part = {.exchange = batch->exchange};

		for (; i < batch->count && part.count < half; i++)
			if (left[i])
				part.branch[part.count++] = batch->branch[i];
		done += part.count;
		if (part.count)
			error = fetch(&part, fault);
		if (done == count)
			break;
	}
	return error;
}

/* NOLINTNEXTLINE(misc-no-recursion): half of a batch, which is sixteen at most */
static int fetch(struct batch *batch, struct fault *fault)
{
	struct exchange *exchange = batch->exchange;
	char words[REMOTEGIT_SAID];
	bool left[BATCH] = {false}, any = false;
	struct fault why = {""};
	int failed, error = set_tips(batch, fault);

	if (error)
		return error;
	failed = fetch_batch(batch, &why);
	if (failed && (failed != -EREMOTEIO))
		return fault_set(fault, failed, "%s", why.text);
	memcpy(words, exchange->git.words, sizeof(words));
	/* A hub with one damaged branch fails, too, in words of its own. */
	if (failed && batch->count == 1 && !is_of_objects(&exchange->git) &&
	    ++exchange->failed >= LOST)
		return fault_set(fault, failed, "%s", why.text);
	error = look_what_came(batch, fault);
	if (!error)
		error = take_over(batch, fault);
	if (error)
		return error;
	for (size_t i = 0; i < batch->count; i++)
		any |= left[i] = !batch->fetched[i][0];
	if (!failed)
		exchange->failed = 0;
	if (!any)
		return 0;
	if (batch->count > 1)
		return fetch_rest(batch, left, fault);
	refuse(batch, words);
	return 0;
}

/* --- all -------------------------------------------------------------------------------------- */

static bool is_skipped(const struct sync_request *request, const struct sync_branch *branch)
{
	const char *id = json_string_value(json_object_get(request->skip, branch->name));

	return id && !strcmp(id, branch->theirs);
}

static bool is_new(const struct sync_request *request, const struct sync_branch *branch)
{
	return branch->theirs[0] && strcmp(branch->theirs, branch->held) != 0 &&
	       syncrequest_matches(request->fetch, branch->name);
}

/* What is here already needs no git: this node's own branch, or what another remote had. */
static int hold_known(struct exchange *exchange, struct fault *fault)
{
	struct tips *tips = &exchange->tips;
	struct sync_branch **branch = calloc(tips->count + 1, sizeof(struct sync_branch *));
	char(*id)[SYNC_ID] = calloc(tips->count + 1, sizeof(*id));
	size_t count = 0;
	int error;

	if (!branch || !id) {
		free((void *)branch);
		free(id);
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < tips->count; i++) {
		struct sync_branch *one = &tips->item[i];

		if (!is_new(exchange->request, one) || strcmp(one->theirs, one->ours) != 0 ||
		    (one->held[0] && !exchange_follows(exchange, one->theirs, one->held)))
			continue;
		branch[count] = one;
		memcpy(id[count++], one->theirs, SYNC_ID);
		exchange->report->changed++;
	}
	error = exchange_hold(exchange, branch, (const char(*)[SYNC_ID])id, count, fault);
	free((void *)branch);
	free(id);
	return error;
}

/* What was left out, and is at the remote no more as it was. Requests of people are named likewise,
 * and are not looked at here. */
static void note_cleared(struct exchange *exchange)
{
	struct sync_report *report = exchange->report;
	const char *name;
	json_t *id;

	json_object_foreach ((json_t *)exchange->request->skip, name, id) {
		const char *theirs = "";

		if (!syncrequest_name_is_valid(name) || !strncmp(name, "merge/", 6) ||
		    strlen(name) >= SYNC_NAME || report->clears == SYNC_CLEARED_MAX)
			continue;
		for (size_t i = 0; i < exchange->tips.count; i++)
			if (!strcmp(exchange->tips.item[i].name, name))
				theirs = exchange->tips.item[i].theirs;
		if (strcmp(theirs, json_string_value(id)) != 0)
			snprintf(report->cleared[report->clears++], SYNC_NAME, "%s", name);
	}
}

int fetching_run(struct exchange *exchange, struct fault *fault)
{
	struct batch batch = {.exchange = exchange};
	int error = hold_known(exchange, fault);

	note_cleared(exchange);
	for (size_t i = 0; i < exchange->tips.count && !error; i++) {
		struct sync_branch *branch = &exchange->tips.item[i];

		if (!is_new(exchange->request, branch) || is_skipped(exchange->request, branch))
			continue;
		exchange->report->changed++;
		batch.branch[batch.count++] = branch;
		if (batch.count < BATCH)
			continue;
		error = fetch(&batch, fault);
		batch.count = 0;
	}
	return !error && batch.count ? fetch(&batch, fault) : error;
}

// SPDX-License-Identifier: MIT
/* Fetches requests, one by one, and hands them over. Writes no reference of the remote's. */
#include "sync/operators.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/gitwords.h"
#include "sync/handover.h"
#include "sync/lease.h"

#define LOST        4                   /* fetches that fail in a row: then it is the remote */
#define ASKED       "refs/fleet/asked/" /* aside, and a number */
#define PACK_BYTES  (256ULL << 20)      /* of a request */
#define NOTES_BYTES (64ULL << 20)       /* that are new */

struct reference {
	char id[SYNC_ID]; /* "": it is not there */
	bool is_commit;
};

/* "<type> <id>" */
static int on_reference(void *context, char *line)
{
	struct reference *reference = context;
	char type[16];

	reference->is_commit =
	        sscanf(line, "%15s %40s", type, reference->id) == 2 && !strcmp(type, "commit");
	return 0;
}

static int read_reference(const char *directory, struct reference *reference, const char *name,
                          struct fault *fault)
{
	const char *const words[] = {"for-each-ref", "--format=%(objecttype) %(objectname)", name,
	                             NULL};

	*reference = (struct reference){.is_commit = false};
	return gitchild_run(directory, words, NULL, on_reference, reference, fault);
}

/* At most `bytes` of a pack. */
static int fetch(struct exchange *exchange, const char *const *spec, size_t specs, uint64_t bytes,
                 struct fault *fault)
{
	uint64_t most = exchange->git.file_bytes;
	int error;

	if (bytes < most)
		exchange->git.file_bytes = bytes;
	error = gitwords_fetch(&exchange->git, spec, specs, NULL, NULL, fault);
	exchange->git.file_bytes = most;
	return error;
}

/* The notes stay here, so that only new ones are fetched the next time. */
static int keep_notes(struct exchange *exchange, const struct reference *held, struct fault *fault)
{
	char name[sizeof(OPERATORS_HELD) + NODE_NAME_MAX];
	struct pack_keep keep = {0};
	struct reference notes;
	int error = read_reference(exchange->aside_directory, &notes, OPERATORS_NOTES, fault);

	if (error)
		return error;
	memcpy(exchange->operators.notes, notes.id, SYNC_ID);
	if (!notes.id[0] || !notes.is_commit) {
		const char *const words[] = {"update-ref", "-d", OPERATORS_NOTES, NULL};

		/* What is not notes is replaced by notes. */
		return notes.id[0] ? gitchild_run(exchange->aside_directory, words, NULL, NULL,
		                                  NULL, fault)
		                   : 0;
	}
	if (!strcmp(notes.id, held->id))
		return 0;
	snprintf(name, sizeof(name), OPERATORS_HELD "%s", exchange->request->remote);
	error = quarantine_release_objects(&exchange->aside, exchange->directory, &keep, fault);
	if (!error)
		error = exchange_set(exchange, name, notes.id, fault);
	pack_settle(&keep);
	return error;
}

/* Stars, although each stands for nothing: where the remote has none, that is not an error. */
static int fetch_own(struct exchange *exchange, struct fault *fault)
{
	static const char *const spec[] = {"+" LEASE_REF "*:" LEASE_REF "*",
	                                   "+" OPERATORS_NOTES "*:" OPERATORS_NOTES "*"};
	char name[sizeof(OPERATORS_HELD) + NODE_NAME_MAX];
	struct reference main, held;
	struct exchange_tip tip[2];
	size_t tips = 0;
	int error;

	snprintf(name, sizeof(name), OPERATORS_HELD "%s", exchange->request->remote);
	error = read_reference(exchange->directory, &main, MAIN_REF, fault);
	if (!error)
		error = read_reference(exchange->directory, &held, name, fault);
	if (error)
		return error;
	if (main.id[0])
		exchange_tip_set(&tip[tips++], main.id, MAIN_REF);
	if (held.id[0])
		exchange_tip_set(&tip[tips++], held.id, OPERATORS_HELD "%s",
		                 exchange->request->remote);
	error = exchange_set_tips(exchange, tip, tips, fault);
	if (!error)
		error = fetch(exchange, spec, 2, NOTES_BYTES, fault);
	return error ? error : keep_notes(exchange, &held, fault);
}

/* --- one request ------------------------------------------------------------------------------ */

/* Its reference stays: the remote may have been to blame. */
static void leave_out(struct exchange *exchange, struct sync_asked *asked, const char *why)
{
	char name[SYNC_NAME];

	asked->verdict = SYNC_LEFT;
	snprintf(asked->words, sizeof(asked->words),
	         "merge/%s is left out: %.300s\nIt is not tried again until it is pushed anew, or "
	         "`arpkeeper sync` is run at the node.",
	         asked->name, why);
	snprintf(name, sizeof(name), "merge/%s", asked->name);
	syncreport_refuse(exchange->report, name, asked->id, SYNC_INVALID, "%.190s", why);
}

/* Aside. -ENOENT: not this time. */
static int fetch_asked(struct exchange *exchange, struct sync_asked *asked, size_t number,
                       struct fault *fault)
{
	char spec[sizeof(SYNC_ASKED) + sizeof(ASKED) + SYNC_ASKED_NAME + 24], *name;
	const char *const specs = spec;
	struct reference came;
	int error;

	snprintf(spec, sizeof(spec), "+" SYNC_ASKED "%s:" ASKED "%zu", asked->name, number);
	name = strchr(spec, ':') + 1;
	error = fetch(exchange, &specs, 1, PACK_BYTES, fault);
	/* A remote with one damaged object fails, too, in words of its own. */
	if (error == -EREMOTEIO && ++exchange->operators.failed < LOST) {
		leave_out(exchange, asked, exchange->git.words);
		return -ENOENT;
	}
	if (!error)
		exchange->operators.failed = 0;
	if (!error)
		error = read_reference(exchange->aside_directory, &came, name, fault);
	if (error)
		return error;
	/* It was moved, or withdrawn, since it was listed. */
	if (strcmp(came.id, asked->id) != 0)
		return -ENOENT;
	if (!came.is_commit)
		leave_out(exchange, asked, "its tip is not a commit");
	return came.is_commit ? 0 : -ENOENT;
}

static int on_note(void *context, char *line)
{
	if (!strcmp(line, "Outcome: merged"))
		*(bool *)context = true;
	return 0;
}

/* Whether it was merged, and only the reference is left. One that was refused is judged again. */
static bool is_answered(const struct exchange *exchange, const struct sync_asked *asked)
{
	const char *const words[] = {"notes", "--ref", OPERATORS_NOTES, "show", asked->id, NULL};
	bool merged = false;

	return gitchild_try(exchange->aside_directory, words, NULL, on_note, &merged, NULL) == 0 &&
	       merged;
}

/* `here`: it is not the remote that failed. */
static int take(struct exchange *exchange, struct sync_asked *asked, size_t number, bool *here,
                struct fault *fault)
{
	int error = fetch_asked(exchange, asked, number, fault);

	*here = !error;

	if (error == -ENOENT)
		return 0;
	if (!error && is_answered(exchange, asked)) {
		asked->verdict = SYNC_MERGED;
		asked->noted = true;
		return 0;
	}
	return error ? error : handover_run(exchange, asked, fault);
}

/* Whether another node may have the lease soon. */
static bool is_late(const struct exchange *exchange)
{
	return remotegit_now_ms() - exchange->operators.begun_ms >=
	       (uint64_t)exchange->request->lease_seconds * 1000 / 2;
}

int operators_take(struct exchange *exchange, struct fault *fault)
{
	const struct sync_request *request = exchange->request;
	struct operators *operators = &exchange->operators;
	struct sync_report *report = exchange->report;
	struct tips *tips = &exchange->tips;
	struct fault first;
	int error, kept = 0;
	bool here;

	if (!request->operators)
		return 0;
	report->waiting = (uint32_t)tips->asks;
	if (tips->misnamed)
		syncreport_refuse(report, "merge/?", tips->misnamed_id, SYNC_INVALID,
		                  "%zu requests whose names are not of letters, digits, '-', '_', "
		                  "'.' and '/', or too long",
		                  tips->misnamed);
	if (tips->asks == 0 && request->holder[0]) {
		snprintf(report->lease, sizeof(report->lease), "%s", request->lease);
		snprintf(report->holder, sizeof(report->holder), "%s", request->holder);
		return 0;
	}
	error = fetch_own(exchange, fault);
	if (!error)
		error = lease_take(exchange, tips->asks > 0, &operators->held, &operators->begun_ms,
		                   fault);
	for (size_t i = 0; !error && operators->held && i < tips->asks && i < OPERATORS_ROUND;
	     i++) {
		if (is_late(exchange))
			break;
		error = take(exchange, &tips->asked[i], i, &here, fault);
		operators->handed = i + 1;
		/* It waits, and is not in the way of those behind it. */
		if (error && here) {
			if (!kept)
				first = *fault;
			kept = kept ? kept : error;
			error = 0;
		}
	}
	return error || !kept ? error : fault_set(fault, kept, "%s", first.text);
}

// SPDX-License-Identifier: MIT
/*
 * Notices what others changed, queues it, and brings it into the door. propose.c and door.c do the
 * work there.
 */
#include "history/doors.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "history/door.h"
#include "history/fleetdoor.h"
#include "history/propose.h"

static void enqueue(struct state *state, struct request *request)
{
	struct request **end = &state->request;

	while (*end)
		end = &(*end)->next;
	*end = request;
}

/* A branch under merge/; new, or seen before. */
static int note_merge_request(void *context, const char *ref, const git_oid *at)
{
	struct state *state = context;
	const struct request *under_way = state->door.request;
	struct request *request = NULL;
	int error;

	if (fates_find_at(&state->refused, ref, at) || removals_have(state->removal, ref, at) ||
	    (under_way && under_way->ref && !strcmp(under_way->ref, ref)))
		return 0;
	for (const struct request *queued = state->request; queued; queued = queued->next)
		if (queued->ref && !strcmp(queued->ref, ref))
			return 0;
	error = request_merge(&request, ref, 0);
	if (!error)
		enqueue(state, request);
	return error;
}

static int look_at_main(struct state *state, struct fault *fault)
{
	git_repository *repository = state->archive.repository;
	struct request *request;
	char text[COMMIT_TEXT];
	git_oid at;
	int error = refs_read(&at, repository, MAIN_REF, fault);

	if (error == -ENOENT) {
		error = refs_move(repository, MAIN_REF, NULL, &state->main, fault);
		if (!error)
			message_notice(state->out, "main was deleted: it is restored, at %.12s",
			               git_oid_tostr(text, sizeof(text), &state->main));
		return error == -ESTALE ? 0 : error;
	}
	if (error || git_oid_equal(&at, &state->main))
		return error;
	/* The request in the door is finished first. */
	if (state->door.request)
		return 0;
	error = request_merge(&request, MAIN_REF, 0);
	if (error)
		return fault_set(fault, error, "out of memory");
	error = propose_start(state, &request, &at, fault);
	request_free(request);
	return error;
}

int doors_look(struct state *state, struct fault *fault)
{
	int error;

	if (!state->loaded)
		return 0;
	state->look = false;
	error = look_at_main(state, fault);
	/* When the agent stops, merge requests are left to the next start. */
	if (!error && !state->closing)
		error = refs_each(state->archive.repository, MERGE_REFS, note_merge_request, state,
		                  fault);
	state->look |= error != 0;
	return error;
}

void doors_request(struct state *state, struct message *message)
{
	waiters_add(&message->request->waiters, message);
	enqueue(state, message->request);
	message->request = NULL;
	state->look = true;
	if (state->claims)
		state->claims->look = true;
}

/* Concludes a request that has nothing to merge. `ref`: main, which was looked at already, or a
 * branch that does not exist: it was merged a moment ago, or never pushed. */
static void conclude_idle(struct state *state, struct request *request, const char *ref)
{
	const struct history_outcome *recent =
	        fates_find_recent(&state->merged, ref, uv_now(&state->loop));
	struct history_outcome outcome = {0};

	if (!strcmp(ref, MAIN_REF)) {
		git_oid_tostr(outcome.commit, sizeof(outcome.commit), &state->head.commit);
		snprintf(outcome.text, sizeof(outcome.text), "main is at %.12s: nothing to merge",
		         outcome.commit);
	} else {
		outcome.status = -ENOENT;
		snprintf(outcome.text, sizeof(outcome.text),
		         "no branch is called %s: push one, or see `git branch --list`",
		         door_name(ref));
	}
	door_conclude_request(state, request, recent ? recent : &outcome);
}

/* What is there is not a reference. */
static void conclude_unreadable(struct state *state, struct request *request, int error,
                                const struct fault *fault)
{
	struct history_outcome outcome = {.status = error};

	snprintf(outcome.text, sizeof(outcome.text), "%.400s: delete it, and push again",
	         fault->text);
	door_conclude_request(state, request, &outcome);
}

/* Concludes the request, or brings it into the door, which then owns it. */
static int take_up(struct state *state, struct request **request, struct fault *fault)
{
	static const struct history_outcome alerts = {
	        .status = -EINVAL,
	        .text = "the branch alerts is the agent's log of incidents: it "
	                "holds no table, and is not merged"};
	const char *ref = (*request)->ref;
	const struct fate *known;
	git_oid at;
	int error;

	if ((*request)->name)
		return propose_start(state, request, NULL, fault);
	if (!ref || !strcmp(ref, MAIN_REF)) {
		conclude_idle(state, *request, MAIN_REF);
		return 0;
	}
	if (!strcmp(ref, ALERTS_REF)) {
		door_conclude_request(state, *request, &alerts);
		return 0;
	}
	error = git_reference_is_valid_name(ref)
	                ? refs_read(&at, state->archive.repository, ref, fault)
	                : -ENOENT;
	if (error == -ENOENT) {
		conclude_idle(state, *request, ref);
		return 0;
	}
	if (trouble_is_lasting(error)) {
		conclude_unreadable(state, *request, error, fault);
		return 0;
	}
	if (error)
		return error;
	known = fates_find_at(&state->refused, ref, &at);
	if (!known) {
		known = fates_find_at(&state->merged, ref, &at);
		/* It was merged, removed, and pushed again. */
		if (known && removals_add(&state->removal, ref, &at) < 0)
			return fault_set(fault, -ENOMEM, "out of memory");
	}
	if (known) {
		door_conclude_request(state, *request, &known->outcome);
		return 0;
	}
	return propose_start(state, request, &at, fault);
}

int doors_step(struct state *state, struct fault *fault)
{
	int error = 0;

	if (!state->loaded)
		return 0;
	if (door_is_answered(state))
		error = door_settle(state, fault);
	if (!error && !state->look)
		error = fleetdoor_step(state, fault);
	/* First it must be known whether main has moved. */
	while (!error && !state->door.request && !state->look && state->request) {
		struct request *request = state->request, *next = request->next;

		error = take_up(state, &request, fault);
		if (!error) {
			request_free(request);
			state->request = next;
		}
	}
	return error;
}

void doors_clear(struct state *state)
{
	if (state->door.request)
		mails_move(&state->waiters, &state->door.request->waiters);
	door_clear(&state->door);
	while (state->request) {
		struct request *request = state->request;

		state->request = request->next;
		mails_move(&state->waiters, &request->waiters);
		request_free(request);
	}
	removals_clear(&state->removal);
	fates_clear(&state->refused);
	fates_clear(&state->merged);
}

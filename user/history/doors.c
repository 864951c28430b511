// SPDX-License-Identifier: MIT
/*
 * The two doors for people's changes: main moved by others, and merge requests. Notices them,
 * keeps them in line, and remembers what became of them; propose.c and settle.c do the work.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "history/revert.h"
#include "history/state.h"
#include "store/store.h"

#define REMEMBER_MS 30000 /* a hook asks within moments */

const char *doors_name(const char *ref)
{
	size_t length = sizeof(BRANCH_PREFIX) - 1;

	return !strncmp(ref, BRANCH_PREFIX, length) ? ref + length : ref;
}

int doors_remember(struct engine *engine, struct memory *memory, const char *ref, const git_oid *at,
                   const struct history_outcome *outcome)
{
	struct remembered *item = NULL;
	char *copy;

	for (size_t i = 0; i < 64; i++)
		if (memory->item[i].ref && !strcmp(memory->item[i].ref, ref))
			item = &memory->item[i];
	if (!item)
		item = &memory->item[memory->next++ % 64];
	copy = strdup(ref);
	if (!copy)
		return -ENOMEM;
	free(item->ref);
	*item = (struct remembered){
	        .ref = copy, .at = *at, .time = uv_now(&engine->loop), .outcome = *outcome};
	return 0;
}

static const struct remembered *recall(const struct memory *memory, const char *ref)
{
	for (size_t i = 0; i < 64; i++)
		if (memory->item[i].ref && !strcmp(memory->item[i].ref, ref))
			return &memory->item[i];
	return NULL;
}

static bool was_refused(const struct engine *engine, const char *ref, const git_oid *at)
{
	const struct remembered *refused = recall(&engine->refused, ref);

	return refused && git_oid_equal(&refused->at, at);
}

static struct request *add_request(struct engine *engine, const char *ref)
{
	struct request *request = calloc(1, sizeof(*request)), **end = &engine->request;

	if (!request)
		return NULL;
	request->ref = ref ? strdup(ref) : NULL;
	if (ref && !request->ref) {
		free(request);
		return NULL;
	}
	waiters_init(&request->waiters);
	while (*end)
		end = &(*end)->next;
	*end = request;
	return request;
}

static void drop_request(struct engine *engine)
{
	struct request *request = engine->request;

	engine->request = request->next;
	free(request->ref);
	revert_free(request->revert);
	free(request);
}

/* A branch under merge/ that nobody has looked at. */
static int note_merge_request(void *context, const char *ref, const git_oid *at)
{
	struct engine *engine = context;

	if (was_refused(engine, ref, at))
		return 0;
	if (engine->door.active && engine->door.ref && !strcmp(engine->door.ref, ref))
		return 0;
	for (const struct removal *removal = engine->removal; removal; removal = removal->next)
		if (!strcmp(removal->ref, ref) && git_oid_equal(&removal->at, at))
			return 0;
	for (const struct request *request = engine->request; request; request = request->next)
		if (request->ref && !strcmp(request->ref, ref))
			return 0;
	return add_request(engine, ref) ? 0 : -ENOMEM;
}

static int look_at_main(struct engine *engine, struct fault *fault)
{
	char text[GIT_OID_HEXSZ + 1];
	struct waiters nobody;
	git_oid at;
	int error = refs_read(&at, engine->repository, MAIN_REF, fault);

	if (error == -ENOENT) {
		error = refs_move(engine->repository, MAIN_REF, NULL, &engine->main,
		                  "arpkeeper: restored", fault);
		if (!error)
			engine_notice(engine, "main was deleted: it is restored, at %.12s",
			              git_oid_tostr(text, sizeof(text), &engine->main));
		return error == -ESTALE ? 0 : error;
	}
	if (error || git_oid_equal(&at, &engine->main))
		return error;
	/* The one under way is finished first. */
	if (engine->door.active)
		return 0;
	waiters_init(&nobody);
	return propose_start(engine, MAIN_REF, &at, &nobody, fault);
}

int doors_look(struct engine *engine, struct fault *fault)
{
	int error;

	if (!engine->loaded)
		return 0;
	engine->look = false;
	error = look_at_main(engine, fault);
	/* What waits at the end of this agent's life is for the next one. */
	if (!error && !engine->closing)
		error = refs_each(engine->repository, MERGE_PREFIX, note_merge_request, engine,
		                  fault);
	engine->look |= error != 0;
	return error;
}

/* "merge/x", "x", "refs/heads/x" to a reference; NULL when out of memory. */
static char *full_name(const char *branch)
{
	char *ref = NULL;

	if (asprintf(&ref, "%s%s", strncmp(branch, "refs/", 5) ? BRANCH_PREFIX : "", branch) < 0)
		return NULL;
	return ref;
}

int doors_request(struct engine *engine, struct message *message, struct fault *fault)
{
	char *ref = message->text ? full_name(message->text) : NULL;
	bool everything = !ref || !strcmp(ref, MAIN_REF);
	struct request *request;

	if (message->text && !ref)
		return fault_set(fault, -ENOMEM, "out of memory");
	request = add_request(engine, everything ? NULL : ref);
	free(ref);
	if (!request ||
	    waiters_add_outcome(&request->waiters, message->outcome_done, message->argument) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	engine->look = true;
	return 0;
}

int doors_revert(struct engine *engine, struct message *message, struct fault *fault)
{
	struct request *request = add_request(engine, NULL);

	if (!request ||
	    waiters_add_outcome(&request->waiters, message->outcome_done, message->argument) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	request->revert = message->revert;
	message->revert = NULL;
	engine->look = true;
	return 0;
}

/* Who waits gets this as soon as everything before it is durable. */
static void conclude(struct engine *engine, struct waiters *waiters,
                     const struct history_outcome *outcome)
{
	waiters_set_outcome(waiters, outcome);
	waiters_move(&engine->waiters, waiters);
	engine->urgent = true;
}

static void conclude_everything(struct engine *engine, struct waiters *waiters)
{
	const struct remembered *merged = recall(&engine->merged, MAIN_REF);
	struct history_outcome outcome = {0};

	if (merged && uv_now(&engine->loop) - merged->time < REMEMBER_MS) {
		outcome = merged->outcome;
	} else {
		git_oid_tostr(outcome.commit, sizeof(outcome.commit), &engine->head.commit);
		snprintf(outcome.text, sizeof(outcome.text), "main is at %.12s: nothing to merge",
		         outcome.commit);
	}
	conclude(engine, waiters, &outcome);
}

/* It has no history in common with main, and no files: nothing that could be merged. */
static void conclude_alerts(struct engine *engine, struct waiters *waiters)
{
	static const struct history_outcome outcome = {
	        .status = -EINVAL,
	        .text = "the branch alerts is the agent's log of incidents: it "
	                "holds no table, and is not merged"};

	conclude(engine, waiters, &outcome);
}

/* The branch is not there: merged a moment ago, or never. */
static void conclude_absent(struct engine *engine, const char *ref, struct waiters *waiters)
{
	const struct remembered *merged = recall(&engine->merged, ref);
	struct history_outcome outcome = {.status = -ENOENT};

	if (merged && uv_now(&engine->loop) - merged->time < REMEMBER_MS)
		outcome = merged->outcome;
	else
		snprintf(outcome.text, sizeof(outcome.text),
		         "no branch is called %s: push one, or see `git branch --list`",
		         doors_name(ref));
	conclude(engine, waiters, &outcome);
}

static int take_up(struct engine *engine, struct request *request, struct fault *fault)
{
	const struct remembered *known;
	git_oid at;
	int error;

	if (request->revert)
		return revert_start(engine, &request->revert, &request->waiters, fault);
	if (!request->ref) {
		conclude_everything(engine, &request->waiters);
		return 0;
	}
	if (!strcmp(request->ref, ALERTS_REF)) {
		conclude_alerts(engine, &request->waiters);
		return 0;
	}
	error = git_reference_is_valid_name(request->ref)
	                ? refs_read(&at, engine->repository, request->ref, fault)
	                : -ENOENT;
	if (error == -ENOENT) {
		conclude_absent(engine, request->ref, &request->waiters);
		return 0;
	}
	if (error)
		return error;
	known = recall(&engine->refused, request->ref);
	if (!known || !git_oid_equal(&known->at, &at))
		known = recall(&engine->merged, request->ref);
	if (known && git_oid_equal(&known->at, &at)) {
		conclude(engine, &request->waiters, &known->outcome);
		return 0;
	}
	return propose_start(engine, request->ref, &at, &request->waiters, fault);
}

int doors_step(struct engine *engine, struct fault *fault)
{
	int error = 0;

	if (!engine->loaded)
		return 0;
	if (engine->door.active && engine->door.answered)
		error = settle_door(engine, fault);
	/* Whether main has moved is known before a request is taken up. */
	while (!error && !engine->door.active && !engine->look && engine->request) {
		error = take_up(engine, engine->request, fault);
		if (!error)
			drop_request(engine);
	}
	return error;
}

static void forget(struct memory *memory)
{
	for (size_t i = 0; i < 64; i++)
		free(memory->item[i].ref);
}

void doors_clear(struct engine *engine)
{
	waiters_move(&engine->waiters, &engine->door.waiters);
	propose_clear(&engine->door);
	while (engine->request) {
		waiters_move(&engine->waiters, &engine->request->waiters);
		drop_request(engine);
	}
	while (engine->removal) {
		struct removal *removal = engine->removal;

		engine->removal = removal->next;
		free(removal->ref);
		free(removal);
	}
	forget(&engine->refused);
	forget(&engine->merged);
}

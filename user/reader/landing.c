// SPDX-License-Identifier: MIT
/*
 * Tells what took effect from what did not. The rows of an address that took effect are a chain:
 * each begins with what the one before it left, and the last one is what main says.
 *
 * The commits of a task are all told as they were made, because the table had each of these states.
 * Of other branches only the outcome took effect, at the moment of the merge.
 */
#include "reader/landing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pack/pack.h"
#include "reader/value.h"
#include "reader/winner.h"

/* A commit that changed the address, itself or within a merge. */
struct step {
	git_commit *commit;
	struct value before, after;
	enum reader_fate fate;
};

struct steps {
	struct step *step; /* owned; newest first */
	size_t count;
};

/* What a commit's trailers say; "" also if another than the agent wrote them. */
struct trailers {
	char task[TASK_ID_MAX], interface[64], trigger[1024];
};

static void read_trailers(struct trailers *read, const git_commit *commit)
{
	const struct {
		const char *key;
		char *text;
		size_t size;
	} wanted[] = {{"Task", read->task, sizeof(read->task)},
	              {"Interface", read->interface, sizeof(read->interface)},
	              {"Trigger", read->trigger, sizeof(read->trigger)}};
	git_message_trailer_array list = {0};

	*read = (struct trailers){.task = ""};
	if (!own_commit(commit) || git_message_trailers(&list, git_commit_message(commit)) < 0)
		return;
	for (size_t i = 0; i < list.count; i++)
		for (size_t j = 0; j < sizeof(wanted) / sizeof(wanted[0]); j++)
			if (!wanted[j].text[0] && !strcmp(list.trailers[i].key, wanted[j].key))
				snprintf(wanted[j].text, wanted[j].size, "%s",
				         list.trailers[i].value);
	git_message_trailer_array_free(&list);
}

void landing_task(char task[TASK_ID_MAX], const git_commit *commit)
{
	struct trailers trailers;

	read_trailers(&trailers, commit);
	memcpy(task, trailers.task, TASK_ID_MAX);
}

static bool is_wanted(const struct teller *teller, const struct entry *before,
                      const struct entry *after)
{
	const struct mac *mac = teller->query.mac;

	if (entry_equal(before, after))
		return false;
	return !mac || (before && mac_equal(before->mac, *mac)) ||
	       (after && mac_equal(after->mac, *mac));
}

struct told {
	git_commit *commit;
	const struct entry *before, *after;
	enum reader_fate fate;
	const char *why, *winner;
};

static bool is_of_kind(const char *kind, const char *task)
{
	size_t length = strlen(kind);

	return *task ? strncmp(task, kind, length) == 0 && task[length] == '/'
	             : strcmp(kind, READER_PUSH) == 0;
}

static bool is_asked_for(const struct reader_query *query, const struct reader_event *event)
{
	if (query->prefix && !prefix_contains(*query->prefix, event->address))
		return false;
	if ((query->since && event->time < query->since) ||
	    (query->until && event->time > query->until))
		return false;
	if (query->kind && !is_of_kind(query->kind, event->task))
		return false;
	return !query->by || strcasecmp(query->by, event->author) == 0;
}

static int tell(struct landing *landing, const struct landed *landed, const struct told *told)
{
	struct teller *teller = landing->teller;
	struct reader_event event;
	struct trailers trailers;
	const char *summary;

	/* Before the message is parsed: of a MAC's history few are wanted. */
	if (!is_wanted(teller, told->before, told->after))
		return 0;
	read_trailers(&trailers, told->commit);
	summary = git_commit_summary(told->commit);
	event = (struct reader_event){
	        .time = git_commit_time(landing->commit),
	        .segment = landed->segment,
	        .address = landed->address,
	        .before = told->before,
	        .after = told->after,
	        .begins = landing->begins,
	        .fate = told->fate,
	        .why = told->why ? told->why : "",
	        .winner = told->winner ? told->winner : "",
	        .task = trailers.task,
	        .interface = trailers.interface,
	        .trigger = trailers.trigger,
	        .author = git_commit_author(told->commit)->name,
	        .subject = summary ? summary : "",
	};
	if (!is_asked_for(&teller->query, &event))
		return 0;
	git_oid_tostr(event.commit, sizeof(event.commit), git_commit_id(told->commit));
	git_oid_tostr(event.main, sizeof(event.main), git_commit_id(landing->commit));
	teller->stop = teller->handle(teller->context, &event);
	teller->reported++;
	return teller->stop || (teller->query.limit && teller->reported >= teller->query.limit)
	               ? READER_STOPPED
	               : 0;
}

int landing_open(struct landing *landing, struct teller *teller, const git_oid *commit)
{
	git_repository *repository = teller->reader->repository;
	int error;

	*landing = (struct landing){.teller = teller};
	error = git_commit_lookup(&landing->commit, repository, commit);
	if (error < 0)
		return error;
	landing->begins = shallow_has(&teller->reader->shallow, commit);
	if (landing->begins || git_commit_parentcount(landing->commit) == 0)
		return 0;
	landing->merge = git_commit_parentcount(landing->commit) > 1;
	return git_commit_parent(&landing->parent, landing->commit, 0);
}

void landing_close(struct landing *landing)
{
	git_commit_free(landing->parent);
	git_commit_free(landing->commit);
	*landing = (struct landing){.teller = NULL};
}

/* Whether another parent of a merge has the same: then what that one leads to changed the address.
 */
static int is_inherited(bool *inherited, const struct step *step, struct teller *teller,
                        const char *path)
{
	unsigned parents = git_commit_parentcount(step->commit);
	int error = 0;

	*inherited = false;
	for (unsigned i = 1; i < parents && !error && !*inherited; i++) {
		struct value value = {.entry = NULL};
		git_commit *parent = NULL;

		error = git_commit_parent(&parent, step->commit, i);
		if (!error)
			error = value_read(&value, teller->reader, parent, path, &teller->reason);
		*inherited = !error && git_oid_equal(&value.id, &step->after.id);
		value_clear(&value);
		git_commit_free(parent);
	}
	return error;
}

static int read_step(struct step *step, struct teller *teller, const git_oid *commit,
                     const char *path)
{
	git_commit *parent = NULL;
	int error = git_commit_lookup(&step->commit, teller->reader->repository, commit);

	if (!error)
		error = value_read(&step->after, teller->reader, step->commit, path,
		                   &teller->reason);
	if (!error && git_commit_parentcount(step->commit) > 0)
		error = git_commit_parent(&parent, step->commit, 0);
	if (!error && parent)
		error = value_read(&step->before, teller->reader, parent, path, &teller->reason);
	git_commit_free(parent);
	return error;
}

static void clear_step(struct step *step)
{
	git_commit_free(step->commit);
	value_clear(&step->before);
	value_clear(&step->after);
	*step = (struct step){.commit = NULL};
}

/* Where history was thinned, a commit's parents are gone, and nobody knows what it changed. */
static int read_steps(struct steps *steps, struct landing *landing, const struct landed *landed,
                      const char *path)
{
	struct teller *teller = landing->teller;
	int error = 0;

	*steps = (struct steps){.step = calloc(landed->sides + 1, sizeof(*steps->step))};
	if (!steps->step) {
		git_error_set_oom();
		return GIT_ERROR;
	}
	for (size_t i = 0; i < landed->sides && !error; i++) {
		struct step *step = &steps->step[steps->count];
		bool inherited = false;

		if (shallow_has(&teller->reader->shallow, &landed->side[i]))
			continue;
		error = read_step(step, teller, &landed->side[i], path);
		if (!error)
			error = is_inherited(&inherited, step, teller, path);
		if (error || inherited || entry_equal(step->before.entry, step->after.entry))
			clear_step(step);
		else
			steps->count++;
	}
	return error;
}

static void clear_steps(struct steps *steps)
{
	for (size_t i = 0; i < steps->count; i++)
		clear_step(&steps->step[i]);
	free(steps->step);
}

/* Whether the merge ended a task, these are its commits, and they lead from what main had before to
 * what it has now. */
static bool are_of_task(const struct landing *landing, const struct steps *steps,
                        const struct value *before, const struct value *after)
{
	struct trailers merged, own;
	const struct entry *next = after->entry;

	read_trailers(&merged, landing->commit);
	for (size_t i = 0; i < steps->count; i++) {
		const struct step *step = &steps->step[i];

		read_trailers(&own, step->commit);
		if (!merged.task[0] || strcmp(own.task, merged.task) != 0 ||
		    !entry_equal(step->after.entry, next))
			return false;
		next = step->before.entry;
	}
	return entry_equal(next, before->entry);
}

/* Whether main has what the step says, but for the time: a person changed a binding and left its
 * `since` as it was, and the merge put in the commit's. */
static bool is_stamped(const struct step *step, const struct entry *after)
{
	const struct entry *before = step->before.entry;
	struct entry said;

	if (!before || !step->after.entry || !after || before->since != step->after.entry->since)
		return false;
	said = *step->after.entry;
	said.since = after->since;
	return entry_equal(&said, after);
}

static void take(struct step *step, const struct value *before, const struct value *after)
{
	step->fate = READER_TOOK;
	entry_free(step->before.entry);
	step->before.entry = entry_copy(before->entry);
	entry_free(step->after.entry);
	step->after.entry = entry_copy(after->entry);
}

/* What became of each of them. False: none of them took effect. */
static bool judge(const struct landing *landing, struct steps *steps, const struct value *before,
                  const struct value *after)
{
	bool changed = !entry_equal(before->entry, after->entry), took = false;

	if (steps->count > 0 && changed && are_of_task(landing, steps, before, after))
		return true;
	for (size_t i = 0; i < steps->count; i++) {
		struct step *step = &steps->step[i];
		bool same = entry_equal(step->after.entry, after->entry);
		bool stamped = !same && is_stamped(step, after->entry);

		if (!took && (same || stamped) && changed) {
			take(step, before, after);
			took = true;
		} else if (same && !changed) {
			step->fate = READER_KNOWN;
		} else {
			step->fate = i == 0 ? READER_LOST : READER_OVERTAKEN;
		}
	}
	return took;
}

static int tell_step(struct landing *landing, const struct landed *landed, const struct step *step,
                     const struct value *after)
{
	struct told told = {.commit = step->commit,
	                    .before = step->before.entry,
	                    .after = step->after.entry,
	                    .fate = step->fate};
	const struct winner place = {.merge = landing->commit,
	                             .segment = landed->segment,
	                             .address = landed->address,
	                             .kept = &after->id};
	char why[WINNER_WHY], winner[TASK_ID_MAX];

	if (step->fate == READER_LOST && is_wanted(landing->teller, told.before, told.after)) {
		winner_why(why, &place, after->entry, told.after);
		winner_find(winner, &place, landing->teller->reader);
		told.why = why;
		told.winner = winner;
	}
	return tell(landing, landed, &told);
}

static int tell_all(struct landing *landing, const struct landed *landed, struct steps *steps,
                    const struct value *before, const struct value *after)
{
	const struct told own = {
	        .commit = landing->commit, .before = before->entry, .after = after->entry};
	int error = judge(landing, steps, before, after) ? 0 : tell(landing, landed, &own);

	for (size_t i = 0; i < steps->count && !error; i++)
		error = tell_step(landing, landed, &steps->step[i], after);
	return error;
}

int landing_report(struct landing *landing, const struct landed *landed)
{
	struct value old = {.entry = NULL}, new = {.entry = NULL};
	struct teller *teller = landing->teller;
	struct steps steps = {.count = 0};
	char path[ENTRY_PATH_MAX];
	int error;

	entry_path(path, landed->segment, landed->address);
	error = value_read(&new, teller->reader, landing->commit, path, &teller->reason);
	if (!error && landing->parent)
		error = value_read(&old, teller->reader, landing->parent, path, &teller->reason);
	if (!error && landing->merge)
		error = read_steps(&steps, landing, landed, path);
	if (!error)
		error = tell_all(landing, landed, &steps, &old, &new);
	clear_steps(&steps);
	value_clear(&new);
	value_clear(&old);
	return error;
}

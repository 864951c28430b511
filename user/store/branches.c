// SPDX-License-Identifier: MIT
/*
 * Task branches only show what happened: main holds their commits. Only the newest stay, and of a
 * burst only the newest are written.
 */
#include "store/branches.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/refs.h"

#define COMMITS_SEARCHED 500 /* of main, for an id, when no branch says one */

static int compare_ids(const void *a, const void *b)
{
	struct task_id left = {.number = 0}, right = {.number = 0};
	int order;

	task_id_parse(&left, ((const struct branch *)a)->id);
	task_id_parse(&right, ((const struct branch *)b)->id);
	order = strcmp(left.date, right.date);
	return order ? order : (left.number > right.number) - (left.number < right.number);
}

/* The next id follows this one, whichever node made it: the node may have had another name. */
static void note_id(struct branches *branches, const struct task_id *id)
{
	struct task_id *last = &branches->last;
	int order = strcmp(id->date, last->date);

	if (order > 0)
		memcpy(last->date, id->date, sizeof(last->date));
	if (order > 0 || (order == 0 && id->number > last->number))
		last->number = id->number;
}

static int append(struct branch_list *list, const struct branch *branch)
{
	if (array_reserve(&list->item, &list->room, list->count + 1))
		return -ENOMEM;
	list->item[list->count++] = *branch;
	return 0;
}

static struct branch *find(const struct branch_list *list, const char *id)
{
	for (size_t i = list->count; i-- > 0;)
		if (!strcmp(list->item[i].id, id))
			return &list->item[i];
	return NULL;
}

static int add_found(void *context, const char *name, const git_oid *id)
{
	struct branches *branches = context;
	struct branch branch = {.tip = *id};
	struct task_id parsed;

	name += sizeof(TASK_REFS) - 1;
	/* Leaves branches alone that other programs made there. */
	if (strlen(name) >= TASK_ID_MAX || !task_id_parse(&parsed, name))
		return 0;
	strcpy(branch.id, name);
	note_id(branches, &parsed);
	return append(&branches->written, &branch);
}

/* Whether the committer is whom the repository's identity names, as far as it names one. */
static bool is_ours(const struct branches *branches, const git_commit *commit)
{
	const char *name = NULL, *mail = NULL;

	return git_repository_ident(&name, &mail, branches->repository) < 0 || !name ||
	       !strcmp(git_commit_committer(commit)->name, name);
}

/* The ids in the last commits' messages. */
static int search_main(struct branches *branches, const git_oid *main)
{
	git_revwalk *walk = NULL;
	git_commit *commit;
	git_oid id;
	int error = git_revwalk_new(&walk, branches->repository);

	if (!error)
		error = git_revwalk_push(walk, main);
	for (int i = 0; i < COMMITS_SEARCHED && !error; i++) {
		error = git_revwalk_next(&id, walk);
		if (error || (error = git_commit_lookup(&commit, branches->repository, &id)))
			break;
		for (const char *at = is_ours(branches, commit) ? git_commit_message(commit) : "";
		     (at = strstr(at, "\nTask: ")) != NULL;) {
			char task[TASK_ID_MAX];
			struct task_id parsed;

			at += sizeof("\nTask: ") - 1;
			snprintf(task, sizeof(task), "%.*s", (int)strcspn(at, "\n"), at);
			/* Another node's clock may be years ahead. */
			if (task_id_parse(&parsed, task) &&
			    (!parsed.node[0] || !strcmp(parsed.node, branches->last.node)))
				note_id(branches, &parsed);
		}
		git_commit_free(commit);
	}
	git_revwalk_free(walk);
	/* Not found: history was thinned, and begins there. */
	return error == GIT_ITEROVER || error == GIT_ENOTFOUND ? 0 : error;
}

int branches_load(struct branches *branches, git_repository *repository, const git_oid *main,
                  const char *node, struct fault *fault)
{
	int error;

	*branches = (struct branches){.repository = repository};
	snprintf(branches->last.node, sizeof(branches->last.node), "%s", node);
	error = refs_each(repository, TASK_REFS, add_found, branches, fault);
	if (error < 0)
		return error;
	if (branches->written.count > 0)
		qsort(branches->written.item, branches->written.count, sizeof(struct branch),
		      compare_ids);
	else if (main && search_main(branches, main) < 0)
		return fault_set(fault, -EIO, "the last commits of main cannot be read");
	error = anchors_load(&branches->anchors, repository, fault);
	if (!error && main)
		anchors_read(&branches->anchors, main, 0);
	return error;
}

void branches_clear(struct branches *branches)
{
	free(branches->written.item);
	free(branches->waiting.item);
	free(branches->also);
	anchors_clear(&branches->anchors);
	*branches = (struct branches){0};
}

void branches_next_id(struct branches *branches, char id[TASK_ID_MAX], const char *kind, time_t now)
{
	struct task_id *last = &branches->last;
	char date[sizeof(last->date)];
	struct tm utc;

	gmtime_r(&now, &utc);
	strftime(date, sizeof(date), "%Y%m%d", &utc);
	/* A clock set back does not give an id twice. */
	if (strcmp(date, last->date) > 0) {
		memcpy(last->date, date, sizeof(last->date));
		last->number = 0;
	}
	last->number++;
	task_id_format(id, kind, last);
}

/* Drops the oldest of a list whose task is on main. False: there is none. */
static bool drop_oldest(struct branch_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct branch *branch = &list->item[i];

		if (branch->open)
			continue;
		memmove(branch, branch + 1, (--list->count - i) * sizeof(*branch));
		return true;
	}
	return false;
}

int branches_set(struct branches *branches, const char *id, const git_oid *tip, bool open)
{
	struct branch *known = find(&branches->waiting, id);
	struct branch fresh = {.tip = *tip, .open = open};

	if (known) {
		known->tip = *tip;
		known->open = open;
		return 0;
	}
	if (branches->waiting.count >= TASK_BRANCHES)
		drop_oldest(&branches->waiting);
	snprintf(fresh.id, sizeof(fresh.id), "%s", id);
	return append(&branches->waiting, &fresh);
}

void branches_close(struct branches *branches, const char *id)
{
	struct branch *waiting = find(&branches->waiting, id);
	struct branch *written = find(&branches->written, id);

	if (waiting)
		waiting->open = false;
	if (written)
		written->open = false;
}

static void set_change(struct ref_change *change, const char *id, const git_oid *tip)
{
	*change = (struct ref_change){.present = tip != NULL};
	snprintf(change->name, sizeof(change->name), TASK_REFS "%s", id);
	if (tip)
		change->id = *tip;
}

/* Lists what is to be written, and the oldest branches to remove. */
static int plan(const struct branches *branches, struct branch_list *after,
                struct ref_change *change, size_t *changes)
{
	for (size_t i = 0; i < branches->written.count; i++)
		if (append(after, &branches->written.item[i]) < 0)
			return -ENOMEM;
	for (size_t i = 0; i < branches->waiting.count; i++) {
		const struct branch *branch = &branches->waiting.item[i];
		struct branch *known = find(after, branch->id);

		set_change(&change[(*changes)++], branch->id, &branch->tip);
		if (known)
			*known = *branch;
		else if (append(after, branch) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < after->count && after->count > TASK_BRANCHES;) {
		if (after->item[i].open) {
			i++;
			continue;
		}
		set_change(&change[(*changes)++], after->item[i].id, NULL);
		drop_oldest(after);
	}
	return 0;
}

int branches_also(struct branches *branches, const char *name, const git_oid *tip)
{
	struct ref_change *change;

	if (array_reserve(&branches->also, &branches->also_room, branches->alsos + 1))
		return -ENOMEM;
	change = &branches->also[branches->alsos++];
	*change = (struct ref_change){.present = tip != NULL};
	if (tip)
		change->id = *tip;
	snprintf(change->name, sizeof(change->name), "%s", name);
	return 0;
}

bool branches_wait(const struct branches *branches)
{
	return branches->waiting.count > 0 || branches->alsos > 0 ||
	       anchors_wait(&branches->anchors);
}

static int write_changes(const struct branches *branches, const struct branches_tips *tips,
                         struct ref_change *change, size_t count, struct fault *fault)
{
	struct ref_change main = {.name = MAIN_REF, .present = true};

	if (tips->applied) {
		change[count] = (struct ref_change){.name = APPLIED_REF, .present = true};
		change[count++].id = *tips->applied;
	}
	if (tips->main) {
		main.id = *tips->main;
		change[count++] = main;
		return refs_swap(branches->repository, &main, tips->main_before, change, count,
		                 fault);
	}
	return count == 0 ? 0
	                  : packedrefs_change(git_repository_path(branches->repository), change,
	                                      count, fault);
}

int branches_write(struct branches *branches, const struct branches_tips *tips, struct fault *fault)
{
	size_t most = branches->written.count + 2 * branches->waiting.count +
	              anchors_most(&branches->anchors) + branches->alsos + 2;
	size_t count = branches->alsos;
	struct ref_change *change = calloc(most, sizeof(*change));
	struct branch_list after = {0};
	int error = 0;

	if (!change)
		return fault_set(fault, -ENOMEM, "out of memory");
	/* Many, and sorted: the rest is sorted in behind them. */
	if (count > 0)
		memcpy(change, branches->also, count * sizeof(*change));
	if (plan(branches, &after, change, &count) < 0)
		error = fault_set(fault, -ENOMEM, "out of memory");
	if (!error)
		count += anchors_plan(&branches->anchors, change + count);
	if (!error)
		error = write_changes(branches, tips, change, count, fault);
	free(change);
	if (error) {
		free(after.item);
		return error;
	}
	free(branches->written.item);
	branches->written = after;
	branches->waiting.count = branches->alsos = 0;
	anchors_written(&branches->anchors);
	return 0;
}

// SPDX-License-Identifier: MIT
/*
 * The list of references that may be pushed, and the search for commits in the agent's name. The
 * list says what may be: git gives meaning to names such as refs/replace/, and may do so to others.
 */
#include "reader/pushed.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format/format.h"
#include "pack/pack.h"

#define TAG_REFS      "refs/tags/"
#define REFRESH_EVERY 256 /* objects that are not there: packs may have been joined meanwhile */

/* A name that has a meaning, alone and as a folder. */
struct reserved {
	const char *name;
	bool alone, below; /* what is refused: the name, what is below it */
	bool kept;         /* and not even removed by a push */
	const char *why;
};

static const char agents[] = "only the agent writes there: push to merge/<any name>";
static const char incidents[] = "it is the log of incidents, which only the agent writes";
static const char fleets[] =
        "only the agent writes there: nodes exchange their branches through a hub, "
        "which is a repository of its own";
static const char in_the_way[] =
        "a branch of this name would be in the way of others: push to merge/<any name>";
static const char mistaken[] =
        "git would take it for another reference: choose another name, or push to merge/<any name>";

static const struct reserved branches[] = {
        {"main", false, true, false, in_the_way}, {"merge", true, false, false, in_the_way},
        {"task", true, true, true, agents},       {"alerts", true, true, true, incidents},
        {"HEAD", true, true, false, mistaken},    {"refs", true, true, false, mistaken},
        {"node", true, true, true, fleets},       {"review", true, false, false, in_the_way},
};

static const struct reserved tags[] = {
        {"main", true, true, false, mistaken}, {"merge", true, true, false, mistaken},
        {"task", true, true, false, mistaken}, {"alerts", true, true, false, mistaken},
        {"HEAD", true, true, false, mistaken}, {"heads", true, true, false, mistaken},
        {"tags", true, true, false, mistaken}, {"refs", true, true, false, mistaken},
        {"node", true, true, false, mistaken}, {"review", true, true, false, mistaken},
};

static const struct reserved others[] = {
        {"refs/arpkeeper", true, true, true, agents},
        {"refs/fleet", true, true, true, fleets},
        {"refs/replace", true, true, false,
         "git would show what it names in place of what was recorded: commit the change, and push "
         "it to merge/<any name>"},
        {"refs/notes", true, true, false,
         "git would show it as if it were part of the record: keep notes in your clone, or write "
         "them into a commit's message"},
};

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static const struct reserved *find(const struct reserved *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(list[i].name);

		if (strncmp(name, list[i].name, length) != 0)
			continue;
		if ((name[length] == '\0' && list[i].alone) ||
		    (name[length] == '/' && list[i].below))
			return &list[i];
	}
	return NULL;
}

const char *pushed_refusal(const char *ref, bool removed)
{
	const struct reserved *found;
	bool known = true;

	if (!strncmp(ref, BRANCH_REFS, strlen(BRANCH_REFS))) {
		found = find(branches, COUNT(branches), ref + strlen(BRANCH_REFS));
	} else if (!strncmp(ref, TAG_REFS, strlen(TAG_REFS))) {
		found = find(tags, COUNT(tags), ref + strlen(TAG_REFS));
	} else {
		found = find(others, COUNT(others), ref);
		known = false;
	}
	if (found)
		return removed && !found->kept ? NULL : found->why;
	return known || removed ? NULL
	                        : "only branches and tags may be pushed: push to merge/<any name>";
}

const char *pushed_quarantine(const char *git_directory)
{
	const char *beside = getenv("GIT_ALTERNATE_OBJECT_DIRECTORIES");
	char path[PATH_MAX], objects[PATH_MAX], other[PATH_MAX];

	snprintf(path, sizeof(path), "%.4000s/objects", git_directory);
	if (!beside || !realpath(path, objects) || !realpath(beside, other) ||
	    strcmp(objects, other) != 0)
		return NULL;
	return gitclean_quarantine(git_directory);
}

struct search {
	git_repository *repository;
	git_odb *aside;  /* the quarantine alone; NULL: there is none */
	git_odb *before; /* all but the quarantine; NULL: not needed yet */
	unsigned absent; /* objects that were not in `before` */
	git_oid *id;     /* to be looked at; owned */
	size_t count, room;
	struct idmap seen;
};

static int no_memory(void)
{
	git_error_set_oom();
	return GIT_ERROR;
}

static git_odb *open_before(struct search *search)
{
	char objects[GIT_PATH_MAX];

	snprintf(objects, sizeof(objects), "%sobjects", git_repository_path(search->repository));
	if (!search->before && git_odb_open(&search->before, objects) < 0)
		search->before = NULL;
	return search->before;
}

/* What is new is in the quarantine, a pack or two. Otherwise all packs are opened, to find that it
 * is in none; those that were joined since are looked for from time to time, as that is slow. */
static bool was_there(struct search *search, const git_oid *id)
{
	git_odb *before;

	if (search->aside)
		return !git_odb_exists_ext(search->aside, id, GIT_ODB_LOOKUP_NO_REFRESH);
	before = open_before(search);
	if (git_odb_exists_ext(before, id, GIT_ODB_LOOKUP_NO_REFRESH))
		return true;
	return search->absent++ % REFRESH_EVERY == 0 && git_odb_exists(before, id);
}

/* Not sent again, nor in a pack that was just joined. */
static bool is_new(struct search *search, const git_oid *id)
{
	git_odb *before = open_before(search);

	return !before || !git_odb_exists(before, id);
}

static int meet(struct search *search, const git_oid *id)
{
	int added = idmap_add(&search->seen, NULL, id->id);

	if (added <= 0)
		return added < 0 ? no_memory() : 0;
	if (array_reserve(&search->id, &search->room, search->count + 1))
		return no_memory();
	search->id[search->count++] = *id;
	return 0;
}

static int look(struct search *search, const git_oid *id, pushed_forged_fn *forged, void *context)
{
	git_commit *commit;
	int error;

	if (was_there(search, id))
		return 0;
	error = git_commit_lookup(&commit, search->repository, id);
	if (error)
		return error;
	if (own_is_claimed(commit) && is_new(search, id))
		forged(context, commit);
	for (unsigned i = 0; i < git_commit_parentcount(commit) && !error; i++)
		error = meet(search, git_commit_parent_id(commit, i));
	git_commit_free(commit);
	return error;
}

/* The commit that an object is, or names. False: it is a file or a folder. */
static bool find_commit(git_oid *commit, git_repository *repository, const git_oid *id)
{
	git_object *object = NULL, *peeled = NULL;
	bool found = git_object_lookup(&object, repository, id, GIT_OBJECT_ANY) == 0 &&
	             git_object_peel(&peeled, object, GIT_OBJECT_COMMIT) == 0;

	if (found)
		git_oid_cpy(commit, git_object_id(peeled));
	git_object_free(peeled);
	git_object_free(object);
	return found;
}

int pushed_commits(git_repository *repository, const git_oid *id, pushed_forged_fn *forged,
                   void *context)
{
	struct search search = {.repository = repository, .seen = IDMAP(GIT_OID_RAWSZ)};
	const char *quarantine = pushed_quarantine(git_repository_path(repository));
	git_oid commit;
	int error;

	if (!find_commit(&commit, repository, id))
		return 0;
	if (quarantine)
		error = git_odb_open(&search.aside, quarantine);
	else
		error = open_before(&search) ? 0 : GIT_ERROR;
	if (!error)
		error = meet(&search, &commit);
	while (!error && search.count > 0) {
		git_oid next = search.id[--search.count];

		error = look(&search, &next, forged, context);
	}
	git_odb_free(search.before);
	git_odb_free(search.aside);
	idmap_clear(&search.seen);
	free(search.id);
	return error;
}

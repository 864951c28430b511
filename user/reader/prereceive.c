/* SPDX-License-Identifier: MIT */
/*
 * git's pre-receive hook: what may be pushed. Runs as the pusher, in git's quarantine, where the
 * pushed objects are not yet part of the repository. Changes nothing.
 */
#include "reader/prereceive.h"

#include <errno.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "format/format.h"
#include "reader/pushed.h"
#include "reader/pushguard.h"
#include "upkeep/upkeep.h"

#define PROBLEMS_MAX 20 /* printed for a push; the rest are counted */
#define REF_MAX      1024
#define FIRST        100 /* priority of an object database's part; libgit2's own have 1 and 2 */
#define ATTEMPTS     3   /* packs may be joined into others while they are read */

/* git's own race: a prune without a grace period removes quarantines, too. */
static const char gone[] =
        "what was pushed was pruned before it was judged (by `git gc --prune=now` or "
        "the like): push again";

struct push {
	git_repository *repository;
	struct segment *segment;
	size_t segments;
	struct pushguard guard;
	const char *ref; /* being judged; NULL: none, or already named */
	unsigned problems;
	FILE *said;  /* about this reference; printed when it is judged */
	bool unread; /* an object could not be read: not judged yet */
};

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static void refuse(struct push *push, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
static void refuse(struct push *push, const char *format, ...)
{
	va_list arguments;

	if (push->ref)
		fprintf(push->said, "%s is refused:\n", push->ref);
	push->ref = NULL;
	if (push->problems++ >= PROBLEMS_MAX)
		return;
	va_start(arguments, format);
	vfprintf(push->said, format, arguments);
	va_end(arguments);
	fputc('\n', push->said);
}

static void refuse_git(struct push *push, const char *what)
{
	const git_error *last = git_error_last();

	push->unread = true;
	refuse(push, "%s cannot be read: %s", what, last ? last->message : "unknown error");
}

static void refuse_fault(struct push *push, int error, const struct fault *fault)
{
	push->unread |= error == -EIO;
	refuse(push, "%s", fault->text);
}

static int judge_since(const struct entry *entry, const char *path, struct fault *fault)
{
	char text[PATH_TEXT];
	struct fault why;
	int error = validate_since(entry, time(NULL), &why);

	return error ? fault_set(fault, error, "%s: %s", validate_path_text(text, path), why.text)
	             : 0;
}

static int judge(void *context, const struct tree_difference *difference)
{
	struct push *push = context;
	struct validated validated = {0};
	struct fault fault = {""};
	int error = validate_difference(&validated, push->repository, push->segment, push->segments,
	                                difference, &fault);

	if (!error && validated.entry)
		error = judge_since(validated.entry, difference->path, &fault);
	if (error < 0)
		refuse_fault(push, error, &fault);
	else if (validated.what == VALIDATED_ENTRY)
		pushguard_add(&push->guard, validated.segment, difference);
	entry_free(validated.entry);
	return 0;
}

/* The tree of a commit. */
static int tree_of(git_oid *tree, git_repository *repository, const git_oid *id)
{
	git_commit *commit;
	int error = git_commit_lookup(&commit, repository, id);

	if (error < 0)
		return error;
	git_oid_cpy(tree, git_commit_tree_id(commit));
	git_commit_free(commit);
	return 0;
}

/* Whether so many addresses may change at once; of what is refused anyway, and of what only waits
 * to be looked at, nobody asks. */
static void judge_mass(struct push *push)
{
	struct fault fault = {""};
	bool changes = push->ref && !begins(push->ref, REVIEW_REFS);
	int error = changes ? pushguard_judge(&push->guard, &fault) : 0;

	if (error == -EPERM)
		refuse(push, "%s", fault.text);
	else if (error < 0)
		refuse_git(push, "main");
}

/* Judges every edit. `main`: what the table has; NULL: nothing. */
static void judge_edits(struct push *push, const struct authored *edits, const git_oid *main)
{
	git_oid now = {{0}};

	if (main && tree_of(&now, push->repository, main) < 0) {
		refuse_git(push, "main");
		return;
	}
	pushguard_begin(&push->guard, push->repository, main ? &now : NULL,
	                main && edits->has_before && git_oid_equal(&edits->before, &now));
	if (authored_each(edits, push->repository, judge, push) < 0)
		refuse_git(push, "what was pushed");
	else
		judge_mass(push);
}

/* Judges what `new` has edited, where it is based on `main`. */
static void judge_new(struct push *push, const git_oid *main, const git_oid *base,
                      const git_oid *new)
{
	const struct authored_query query = {.known = main, .tip = new, .base = base};
	struct fault fault = {""};
	struct authored edits;
	int error = authored_find(&edits, push->repository, &query, &fault);

	if (error)
		refuse_fault(push, error, &fault);
	else
		judge_edits(push, &edits, main);
	authored_clear(&edits);
}

/* Judges every file of `new`: there is no main. */
static void judge_all(struct push *push, const git_oid *new)
{
	struct authored edits;
	git_oid tree;

	if (tree_of(&tree, push->repository, new) < 0) {
		refuse_git(push, "what was pushed");
		return;
	}
	edits = authored_of_trees(NULL, &tree);
	judge_edits(push, &edits, NULL);
}

/* Their merge base. -ENOENT: they have none; any other error has been reported. */
static int find_base(struct push *push, git_oid *base, const git_oid *one, const git_oid *new)
{
	struct fault fault = {""};
	int error = ancestry_base(base, push->repository, one, new, &fault);

	if (error && error != -ENOENT)
		refuse_fault(push, error, &fault);
	return error;
}

static void judge_main(struct push *push, const git_oid *old, const git_oid *new)
{
	git_oid base, applied;
	int error;

	if (git_oid_is_zero(new)) {
		refuse(push, "main is the history of the table: it cannot be deleted");
		return;
	}
	/* Deleted in the repository itself: the agent restores it to where the table is. */
	if (git_oid_is_zero(old) &&
	    git_reference_name_to_id(&applied, push->repository, APPLIED_REF) == 0)
		old = &applied;
	if (git_oid_is_zero(old)) {
		judge_all(push, new);
		return;
	}
	error = find_base(push, &base, old, new);
	if (error == 0 && git_oid_equal(&base, old))
		judge_new(push, old, &base, new);
	else if (error == 0 || error == -ENOENT)
		refuse(push, "not a fast-forward, and history is never rewritten: fetch and merge "
		             "first, or push to merge/<any name>, and the agent merges it");
}

static void judge_merge(struct push *push, const git_oid *new)
{
	git_oid main_id, base;
	int error;

	if (git_oid_is_zero(new))
		return; /* a request withdrawn */
	if (git_reference_name_to_id(&main_id, push->repository, MAIN_REF) < 0) {
		refuse_git(push, "main");
		return;
	}
	error = find_base(push, &base, &main_id, new);
	if (error == 0)
		judge_new(push, &main_id, &base, new);
	else if (error == -ENOENT)
		refuse(push, "it has no history in common with main, or none that is still kept: "
		             "rebase it onto main, as it is now");
}

/* Another branch, while old history is being removed: the commits it is based on must stay. */
static void judge_other(struct push *push, const git_oid *new)
{
	git_oid main_id, base;

	if (git_reference_name_to_id(&main_id, push->repository, MAIN_REF) == 0 &&
	    find_base(push, &base, &main_id, new) == -ENOENT)
		refuse(push,
		       "it has no history in common with main that is still kept, and what is "
		       "older is just being removed: try again later");
}

/* git would move or delete what it points to, without a word about that to the hook. */
static bool is_symbolic(struct push *push, const char *ref)
{
	git_reference *reference = NULL;
	const char *target = NULL;

	if (git_reference_lookup(&reference, push->repository, ref) == 0)
		target = git_reference_symbolic_target(reference);
	if (target)
		refuse(push, "it is a symbolic reference to %s: push to that, by its name", target);
	git_reference_free(reference);
	return target != NULL;
}

static void refuse_forged(void *context, const git_commit *commit)
{
	const git_signature *committer = git_commit_committer(commit);

	refuse(context,
	       "commit %.10s: its committer, %.60s <%.100s>, stands for the agent, whose trailers "
	       "are "
	       "believed: commit as yourself (user.name, user.email). Another node's history comes "
	       "in with `arpkeeper run --pull`",
	       git_oid_tostr_s(git_commit_id(commit)), committer->name, committer->email);
}

static void judge_update(struct push *push, const git_oid *old, const git_oid *new, const char *ref)
{
	bool removed = git_oid_is_zero(new);
	const char *why = pushed_refusal(ref, removed);

	push->ref = ref;
	if (why)
		refuse(push, "%s", why);
	if (why || is_symbolic(push, ref))
		goto out;
	if (strcmp(ref, MAIN_REF) == 0)
		judge_main(push, old, new);
	else if (begins(ref, MERGE_REFS) || begins(ref, REVIEW_REFS))
		judge_merge(push, new);
	else if (!removed && retain_is_removing(git_repository_path(push->repository)))
		judge_other(push, new);
	if (!removed && pushed_commits(push->repository, new, refuse_forged, push) < 0)
		refuse_git(push, "what was pushed");
out:
	push->ref = NULL;
}

/* With the quarantine first. libgit2 would look for what is in it in all other packs before. */
static int open_quarantined(git_repository **repository, const char *directory,
                            const char *quarantine)
{
	git_odb_backend *packs = NULL, *loose = NULL;
	git_odb *odb = NULL;
	char objects[GIT_PATH_MAX];
	int error =
	        git_repository_open_ext(repository, directory, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);

	if (error < 0)
		return error;
	snprintf(objects, sizeof(objects), "%sobjects", git_repository_path(*repository));
	error = git_odb_open(&odb, objects);
	if (!error)
		error = git_odb_backend_pack(&packs, quarantine);
	if (!error)
		error = git_odb_add_backend(odb, packs, FIRST);
	if (!error)
		error = git_odb_backend_loose(&loose, quarantine, -1, 0, 0, 0);
	if (!error)
		error = git_odb_add_backend(odb, loose, FIRST - 1);
	if (!error)
		error = git_repository_set_odb(*repository, odb);
	git_odb_free(odb);
	return error;
}

/* Opens it again, with the packs that are there now. */
static int open_repository(struct push *push)
{
	const char *directory = getenv("GIT_DIR"), *quarantine;

	pushguard_forget(&push->guard);
	git_repository_free(push->repository);
	push->repository = NULL;
	quarantine = directory ? pushed_quarantine(directory) : NULL;
	if (quarantine)
		return open_quarantined(&push->repository, directory, quarantine);
	/* FROM_ENV: the quarantine is named by GIT_OBJECT_DIRECTORY and its alternates. */
	return git_repository_open_ext(&push->repository, NULL, GIT_REPOSITORY_OPEN_FROM_ENV, NULL);
}

/* Whether the objects that git received, and checked before it ran this hook, are still there. */
static bool is_there(struct push *push, const git_oid *new)
{
	git_odb *odb = NULL;
	bool there;

	if (open_repository(push) < 0 || git_repository_odb(&odb, push->repository) < 0)
		return false;
	there = git_oid_is_zero(new) || git_odb_exists(odb, new);
	git_odb_free(odb);
	return there;
}

/* Judges again while an object cannot be read. False: nothing is left to judge. */
static bool judge_until_read(struct push *push, const git_oid *old, const git_oid *new,
                             const char *ref)
{
	unsigned before = push->problems;
	bool there = true;
	char *said = NULL;
	size_t size;

	for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
		free(said);
		said = NULL;
		push->said = open_memstream(&said, &size);
		if (!push->said)
			break;
		push->problems = before;
		push->unread = false;
		judge_update(push, old, new, ref);
		fclose(push->said);
		if (!push->unread)
			break;
		there = is_there(push, new);
		if (!there)
			break;
	}
	push->said = stderr;
	if (there && said)
		fputs(said, stderr);
	else /* it was not judged: no word of the reference (sync/handover.c) */
		refuse(push, "%s", there ? "out of memory" : gone);
	free(said);
	return there;
}

/* One line: "<old> <new> <ref>". False: nothing is left to judge. */
static bool judge_line(struct push *push, const char *line)
{
	char old_hex[GIT_OID_HEXSZ + 1], new_hex[GIT_OID_HEXSZ + 1], ref[REF_MAX];
	git_oid old, new;

	if (sscanf(line, "%40s %40s %1023s", old_hex, new_hex, ref) == 3 &&
	    git_oid_fromstr(&old, old_hex) == 0 && git_oid_fromstr(&new, new_hex) == 0)
		return judge_until_read(push, &old, &new, ref);
	refuse(push, "the hook does not understand '%s': is it run by git?", line);
	return true;
}

int prereceive_run(void)
{
	char line[REF_MAX + 2 * GIT_OID_HEXSZ + 4];
	struct push push = {.said = stderr};
	const char *quarantine = getenv("GIT_QUARANTINE_PATH");
	struct fault fault = {""};

	gitclean_libgit2();
	if (open_repository(&push) < 0) {
		if (quarantine && access(quarantine, F_OK) < 0)
			refuse(&push, "%s", gone);
		else
			refuse_git(&push, "the repository");
		goto out;
	}
	if (segments_read(&push.segment, &push.segments, push.repository, &fault) < 0) {
		refuse(&push, "%s", fault.text);
		goto out;
	}
	if (pushguard_open(&push.guard, push.repository, push.segment, push.segments) < 0) {
		refuse(&push, "out of memory");
		goto out;
	}
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (!judge_line(&push, line))
			break;
	}
	if (push.problems > PROBLEMS_MAX)
		fprintf(stderr, "... and %u more\n", push.problems - PROBLEMS_MAX);
out:
	pushguard_clear(&push.guard);
	segments_free(push.segment, push.segments);
	git_repository_free(push.repository);
	git_libgit2_shutdown();
	return push.problems ? 1 : 0;
}

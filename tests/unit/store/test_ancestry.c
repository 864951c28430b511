// SPDX-License-Identifier: MIT
/* Where histories meet, against what git says of the same commits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants these first. */
#include <cmocka.h>
#include <errno.h>
#include <git2.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store.h"

#define COMMITS 80
#define PAIRS   60
#define FAR     300 /* more than is looked at without git */

static char folder[64];
static git_repository *repository;
static git_oid tree;
static struct fault fault;

static int set_up(void **state)
{
	git_treebuilder *builder = NULL;
	int error;

	(void)state;
	strcpy(folder, "/tmp/akancestry-XXXXXX");
	if (!mkdtemp(folder) || libgit2_start() < 0)
		return -1;
	error = git_repository_init(&repository, folder, 1) ||
	        git_treebuilder_new(&builder, repository, NULL) ||
	        git_treebuilder_write(&tree, builder);
	git_treebuilder_free(builder);
	return error;
}

static int tear_down(void **state)
{
	(void)state;
	git_repository_free(repository);
	git_libgit2_shutdown();
	return folder_remove(folder);
}

/* A commit of that time, whose message makes it different from all others. */
static git_oid make(int64_t time, const git_oid *parent, size_t parents)
{
	static unsigned number;
	git_signature *by = NULL;
	git_commit *commit[2] = {NULL};
	git_tree *content = NULL;
	char message[16];
	git_oid id;

	snprintf(message, sizeof(message), "%u", number++);
	assert_int_equal(git_signature_new(&by, "p", "p@x", time, 0), 0);
	assert_int_equal(git_tree_lookup(&content, repository, &tree), 0);
	for (size_t i = 0; i < parents; i++)
		assert_int_equal(git_commit_lookup(&commit[i], repository, &parent[i]), 0);
	assert_int_equal(git_commit_create(&id, repository, NULL, by, by, NULL, message, content,
	                                   parents, (const git_commit **)commit),
	                 0);
	for (size_t i = 0; i < parents; i++)
		git_commit_free(commit[i]);
	git_tree_free(content);
	git_signature_free(by);
	return id;
}

/* Ids that git prints, one a line. */
struct list {
	git_oid id[COMMITS];
	size_t count;
};

static int take_line(void *context, char *line)
{
	struct list *list = context;

	assert_true(list->count < COMMITS);
	assert_int_equal(git_oid_fromstr(&list->id[list->count++], line), 0);
	return 0;
}

static void git_lists(struct list *list, const char *const *arguments)
{
	int error = gitchild_run(git_repository_path(repository), arguments, NULL, take_line, list,
	                         &fault);

	if (error && error != -ENOENT)
		fail_msg("%s", fault.text);
}

static bool bases_agree(const git_oid *one, const git_oid *two)
{
	char first[GIT_OID_HEXSZ + 1], second[GIT_OID_HEXSZ + 1];
	const char *const arguments[] = {"merge-base", "--all",
	                                 git_oid_tostr(first, sizeof(first), one),
	                                 git_oid_tostr(second, sizeof(second), two), NULL};
	struct list bases = {.count = 0};
	git_oid base;

	if (ancestry_near(&base, repository, one, two) == -EAGAIN)
		return false;
	git_lists(&bases, arguments);
	assert_int_equal(bases.count, 1);
	assert_true(git_oid_equal(&base, &bases.id[0]));
	return true;
}

/* Merges of anything with anything, at times that go forward now and then. */
static void random_histories_meet_where_git_says(void **state)
{
	git_oid commit[COMMITS], parent[2];
	int64_t time = 1000000000;
	unsigned answered = 0;

	(void)state;
	srandom(7);
	commit[0] = make(time, NULL, 0);
	for (size_t i = 1; i < COMMITS; i++) {
		size_t near = i < 6 ? i : 6, parents = 1 + (random() % 3 == 0);

		for (size_t p = 0; p < parents; p++)
			parent[p] = commit[i - 1 - (size_t)random() % near];
		if (parents == 2 && git_oid_equal(&parent[0], &parent[1]))
			parents = 1;
		time += random() % 3;
		commit[i] = make(time, parent, parents);
	}
	for (unsigned i = 0; i < PAIRS; i++) {
		const git_oid *one = &commit[random() % COMMITS],
		              *two = &commit[random() % COMMITS];

		answered += bases_agree(one, two);
	}
	assert_true(answered > PAIRS / 2);
}

/* What is far away, or has nothing in common, or is not there. */
static void the_rest_is_gits(void **state)
{
	git_oid root = make(1, NULL, 0), main = root, pushed = make(2, &root, 1), base;
	git_oid other = make(3, NULL, 0), none = {{0}};

	(void)state;
	assert_int_equal(ancestry_near(&base, repository, &root, &pushed), 0);
	assert_true(git_oid_equal(&base, &root));
	for (int i = 0; i < FAR; i++)
		main = make(10 + i, &main, 1);
	assert_int_equal(ancestry_near(&base, repository, &main, &pushed), -EAGAIN);
	assert_int_equal(ancestry_base(&base, repository, &main, &pushed, &fault), 0);
	assert_true(git_oid_equal(&base, &root));
	assert_int_equal(ancestry_near(&base, repository, &pushed, &other), -EAGAIN);
	assert_int_equal(ancestry_near(&base, repository, &pushed, &none), -EAGAIN);
}

/* As the page's server, which runs no program. */
static int find_without_git(git_oid *base, const git_oid *one, const git_oid *two)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (!filter || seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(execve), 0) < 0 ||
	    seccomp_load(filter) < 0)
		return -1;
	seccomp_release(filter);
	return ancestry_base(base, repository, one, two, &fault);
}

static void a_process_that_may_start_no_git_walks_farther(void **state)
{
	git_oid root = make(1, NULL, 0), main = root, pushed = make(2, &root, 1), base;
	git_oid other = make(3, NULL, 0);
	int status;
	pid_t child;

	(void)state;
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0)
		skip(); /* qemu has no filters for a program that it emulates */
	for (int i = 0; i < FAR; i++)
		main = make(10 + i, &main, 1);
	child = fork();
	if (child == 0) {
		int found = find_without_git(&base, &main, &pushed);

		/* Where there is none, nothing is claimed. */
		if (!found && git_oid_equal(&base, &root))
			found = ancestry_base(&base, repository, &main, &other, &fault) == -EPERM
			                ? 0
			                : 2;
		_exit(found == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(random_histories_meet_where_git_says, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(the_rest_is_gits, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(a_process_that_may_start_no_git_walks_farther,
	                                        set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

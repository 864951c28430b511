// SPDX-License-Identifier: MIT
/* Which repositories are trusted, by root and by a user without privileges.
 * (tests/attack/config.bats shows the agent's refusal for each file and key.) */
#include "../gitshell.h"

#include <errno.h>
#include <git2.h>
#include <grp.h>
#include <sys/stat.h>

#include "store/store.h"

#define NOBODY  65534
#define ANOTHER 12345

struct place {
	char folder[64], path[128];
};

static int begin(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->folder, "/tmp/arpkeeper-trust-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->path, sizeof(place->path), "%s/r.git", place->folder);
	*state = place;
	assert_int_equal(shell(place,
	                       "chmod 755 . && umask 022 && git init -q --bare -b main r.git && "
	                       "git -C r.git config names.format 1"),
	                 0);
	git_libgit2_init();
	return 0;
}

static int end(void **state)
{
	struct place *place = *state;

	git_libgit2_shutdown();
	gitshell_remove(place->folder);
	free(place);
	return 0;
}

/* What a process of this user finds. Its fault goes to standard error. */
static int check_as(const struct place *place, uid_t user)
{
	static const char *const sections[] = {"names", NULL};
	struct fault fault = {""};
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (user != geteuid() &&
		    (setgroups(0, NULL) < 0 || setresgid(user, user, user) < 0 ||
		     setresuid(user, user, user) < 0))
			_exit(125);
		status = trust_check(place->path, sections, &fault);
		fprintf(stderr, "%s\n", fault.text);
		_exit(-status);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

static void a_repository_of_ours_is_trusted_and_one_that_is_not_there(void **state)
{
	struct place *place = *state;

	assert_int_equal(check_as(place, geteuid()), 0);
	assert_int_equal(shell(place, "rm -rf r.git"), 0);
	assert_int_equal(check_as(place, geteuid()), 0);
}

static void a_user_without_privileges_trusts_its_own_and_roots(void **state)
{
	struct place *place = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(check_as(place, NOBODY), 0);
	assert_int_equal(shell(place, "chown -R %d:%d r.git", NOBODY, NOBODY), 0);
	assert_int_equal(check_as(place, NOBODY), 0);
	assert_int_equal(check_as(place, 0), -EPERM);
	assert_int_equal(shell(place, "chown root r.git/config r.git/hooks r.git/hooks/*"), 0);
	assert_int_equal(check_as(place, NOBODY), 0);
	assert_int_equal(shell(place, "chown %d r.git/hooks", ANOTHER), 0);
	assert_int_equal(check_as(place, NOBODY), -EPERM);
	assert_int_equal(shell(place, "chown %d r.git/hooks && chmod g+w r.git/config", NOBODY), 0);
	assert_int_equal(check_as(place, NOBODY), -EPERM);
}

static void a_group_may_write_objects_and_references_alone(void **state)
{
	struct place *place = *state;

	assert_int_equal(shell(place, "find r.git/objects r.git/refs -type d -exec chmod g+w {} +"),
	                 0);
	assert_int_equal(check_as(place, geteuid()), -EPERM);
	assert_int_equal(shell(place, "chmod +t r.git/objects r.git/refs"), 0);
	/* objects/info is where alternates are. */
	assert_int_equal(check_as(place, geteuid()), -EPERM);
	assert_int_equal(shell(place, "chmod g-w r.git/objects/info"), 0);
	assert_int_equal(check_as(place, geteuid()), 0);
	assert_int_equal(shell(place, "chmod g+w r.git"), 0);
	assert_int_equal(check_as(place, geteuid()), -EPERM);
}

static void keys_are_a_list_and_the_callers_sections(void **state)
{
	static const char *const refused[] = {"other.format", "namesake.format", "core.fsmonitor",
	                                      "remote.x.uploadpack", "include.path"};
	static const char *const taken[] = {"names.else", "gc.auto", "remote.x.url", "user.name"};
	struct place *place = *state;

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		assert_int_equal(shell(place, "git -C r.git config %s 1", taken[i]), 0);
		assert_int_equal(check_as(place, geteuid()), 0);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_int_equal(shell(place, "git config -f r.git/config %s 1", refused[i]), 0);
		assert_int_equal(check_as(place, geteuid()), -EPERM);
		assert_int_equal(shell(place, "git config -f r.git/config --unset %s", refused[i]),
		                 0);
	}
	assert_int_equal(check_as(place, geteuid()), 0);
}

static void a_work_tree_and_a_file_that_names_another_are_not_followed(void **state)
{
	struct place *place = *state;

	assert_int_equal(
	        shell(place,
	              "git clone -q r.git w 2>clone.err && chmod 755 w && rm -rf r.git && mv w "
	              "r.git"),
	        0);
	assert_int_equal(check_as(place, geteuid()), 0);
	assert_int_equal(shell(place, "git -C r.git config core.fsmonitor true"), 0);
	assert_int_equal(check_as(place, geteuid()), -EPERM);
	assert_int_equal(shell(place, "rm -rf r.git/.git && echo 'gitdir: /elsewhere' >r.git/.git"),
	                 0);
	assert_int_equal(check_as(place, geteuid()), -EPERM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_repository_of_ours_is_trusted_and_one_that_is_not_there),
	        TEST(a_user_without_privileges_trusts_its_own_and_roots),
	        TEST(a_group_may_write_objects_and_references_alone),
	        TEST(keys_are_a_list_and_the_callers_sections),
	        TEST(a_work_tree_and_a_file_that_names_another_are_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

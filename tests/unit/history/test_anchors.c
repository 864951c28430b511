// SPDX-License-Identifier: MIT
/* A push from an old clone sends what is new, however far main has moved on. */
#include "owner.h"

#include "upkeep/upkeep.h"

#define FEW    50 /* objects of a push */
#define FOLDER "lan/10.0/10.0.3"

static unsigned made; /* tasks of this test */

/* So many tasks, each a commit of its own; some of them share a flush. */
static void tasks(struct owner *owner, unsigned count, unsigned at_once)
{
	struct task_context context = {.segment = "lan", .trigger = "command", .message = "again"};

	while (count > 0) {
		for (unsigned i = 0; i < at_once && count > 0; i++, count--) {
			made++;
			change_with(owner, "operator", 1 + made % 1000, made, &context, NULL);
		}
		assert_true(settle(owner));
	}
}

static void begin(struct owner *owner)
{
	made = 0;
	owner->interval_ms = 1;
	owner_open(owner);
	tasks(owner, 3, 1);
}

/* How many objects a push of one entry sends from a clone. */
static unsigned push_from(struct owner *owner, const char *clone)
{
	char text[64];

	assert_int_equal(
	        shell(owner,
	              "cd %s && mkdir -p " FOLDER " && printf 'mac 02:00:00:00:00:01\\nstate static"
	              "\\nsince 2026-01-01T00:00:00Z\\nnote %%s\\n' $(date +%%N) >" FOLDER
	              "/10.0.3.7 && git add lan && git commit -qm entry && "
	              "git push --progress origin HEAD:merge/$(basename %s) >../said 2>&1 && "
	              "sed -n 's/.*Total \\([0-9]*\\) .*/\\1/p' ../said >../sent",
	              clone, clone),
	        0);
	assert_true(wait_shell(owner, "[ -z \"$(git -C \"$R\" for-each-ref refs/heads/merge)\" ]"));
	output(owner, text, sizeof(text), "cat %s/sent", owner->folder);
	assert_true(*text);
	return (unsigned)atoi(text);
}

static unsigned anchors(struct owner *owner)
{
	char text[64];

	return (unsigned)atoi(output(owner, text, sizeof(text),
	                             "git -C \"$R\" for-each-ref refs/arpkeeper/anchor | wc -l"));
}

static void an_old_clone_pushes_one_entry(void **state)
{
	static const unsigned after[] = {10, 100, 1000, 10000};
	struct owner *owner = *state;
	unsigned done = 0;

	begin(owner);
	/* Served by git; and by plain path, which git does not serve. */
	assert_int_equal(shell(owner, "for n in 10 100 1000 10000; do git clone -q \"file://$R\" "
	                              "served-$n && git clone -q \"$R\" copied-$n || exit; done"),
	                 0);
	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		char clone[32];

		tasks(owner, after[i] - done, 50);
		done = after[i];
		snprintf(clone, sizeof(clone), "served-%u", done);
		assert_in_range(push_from(owner, clone), 1, FEW);
		snprintf(clone, sizeof(clone), "copied-%u", done);
		assert_in_range(push_from(owner, clone), 1, FEW);
	}
	assert_in_range(anchors(owner), 1, 2 * ANCHORS_MAX);
	assert_whole(owner);
}

static void a_fetch_counts_as_a_clone(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, "git clone -q \"file://$R\" clone"), 0);
	tasks(owner, 1000, 50);
	assert_int_equal(shell(owner, "cd clone && git pull -q"), 0);
	tasks(owner, 1000, 50);
	assert_in_range(push_from(owner, "clone"), 1, FEW);
}

/* Whatever the clone does not fetch. */
static void what_was_pushed_is_not_sent_again(void **state)
{
	struct owner *owner = *state;
	unsigned sent = 0;

	begin(owner);
	assert_int_equal(shell(owner, "git clone -q \"file://$R\" clone"), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(shell(owner,
		                       "cd clone && for i in 1 2 3 4 5 6 7 8 9 10; do echo "
		                       "%d$i >f && git add f && git commit -qm f; done",
		                       i),
		                 0);
		sent = push_from(owner, "clone");
		owner->has_outcome = false;
		assert_int_equal(history_merge(owner->history, "merge/clone", 0, on_outcome, owner),
		                 0);
		assert_true(wait_outcome(owner));
		tasks(owner, 100, 10);
	}
	assert_in_range(sent, 1, FEW);
}

static void they_survive_a_kill_and_upkeep(void **state)
{
	struct owner *owner = *state;
	char directory[sizeof(owner->path) + 1];
	struct chores chores = {.git_directory = directory, .now = true};
	int status;
	pid_t child;

	begin(owner);
	assert_int_equal(shell(owner, "git clone -q \"file://$R\" clone"), 0);
	/* Ends at once, as if killed. */
	owner_close(owner, 0);
	owner_open(owner);
	tasks(owner, 200, 10);
	snprintf(directory, sizeof(directory), "%s/", owner->path);
	child = fork();
	if (child == 0)
		_exit(chores_run(&chores, &owner->fault) != 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(shell(owner, "git -C \"$R\" gc -q --prune=now"), 0);
	tasks(owner, 200, 10);
	assert_in_range(push_from(owner, "clone"), 1, FEW);
	assert_whole(owner);
}

/* Such as the file's own administrator. */
static void the_watched_files_may_be_replaced(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, "cd \"$R\" && echo '# mine' >info/new && "
	                              "mv info/new info/attributes && rm objects/info/readers"),
	                 0);
	assert_true(wait_shell(owner, "test -e \"$R\"/objects/info/readers"));
	assert_int_equal(shell(owner,
	                       "grep -q mine \"$R\"/info/attributes && "
	                       "git clone -q \"file://$R\" served && git clone -q \"$R\" copied"),
	                 0);
	tasks(owner, 200, 10);
	assert_in_range(push_from(owner, "served"), 1, FEW);
	assert_in_range(push_from(owner, "copied"), 1, FEW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(an_old_clone_pushes_one_entry),     TEST(a_fetch_counts_as_a_clone),
	        TEST(what_was_pushed_is_not_sent_again), TEST(they_survive_a_kill_and_upkeep),
	        TEST(the_watched_files_may_be_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What may be pushed: git pushes into a repository whose hooks are this program. */
#include "../reader/repository.h"

#include "cli/cli.h"

#define A "lan/10.0/10.0.3/10.0.3.17"
#define B "lan/10.0/10.0.3/10.0.3.18"

#define MAC_1 "02:00:00:00:00:01"
#define MAC_2 "02:00:00:00:00:02"

static char *self; /* path of this program */

static int sandbox_with_hooks(void **state)
{
	struct sandbox *sandbox;

	sandbox_open(state);
	sandbox = *state;
	for (int i = 0; i < 2; i++) {
		const char *hook = i ? "post-receive" : "pre-receive";

		shell_ok(sandbox,
		         "printf '#!/bin/sh\\nexec %s %s\\n' >../r.git/hooks/%s && chmod +x "
		         "../r.git/hooks/%s",
		         self, hook, hook, hook);
	}
	return 0;
}

static void assert_pushed(const struct sandbox *sandbox, const char *ref)
{
	if (shell(sandbox, "git push origin HEAD:%s", ref) != 0)
		fail_msg("the push to %s was refused: %s", ref, output_of(sandbox));
}

/* The push is refused with `why`, and nothing of it is in the repository. */
static void assert_refused(const struct sandbox *sandbox, const char *refspec, const char *why)
{
	char *before, after[16384];

	shell_ok(sandbox, "git ls-remote origin");
	before = strdup(output_of(sandbox));
	assert_int_not_equal(shell(sandbox, "git push --force origin %s", refspec), 0);
	if (!strstr(output_of(sandbox), why))
		fail_msg("the pusher does not read '%s' but: %s", why, output_of(sandbox));
	shell_ok(sandbox, "git ls-remote origin");
	strcpy(after, output_of(sandbox));
	assert_string_equal(before, after);
	free(before);
}

static void commit(const struct sandbox *sandbox)
{
	shell_ok(sandbox, "git commit -qm change");
}

static void valid_entries_are_taken(void **state)
{
	entry(*state, A, MAC_1, "static");
	shell_ok(*state, "echo plan >plan.txt && git add -A"); /* not an entry */
	commit(*state);
	assert_pushed(*state, "main");
	entry(*state, B, MAC_2, "dynamic");
	commit(*state);
	assert_pushed(*state, "merge/printer");
	assert_non_null(
	        strstr(output_of(*state), "the agent cannot be reached")); /* no agent is named */
	shell_ok(*state, "git push -q origin :merge/printer");
	assert_pushed(*state, "ideas"); /* any other branch */
	shell_ok(*state, "git tag v1 && git push -q origin v1");
}

static void without_an_agent_the_push_is_answered_with_when_it_counts(void **state)
{
	shell_ok(*state, "git -C ../r.git config arpkeeper.control /nonexistent/control.sock");
	entry(*state, A, MAC_1, "static");
	commit(*state);
	assert_pushed(*state, "merge/x");
	assert_non_null(strstr(output_of(*state),
	                       "remote: received; no agent is running: it will be merged when"));
}

static void a_push_to_review_is_judged_and_waits(void **state)
{
	shell_ok(*state, "git -C ../r.git config arpkeeper.guard 1");
	entry(*state, A, MAC_1, "static");
	entry(*state, B, MAC_1, "static");
	commit(*state);
	assert_pushed(*state, "main");
	/* More than the guard allows: it asks at the merge. */
	shell_ok(*state, "git rm -q " A " " B);
	commit(*state);
	assert_refused(*state, "HEAD:merge/x", "git push -o confirm=2");
	assert_pushed(*state, "review/x");
	assert_non_null(strstr(output_of(*state), "remote: review/x is not merged"));
	assert_non_null(strstr(output_of(*state), "arpkeeper preview review/x"));
	assert_null(strstr(output_of(*state), "agent"));
	entry(*state, A, "02:00:00:00:00", "static");
	commit(*state);
	assert_refused(*state, "HEAD:review/x", "remote: " A ": line 1: ");
	shell_ok(*state, "git push -q origin :review/x");
	assert_refused(*state, "origin/main:refs/heads/review", "in the way of others");
	assert_refused(*state, "HEAD:refs/tags/review/x", "git would take it for another");
	assert_refused(*state, "HEAD:refs/tags/review", "git would take it for another");
	shell_ok(*state, "git checkout -q --orphan alone && git commit -qm alone");
	assert_refused(*state, "alone:refs/heads/review/x", "no history in common");
}

static void an_invalid_entry_is_refused_by_path_line_and_reason(void **state)
{
	entry(*state, A, "02:00:00:00:00", "static");
	commit(*state);
	assert_refused(*state, "HEAD:main", "remote: " A ": line 1: ");
	assert_refused(*state, "HEAD:merge/x", "remote: " A ": line 1: ");
	assert_refused(*state, "HEAD:merge/x", "refs/heads/merge/x is refused:");
}

static void an_entry_that_begins_in_the_future_is_refused(void **state)
{
	const char *const since = "sed -i \"s/^since .*/since $(date -u -d '%s' "
	                          "+%%Y-%%m-%%dT%%H:%%M:%%SZ)/\" " A " && git add -A";

	entry(*state, A, MAC_1, "static");
	shell_ok(*state, since, "61 minutes");
	commit(*state);
	assert_refused(*state, "HEAD:main", "remote: " A ": since ");
	assert_refused(*state, "HEAD:merge/x", "more than an hour ahead of this host's clock");
	/* Clocks differ. */
	shell_ok(*state, since, "55 minutes");
	commit(*state);
	assert_pushed(*state, "merge/x");
}

static void an_entry_in_the_wrong_place_is_refused(void **state)
{
	entry(*state, "lan/10.0/10.0.4/10.0.3.17", MAC_1, "static");
	commit(*state);
	assert_refused(*state, "HEAD:merge/x", "lan/10.0/10.0.4/10.0.3.17: ");
	shell_ok(*state, "git reset -q --hard origin/main");
	entry(*state, "lan/10.1/10.1.0/10.1.0.1", MAC_1, "static");
	commit(*state);
	assert_refused(*state, "HEAD:merge/x", "in no prefix of segment lan");
	shell_ok(*state, "git reset -q --hard origin/main");
	entry(*state, "wan/10.0/10.0.3/10.0.3.17", MAC_1, "static");
	commit(*state);
	assert_refused(*state, "HEAD:main", "no segment is called wan");
}

static void a_link_is_refused(void **state)
{
	shell_ok(*state, "mkdir -p lan/10.0/10.0.3 && ln -s /etc/passwd " A " && git add -A");
	commit(*state);
	assert_refused(*state, "HEAD:merge/x", A ": has mode 120000");
}

static void a_push_may_leave_an_old_mistake_in_place(void **state)
{
	entry(*state, A, "nonsense", "static");
	commit(*state);
	shell_ok(*state, "mv ../r.git/hooks ../hooks && git push -q origin main && "
	                 "mv ../hooks ../r.git/hooks");
	entry(*state, B, MAC_1, "static");
	commit(*state);
	assert_pushed(*state, "merge/x");
	shell_ok(*state, "git rm -q " A);
	commit(*state);
	assert_pushed(*state, "main");
}

static void many_problems_are_counted(void **state)
{
	shell_ok(*state, "mkdir -p lan/10.0/10.0.3 && for i in $(seq 1 25); do "
	                 "echo bad >lan/10.0/10.0.3/10.0.3.$i; done && git add -A");
	commit(*state);
	assert_refused(*state, "HEAD:merge/x", "... and 5 more");
}

static void main_is_never_rewritten_or_deleted(void **state)
{
	entry(*state, A, MAC_1, "static");
	commit(*state);
	assert_pushed(*state, "main");
	shell_ok(*state, "git -C ../r.git config receive.denyDeleteCurrent ignore");
	assert_refused(*state, ":main", "cannot be deleted");
	shell_ok(*state, "git reset -q --hard HEAD~1");
	entry(*state, B, MAC_1, "static");
	commit(*state);
	assert_refused(*state, "HEAD:main", "not a fast-forward");
	assert_pushed(*state, "merge/behind"); /* as a merge request it is fine */
}

static void only_the_agent_writes_its_own_refs(void **state)
{
	entry(*state, A, MAC_1, "static");
	commit(*state);
	assert_refused(*state, "HEAD:refs/heads/task/learn/1", "only the agent");
	assert_refused(*state, "HEAD:refs/arpkeeper/applied", "only the agent");
}

static void an_unrelated_history_is_not_a_merge_request(void **state)
{
	shell_ok(*state, "git checkout -q --orphan alone");
	entry(*state, A, MAC_1, "static");
	commit(*state);
	assert_refused(*state, "HEAD:merge/x", "no history in common with main");
}

#define PUSHED(test) cmocka_unit_test_setup_teardown(test, sandbox_with_hooks, sandbox_close)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        PUSHED(valid_entries_are_taken),
	        PUSHED(without_an_agent_the_push_is_answered_with_when_it_counts),
	        PUSHED(a_push_to_review_is_judged_and_waits),
	        PUSHED(an_invalid_entry_is_refused_by_path_line_and_reason),
	        PUSHED(an_entry_that_begins_in_the_future_is_refused),
	        PUSHED(an_entry_in_the_wrong_place_is_refused),
	        PUSHED(a_link_is_refused),
	        PUSHED(a_push_may_leave_an_old_mistake_in_place),
	        PUSHED(many_problems_are_counted),
	        PUSHED(main_is_never_rewritten_or_deleted),
	        PUSHED(only_the_agent_writes_its_own_refs),
	        PUSHED(an_unrelated_history_is_not_a_merge_request),
	};

	int status;

	if (argc == 2)
		return perform(commands_find("hook"), argc, argv);
	self = realpath("/proc/self/exe", NULL);
	status = cmocka_run_group_tests(tests, NULL, NULL);
	free(self);
	return status;
}

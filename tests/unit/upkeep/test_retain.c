// SPDX-License-Identifier: MIT
/* Old history is thinned: what remains is untouched, and everybody's git works with it. */
#include "../history/owner.h"

#include "upkeep/chores.h"
#include "upkeep/retain.h"

#define DAY_S 86400
#define DAYS  100

/* A commit of main a day, each of one address; each tenth merges a task that began three before,
 * whose branch stays. The first is what the agent made, as long ago. */
static const char stream[] =
        "NOW=$(date +%s) && awk -v now=\"$NOW\" -v days=100 '"
        "function entry(n) { text = sprintf(\"mac 02:00:00:00:00:%02x\\nstate static\\nsince "
        "2026-01-02T03:04:05Z\\n\", n); printf \"M 100644 inline lan/10.0/10.0.0/10.0.0.%d\\n"
        "data %d\\n%s\\n\", n, length(text), text }"
        "function begin(branch, mark, d) { printf \"commit refs/heads/%s\\nmark :%d\\ncommitter a "
        "<a@b> %d +0000\\ndata 4\\nd%03d\\n\", branch, mark, now - (days - d) * 86400 - 3600, d }"
        "BEGIN { for (d = 1; d <= days; d++) {"
        " if (d % 10 == 0) { begin(\"task/learn/20260101-\" sprintf(\"%06d\", d), 1000 + d, d - 1);"
        "  printf \"from :%d\\n\", d - 3; entry(100 + d) }"
        " begin(\"main\", d, d); if (d == 1) printf \"M 100644 inline README.md\\ndata 2\\nhi\\n\";"
        " else printf \"from :%d\\n\", d - 1;"
        " if (d % 10 == 0) { printf \"merge :%d\\n\", 1000 + d; entry(100 + d) }"
        " entry(d) } }' > stream && "
        "git -C \"$R\" update-ref -d refs/heads/main && git -C \"$R\" -c fastimport.unpackLimit=1 "
        "fast-import --quiet < stream && git -C \"$R\" update-ref refs/arpkeeper/applied main~99";

static void make_history(struct owner *owner)
{
	owner_open(owner);
	assert_int_equal(owner_close(owner, 5000), 0);
	assert_int_equal(shell(owner, "%s", stream), 0);
	assert_int_equal(shell(owner, "git clone -q \"file://$R\" old"), 0);
}

static int thin(struct owner *owner, unsigned days, bool now)
{
	char directory[sizeof(owner->path) + 1];
	struct chores chores = {.git_directory = directory, .keep = days * DAY_S, .now = now};
	pid_t child;
	int status;

	snprintf(directory, sizeof(directory), "%s/", owner->path);
	child = fork();
	if (child == 0) {
		alarm(60);
		status = chores_run(&chores, &owner->fault);
		if (status < 0)
			fprintf(stderr, "%s\n", owner->fault.text);
		_exit(status < 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static unsigned number(const struct owner *owner, const char *command)
{
	char text[64];

	return (unsigned)strtoul(output(owner, text, sizeof(text), "%s", command), NULL, 10);
}

#define COMMITS "git -C \"$R\" rev-list --count --first-parent main"

static void what_is_older_goes_and_the_rest_is_untouched(void **state)
{
	struct owner *owner = *state;
	char directory[sizeof(owner->path) + 1];

	make_history(owner);
	assert_int_equal(shell(owner,
	                       "git -C \"$R\" rev-list --all --since=30.days > before; git -C "
	                       "\"$R\" show-ref > refs"),
	                 0);
	assert_int_equal(thin(owner, 30, true), 0);
	assert_whole(owner);
	/* 30 days, and the version upon which they begin. */
	assert_int_equal(number(owner, COMMITS), 31);
	assert_int_equal(shell(owner,
	                       "git -C \"$R\" show-ref | cmp - refs && for c in $(cat before); do "
	                       "git -C \"$R\" show $c; done > after && for c in $(cat before); "
	                       "do git -C old show $c; done | cmp - after"),
	                 0);
	/* It is gone: the day before, and what only that had. */
	assert_int_equal(shell(owner, "! git -C \"$R\" cat-file -e $(git -C old rev-parse "
	                              "origin/main~32) 2>/dev/null"),
	                 0);
	snprintf(directory, sizeof(directory), "%s/", owner->path);
	assert_in_range(time(NULL) - retain_since(directory), 30 * DAY_S, 31 * DAY_S);
}

/* One alert a day, as old as the commits of main. */
static const char alerts[] =
        "now=$(date +%s) && tree=$(git -C \"$R\" hash-object -w -t tree /dev/null) && tip= && "
        "for d in $(seq 100 -1 1); do at=$((now - d * 86400 + 3600)); tip=$(GIT_AUTHOR_DATE=$at "
        "GIT_COMMITTER_DATE=$at git -C \"$R\" commit-tree -m \"a$d\" ${tip:+-p $tip} $tree); done "
        "&& git -C \"$R\" update-ref refs/heads/alerts $tip";

#define ALERTS "git -C \"$R\" rev-list --count alerts"

static void alerts_that_are_older_go_with_it_and_the_log_goes_on(void **state)
{
	const struct history_alert alert = {.time = time(NULL), .kind = "moved", .words = "here"};
	struct owner *owner = *state;

	make_history(owner);
	assert_int_equal(shell(owner, "%s", alerts), 0);
	assert_int_equal(thin(owner, 30, true), 0);
	assert_int_equal(number(owner, COMMITS), 31);
	assert_int_equal(number(owner, ALERTS), 31);
	assert_whole(owner);
	assert_int_equal(thin(owner, 20, true), 0);
	assert_int_equal(number(owner, ALERTS), 21);
	assert_whole(owner);
	owner_open(owner);
	assert_int_equal(history_alert(owner->history, &alert), 0);
	assert_int_equal(owner_close(owner, 5000), 0);
	assert_int_equal(number(owner, ALERTS), 22);
	assert_int_equal(shell(owner,
	                       "git clone -q \"file://$R\" new && git -C new fsck --strict && "
	                       "[ $(git -C new rev-list --count origin/alerts) = 22 ] && "
	                       "git -C old fetch -q && git -C old fsck --strict"),
	                 0);
	/* Older than all that is kept: the last one stays. */
	assert_int_equal(shell(owner, "git -C \"$R\" update-ref refs/heads/alerts alerts~5"), 0);
	assert_int_equal(thin(owner, 3, true), 0);
	assert_int_equal(number(owner, ALERTS), 1);
	assert_whole(owner);
}

static void the_agent_goes_on_and_people_push(void **state)
{
	struct owner *owner = *state;

	make_history(owner);
	assert_int_equal(thin(owner, 30, true), 0);
	owner_open(owner);
	assert_true(settle(owner));
	assert_table(owner);
	change(owner, "learn", 900, 9);
	assert_true(settle(owner));
	/* From a clone of before, upon what is still there; and from one of now. */
	assert_int_equal(shell(owner,
	                       "git clone -q \"file://$R\" new && [ -e new/.git/shallow ] && for c "
	                       "in old new; do (cd $c && git checkout -q -b x origin/main~5 && "
	                       "printf 'mac 02:00:00:00:01:02\\nstate static\\nsince "
	                       "2026-01-02T03:04:05Z\\n' > lan/10.0/10.0.0/10.0.0.25$(echo $c | wc "
	                       "-c) && git add . && git commit -qm $c && git push -q origin "
	                       "HEAD:merge/$c && git fetch -q && git fsck) || exit 1; done"),
	                 0);
	assert_int_equal(history_merge(owner->history, NULL, on_outcome, owner), 0);
	assert_true(wait_outcome(owner));
	assert_int_equal(owner->outcome.status, 0);
	assert_true(settle(owner));
	assert_non_null(owner->table[254]);
	assert_table(owner);
	assert_whole(owner);
	/* Upon what is gone: refused, and nothing harmed. */
	assert_int_equal(shell(owner,
	                       "cd old && git checkout -q -b y origin/main~45 && echo y > y && git "
	                       "add y && git commit -qm y && ! git push -q origin HEAD:merge/y "
	                       "2>/dev/null"),
	                 0);
	assert_whole(owner);
	assert_int_equal(owner_close(owner, 5000), 0);
}

static void a_boundary_moves_on(void **state)
{
	struct owner *owner = *state;
	unsigned before;

	make_history(owner);
	assert_int_equal(thin(owner, 60, true), 0);
	assert_int_equal(number(owner, COMMITS), 61);
	before = number(owner, "wc -l < \"$R\"/shallow");
	assert_int_equal(thin(owner, 20, true), 0);
	assert_int_equal(number(owner, COMMITS), 21);
	assert_whole(owner);
	/* Nothing is named that is not there any more; a branch of before is a commit of its own.
	 */
	assert_int_equal(shell(owner,
	                       "git -C \"$R\" cat-file --batch-check < \"$R\"/shallow | awk '$2 != "
	                       "\"commit\" { exit 1 }' && [ $(git -C \"$R\" rev-list --count "
	                       "task/learn/20260101-000030) = 1 ]"),
	                 0);
	assert_in_range(number(owner, "wc -l < \"$R\"/shallow"), 1, before + 8);
	assert_int_equal(shell(owner, "git -C \"$R\" gc -q --prune=now"), 0);
	assert_whole(owner);
	assert_int_equal(number(owner, COMMITS), 21);
}

static void it_is_seldom_and_only_when_worth_it(void **state)
{
	struct owner *owner = *state;

	make_history(owner);
	assert_int_equal(thin(owner, 0, false), 0);
	assert_int_equal(thin(owner, 95, false), 0);
	assert_int_equal(number(owner, COMMITS), DAYS);
	/* Looked at today. */
	assert_int_equal(thin(owner, 30, false), 0);
	assert_int_equal(number(owner, COMMITS), DAYS);
	assert_int_equal(shell(owner, "touch -d '2 days ago' \"$R\"/arpkeeper/thinned"), 0);
	assert_int_equal(thin(owner, 30, false), 0);
	assert_int_equal(number(owner, COMMITS), 31);
	/* What is beyond is removed a while later. */
	assert_int_equal(
	        shell(owner, "O=$(git -C old rev-parse origin/main~40) && git -C \"$R\" cat-file "
	                     "-e $O && touch -d '1 hour ago' \"$R\"/arpkeeper/to-remove && echo $O "
	                     "> gone"),
	        0);
	assert_int_equal(thin(owner, 30, false), 0);
	assert_int_equal(shell(owner, "! git -C \"$R\" cat-file -e $(cat gone) 2>/dev/null"), 0);
	assert_whole(owner);
}

static void a_log_holds_nothing_old(void **state)
{
	struct owner *owner = *state;

	make_history(owner);
	/* As if each had been a push of its own. */
	assert_int_equal(
	        shell(owner,
	              "mkdir -p \"$R\"/logs/refs/heads && git -C \"$R\" log --first-parent "
	              "--reverse "
	              "--format='%%H %%ct' main | awk -v "
	              "p=0000000000000000000000000000000000000000 '{ "
	              "printf \"%%s %%s a <a@b> %%d +0000\\tpush\\n\", p, $1, $2; p = $1 }' > "
	              "\"$R\"/logs/refs/heads/main"),
	        0);
	assert_int_equal(thin(owner, 30, true), 0);
	assert_int_equal(number(owner, "git -C \"$R\" reflog main | wc -l"), 30);
	assert_int_equal(shell(owner, "! git -C \"$R\" cat-file -e $(git -C old rev-parse "
	                              "origin/main~40) 2>/dev/null"),
	                 0);
	assert_whole(owner);
}

static void an_old_commit_upon_a_new_one_cuts_nothing_off(void **state)
{
	struct owner *owner = *state;

	make_history(owner);
	assert_int_equal(shell(owner, "cd old && GIT_COMMITTER_DATE=\"$(date -d '90 days ago' "
	                              "+%%s) +0000\" git commit -q "
	                              "--allow-empty -m late && git push -q origin HEAD:main"),
	                 0);
	assert_int_equal(thin(owner, 30, true), 0);
	assert_int_equal(number(owner, COMMITS), 32);
	assert_whole(owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(what_is_older_goes_and_the_rest_is_untouched),
	        TEST(alerts_that_are_older_go_with_it_and_the_log_goes_on),
	        TEST(the_agent_goes_on_and_people_push),
	        TEST(a_boundary_moves_on),
	        TEST(it_is_seldom_and_only_when_worth_it),
	        TEST(a_log_holds_nothing_old),
	        TEST(an_old_commit_upon_a_new_one_cuts_nothing_off),
	};

	return cmocka_run_group_tests_name("retain", tests, NULL, NULL);
}

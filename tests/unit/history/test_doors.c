// SPDX-License-Identifier: MIT
/* Changes that people push with stock git reach the table. */
#include "owner.h"

#define LARGE_TASK 140000 /* changes: history writes them out before its end */
#define P          "lan/10.0/10.0.0/10.0.0."
#define WORK       "rm -rf w && git clone -q \"$R\" w && cd w && mkdir -p lan/10.0/10.0.0 && "
#define COMMIT     "git add -A && git commit -qm edit && "
#define TO_MAIN    "git push -q origin HEAD:main"
#define TO(x)      "git push -q origin HEAD:merge/" x
#define GONE(x)    "! git -C \"$R\" rev-parse -q --verify refs/heads/merge/" x " >/dev/null"
#define ENTRY(h, mac, state, since)                                                                \
	"printf 'mac 02:00:00:00:00:" mac "\\nstate " state "\\nsince " since "\\n' > " P h " && "
#define STATIC(h, mac) ENTRY(h, mac, "static", "2026-01-01T00:00:00Z")

static bool has(const struct owner *owner, unsigned host, unsigned mac)
{
	const struct entry *entry = owner->table[host];

	return entry ? entry->mac.octet[5] == mac : mac == 0;
}

static bool wait_table(struct owner *owner, unsigned host, unsigned mac)
{
	for (int i = 0; i < WAIT_MS && !has(owner, host, mac); i++)
		turn(owner);
	return has(owner, host, mac);
}

/* Waits until everything pushed is merged and durable. */
static void settle_doors(struct owner *owner)
{
	owner->has_outcome = false;
	history_merge(owner->history, NULL, 0, on_outcome, owner);
	assert_true(wait_outcome(owner));
	assert_true(settle(owner));
}

static void begin(struct owner *owner)
{
	owner_open(owner);
	change(owner, "learn", 1, 1);
	change(owner, "learn", 2, 2);
	assert_true(settle(owner));
}

static void a_push_to_main_is_applied(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, WORK STATIC("9", "99") COMMIT TO_MAIN), 0);
	assert_true(wait_table(owner, 9, 0x99));
	settle_doors(owner);
	/* A fast-forward: no commit of ours on top. */
	assert_int_equal(shell(owner, "test $(git -C \"$R\" rev-parse main) = $(git -C w rev-parse "
	                              "HEAD)"),
	                 0);
	assert_table(owner);
	assert_whole(owner);
}

static void update_ref_is_noticed_at_once(void **state)
{
	struct owner *owner = *state;
	struct timespec start, end;

	begin(owner);
	assert_int_equal(shell(owner, WORK "git rm -q " P "1 && git commit -qm gone && git push -q "
	                                   "origin HEAD:side && cd .. && git -C \"$R\" update-ref "
	                                   "refs/heads/main refs/heads/side"),
	                 0);
	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_true(wait_table(owner, 1, 0));
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - start.tv_sec <= 1);
	settle_doors(owner);
	assert_table(owner);
}

static void a_rewound_main_loses_nothing(void **state)
{
	struct owner *owner = *state;
	char before[64], after[64];

	begin(owner);
	output(owner, before, sizeof(before), "git -C \"$R\" rev-parse main");
	assert_int_equal(shell(owner, "git -C \"$R\" update-ref refs/heads/main main~1"), 0);
	assert_true(wait_for(owner, &owner->notices, 1));
	assert_non_null(strstr(owner->last_notice, "moved back"));
	settle_doors(owner);
	assert_string_equal(before,
	                    output(owner, after, sizeof(after), "git -C \"$R\" rev-parse main"));
	assert_table(owner);
}

static void a_deleted_main_is_restored(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, "git -C \"$R\" update-ref -d refs/heads/main"), 0);
	assert_true(wait_shell(owner, "git -C \"$R\" rev-parse -q --verify main >/dev/null"));
	change(owner, "learn", 3, 3);
	assert_true(settle(owner));
	assert_table(owner);
	assert_whole(owner);
}

static void a_main_that_parted_is_merged(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, WORK "git reset -q --hard HEAD~1 && mkdir -p lan/10.0/10.0.0 "
	                                   "&& " STATIC("7", "77") COMMIT
	                       "git push -q -f origin HEAD:main"),
	                 0);
	assert_true(wait_table(owner, 7, 0x77));
	settle_doors(owner);
	assert_true(has(owner, 1, 1) && has(owner, 2, 2));
	assert_table(owner);
	assert_whole(owner);
}

static void an_unrelated_main_is_merged(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, WORK "git checkout -q --orphan other && git rm -rqf . && "
	                                   "mkdir -p lan/10.0/10.0.0 && " STATIC("7", "77") COMMIT
	                       "git push -q -f origin HEAD:main"),
	                 0);
	assert_true(wait_table(owner, 7, 0x77));
	settle_doors(owner);
	assert_true(has(owner, 1, 1) && has(owner, 2, 2));
	assert_int_equal(shell(owner, "git -C \"$R\" show main:README.md >/dev/null"), 0);
	assert_table(owner);
	assert_whole(owner);
}

static void a_merge_request_is_merged_and_its_branch_removed(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(
	        shell(owner, WORK STATIC("9", "99") "echo plan >plan.txt && " COMMIT TO("fix-lan")),
	        0);
	assert_true(wait_table(owner, 9, 0x99));
	assert_true(wait_shell(owner, GONE("fix-lan")));
	assert_int_equal(shell(owner, "test \"$(git -C \"$R\" show main:plan.txt)\" = plan"), 0);
	/* A hook that asks a moment later gets the outcome. */
	history_merge(owner->history, "merge/fix-lan", 0, on_outcome, owner);
	assert_true(wait_outcome(owner));
	assert_int_equal(owner->outcome.status, 0);
	assert_int_equal(owner->outcome.applied, 1);
	assert_table(owner);
	assert_whole(owner);
}

static void since_follows_an_edit_that_left_it_as_it_was(void **state)
{
	struct owner *owner = *state;
	char text[4096];

	begin(owner);
	change(owner, "learn", 2, 0x20);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, WORK
	                       "sed -i '1s/.*/mac 02:00:00:00:00:bb/' " P "2 && "
	                       "export GIT_COMMITTER_DATE=2026-02-03T04:05:06Z && " COMMIT
	                       "unset GIT_COMMITTER_DATE && git commit -q --allow-empty -m later"),
	                 0);
	/* Meanwhile, and later than what both replace: the lower MAC. */
	change(owner, "move", 2, 0x22);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, "cd w && " TO("x")), 0);
	history_merge(owner->history, "merge/x", 0, on_outcome, owner);
	assert_true(wait_outcome(owner));
	assert_true(has(owner, 2, 0xbb));
	assert_true(settle(owner));
	assert_table(owner);
	output(owner, text, sizeof(text), "git -C \"$R\" show main:" P "2");
	assert_string_equal(text,
	                    "mac 02:00:00:00:00:bb\nstate dynamic\nsince 2026-02-03T04:05:06Z");
	assert_whole(owner);
}

static void what_the_table_cannot_have_is_said_to_who_pushed(void **state)
{
	struct owner *owner = *state;
	char text[4096];

	begin(owner);
	owner->own = 5;
	assert_int_equal(shell(owner, WORK STATIC("5", "aa") COMMIT TO("x")), 0);
	history_merge(owner->history, "merge/x", 0, on_outcome, owner);
	assert_true(wait_outcome(owner));
	assert_int_equal(owner->outcome.status, 0);
	assert_int_equal(owner->outcome.applied, 0);
	assert_non_null(strstr(owner->outcome.text, "merged merge/x: 0 addresses changed"));
	assert_non_null(strstr(owner->outcome.text,
	                       "\n10.0.0.5: yours is not taken: the address is the host's own"));
	output(owner, text, sizeof(text), "git -C \"$R\" log -1 --format=%%B main");
	assert_non_null(strstr(text, "\nChosen: 10.0.0.5 the address is the host's own (ours)"));
	assert_table(owner);
}

static void what_main_has_already_is_said_to_who_pushed(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, WORK STATIC("5", "aa") COMMIT TO("x")), 0);
	history_merge(owner->history, "merge/x", 0, on_outcome, owner);
	assert_true(wait_outcome(owner));
	assert_true(settle(owner));
	assert_int_equal(shell(owner, "cd w && " TO("again")), 0);
	owner->has_outcome = false;
	history_merge(owner->history, "merge/again", 0, on_outcome, owner);
	assert_true(wait_outcome(owner));
	assert_non_null(strstr(owner->outcome.text, "nothing to merge: main has it already"));
	/* Another commit that says the same. */
	assert_int_equal(shell(owner,
	                       "cd w && git reset -q --hard HEAD~ && git commit -q "
	                       "--allow-empty -m other && mkdir -p lan/10.0/10.0.0 && " STATIC(
	                               "5", "aa") COMMIT TO("same")),
	                 0);
	owner->has_outcome = false;
	history_merge(owner->history, "merge/same", 0, on_outcome, owner);
	assert_true(wait_outcome(owner));
	assert_string_equal(owner->outcome.text,
	                    "merged merge/same: nothing changed, main has it already");
}

static void a_conflict_is_decided_by_the_rule(void **state)
{
	struct owner *owner = *state;
	char text[4096];

	begin(owner);
	assert_int_equal(shell(owner, WORK STATIC("1", "aa")
	                                      ENTRY("2", "bb", "dynamic", "2001-01-01T00:00:00Z")
	                                              COMMIT "true"),
	                 0);
	change(owner, "move", 1, 0x11);
	change(owner, "move", 2, 0x22);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, "cd w && " TO("x")), 0);
	history_merge(owner->history, "merge/x", 0, on_outcome, owner);
	assert_true(wait_outcome(owner));
	assert_int_equal(owner->outcome.status, 0);
	assert_int_equal(owner->outcome.chosen, 2);
	assert_int_equal(owner->outcome.applied, 1);
	assert_true(has(owner, 1, 0xaa) && has(owner, 2, 0x22));
	assert_non_null(strstr(owner->outcome.text, "\n10.0.0.1: yours is taken: it is static\n"));
	assert_non_null(
	        strstr(owner->outcome.text, "\n10.0.0.2: yours is not taken: that of move/"));
	assert_non_null(
	        strstr(owner->outcome.text, " is later (02:00:00:00:00:22, dynamic, since "));
	assert_non_null(strstr(owner->outcome.text, "); to insist, fetch main, change it there"));
	output(owner, text, sizeof(text), "git -C \"$R\" log -1 --format=%%B%%P main");
	assert_memory_equal(text,
	                    "merge: operator set 10.0.0.1 to 02:00:00:00:00:aa\n\nTask: ", 56);
	assert_non_null(strstr(text, "\nSegment: lan\nBranch: merge/x\n"));
	assert_non_null(strstr(text, "\nChosen: 10.0.0.1 static beats dynamic (theirs)"));
	assert_non_null(strstr(text, "\nChosen: 10.0.0.2 later since (ours)"));
	assert_int_equal(shell(owner,
	                       "git -C \"$R\" merge-base --is-ancestor $(git -C w rev-parse "
	                       "HEAD) main && test $(git -C \"$R\" log -1 --format=%%P main | "
	                       "wc -w) = 2"),
	                 0);
	assert_table(owner);
	assert_whole(owner);
}

/* Pushes what `make` does to a clone, whose author is `by`, while main moves on; the merge. */
static char *merged(struct owner *owner, const char *name, const char *make, const char *by,
                    char text[4096])
{
	static unsigned next;
	char branch[64];

	snprintf(branch, sizeof(branch), "merge/%s", name);
	assert_int_equal(
	        shell(owner, WORK "%s git add -A && git commit -qm edit --author='%s'", make, by),
	        0);
	next++;
	change(owner, "learn", 100 + next, next);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, "cd w && git push -q origin HEAD:%s", branch), 0);
	owner->has_outcome = false;
	history_merge(owner->history, branch, 0, on_outcome, owner);
	assert_true(wait_outcome(owner));
	assert_true(settle(owner));
	return output(owner, text, 4096,
	              "git -C \"$R\" log -1 --format='%%s|%%an <%%ae>|%%cn|%%P' main");
}

static void a_merge_says_what_it_did_and_its_author_is_who_wrote_it(void **state)
{
	static const struct {
		const char *name, *make, *by, *said;
	} cases[] = {
	        {"set", STATIC("9", "99"), "Ann Bee <ann@example.net>",
	         "merge: operator set 10.0.0.9 to 02:00:00:00:00:99|Ann Bee <ann@example.net>|"},
	        {"two", STATIC("9", "98") STATIC("8", "88"), "bob <bob@example.net>",
	         "merge: operator 10.0.0.8 and 1 more|bob <bob@example.net>|"},
	        {"unset", "git rm -q " P "9 && ", "bob <bob@example.net>",
	         "merge: operator unset 10.0.0.9|bob <bob@example.net>|"},
	        {"plan", "echo x >plan.txt && ", "bob <bob@example.net>",
	         "merge: operator 1 other file|bob <bob@example.net>|"},
	        /* A cherry-pick of an agent's commit keeps its author. */
	        {"pick", STATIC("7", "77"), "arpkeeper <arpkeeper@other>",
	         "merge: operator set 10.0.0.7 to 02:00:00:00:00:77|p <p@x>|"},
	};
	struct owner *owner = *state;
	char text[4096];

	begin(owner);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		merged(owner, cases[i].name, cases[i].make, cases[i].by, text);
		if (strncmp(text, cases[i].said, strlen(cases[i].said)) != 0)
			fail_msg("%s: %s", cases[i].name, text);
		assert_non_null(strstr(text, "|arpkeeper|"));
	}
	assert_table(owner);
	assert_whole(owner);
}

static void a_merge_of_main_by_others_can_be_undone(void **state)
{
	struct owner *owner = *state;
	struct history_revert revert = {.name = "it", .author = "ada", .commits = 1};
	char text[4096], tip[64];
	const char *commit = tip;

	begin(owner);
	assert_int_equal(shell(owner, WORK "git reset -q --hard HEAD~1 && mkdir -p lan/10.0/10.0.0 "
	                                   "&& " STATIC("7", "77") COMMIT
	                       "git push -q -f origin HEAD:main"),
	                 0);
	assert_true(wait_table(owner, 7, 0x77));
	settle_doors(owner);
	output(owner, text, sizeof(text), "git -C \"$R\" log -1 --format='%%an|%%B' main");
	assert_memory_equal(text, "p|merge: operator set 10.0.0.7 to ", 34);
	assert_non_null(strstr(text, "\nBranch: main"));
	output(owner, tip, sizeof(tip), "git -C \"$R\" rev-parse main");
	revert.commit = &commit;
	owner->has_outcome = false;
	assert_int_equal(history_revert(owner->history, &revert, on_outcome, owner), 0);
	assert_true(wait_outcome(owner));
	assert_true(settle(owner));
	/* The table's side stays. */
	assert_true(has(owner, 1, 1) && has(owner, 2, 2) && has(owner, 7, 0));
	assert_table(owner);
}

static void an_invalid_merge_request_is_refused_as_a_whole(void **state)
{
	struct owner *owner = *state;
	char before[64], after[64];

	begin(owner);
	output(owner, before, sizeof(before), "git -C \"$R\" rev-parse main");
	assert_int_equal(shell(owner, WORK STATIC("9", "99") STATIC("8", "xx") COMMIT TO("bad")),
	                 0);
	history_merge(owner->history, "merge/bad", 0, on_outcome, owner);
	assert_true(wait_outcome(owner));
	assert_int_equal(owner->outcome.status, -EINVAL);
	assert_non_null(strstr(owner->outcome.text, P "8: line 1: "));
	for (int i = 0; i < 300; i++)
		turn(owner);
	assert_int_equal(owner->notices, 1); /* looked at once */
	assert_true(has(owner, 9, 0));
	assert_int_equal(shell(owner, "git -C \"$R\" rev-parse -q --verify merge/bad >/dev/null"),
	                 0);
	assert_string_equal(before,
	                    output(owner, after, sizeof(after), "git -C \"$R\" rev-parse main"));
	assert_int_equal(shell(owner, "cd w && " STATIC("8", "88") COMMIT TO("bad")), 0);
	assert_true(wait_table(owner, 8, 0x88));
	assert_true(wait_shell(owner, GONE("bad")));
	assert_table(owner);
	assert_whole(owner);
}

static void a_refusal_names_the_reason(void **state)
{
	static const struct {
		const char *make, *said;
	} cases[] = {
	        {"mkdir -p lan/10.9/10.9.0 && cp " P "1 lan/10.9/10.9.0/10.9.0.1",
	         "10.9.0.1 is in no prefix"},
	        {"mkdir -p wan/10.0/10.0.0 && cp " P "1 wan/10.0/10.0.0/10.0.0.1",
	         "no segment is called wan; there is only lan"},
	        {"cp " P "1 " P "0", "network or broadcast"},
	        {"chmod +x " P "1", "mode 100755"},
	        {"ln -sf 10.0.0.2 " P "1", "mode 120000"},
	        {"echo x > lan/readme", "lan/readme: path is neither"},
	        {"cp " P "1 lan/10.0/10.0.1.9", "path is neither"},
	        {"head -c 5000 /dev/zero > " P "1", "5000 bytes"},
	};
	struct owner *owner = *state;

	begin(owner);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(shell(owner,
		                       WORK "%s && " COMMIT "git push -q origin "
		                            "HEAD:merge/case%zu",
		                       cases[i].make, i),
		                 0);
		char branch[32];

		snprintf(branch, sizeof(branch), "merge/case%zu", i);
		owner->has_outcome = false;
		history_merge(owner->history, branch, 0, on_outcome, owner);
		assert_true(wait_outcome(owner));
		assert_int_equal(owner->outcome.status, -EINVAL);
		if (!strstr(owner->outcome.text, cases[i].said))
			fail_msg("%s: %s", cases[i].make, owner->outcome.text);
	}
	owner->has_outcome = false;
	history_merge(owner->history, "merge/none", 0, on_outcome, owner);
	assert_true(wait_outcome(owner));
	assert_int_equal(owner->outcome.status, -ENOENT);
	assert_table(owner);
}

static void invalid_files_in_main_are_repaired_on_top(void **state)
{
	struct owner *owner = *state;
	char text[4096];

	begin(owner);
	assert_int_equal(shell(owner,
	                       WORK STATIC("9", "99") "echo junk > " P "1 && echo x > lan/junk "
	                                              "&& " COMMIT TO_MAIN),
	                 0);
	assert_true(wait_table(owner, 9, 0x99));
	settle_doors(owner);
	assert_true(has(owner, 1, 1));
	output(owner, text, sizeof(text), "git -C \"$R\" log -1 --format=%%B main");
	assert_non_null(strstr(text, "repair: 2 files"));
	assert_non_null(strstr(text, P "1: line 1"));
	assert_int_equal(shell(owner, "git -C \"$R\" merge-base --is-ancestor $(git -C w rev-parse "
	                              "HEAD) main"),
	                 0);
	assert_int_equal(shell(owner, "test $(git -C \"$R\" rev-parse main) = $(git -C \"$R\" "
	                              "rev-parse refs/arpkeeper/applied)"),
	                 0);
	assert_table(owner);
	assert_whole(owner);
}

static void other_files_are_merged_and_those_of_main_stay(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(
	        shell(owner,
	              WORK "mkdir -p docs && echo a >docs/a && echo b >docs/b && " COMMIT TO_MAIN
	                   " && cd .. && cp -r w v && cd w && "
	                   "echo ours >docs/a && " COMMIT TO_MAIN),
	        0);
	history_merge(owner->history, NULL, 0, on_outcome, owner);
	assert_true(wait_outcome(owner));
	assert_int_equal(shell(owner, "cd v && echo theirs >docs/a && git rm -q docs/b && "
	                              "echo c >docs/c && " COMMIT TO("docs")),
	                 0);
	owner->has_outcome = false;
	history_merge(owner->history, "docs", 0, on_outcome, owner);
	assert_true(wait_outcome(owner));
	assert_int_equal(owner->outcome.status, -ENOENT);
	owner->has_outcome = false;
	history_merge(owner->history, "refs/heads/merge/docs", 0, on_outcome, owner);
	assert_true(wait_outcome(owner));
	assert_non_null(strstr(owner->outcome.text, "docs/a: both sides changed it"));
	assert_int_equal(shell(owner, "test \"$(git -C \"$R\" show main:docs/a)\" = ours && "
	                              "test \"$(git -C \"$R\" show main:docs/c)\" = c && "
	                              "! git -C \"$R\" show main:docs/b >/dev/null 2>&1"),
	                 0);
	assert_table(owner);
	assert_whole(owner);
}

static void pushes_are_merged_while_main_moves(void **state)
{
	struct owner *owner = *state;
	char finished[128], rest[128];
	unsigned next = 1000;

	/* A push to main itself must be faster than main moves: where it is not, on a slow machine,
	 * main rests after a few tries. No push outlives the test. */
	owner->interval_ms = 700;
	begin(owner);
	assert_int_equal(shell(owner, WORK "true"), 0);
	assert_int_equal(
	        shell(owner,
	              "(cd w; for i in 101 102 103 104 105 106 107 108 109 110; do "
	              "printf 'mac 02:00:00:00:00:aa\\nstate static\\nsince "
	              "2026-01-01T00:00:00Z\\n' "
	              "> " P "$i; git add -A; git commit -qm $i; "
	              "if [ $((i %% 3)) = 0 ]; then "
	              "n=0; "
	              "until git pull -q --no-rebase --no-edit && git push -q "
	              "origin HEAD:main; do kill -0 $PPID || exit; "
	              "n=$((n + 1)); [ $n -lt 5 ] || touch ../rest; "
	              "done; rm -f ../rest; else git push -q origin HEAD:merge/$i; fi; done; "
	              "touch ../finished) >push.out 2>&1 &"),
	        0);
	snprintf(finished, sizeof(finished), "%s/finished", owner->folder);
	snprintf(rest, sizeof(rest), "%s/rest", owner->folder);
	for (int i = 0; i < 8000 && access(finished, F_OK) != 0; i++)
		for (int j = 0; j < 30; j++) {
			unsigned host = 200 + (unsigned)rand() % 700;

			if (access(rest, F_OK) != 0)
				change(owner, owner->table[host] ? "move" : "learn", host, next++);
			turn(owner);
		}
	assert_int_equal(access(finished, F_OK), 0);
	for (unsigned host = 101; host <= 110; host++)
		assert_true(wait_table(owner, host, 0xaa));
	settle_doors(owner);
	print_message("%u changes meanwhile\n", next - 1000);
	assert_table(owner);
	assert_whole(owner);
	assert_int_equal(shell(owner, "test -z \"$(git -C \"$R\" for-each-ref refs/heads/merge)\""),
	                 0);
}

static void a_merge_includes_what_was_posted_before_the_answer(void **state)
{
	struct owner *owner = *state;
	uint64_t task;

	begin(owner);
	task = history_begin(owner->history, "resolve");
	assert_int_equal(shell(owner, WORK STATIC("50", "50") STATIC("51", "51") COMMIT TO_MAIN),
	                 0);
	task_change(owner, task, 50, 5);
	usleep(200000); /* it has seen main, and waits for us */
	change(owner, "learn", 51, 6);
	change(owner, "expire", 51, 0);
	change(owner, "learn", 51, 7);
	assert_true(wait_table(owner, 50, 0x50));
	task_change(owner, task, 50, 8);
	history_end(owner->history, task, on_done, owner);
	assert_true(wait_for(owner, &owner->done, 1));
	settle_doors(owner);
	assert_true(has(owner, 50, 8));
	assert_table(owner);
	assert_whole(owner);
}

static void a_push_while_the_agent_stops_is_left_to_the_next_start(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, WORK STATIC("1", "aa") STATIC("9", "99") COMMIT TO_MAIN), 0);
	change(owner, "move", 1, 0x11);
	change(owner, "learn", 3, 3);
	/* The owner's loop has stopped: nothing is proposed to it. */
	assert_int_equal(owner_close(owner, 5000), 0);
	assert_true(has(owner, 9, 0) && has(owner, 1, 0x11));
	assert_whole(owner);
	owner_open(owner);
	assert_true(has(owner, 9, 0x99) && has(owner, 1, 0xaa) && has(owner, 3, 3));
	settle_doors(owner);
	assert_table(owner);
	assert_whole(owner);
}

static void main_is_not_deleted_by_a_push(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_not_equal(shell(owner, WORK "git push -q origin :main 2>/dev/null"), 0);
	assert_int_equal(shell(owner, "git -C \"$R\" rev-parse -q --verify main >/dev/null"), 0);
}

static void packed_references_and_nested_names_are_seen(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, WORK STATIC("9", "99") COMMIT TO(
	                                      "a/b/c") " && git -C \"$R\" pack-refs --all"),
	                 0);
	assert_true(wait_table(owner, 9, 0x99));
	assert_true(wait_shell(owner, GONE("a/b/c")));
	assert_int_equal(shell(owner,
	                       "git -C \"$R\" pack-refs --all && cd w && " STATIC("8", "88")
	                               COMMIT TO_MAIN " || (git pull -q --no-edit --no-rebase "
	                                              "&& " TO_MAIN ")"),
	                 0);
	assert_true(wait_table(owner, 8, 0x88));
	settle_doors(owner);
	assert_table(owner);
	assert_whole(owner);
}

/* History has so much of an open task that it writes it out before it takes more, and the answer to
 * a push to main comes after that. */
static void a_large_task_does_not_hold_up_a_push_to_main(void **state)
{
	struct owner *owner = *state;
	uint64_t task;

	begin(owner);
	owner->slowly = true;
	assert_int_equal(shell(owner, WORK STATIC("9", "99") COMMIT TO_MAIN), 0);
	assert_true(wait_for(owner, &owner->answered, 1));
	owner->slowly = false;
	task = history_begin(owner->history, "import");
	for (unsigned i = 0; i < LARGE_TASK; i++)
		task_change(owner, task, 100 + i % 900, 1 + i);
	assert_int_equal(history_end(owner->history, task, on_done, owner), 0);
	owner_merge(owner, owner->held);
	history_proposal_done(owner->history, owner->held);
	assert_true(wait_for(owner, &owner->done, 1));
	assert_int_equal(owner->failed, 0);
	assert_true(has(owner, 9, 0x99));
	settle_doors(owner);
	assert_table(owner);
	assert_whole(owner);
}

/* Its files are as main was when it was made; main has moved on twice. */
static void a_commit_in_a_work_tree_undoes_nothing(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, "git -C \"$R\" worktree add -q \"$PWD/tree\" main"), 0);
	for (unsigned i = 3; i < 6; i++) {
		change(owner, "learn", i, i);
		assert_true(settle(owner));
	}
	change(owner, "move", 1, 0x11);
	change(owner, "expire", 2, 0);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, "cd tree && " STATIC("9", "99") "git add " P
	                                                              "9 && git commit -qm nine"),
	                 0);
	assert_true(wait_table(owner, 9, 0x99));
	settle_doors(owner);
	assert_true(has(owner, 1, 0x11) && has(owner, 2, 0) && has(owner, 5, 5));
	assert_non_null(strstr(owner->noticed, "has main checked out"));
	assert_table(owner);
	/* And again, from what its last commit left. */
	change(owner, "learn", 6, 6);
	assert_true(settle(owner));
	assert_int_equal(shell(owner,
	                       "cd tree && " STATIC("10", "aa") "git add " P
	                                                        "10 && git rm -qf --cached " P
	                                                        "1 && git commit -qm ten"),
	                 0);
	assert_true(wait_table(owner, 10, 0xaa));
	settle_doors(owner);
	assert_true(has(owner, 6, 6) && has(owner, 9, 0x99));
	assert_table(owner);
	assert_whole(owner);
}

/* One that has caught up edits its parent, as anywhere else. */
static void a_work_tree_that_follows_main_may_undo(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, "git -C \"$R\" worktree add -q \"$PWD/tree\" main"), 0);
	change(owner, "learn", 3, 3);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, "cd tree && git reset -q --hard && git revert --no-edit HEAD "
	                              ">/dev/null"),
	                 0);
	assert_true(wait_table(owner, 3, 0));
	settle_doors(owner);
	assert_table(owner);
	assert_whole(owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_commit_in_a_work_tree_undoes_nothing),
	        TEST(a_work_tree_that_follows_main_may_undo),
	        TEST(a_push_to_main_is_applied),
	        TEST(update_ref_is_noticed_at_once),
	        TEST(a_rewound_main_loses_nothing),
	        TEST(a_deleted_main_is_restored),
	        TEST(a_main_that_parted_is_merged),
	        TEST(an_unrelated_main_is_merged),
	        TEST(a_merge_request_is_merged_and_its_branch_removed),
	        TEST(since_follows_an_edit_that_left_it_as_it_was),
	        TEST(what_the_table_cannot_have_is_said_to_who_pushed),
	        TEST(what_main_has_already_is_said_to_who_pushed),
	        TEST(a_conflict_is_decided_by_the_rule),
	        TEST(a_merge_says_what_it_did_and_its_author_is_who_wrote_it),
	        TEST(a_merge_of_main_by_others_can_be_undone),
	        TEST(an_invalid_merge_request_is_refused_as_a_whole),
	        TEST(a_refusal_names_the_reason),
	        TEST(invalid_files_in_main_are_repaired_on_top),
	        TEST(other_files_are_merged_and_those_of_main_stay),
	        TEST(pushes_are_merged_while_main_moves),
	        TEST(a_push_while_the_agent_stops_is_left_to_the_next_start),
	        TEST(main_is_not_deleted_by_a_push),
	        TEST(packed_references_and_nested_names_are_seen),
	        TEST(a_merge_includes_what_was_posted_before_the_answer),
	        TEST(a_large_task_does_not_hold_up_a_push_to_main),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

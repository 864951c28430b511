// SPDX-License-Identifier: MIT
/* The commits of changes: order, batches, tasks, words. */
#include "owner.h"

static void stock_git_reads_a_new_repository(void **state)
{
	struct owner *owner = *state;

	owner_open(owner);
	assert_int_equal(shell(owner,
	                       "git -C \"$R\" show main:README.md | grep -q arpkeeper && "
	                       "test \"$(git -C \"$R\" symbolic-ref HEAD)\" = refs/heads/main "
	                       "&& test \"$(git -C \"$R\" config arpkeeper.format)\" = 1 && "
	                       "test \"$(git -C \"$R\" config arpkeeper-segment.lan.prefix)\" = "
	                       "10.0.0.0/22 && test -x \"$R\"/hooks/pre-receive"),
	                 0);
	assert_whole(owner);
}

static void a_change_is_a_task_of_its_own(void **state)
{
	struct owner *owner = *state;
	struct task_context context = {.segment = "lan", .interface = "eth0", .trigger = "request"};
	char text[4096];

	owner_open(owner);
	change_with(owner, "learn", 17, 0x0a, &context, on_done);
	assert_true(wait_for(owner, &owner->done, 1));
	assert_string_equal(output(owner, text, sizeof(text), "git -C \"$R\" rev-parse main"),
	                    owner->commit);
	output(owner, text, sizeof(text), "git -C \"$R\" log -1 --format=%%B main");
	assert_non_null(strstr(text, "learn: 10.0.0.17 is at 02:00:00:00:00:0a\n\nTask: learn/"));
	assert_non_null(strstr(text, "-000001\nSegment: lan\nInterface: eth0\nTrigger: request"));
	output(owner, text, sizeof(text),
	       "git -C \"$R\" for-each-ref --format='%%(objectname)' 'refs/heads/task/learn/*' "
	       "refs/arpkeeper/applied | sort -u");
	assert_string_equal(text, owner->commit);
	assert_table(owner);
	assert_whole(owner);
}

static void tasks_are_named_for_their_node(void **state)
{
	static const char *const nodes[] = {"left", "right", "left"};
	struct owner *owner = *state;
	char text[4096];

	for (unsigned i = 0; i < 3; i++) {
		owner->node = nodes[i];
		owner_open(owner);
		change(owner, "learn", i + 1, 1);
		assert_true(settle(owner));
		assert_int_equal(owner_close(owner, 5000), 0);
	}
	output(owner, text, sizeof(text),
	       "git -C \"$R\" for-each-ref --format='%%(refname)' refs/heads/task | "
	       "sed 's/.*[0-9]\\{8\\}-//' | sort -t- -k2");
	/* No number comes twice, whatever the node was called. */
	assert_string_equal(text, "left-000001\nright-000002\nleft-000003");
}

static void a_message_says_what_a_change_replaced(void **state)
{
	struct owner *owner = *state;
	char text[4096];

	owner_open(owner);
	change(owner, "learn", 1, 1);
	assert_true(settle(owner));
	change(owner, "move", 1, 2);
	assert_true(settle(owner));
	change(owner, "expire", 1, 0);
	assert_true(settle(owner));
	output(owner, text, sizeof(text), "git -C \"$R\" log -3 --reverse --format=%%s main");
	assert_string_equal(text, "learn: 10.0.0.1 is at 02:00:00:00:00:01\n"
	                          "move: 10.0.0.1 from 02:00:00:00:00:01 to 02:00:00:00:00:02\n"
	                          "expire: 10.0.0.1, last at 02:00:00:00:00:02");
	assert_table(owner);
}

static void an_operator_is_the_author_and_cannot_forge_a_trailer(void **state)
{
	struct owner *owner = *state;
	struct task_context context = {.segment = "lan",
	                               .author = "eve <x>\nTask: a",
	                               .message = "Task: learn/1\nSegment: other\n\nTask: b/2\n"};
	char text[4096];

	owner_open(owner);
	change_with(owner, "operator", 5, 7, &context, on_done);
	assert_true(wait_for(owner, &owner->done, 1));
	output(owner, text, sizeof(text),
	       "git -C \"$R\" log -1 "
	       "--format='%%(trailers:key=Task,valueonly)%%(trailers:key=Segment,"
	       "valueonly)' main");
	assert_non_null(strstr(text, "operator/"));
	assert_null(strstr(text, "other"));
	assert_null(strstr(text, "b/2"));
	output(owner, text, sizeof(text),
	       "git -C \"$R\" log -1 --format=%%B main | grep -c ^Task:");
	assert_string_equal(text, "1");
	output(owner, text, sizeof(text), "git -C \"$R\" log -1 --format=%%an main");
	assert_string_equal(text, "evexTaska");
	assert_whole(owner);
}

/* Of a program that asks the agent by itself. */
static void a_long_subject_goes_on_in_the_body(void **state)
{
	struct owner *owner = *state;
	struct task_context context = {
	        .segment = "lan",
	        .message =
	                "the uplink of rack 3 moves to the other switch because the first one \xc3"
	                "\xb6 is loud\nand more"};
	char text[4096];

	owner_open(owner);
	change_with(owner, "operator", 5, 7, &context, on_done);
	assert_true(wait_for(owner, &owner->done, 1));
	output(owner, text, sizeof(text), "git -C \"$R\" log -1 --format=%%s%%n%%n%%b main");
	assert_non_null(strstr(text,
	                       "the uplink of rack 3 moves to the other switch because the first "
	                       "one \xc3\xb6\n\nis loud\nand more\n\nTask: "));
}

static void the_description_says_what_it_is_and_a_persons_stays(void **state)
{
	struct owner *owner = *state;

	owner_open(owner);
	assert_int_equal(shell(owner, "echo \"ARP table of lan at $(hostname): arpkeeper, instance "
	                              "default\" | cmp - \"$R\"/description && "
	                              "echo mine >\"$R\"/description"),
	                 0);
	owner_close(owner, 1000);
	owner_open(owner);
	assert_int_equal(shell(owner, "echo mine | cmp - \"$R\"/description"), 0);
}

#define CONFIG "git -C \"$R\" config "
#define VERIFY "-c gpg.ssh.allowedSignersFile=\"$PWD\"/signers verify-commit "

static void commits_are_signed_if_the_configuration_says_so(void **state)
{
	struct owner *owner = *state;

	owner_open(owner);
	change(owner, "learn", 5, 5);
	assert_true(settle(owner));
	owner_close(owner, 1000);
	assert_int_equal(
	        shell(owner,
	              "ssh-keygen -q -t ed25519 -N '' -f \"$R\"/arpkeeper/signing-key && "
	              "echo \"* $(cat \"$R\"/arpkeeper/signing-key.pub)\" >signers && " CONFIG
	              "commit.gpgSign true && " CONFIG "gpg.format ssh && " CONFIG
	              "user.signingKey arpkeeper/signing-key"),
	        0);
	owner_open(owner);
	change(owner, "move", 5, 6);
	change(owner, "learn", 7, 7);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, "git -C \"$R\" " VERIFY "main main~1 2>said && "
	                              "! git -C \"$R\" " VERIFY "main~2 2>>said"),
	                 0);
	assert_table(owner);
	assert_whole(owner);
}

static void a_key_that_cannot_sign_is_named_at_the_start(void **state)
{
	static const struct {
		const char *settings, *words;
	} wrong[] = {
	        {CONFIG "commit.gpgSign true", "gpg.format is openpgp, git's default"},
	        {CONFIG "gpg.format ssh", "user.signingKey is not the file"},
	        {CONFIG "user.signingKey nowhere", "cannot be signed with"},
	        {"ssh-keygen -q -t ed25519 -N secret -f key && " CONFIG
	         "user.signingKey \"$PWD\"/key",
	         "without a passphrase"},
	};
	struct owner *owner = *state;

	owner_open(owner);
	owner_close(owner, 1000);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(shell(owner, "%s", wrong[i].settings), 0);
		assert_true(owner_try_open(owner) < 0);
		if (!strstr(owner->fault.text, wrong[i].words))
			fail_msg("%s", owner->fault.text);
		uv_run(&owner->loop, UV_RUN_DEFAULT);
	}
}

static void overlapping_tasks_make_real_merges(void **state)
{
	struct owner *owner = *state;
	char text[4096];
	uint64_t first, second;

	owner_open(owner);
	first = history_begin(owner->history, "resolve");
	second = history_begin(owner->history, "resolve");
	task_change(owner, first, 10, 1);
	change(owner, "learn", 11, 2);
	task_change(owner, second, 12, 3);
	assert_int_equal(history_end(owner->history, first, on_done, owner), 0);
	assert_int_equal(history_end(owner->history, second, on_done, owner), 0);
	assert_true(wait_for(owner, &owner->done, 2));
	assert_true(settle(owner));
	output(owner, text, sizeof(text), "git -C \"$R\" log --merges --format=%%s main");
	assert_non_null(strstr(text, "merge: resolve 10.0.0.12 is at 02:00:00:00:00:03"));
	output(owner, text, sizeof(text),
	       "git -C \"$R\" log --merges -1 --format=%%P main | wc -w");
	assert_string_equal(text, "2");
	assert_table(owner);
	assert_whole(owner);
}

static void a_task_without_changes_leaves_no_trace(void **state)
{
	struct owner *owner = *state;
	char text[64];
	uint64_t task;

	owner_open(owner);
	task = history_begin(owner->history, "resolve");
	assert_int_equal(history_end(owner->history, task, on_done, owner), 0);
	assert_true(wait_for(owner, &owner->done, 1));
	assert_string_equal(
	        output(owner, text, sizeof(text), "git -C \"$R\" rev-list --all --count"), "1");
}

/* As when the agent is ended in the middle of an import. */
static void what_an_open_task_has_is_recorded_at_the_end(void **state)
{
	struct owner *owner = *state;
	uint64_t task;

	owner_open(owner);
	task = history_begin(owner->history, "import");
	task_change(owner, task, 20, 1);
	task_change(owner, task, 21, 2);
	assert_int_equal(owner_close(owner, 3000), 0);
	assert_table(owner);
	assert_whole(owner);
}

static void a_task_whose_address_changed_meanwhile_starts_again(void **state)
{
	struct owner *owner = *state;
	uint64_t task;

	owner_open(owner);
	task = history_begin(owner->history, "resolve");
	change(owner, "learn", 20, 1);
	task_change(owner, task, 20, 2);
	change(owner, "move", 20, 3);
	task_change(owner, task, 20, 4);
	task_change(owner, task, 21, 5);
	task_change(owner, task, 20, 0);
	history_end(owner->history, task, on_done, owner);
	assert_true(wait_for(owner, &owner->done, 1));
	assert_true(settle(owner));
	assert_table(owner);
	assert_whole(owner);
	/* Every transition of the address, in order. */
	assert_int_equal(shell(owner,
	                       "git -C \"$R\" log --reverse --topo-order --format= -p main -- "
	                       "lan/10.0/10.0.0/10.0.0.20 | grep -E '^[+]mac|^-mac' | "
	                       "cut -c1,21-22 | paste -sd' ' >got; "
	                       "grep -qx '+01 -01 +02 -02 +03 -03 +04 -04' got || "
	                       "{ cat got; exit 1; }"),
	                 0);
}

static void ids_and_the_newest_branches_survive_a_restart(void **state)
{
	struct owner *owner = *state;
	char text[4096];

	owner_open(owner);
	for (unsigned i = 1; i <= 70; i++) {
		change(owner, "learn", i, i);
		assert_true(settle(owner));
	}
	output(owner, text, sizeof(text), "git -C \"$R\" for-each-ref refs/heads/task | wc -l");
	assert_string_equal(text, "64");
	assert_int_equal(owner_close(owner, 5000), 0);
	owner_open(owner);
	change(owner, "learn", 100, 100);
	assert_true(settle(owner));
	output(owner, text, sizeof(text), "git -C \"$R\" log -1 --format=%%B main");
	assert_non_null(strstr(text, "-000071\n"));
	assert_int_equal(owner_close(owner, 5000), 0);
	shell(owner,
	      "for b in $(git -C \"$R\" for-each-ref --format='%%(refname)' refs/heads/task); "
	      "do git -C \"$R\" update-ref -d $b; done");
	owner_open(owner);
	change(owner, "learn", 101, 101);
	assert_true(settle(owner));
	output(owner, text, sizeof(text), "git -C \"$R\" log -1 --format=%%B main");
	assert_non_null(strstr(text, "-000072\n"));
	assert_table(owner);
	assert_whole(owner);
}

/* Reads main's history back, oldest first, as the transitions of each address. */
static void assert_log(struct owner *owner, unsigned (*log)[2], size_t count)
{
	char *line = NULL;
	size_t room = 0;
	unsigned *at = calloc(ADDRESSES, sizeof(*at)), host = 0, seen = 0;
	char command[PATH_MAX];
	bool removed = false, added = false;
	unsigned mac = 0;
	FILE *stream;

	snprintf(command, sizeof(command),
	         "git -C '%s' log --reverse --first-parent --format=format:commit --no-renames -p "
	         "-U0 "
	         "main -- "
	         "lan; echo end",
	         owner->path);
	stream = popen(command, "r");
	assert_non_null(stream);
	while (getline(&line, &room, stream) > 0) {
		unsigned a, b, m[6];
		bool next = !strncmp(line, "diff", 4) || !strncmp(line, "end", 3);

		if (next && (removed || added)) {
			/* The next transition of this address in what was posted. */
			while (at[host] < count && log[at[host]][0] != host)
				at[host]++;
			assert_true(at[host] < count);
			assert_int_equal(log[at[host]][1], added ? mac : 0);
			at[host]++;
			seen++;
			removed = added = false;
		}
		if (sscanf(line, "diff --git a/lan/10.0/10.0.%u/10.0.%*u.%u", &a, &b) == 2)
			host = a * 256 + b;
		if (sscanf(line, "diff --git a/lan/2001-db8-0-7/%*2x/2001-db8-0-7--%x", &a) == 1 ||
		    sscanf(line, "diff --git a/lan/fe80/%*2x/fe80--50-ff-fe00-%x", &a) == 1)
			host = a;
		removed |= !strncmp(line, "-mac", 4);
		if (sscanf(line, "+mac %x:%x:%x:%x:%x:%x", &m[0], &m[1], &m[2], &m[3], &m[4],
		           &m[5]) == 6) {
			added = true;
			mac = m[2] << 24 | m[3] << 16 | m[4] << 8 | m[5];
		}
	}
	pclose(stream);
	assert_int_equal(seen, count);
	free(at);
	free(line);
}

static void batches_under_load_keep_every_transition(void **state)
{
	enum { CHANGES = 10000 };
	struct owner *owner = *state;
	unsigned(*log)[2] = calloc(CHANGES, sizeof(*log));
	struct history_status status;
	struct timespec start, end;
	char text[64];
	size_t count = 0;

	owner_open(owner);
	srand(1);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (unsigned i = 0; count < CHANGES; i++) {
		unsigned host = 1 + (unsigned)rand() % (ADDRESSES - 2);
		bool remove = owner->table[host] && rand() % 4 == 0;

		log[count][0] = host;
		log[count++][1] = remove ? 0 : i + 1;
		change(owner,
		       remove               ? "expire"
		       : owner->table[host] ? "move"
		                            : "learn",
		       host, remove ? 0 : i + 1);
		if (i % 100 == 0)
			turn(owner);
	}
	assert_true(settle(owner));
	clock_gettime(CLOCK_MONOTONIC, &end);
	history_status(owner->history, &status);
	print_message(
	        "%d changes in %llu commits, %.1f s\n", CHANGES, (unsigned long long)status.commits,
	        (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
	assert_true(status.commits < CHANGES);
	assert_log(owner, log, CHANGES);
	assert_table(owner);
	assert_whole(owner);
	assert_as_git_makes_it(owner);
	output(owner, text, sizeof(text), "git -C \"$R\" for-each-ref refs/heads/task | wc -l");
	assert_string_equal(text, "64");
	output(owner, text, sizeof(text), "ls \"$R\"/objects/pack | grep -c keep");
	assert_string_equal(text, "0");
	free(log);
}

static void tasks_that_overlap_at_random_end_in_the_table(void **state)
{
	enum { TASKS = 8, STEPS = 4000 };
	struct owner *owner = *state;
	uint64_t task[TASKS] = {0};
	size_t count = 0;
	char text[64];

	owner_open(owner);
	srand(7);
	for (unsigned i = 1; i <= STEPS; i++) {
		/* Few addresses, so that they meet. */
		unsigned host = 1 + (unsigned)rand() % 40, which = (unsigned)rand() % TASKS;
		unsigned mac = owner->table[host] && rand() % 3 == 0 ? 0 : i;

		if (!owner->table[host] && mac == 0)
			continue;
		if (rand() % 2) {
			count++;
			change(owner, "learn", host, mac);
		} else if (!task[which]) {
			task[which] = history_begin(owner->history, "resolve");
		} else if (rand() % 3 == 0) {
			history_end(owner->history, task[which], NULL, NULL);
			task[which] = 0;
		} else {
			count++;
			task_change(owner, task[which], host, mac);
		}
		if (i % 20 == 0)
			turn(owner);
	}
	for (unsigned i = 0; i < TASKS; i++)
		if (task[i])
			history_end(owner->history, task[i], NULL, NULL);
	assert_true(settle(owner));
	output(owner, text, sizeof(text), "git -C \"$R\" rev-list --merges --count main");
	print_message("%zu changes, %s merges\n", count, text);
	assert_true(atoi(text) > 10);
	assert_table(owner);
	assert_whole(owner);
	assert_as_git_makes_it(owner);
}

static void closing_writes_out_what_is_queued(void **state)
{
	struct owner *owner = *state;

	owner_open(owner);
	owner->interval_ms = 10000;
	for (unsigned i = 1; i < 500; i++)
		change(owner, "learn", i, i);
	assert_int_equal(owner_close(owner, 10000), 0);
	assert_table(owner);
	assert_whole(owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(stock_git_reads_a_new_repository),
	        TEST(a_change_is_a_task_of_its_own),
	        TEST(tasks_are_named_for_their_node),
	        TEST(a_message_says_what_a_change_replaced),
	        TEST(a_long_subject_goes_on_in_the_body),
	        TEST(commits_are_signed_if_the_configuration_says_so),
	        TEST(a_key_that_cannot_sign_is_named_at_the_start),
	        TEST(the_description_says_what_it_is_and_a_persons_stays),
	        TEST(an_operator_is_the_author_and_cannot_forge_a_trailer),
	        MIXED_TEST(overlapping_tasks_make_real_merges),
	        TEST(a_task_without_changes_leaves_no_trace),
	        MIXED_TEST(what_an_open_task_has_is_recorded_at_the_end),
	        MIXED_TEST(a_task_whose_address_changed_meanwhile_starts_again),
	        MIXED_TEST(ids_and_the_newest_branches_survive_a_restart),
	        MIXED_TEST(batches_under_load_keep_every_transition),
	        MIXED_TEST(tasks_that_overlap_at_random_end_in_the_table),
	        MIXED_TEST(closing_writes_out_what_is_queued),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

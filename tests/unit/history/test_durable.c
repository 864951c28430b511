// SPDX-License-Identifier: MIT
/* Kills, full disks, left locks, restarts, repositories that are not ours. */
#include "owner.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define KILLS 20

/* The map: it survives the agent. */
struct map {
	unsigned mac[ADDRESSES];
	unsigned acknowledged[ADDRESSES]; /* durable, as history said */
	volatile bool open;               /* the repository is there */
};

static struct map *shared;

struct acknowledgement {
	unsigned host, mac;
};

static void on_acknowledged(void *argument, int status, const char *commit)
{
	struct acknowledgement *one = argument;

	(void)commit;
	if (!status)
		shared->acknowledged[one->host] = one->mac;
	free(one);
}

static void __attribute__((noreturn)) record_until_killed(struct owner *owner, unsigned seed)
{
	struct task_context context = {.segment = "lan", .trigger = "request"};

	srand(seed);
	owner_open(owner);
	shared->open = true;
	for (unsigned i = 1;; i++) {
		unsigned host = 1 + (unsigned)rand() % (ADDRESSES - 2), mac = seed * 1000000 + i;
		struct acknowledgement *one = malloc(sizeof(*one));

		*one = (struct acknowledgement){host, mac};
		shared->mac[host] = mac;
		history_record(owner->history, "learn", &context, 0, place(host),
		               make_entry(mac, ENTRY_DYNAMIC, SINCE + (int)i), on_acknowledged,
		               one);
		uv_run(&owner->loop, UV_RUN_NOWAIT);
		/* More would not be more moments to be killed at, only more for git fsck. */
		if (i % 2 == 0)
			usleep((useconds_t)(rand() % 3000));
	}
}

/* Whether main's file of an address says this MAC, or one of a later change. */
static void assert_acknowledged(struct owner *owner)
{
	struct history_proposal *proposal;
	unsigned lost = 0, found = 0;
	uint64_t about;

	if (owner_try_open(owner))
		fail_msg("%s", owner->fault.text);
	assert_int_equal(history_load(owner->history, &about, &owner->fault), 0);
	assert_true(history_load_next(owner->history, &proposal, &owner->fault) >= 0);
	for (size_t i = 0; proposal && i < proposal->items; i++) {
		const struct history_item *item = &proposal->item[i];
		unsigned host = host_at(item->address);
		const uint8_t *octet = item->theirs->mac.octet;
		unsigned mac = (unsigned)octet[2] << 24 | (unsigned)octet[3] << 16 |
		               (unsigned)octet[4] << 8 | octet[5];

		/* An acknowledged change is in main, or a later one is. */
		lost += mac < shared->acknowledged[host];
		found += shared->acknowledged[host] != 0;
		entry_free(owner->table[host]);
		owner->table[host] = make_entry(shared->mac[host], ENTRY_DYNAMIC, SINCE);
	}
	for (unsigned host = 0; host < ADDRESSES; host++)
		found -= shared->acknowledged[host] != 0;
	assert_int_equal(lost, 0);
	assert_int_equal(found, 0);
	/* The map is the truth: the next commit has its content. */
	for (size_t i = 0; proposal && i < proposal->items; i++) {
		struct history_item *item = &proposal->item[i];

		item->result = entry_copy(owner->table[host_at(item->address)]);
		item->choice = MERGE_TRIVIAL;
	}
	assert_int_equal(history_load_next(owner->history, &proposal, &owner->fault), 0);
	assert_int_equal(history_loaded(owner->history, &owner->fault), 0);
	assert_true(settle(owner));
}

static void a_kill_at_any_moment_leaves_a_whole_repository(void **state)
{
	struct owner *owner = *state;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	              0);
	assert_true(shared != MAP_FAILED);
	for (unsigned i = 1; i <= KILLS; i++) {
		pid_t child;

		shared->open = false;
		child = fork();
		assert_true(child >= 0);
		if (child == 0)
			record_until_killed(owner, i);
		/* tests/soak/kill.py kills earlier, too. */
		for (int waited = 0; waited < 10000 && !shared->open; waited++)
			usleep(1000);
		assert_true(shared->open);
		usleep(100000 + (useconds_t)(rand() % 400000));
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
		assert_whole(owner);
		/* Applied is written first. */
		assert_int_equal(shell(owner, "git -C \"$R\" merge-base --is-ancestor "
		                              "refs/arpkeeper/applied main || "
		                              "git -C \"$R\" merge-base --is-ancestor main "
		                              "refs/arpkeeper/applied"),
		                 0);
		assert_acknowledged(owner);
		assert_int_equal(owner_close(owner, 10000), 0);
		assert_table(owner);
		assert_whole(owner);
	}
	munmap(shared, sizeof(*shared));
}

static void a_full_disk_loses_nothing(void **state)
{
	struct owner *owner = *state;
	struct history_status status;
	unsigned mac = 1;
	bool trouble = false;
	char file[256];
	int descriptor;

	if (mount("tmpfs", owner->folder, "tmpfs", 0, "size=6m") < 0)
		skip();
	owner_open(owner);
	change(owner, "learn", 1, mac++);
	assert_true(settle(owner));
	snprintf(file, sizeof(file), "%s/filler", owner->folder);
	descriptor = open(file, O_WRONLY | O_CREAT, 0600);
	while (write(descriptor, file, sizeof(file)) > 0)
		;
	close(descriptor);
	for (int i = 0; i < 3000 && !trouble; i++) {
		change(owner, "learn", 2 + (unsigned)i % 900, mac++);
		turn(owner);
		history_status(owner->history, &status);
		trouble = status.trouble[0] != '\0';
	}
	assert_true(trouble);
	print_message("trouble: %s\n", status.trouble);
	assert_true(status.queued > 0);
	change_with(owner, "operator", 999, mac++, NULL, on_done);
	for (int i = 0; i < 300; i++)
		turn(owner);
	assert_int_equal(owner->done, 0);
	assert_int_equal(unlink(file), 0);
	assert_true(wait_for(owner, &owner->done, 1));
	assert_true(settle(owner));
	history_status(owner->history, &status);
	assert_string_equal(status.trouble, "");
	assert_int_equal(owner->failed, 0);
	assert_table(owner);
	assert_whole(owner);
	assert_int_equal(owner_close(owner, 5000), 0);
}

/* history.h's caller bounds what waits (ledger/posts.h); here every change waits for the disk. */
static void as_many_as_wait_for_a_full_disk_are_recorded(void **state)
{
	struct owner *owner = *state;
	struct history_status status;
	unsigned mac = 1;
	char file[256];
	int descriptor;

	if (mount("tmpfs", owner->folder, "tmpfs", 0, "size=64m") < 0)
		skip();
	owner_open(owner);
	snprintf(file, sizeof(file), "%s/filler", owner->folder);
	descriptor = open(file, O_WRONLY | O_CREAT, 0600);
	while (write(descriptor, file, sizeof(file)) > 0)
		;
	close(descriptor);
	change_with(owner, "operator", 999, mac++, NULL, on_done);
	for (int i = 0; i < 20000; i++) {
		change(owner, "learn", 2 + (unsigned)i % 500, mac++);
		if (i % 100 == 0)
			turn(owner);
	}
	history_status(owner->history, &status);
	assert_true(status.queued >= 20000);
	change_with(owner, "operator", 999, mac++, NULL, on_done);
	change(owner, "operator", 999, mac++);
	assert_int_equal(owner->done, 0);
	assert_int_equal(unlink(file), 0);
	assert_true(wait_for(owner, &owner->done, 2));
	assert_true(settle(owner));
	history_status(owner->history, &status);
	assert_string_equal(status.trouble, "");
	assert_int_equal(status.queued, 0);
	assert_int_equal(owner->failed, 0);
	assert_table(owner);
	assert_whole(owner);
	assert_int_equal(owner_close(owner, 5000), 0);
}

static void a_lock_left_behind_is_named_and_not_removed(void **state)
{
	struct owner *owner = *state;
	struct history_status status;
	bool named = false;

	owner_open(owner);
	change(owner, "learn", 1, 1);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, "touch -d '1 minute ago' \"$R\"/refs/heads/main.lock"), 0);
	change_with(owner, "operator", 2, 2, NULL, on_done);
	for (int i = 0; i < 5000 && !named; i++) {
		turn(owner);
		history_status(owner->history, &status);
		named = strstr(status.trouble, "main.lock has been there for") != NULL;
	}
	assert_true(named);
	assert_int_equal(owner->done, 0);
	assert_int_equal(shell(owner, "rm \"$R\"/refs/heads/main.lock"), 0);
	assert_true(wait_for(owner, &owner->done, 1));
	assert_true(settle(owner));
	assert_table(owner);
}

static void closing_in_trouble_says_that_changes_are_left(void **state)
{
	struct owner *owner = *state;

	owner_open(owner);
	change(owner, "learn", 1, 1);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, "touch \"$R\"/refs/heads/main.lock"), 0);
	change_with(owner, "operator", 2, 2, NULL, on_done);
	usleep(50000);
	assert_int_equal(owner_close(owner, 300), -ETIMEDOUT);
	assert_int_equal(owner->done, 1);
	assert_int_equal(owner->failed, 1);
	assert_int_equal(shell(owner, "rm \"$R\"/refs/heads/main.lock"), 0);
	/* The map has it. */
	owner_open(owner);
	assert_true(settle(owner));
	assert_whole(owner);
}

static void changes_made_while_no_agent_ran_are_merged(void **state)
{
	static const char *const moves[] = {
	        /* back; gone; parted; on, with something invalid */
	        "git -C \"$R\" update-ref refs/heads/main main~1",
	        "git -C \"$R\" update-ref -d refs/heads/main",
	        "rm -rf w && git clone -q \"$R\" w && cd w && git reset -q --hard HEAD~1 && "
	        "mkdir -p lan/10.0/10.0.0 && printf 'mac 02:00:00:00:00:77\\nstate static\\n"
	        "since 2026-01-01T00:00:00Z\\n' >lan/10.0/10.0.0/10.0.0.77 && git add -A && "
	        "git commit -qm parted && git push -qf origin HEAD:main",
	        "rm -rf w && git clone -q \"$R\" w && cd w && echo junk >lan/10.0/10.0.0/10.0.0.1 "
	        "&& "
	        "printf 'mac 02:00:00:00:00:78\\nstate static\\nsince 2026-01-01T00:00:00Z\\n' "
	        ">lan/10.0/10.0.0/10.0.0.78 && git add -A && git commit -qm on && "
	        "git push -q origin HEAD:main",
	};
	struct owner *owner = *state;

	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		owner_open(owner);
		change(owner, "learn", 1, 1 + (unsigned)i);
		assert_true(settle(owner));
		change(owner, "learn", 2, 1 + (unsigned)i);
		assert_true(settle(owner));
		assert_int_equal(owner_close(owner, 5000), 0);
		assert_int_equal(shell(owner, "%s", moves[i]), 0);
		owner_open(owner);
		change(owner, "learn", 3, 1 + (unsigned)i);
		assert_true(settle(owner));
		assert_non_null(owner->table[1]);
		assert_non_null(owner->table[2]);
		assert_table(owner);
		assert_whole(owner);
		assert_int_equal(owner_close(owner, 5000), 0);
	}
	assert_non_null(owner->table[77]);
	assert_non_null(owner->table[78]);
}

static void differences_of_the_map_are_recorded_as_recover(void **state)
{
	struct owner *owner = *state;
	char text[4096];

	owner_open(owner);
	change(owner, "learn", 1, 1);
	assert_true(settle(owner));
	assert_int_equal(owner_close(owner, 5000), 0);
	/* Later than what history knows. */
	entry_free(owner->table[1]);
	owner->table[1] = make_entry(9, ENTRY_DYNAMIC, SINCE + 1000);
	owner_open(owner);
	assert_true(settle(owner));
	output(owner, text, sizeof(text), "git -C \"$R\" log -1 --format=%%B main");
	assert_non_null(
	        strstr(text, "recover: 10.0.0.1 from 02:00:00:00:00:01 to 02:00:00:00:00:09"));
	assert_non_null(strstr(text, "Task: recover/"));
	assert_table(owner);
}

static void an_empty_table_gets_what_main_says(void **state)
{
	struct owner *owner = *state;

	owner_open(owner);
	for (unsigned i = 1; i < 300; i++)
		change(owner, "learn", i, i);
	assert_true(settle(owner));
	assert_int_equal(owner_close(owner, 5000), 0);
	/* As after a reboot. The caller decides what an empty map means; here the map equals the
	 * base.
	 */
	struct history_proposal *proposal;
	uint64_t about;

	owner_forget_table(owner);
	assert_int_equal(owner_try_open(owner), 0);
	assert_int_equal(history_load(owner->history, &about, &owner->fault), 0);
	assert_true(about > 280 && about < 320);
	assert_int_equal(history_load_next(owner->history, &proposal, &owner->fault), 1);
	assert_int_equal(proposal->items, 299);
	for (size_t i = 0; i < proposal->items; i++) {
		struct history_item *item = &proposal->item[i];

		assert_true(entry_equal(item->base, item->theirs));
		item->result = entry_copy(item->theirs);
		owner->table[host_at(item->address)] = entry_copy(item->theirs);
	}
	assert_int_equal(history_load_next(owner->history, &proposal, &owner->fault), 0);
	assert_int_equal(history_loaded(owner->history, &owner->fault), 0);
	assert_true(settle(owner));
	assert_table(owner);
	assert_int_equal(shell(owner, "! git -C \"$R\" log --format=%%s main | grep -q recover"),
	                 0);
}

static void a_foreign_repository_is_refused_untouched(void **state)
{
	static const struct {
		const char *make, *said;
	} cases[] = {
	        {"rm -rf \"$R\"; mkdir \"$R\"; echo mine >\"$R\"/file", "not a git repository"},
	        {"rm -rf \"$R\"; git init -q \"$R\"", "not a bare repository"},
	        {"rm -rf \"$R\" s; git init -q s; cd s; git commit -q --allow-empty -m x; "
	         "git clone -q --bare . \"$R\"",
	         "holds something else"},
	        {"rm -rf \"$R\"; git init -q --bare \"$R\"; git -C \"$R\" config arpkeeper.format "
	         "2",
	         "its format is 2"},
	        {"rm -rf \"$R\"; echo x >\"$R\"", "Not a directory"},
	};
	struct owner *owner = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char before[64], after[64];

		assert_int_equal(shell(owner, "{ %s; } >/dev/null 2>&1", cases[i].make), 0);
		output(owner, before, sizeof(before), "find $R -ls | md5sum");
		assert_true(owner_try_open(owner) < 0);
		uv_run(&owner->loop, UV_RUN_DEFAULT);
		if (!strstr(owner->fault.text, cases[i].said) ||
		    !strstr(owner->fault.text, owner->path))
			fail_msg("%s: %s", cases[i].make, owner->fault.text);
		output(owner, after, sizeof(after), "find $R -ls | md5sum");
		assert_string_equal(before, after);
	}
}

static void an_empty_repository_is_adopted(void **state)
{
	struct owner *owner = *state;

	assert_int_equal(shell(owner, "mkdir \"$R\""), 0);
	owner_open(owner);
	change(owner, "learn", 1, 1);
	assert_true(settle(owner));
	assert_int_equal(owner_close(owner, 5000), 0);
	/* A mirror. */
	assert_int_equal(
	        shell(owner, "git clone -q --mirror \"$R\" m && rm -rf \"$R\" && mv m \"$R\""), 0);
	owner_open(owner);
	change(owner, "learn", 2, 2);
	assert_true(settle(owner));
	assert_table(owner);
	assert_int_equal(owner_close(owner, 5000), 0);
	/* An empty one, by stock git, with another initial branch. */
	assert_int_equal(shell(owner, "rm -rf \"$R\"; git init -q --bare -b trunk \"$R\""), 0);
	owner_forget_table(owner);
	owner_open(owner);
	change(owner, "learn", 3, 3);
	assert_true(settle(owner));
	assert_table(owner);
	assert_whole(owner);
}

static void a_second_agent_is_refused(void **state)
{
	struct owner *owner = *state, *other = owner_new();
	char pid[32];

	owner_open(owner);
	strcpy(other->path, owner->path);
	assert_int_equal(owner_try_open(other), -EBUSY);
	snprintf(pid, sizeof(pid), "pid %ld", (long)getpid());
	assert_non_null(strstr(other->fault.text, pid));
	uv_run(&other->loop, UV_RUN_DEFAULT);
	owner_free(other);
	change(owner, "learn", 1, 1);
	assert_true(settle(owner));
}

static void a_foreign_hook_stays(void **state)
{
	struct owner *owner = *state;

	log_set_level(LOG_LEVEL_ERROR);
	owner_open(owner);
	assert_int_equal(owner_close(owner, 5000), 0);
	assert_int_equal(shell(owner, "echo '#!/bin/sh\nexec arpkeeper hook pre-receive' "
	                              ">\"$R\"/hooks/pre-receive"),
	                 0);
	owner->program = "/opt/it's mine/arpkeeper";
	owner_open(owner);
	assert_int_equal(
	        shell(owner, "grep -q 'exec arpkeeper' \"$R\"/hooks/pre-receive && grep -qF \"exec "
	                     "'/opt/it'\\\\''s mine/arpkeeper' hook post-receive\" "
	                     "\"$R\"/hooks/post-receive"),
	        0);
}

/* Only a path that a script's first line cannot name needs a shell. */
static void hooks_start_without_a_shell(void **state)
{
	struct owner *owner = *state;

	log_set_level(LOG_LEVEL_ERROR);
	owner->program = "/bin/echo";
	owner_open(owner);
	assert_int_equal(shell(owner, "test \"$(cd \"$R\" && hooks/post-receive)\" = "
	                              "'hook hooks/post-receive'"),
	                 0);
}

static void another_group_may_push(void **state)
{
	struct owner *owner = *state;
	mode_t before = umask(022);

	if (geteuid() != 0)
		skip();
	/* As README.md says. */
	owner_open(owner);
	change(owner, "learn", 1, 1);
	assert_true(settle(owner));
	assert_int_equal(owner_close(owner, WAIT_MS), 0);
	assert_int_equal(shell(owner,
	                       "chmod 755 . && cd \"$R\" && chgrp -R nogroup objects refs && "
	                       "find objects refs -type d -exec chmod g+ws {} + && "
	                       "chmod +t objects refs && "
	                       "chmod -R g-ws objects/info refs/arpkeeper"),
	                 0);
	owner_open(owner);
	for (unsigned i = 2; i < 100; i++)
		change(owner, "learn", i, i);
	assert_true(settle(owner));
	umask(022);
	assert_int_equal(
	        shell(owner,
	              "setpriv --reuid nobody --regid nogroup "
	              "--clear-groups "
	              "sh -c 'mkdir /tmp/akhistory-push-$$ && cd /tmp/akhistory-push-$$ && "
	              "export GIT_CONFIG_GLOBAL=$PWD/c && git config --global safe.directory "
	              "\"*\" && git clone -q \"$R\" w && cd w && rm "
	              "lan/10.0/10.0.0/10.0.0.7 && git commit -qam gone && git push -q origin "
	              "HEAD:merge/gone; s=$?; rm -rf /tmp/akhistory-push-$$; exit $s'"),
	        0);
	for (int i = 0; i < WAIT_MS && owner->table[7]; i++)
		turn(owner);
	assert_null(owner->table[7]);
	assert_true(settle(owner));
	umask(before);
}

static void git_gc_beside_us_breaks_nothing(void **state)
{
	struct owner *owner = *state;
	unsigned mac = 1;

	owner_open(owner);
	assert_int_equal(shell(owner,
	                       "(while [ ! -e stop ] && kill -0 $PPID; do git -C \"$R\" gc -q; "
	                       "done; touch stopped) >gc.out 2>&1 &"),
	                 0);
	for (int i = 0; i < 4000; i++) {
		unsigned host = 1 + (unsigned)rand() % 900;

		change(owner, "learn", host, mac++);
		turn(owner);
	}
	shell(owner, "touch stop; until [ -e stopped ]; do sleep 0.1; done");
	assert_true(settle(owner));
	assert_table(owner);
	assert_whole(owner);
}

static int tear_down_mount(void **state)
{
	struct owner *owner = *state;

	if (owner->history)
		owner_close(owner, 1000);
	umount2(owner->folder, MNT_DETACH);
	return tear_down(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        MIXED_TEST(a_kill_at_any_moment_leaves_a_whole_repository),
	        cmocka_unit_test_setup_teardown(a_full_disk_loses_nothing, set_up, tear_down_mount),
	        cmocka_unit_test_setup_teardown(as_many_as_wait_for_a_full_disk_are_recorded,
	                                        set_up, tear_down_mount),
	        TEST(a_lock_left_behind_is_named_and_not_removed),
	        TEST(closing_in_trouble_says_that_changes_are_left),
	        TEST(changes_made_while_no_agent_ran_are_merged),
	        TEST(differences_of_the_map_are_recorded_as_recover),
	        TEST(an_empty_table_gets_what_main_says),
	        TEST(a_foreign_repository_is_refused_untouched),
	        TEST(an_empty_repository_is_adopted),
	        TEST(a_second_agent_is_refused),
	        TEST(a_foreign_hook_stays),
	        TEST(hooks_start_without_a_shell),
	        TEST(another_group_may_push),
	        TEST(git_gc_beside_us_breaks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/*
 * Exchanges with a hub that is gone, hangs, is full, or lies. Whatever it does, other branches go
 * on, the repository is whole, and nothing is left beside it. Lies are told by stock git, whose
 * objects are changed behind its back, or by a script in place of upload-pack's answer.
 */
#include "hub.h"

#include <dirent.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <time.h>

static void a_rewound_branch_is_left_out_and_the_rest_goes_on(void **state)
{
	struct hub *hub = *state;
	char before[64], after[64], more[256];

	does(hub, "grow hub.git lan/a one && grow hub.git lan/a two && grow hub.git lan/b one");
	exchange_well(hub, FETCH_ALL);
	output(hub, before, sizeof(before), "git -C $R rev-parse refs/fleet/from/hub/lan/a");
	/* Backwards; and another history of the same length. */
	does(hub, "git -C hub.git update-ref refs/heads/node/lan/a "
	          "$(git -C hub.git rev-parse refs/heads/node/lan/a^) && grow hub.git lan/a other "
	          "&& grow hub.git lan/b two && grow hub.git lan/c one");
	exchange_well(hub, FETCH_ALL);
	assert_int_equal(hub->report.fetched, 2);
	assert_int_equal(hub->report.refusals, 1);
	assert_string_equal(hub->report.refused[0].name, "lan/a");
	assert_int_equal(hub->report.refused[0].why, SYNC_REWOUND);
	output(hub, after, sizeof(after), "git -C $R rev-parse refs/fleet/from/hub/lan/a");
	assert_string_equal(before, after);
	assert_fetched(hub, "lan/b");
	assert_fetched(hub, "lan/c");
	/* Who remembers the tip need not fetch it again. */
	snprintf(more, sizeof(more), FETCH_ALL ",\"skip\":{\"lan/a\":\"%s\"}",
	         hub->report.refused[0].id);
	exchange_well(hub, more);
	assert_int_equal(hub->report.changed, 0);
	assert_int_equal(hub->report.refusals, 0);
}

static void a_branch_that_only_went_backwards_is_left_out(void **state)
{
	struct hub *hub = *state;

	does(hub, "grow hub.git lan/a one && grow hub.git lan/a two");
	exchange_well(hub, FETCH_ALL);
	does(hub, "git -C hub.git update-ref refs/heads/node/lan/a "
	          "$(git -C hub.git rev-parse refs/heads/node/lan/a^)");
	exchange_well(hub, FETCH_ALL);
	assert_int_equal(hub->report.refusals, 1);
	assert_int_equal(hub->report.refused[0].why, SYNC_REWOUND);
}

/* Of `bad`, a tree that git would not make, in Python; thirty branches more, so that batches are
 * halved. */
static void refuses_tree(struct hub *hub, const char *bad)
{
	does(hub, "grow hub.git lan/a one");
	exchange_well(hub, FETCH_ALL);
	does(hub,
	     "for i in $(seq 30); do grow hub.git lan/n$i $i; done; "
	     "blob=$(echo x | git -C hub.git hash-object -w --stdin) && tree=$(python3 -c 'import "
	     "sys; id = bytes.fromhex(sys.argv[1]); sys.stdout.buffer.write(%s)' $blob | git -C "
	     "hub.git hash-object -w -t tree --literally --stdin) && git -C hub.git update-ref "
	     "refs/heads/node/lan/n15 $(git -C hub.git commit-tree -m bad -p $(tip hub.git "
	     "heads/node/lan/n15) $tree)",
	     bad);
	exchange_well(hub, FETCH_ALL);
	assert_int_equal(hub->report.fetched, 29);
	assert_int_equal(hub->report.refusals, 1);
	assert_string_equal(hub->report.refused[0].name, "lan/n15");
	assert_int_equal(hub->report.refused[0].why, SYNC_INVALID);
	does(hub, "! tip \"$R\" fleet/from/hub/lan/n15");
	assert_fetched(hub, "lan/n14");
	assert_fetched(hub, "lan/n30");
}

static void a_tree_with_a_bad_name_is_refused_and_the_rest_goes_on(void **state)
{
	refuses_tree(*state, "b\"100644 ..\\0\" + id");
}

static void a_tree_with_duplicates_is_refused_and_the_rest_goes_on(void **state)
{
	refuses_tree(*state, "(b\"100644 f\\0\" + id) * 2");
}

static void a_tip_whose_objects_are_missing_is_refused(void **state)
{
	struct hub *hub = *state;

	does(hub, "grow hub.git lan/a one && grow hub.git lan/b one && "
	          "blob=$(git -C hub.git rev-parse refs/heads/node/lan/a:f) && "
	          "rm -f hub.git/objects/$(echo $blob | cut -c1-2)/$(echo $blob | cut -c3-)");
	/* Both have the same blob: only a third one is whole. */
	does(hub, "grow hub.git lan/c three");
	exchange_well(hub, FETCH_ALL);
	assert_int_equal(hub->report.fetched, 1);
	assert_fetched(hub, "lan/c");
	assert_int_equal(hub->report.refusals, 2);
	assert_int_equal(hub->report.refused[0].why, SYNC_INVALID);
}

static void a_tip_that_is_not_a_commit_is_refused(void **state)
{
	struct hub *hub = *state;

	does(hub, "grow hub.git lan/a one && blob=$(git -C hub.git rev-parse "
	          "refs/heads/node/lan/a:f) && mkdir -p hub.git/refs/heads/node/lan && echo $blob "
	          ">hub.git/refs/heads/node/lan/blob && git -C hub.git tag -a -m t t "
	          "refs/heads/node/lan/a && git -C hub.git rev-parse refs/tags/t "
	          ">hub.git/refs/heads/node/lan/tag");
	exchange_well(hub, FETCH_ALL);
	assert_int_equal(hub->report.fetched, 1);
	assert_fetched(hub, "lan/a");
	assert_int_equal(hub->report.refusals, 2);
	assert_int_equal(hub->report.refused[0].why, SYNC_INVALID);
	does(hub, "! tip \"$R\" fleet/from/hub/lan/blob && ! tip \"$R\" fleet/from/hub/lan/tag");
}

static void a_pack_that_is_too_large_is_not_kept(void **state)
{
	struct hub *hub = *state;

	does(hub,
	     "grow hub.git lan/b one && blob=$(head -c 3000000 /dev/urandom | git -C hub.git "
	     "hash-object -w --stdin) && git -C hub.git update-ref refs/heads/node/lan/a $(git "
	     "-C hub.git commit-tree -m big $(printf '100644 blob %%s\\tf\\n' $blob | git -C "
	     "hub.git mktree))");
	exchange_well(hub, FETCH_ALL ",\"bytes\":1000000");
	assert_int_equal(hub->report.fetched, 1);
	assert_fetched(hub, "lan/b");
	assert_int_equal(hub->report.refusals, 1);
	assert_string_equal(hub->report.refused[0].name, "lan/a");
	/* Nothing of it is in the repository. */
	does(hub, "test $(du -sk \"$R\" | cut -f1) -lt 1000");
	exchange_well(hub, FETCH_ALL);
	assert_fetched(hub, "lan/a");
}

static void a_hub_that_is_gone_is_named(void **state)
{
	struct hub *hub = *state;

	does(hub, "grow \"$R\" lan/own x && rm -rf hub.git");
	assert_int_equal(exchange(hub, FETCH_ALL OWN), -EREMOTEIO);
	assert_non_null(strstr(hub->fault.text, "/hub.git"));
	assert_non_null(strstr(hub->fault.text, "does not appear to be a git repository"));
	assert_int_equal(exchange_url(hub, "ssh://[::1]:1/x", FETCH_ALL), -EREMOTEIO);
	assert_int_equal(shell(hub, "! ls -d r.git.* 2>/dev/null"), 0);
}

/* Killed, it may still be there for a moment: only its parent was waited for. */
static bool ends(pid_t pid)
{
	int process = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd end = {.fd = process, .events = POLLIN};
	bool ended = process < 0 || poll(&end, 1, 10000) == 1;

	if (process >= 0)
		close(process);
	return ended;
}

/* Processes whose command line has the text, and that do not end. */
static unsigned processes(const char *text)
{
	char path[300], command[4096];
	struct dirent *item;
	unsigned count = 0;
	DIR *list = opendir("/proc");

	while ((item = readdir(list))) {
		size_t length;
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%s/cmdline", item->d_name);
		file = item->d_name[0] >= '1' && item->d_name[0] <= '9' ? fopen(path, "r") : NULL;
		if (!file)
			continue;
		length = fread(command, 1, sizeof(command) - 1, file);
		fclose(file);
		command[length] = '\0';
		for (size_t i = 0; i < length; i++)
			if (!command[i])
				command[i] = ' ';
		count += strstr(command, text) != NULL && atoi(item->d_name) != getpid() &&
		         !ends(atoi(item->d_name));
	}
	closedir(list);
	return count;
}

/* git serves the list of branches, and then hangs: a hook of the hub that upload-pack runs to make
 * a pack. It is the hub's own setting, in what its user's git reads. */
static void a_hub_that_hangs_is_left_with_all_descendants(void **state)
{
	struct hub *hub = *state;
	char seconds[32];

	does(hub,
	     "grow hub.git lan/a one && printf '#!/bin/sh\\nsleep 86%d &\\nsleep 86%d\\n' "
	     ">hang && chmod +x hang && git config -f .gitconfig uploadpack.packObjectsHook "
	     "\"$PWD/hang\"",
	     getpid(), getpid());
	snprintf(seconds, sizeof(seconds), "sleep 86%d", getpid());
	assert_int_equal(exchange(hub, FETCH_ALL ",\"timeout\":1500"), -ETIMEDOUT);
	assert_non_null(strstr(hub->fault.text, "no answer in time"));
	assert_int_equal(processes(seconds), 0);
	assert_int_equal(exchange(hub, FETCH_ALL ",\"silence\":1000"), -ETIMEDOUT);
	assert_true(hub->report.milliseconds < 60000);
	assert_int_equal(processes(seconds), 0);
	assert_int_equal(shell(hub, "! ls -d r.git.* 2>/dev/null"), 0);
	/* And it goes on when the hub does. */
	does(hub, "rm .gitconfig");
	exchange_well(hub, FETCH_ALL);
	assert_fetched(hub, "lan/a");
}

static void a_hub_that_is_full_takes_nothing_and_gives_what_it_has(void **state)
{
	struct hub *hub = *state;
	char place[128], tip[64], after[64];

	snprintf(place, sizeof(place), "%s/hub.git", hub->folder);
	/* Only this process and its children see the mount. */
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount("none", place, "tmpfs", 0, "size=2m,mode=755"), 0);
	does(hub,
	     "git init -q --bare hub.git && grow hub.git lan/a one && grow \"$R\" lan/own mine "
	     "&& { cat /dev/zero >hub.git/fill 2>/dev/null || true; }");
	exchange_well(hub, FETCH_ALL OWN);
	assert_int_equal(hub->report.fetched, 1);
	assert_int_equal(hub->report.pushed, 0);
	assert_int_equal(hub->report.refused[0].why, SYNC_REFUSED);
	assert_non_null(strstr(hub->report.refused[0].text, "No space left"));
	does(hub, "rm hub.git/fill");
	exchange_well(hub, FETCH_ALL OWN);
	assert_int_equal(hub->report.pushed, 1);
	output(hub, tip, sizeof(tip), "git -C %s rev-parse refs/heads/node/lan/own", place);
	output(hub, after, sizeof(after), "git -C $R rev-parse refs/heads/node/lan/own");
	assert_string_equal(tip, after);
	assert_int_equal(umount(place), 0);
}

/* As `git gc --prune=now` leaves it, if a push comes between. Such a hub refuses each push. */
static void a_hub_that_lost_an_object_is_pushed_to_again(void **state)
{
	struct hub *hub = *state;

	does(hub, "grow hub.git lan/a one && grow \"$R\" lan/own mine && "
	          "id=$(echo x | git -C hub.git hash-object -w --stdin) && git -C hub.git "
	          "update-ref refs/fleet/seen/other $id && rm hub.git/objects/$(echo $id | sed "
	          "'s,..,&/,')");
	exchange_well(hub, FETCH_ALL OWN);
	assert_int_equal(hub->report.pushed, 0);
	does(hub, "! git -C hub.git rev-parse -q --verify refs/fleet/seen/other");
	exchange_well(hub, FETCH_ALL OWN);
	assert_int_equal(hub->report.pushed, 1);
	/* This node's own branch. */
	does(hub, "id=$(tip hub.git heads/node/lan/own) && rm hub.git/objects/$(echo $id | sed "
	          "'s,..,&/,') && grow "
	          "\"$R\" lan/own more");
	for (unsigned i = 0; i < 2; i++)
		exchange_well(hub, FETCH_ALL OWN);
	does(hub,
	     "test \"$(tip hub.git heads/node/lan/own)\" = \"$(tip \"$R\" heads/node/lan/own)\" && "
	     "git -C hub.git fsck --strict");
	/* The hub has not got what a delta is based on. */
	does(hub, "grow \"$R\" lan/own \"$(seq 2000)\"");
	exchange_well(hub, FETCH_ALL OWN);
	does(hub, "for id in $(tip hub.git heads/node/lan/own) $(tip hub.git "
	          "heads/node/lan/own:f); do rm hub.git/objects/$(echo $id | sed 's,..,&/,'); done "
	          "&& grow \"$R\" lan/own \"$(seq 2001)\"");
	exchange_well(hub, FETCH_ALL OWN);
	assert_non_null(strstr(hub->report.refused[0].text, "unresolved deltas"));
	exchange_well(hub, FETCH_ALL OWN);
	assert_int_equal(hub->report.pushed, 1);
	does(hub, "git -C hub.git fsck --strict");
	/* Another node's branch is not this one's to remove. */
	does(hub, "id=$(tip hub.git heads/node/lan/a) && rm hub.git/objects/$(echo $id | sed "
	          "'s,..,&/,') && grow "
	          "\"$R\" lan/own again");
	exchange_well(hub, FETCH_ALL OWN);
	does(hub, "test -e hub.git/refs/heads/node/lan/a");
}

/* The disk of this machine: nothing half-way is left, and the next exchange goes on. */
static void a_full_disk_here_leaves_nothing(void **state)
{
	struct hub *hub = *state;
	char place[96];

	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	does(hub, "mkdir small && cp -r r.git small/");
	does(hub,
	     "head -c 3000000 /dev/urandom >big && blob=$(git -C hub.git hash-object -w ../big) && "
	     "git -C hub.git update-ref refs/heads/node/lan/a $(git -C hub.git commit-tree -m "
	     "big $(printf '100644 blob %%s\\tf\\n' $blob | git -C hub.git mktree))");
	snprintf(place, sizeof(place), "%s/small", hub->folder);
	assert_int_equal(mount("none", place, "tmpfs", 0, "size=2m,mode=755"), 0);
	snprintf(hub->path, sizeof(hub->path), "%s/r.git", place);
	does(hub, "git init -q --bare -b main \"$R\"");
	assert_int_not_equal(exchange(hub, FETCH_ALL) ? 1 : (int)hub->report.refusals, 0);
	assert_int_equal(hub->report.fetched, 0);
	assert_whole(hub);
	does(hub, "! ls -d \"$R\".* 2>/dev/null && mount -o remount,size=20m small");
	exchange_well(hub, FETCH_ALL);
	assert_int_equal(hub->report.fetched, 1);
	assert_int_equal(umount(place), 0);
}

static void helpers_and_plain_protocols_are_refused(void **state)
{
	static const char *const bad[] = {
	        "ext::sh -c touch% /tmp/x",
	        "ext::touch x",
	        "http://h/x",
	        "git://h/x",
	        "ftp://h/x",
	        "--upload-pack=x",
	        "-x:y",
	        "ssh://-oProxyCommand=x/y",
	        "x",
	        "../x",
	        "fd::17",
	        "transport::/x",
	        "https://",
	        "",
	        "ssh://u@-x/y",
	};
	struct hub *hub = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(exchange_url(hub, bad[i], FETCH_ALL), -EINVAL);
	/* Nor by what the user's own settings make of it. */
	does(hub, "git config -f .gitconfig url.'ext::touch '\"$PWD/\".insteadOf ssh://h/ && git "
	          "config -f .gitconfig protocol.ext.allow always");
	assert_int_equal(exchange_url(hub, "ssh://h/touched", FETCH_ALL), -EREMOTEIO);
	assert_non_null(strstr(hub->fault.text, "not allowed"));
	does(hub, "test ! -e touched");
}

static void credentials_in_a_url_are_refused_and_not_shown(void **state)
{
	static const char *const url[] = {
	        "https://ada:hunter2@h.invalid/x", "ssh://ada:hunter2@h.invalid/x",
	        "https://ada:hun/hunter2@h.invalid/x", "http://ada:hunter2@h.invalid/x"};
	char text[] = "for 'https://t@h:1': to http://a:b@c@h/a@b, https:// and ssh://u@h/x";
	struct hub *hub = *state;
	char *said;

	for (size_t i = 0; i < sizeof(url) / sizeof(url[0]); i++) {
		assert_int_equal(exchange_url(hub, url[i], FETCH_ALL), -EINVAL);
		assert_null(strstr(hub->fault.text, "hun"));
	}
	/* A token may be in the user's place. */
	assert_int_equal(exchange_url(hub, "https://hunter2@[::1]:1/x", FETCH_ALL), -EREMOTEIO);
	assert_null(strstr(hub->fault.text, "hunter2"));
	assert_non_null(strstr(hub->fault.text, "https://[::1]:1/x"));
	remoteurl_hide_users(text);
	assert_string_equal(text, "for 'https://h:1': to http://h/a@b, https:// and ssh://u@h/x");
	said = remoteurl_said("ssh://git@h/x");
	assert_string_equal(said, "ssh://git@h/x");
	free(said);
}

/* What git obeys in the repository's own configuration, it does not read here. */
static void the_repository_s_settings_run_nothing(void **state)
{
	struct hub *hub = *state;

	does(hub,
	     "grow hub.git lan/a one && grow \"$R\" lan/own x && printf '#!/bin/sh\\ntouch "
	     "'\"$PWD\"'/touched\\nexec \"$@\"\\n' >run && chmod +x run && for key in "
	     "core.sshCommand core.fsmonitor credential.helper "
	     "remote.\"$PWD/hub.git\".uploadpack remote.\"$PWD/hub.git\".receivepack; do git -C "
	     "\"$R\" config \"$key\" \"$PWD/run git-upload-pack\"; done; git -C \"$R\" config "
	     "url.ext::\"$PWD\"/run.insteadOf \"$PWD/hub.git\"; git -C \"$R\" config "
	     "core.hooksPath \"$PWD\"; cp run pre-push; cp run reference-transaction");
	exchange_well(hub, FETCH_ALL OWN);
	assert_int_equal(hub->report.fetched, 1);
	assert_int_equal(hub->report.pushed, 1);
	does(hub, "test ! -e touched");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, hub_begin, hub_end)
	        TEST(a_rewound_branch_is_left_out_and_the_rest_goes_on),
	        TEST(a_branch_that_only_went_backwards_is_left_out),
	        TEST(a_tree_with_a_bad_name_is_refused_and_the_rest_goes_on),
	        TEST(a_tree_with_duplicates_is_refused_and_the_rest_goes_on),
	        TEST(a_tip_whose_objects_are_missing_is_refused),
	        TEST(a_tip_that_is_not_a_commit_is_refused),
	        TEST(a_pack_that_is_too_large_is_not_kept),
	        TEST(a_hub_that_is_gone_is_named),
	        TEST(a_hub_that_hangs_is_left_with_all_descendants),
	        TEST(a_hub_that_lost_an_object_is_pushed_to_again),
	        TEST(a_hub_that_is_full_takes_nothing_and_gives_what_it_has),
	        TEST(a_full_disk_here_leaves_nothing),
	        TEST(helpers_and_plain_protocols_are_refused),
	        TEST(credentials_in_a_url_are_refused_and_not_shown),
	        TEST(the_repository_s_settings_run_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

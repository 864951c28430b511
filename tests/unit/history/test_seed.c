/* SPDX-License-Identifier: MIT */
/* Starting from another host's repository: fetched, refused, taken in, cleaned up. */
#include "owner.h"

#include <fcntl.h>
#include <sys/file.h>

#include "store/store.h"

#define DMZ "dmz/10.9/10.9.0/10.9.0.7"
#define LAN "lan/10.0/10.0.0/10.0.0."

/* In a work tree: the entry's file becomes this, committed. */
#define ENTRY(path, mac, since)                                                                    \
	"mkdir -p $(dirname " path ") && printf 'mac 02:00:00:00:00:" mac                          \
	"\\nstate static\\nsince 2026-01-01T00:00:" since "Z\\n' >" path                           \
	" && git add -A && git commit -qm " mac " && "

static int try_seed(struct owner *owner, const char *url, const char *path)
{
	const struct seed_options options = {
	        .url = url, .path = path, .netns = -1, .segment = &owner_segment, .segments = 1};

	return seed_fetch(&owner->seed, &options, &owner->fault);
}

/* One start of an agent with --pull, and its end. */
static void pull(struct owner *owner, const char *name)
{
	char url[128];

	snprintf(url, sizeof(url), "%s/%s", owner->folder, name);
	if (try_seed(owner, url, owner->path))
		fail_msg("%s", owner->fault.text);
	owner_open(owner);
	assert_true(settle(owner));
	assert_table(owner);
	assert_whole(owner);
	assert_int_equal(owner_close(owner, 5000), 0);
	seed_free(owner->seed);
	owner->seed = NULL;
	assert_int_equal(shell(owner, "test ! -e history.git.incoming && "
	                              "! ls history.git/objects/pack/*.keep 2>/dev/null"),
	                 0);
}

static void a_password_is_never_shown(void **state)
{
	static const char *const url[][2] = {
	        {"https://ada:secret@leaf/h.git", "https://ada@leaf/h.git"},
	        {"https://ada@leaf/h.git", "https://ada@leaf/h.git"},
	        {"ssh://leaf:22/a:b@c", "ssh://leaf:22/a:b@c"},
	        {"ssh://a:b:c@d@leaf:22/x", "ssh://a@leaf:22/x"},
	        {"leaf:h.git", "leaf:h.git"},
	        {"/tmp/../tmp", "/tmp"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(url) / sizeof(url[0]); i++) {
		char *said = fetch_said(url[i][0]);

		assert_string_equal(said, url[i][1]);
		free(said);
	}
}

static void an_address_that_would_run_a_program_is_refused(void **state)
{
	static const char *const url[] = {
	        "", "-x", "--upload-pack=touch run", "ext::sh -c touch%20run", "fd::3", "a+b.c::d"};
	struct owner *owner = *state;

	for (size_t i = 0; i < sizeof(url) / sizeof(url[0]); i++) {
		assert_int_equal(try_seed(owner, url[i], owner->path), -EINVAL);
		assert_int_equal(shell(owner, "test ! -e run && test -z \"$(ls)\""), 0);
	}
}

static void pulls_from_one_origin_end_up_equal_in_any_order(void **state)
{
	struct owner *owner = *state;
	char first[64], second[64];

	/* x and y part from a common z, and both change the same addresses: one of ours, and one of
	 * a segment that is not configured here. */
	assert_int_equal(
	        shell(owner,
	              "git init -q -b main z && cd z && " ENTRY(DMZ, "01", "01") ENTRY(LAN "1",
	                                                                               "01", "01")
	                      ENTRY(LAN "2", "01",
	                            "01") "cd .. && "
	                                  "git clone -q z x && git clone -q z y && cd x && " ENTRY(
	                                          DMZ, "0a", "05")
	                                          ENTRY(LAN "1", "0a",
	                                                "05") "cd ../y && " ENTRY(DMZ, "0b", "04")
	                                                  ENTRY(LAN "1", "0b",
	                                                        "06") "git rm -q " LAN
	                                                              "2 && git commit -qm gone"),
	        0);
	pull(owner, "z");
	pull(owner, "x");
	pull(owner, "y");
	output(owner, first, sizeof(first), "git -C \"$R\" rev-parse 'main^{tree}'");
	assert_int_equal(shell(owner, "git -C \"$R\" show main:" DMZ " | grep -q 0a && "
	                              "git -C \"$R\" show main:" LAN "1 | grep -q 0b && "
	                              "! git -C \"$R\" cat-file -e main:" LAN "2 2>/dev/null && "
	                              "rm -rf \"$R\""),
	                 0);
	owner_forget_table(owner);
	pull(owner, "y");
	pull(owner, "x");
	pull(owner, "z");
	assert_string_equal(first, output(owner, second, sizeof(second),
	                                  "git -C \"$R\" rev-parse 'main^{tree}'"));
}

static void a_refused_seed_leaves_not_even_a_folder(void **state)
{
	struct owner *owner = *state;
	char url[128], path[192];

	assert_int_equal(
	        shell(owner, "git init -q -b main x && cd x && " ENTRY(
	                             LAN "1", "01", "01") "echo >>" LAN "1 && git commit -qam bad"),
	        0);
	snprintf(url, sizeof(url), "%s/x", owner->folder);
	snprintf(path, sizeof(path), "%s/a/b/c/history.git", owner->folder);
	assert_int_equal(try_seed(owner, url, path), -EINVAL);
	assert_non_null(strstr(owner->fault.text, LAN "1: line 4"));
	assert_int_equal(shell(owner, "test \"$(ls)\" = x"), 0);
	assert_int_equal(shell(owner, "mkdir a"), 0);
	assert_int_equal(try_seed(owner, url, path), -EINVAL);
	assert_int_equal(shell(owner, "test -d a && test -z \"$(ls a)\""), 0);
}

static void a_killed_pull_is_cleaned_up_and_a_running_one_is_not(void **state)
{
	struct owner *owner = *state;
	char url[128], aside[192];
	int lock;

	assert_int_equal(
	        shell(owner,
	              "git init -q -b main x && cd x && " ENTRY(
	                      LAN "1", "01",
	                      "01") "cd .. && "
	                            "git init -q --bare -b main history.git.incoming && "
	                            "echo half >history.git.incoming/objects/pack/tmp_pack_x && "
	                            "echo 123 >history.git.incoming/shallow"),
	        0);
	snprintf(aside, sizeof(aside), "%s/history.git.incoming", owner->folder);
	lock = open(aside, O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
	snprintf(url, sizeof(url), "%s/x", owner->folder);
	assert_int_equal(try_seed(owner, url, owner->path), -EBUSY);
	assert_int_equal(shell(owner, "test -e history.git.incoming/shallow"), 0);
	close(lock);
	pull(owner, "x");
	assert_int_equal(owner->table[1]->mac.octet[5], 1);
}

/* A peer whose clock is ahead: 10.0.0.1 and an address of another segment. */
#define AHEAD(path, mac)                                                                           \
	"mkdir -p $(dirname " path ") && printf 'mac 02:00:00:00:00:" mac                          \
	"\nstate static\nsince %%s\n' $(date -u -d '400 days' +%%Y-%%m-%%dT%%H:%%M:%%SZ) >" path   \
	" && git add -A && git commit -qm " mac " && "

static void assert_begins_now(struct owner *owner)
{
	const struct entry *entry = owner->table[1];
	char since[TIME_TEXT], text[TIME_TEXT];

	assert_non_null(entry);
	assert_in_range(entry->since, time(NULL) - 60, time(NULL));
	time_format(since, entry->since);
	assert_string_equal(since,
	                    output(owner, text, sizeof(text),
	                           "git -C \"$R\" show main:" DMZ " | sed -n 's/^since //p'"));
}

static void what_begins_in_the_future_elsewhere_begins_now(void **state)
{
	struct owner *owner = *state;
	int64_t since;

	assert_int_equal(shell(owner, "git init -q -b main x && cd x && " AHEAD(DMZ, "01")
	                                      AHEAD(LAN "1", "01") "true"),
	                 0);
	pull(owner, "x");
	assert_begins_now(owner);
	/* What has come in once is not new again. */
	since = owner->table[1]->since;
	assert_int_equal(shell(owner, "cd x && " AHEAD(LAN "2", "02") "true"), 0);
	pull(owner, "x");
	assert_int_equal(owner->table[1]->since, since);
	assert_in_range(owner->table[2]->since, time(NULL) - 60, time(NULL));
}

static void what_begins_in_the_future_does_not_beat_what_is_there(void **state)
{
	struct owner *owner = *state;

	assert_int_equal(shell(owner, "git init -q -b main x && cd x && " ENTRY(DMZ, "01", "01")
	                                      ENTRY(LAN "1", "01",
	                                            "01") "cd .. && git clone -q x y "
	                                                  "&& cd y && " AHEAD(DMZ, "02")
	                                                          AHEAD(LAN "1", "02") "true"),
	                 0);
	pull(owner, "x");
	pull(owner, "y");
	assert_begins_now(owner);
	/* Another node has it since a moment later. */
	assert_int_equal(
	        shell(owner,
	              "git clone -q \"$R\" z && cd z && sed -i \"s/:02$/:03/; s/^since "
	              ".*/since $(date -u -d '2 seconds' +%%Y-%%m-%%dT%%H:%%M:%%SZ)/\" " LAN "1 && "
	              "git commit -qam z"),
	        0);
	pull(owner, "z");
	assert_int_equal(owner->table[1]->mac.octet[5], 3);
	/* y says the future again, and says nothing new. */
	pull(owner, "y");
	assert_int_equal(owner->table[1]->mac.octet[5], 3);
}

/* Our own repository, of three commits, and one that has it from a clone. */
static void begin_shared(struct owner *owner)
{
	owner_open(owner);
	change(owner, "learn", 1, 1);
	assert_true(settle(owner));
	change(owner, "learn", 2, 2);
	assert_true(settle(owner));
	assert_int_equal(owner_close(owner, 5000), 0);
	assert_int_equal(shell(owner, "git -C \"$R\" rev-list --all | sort >ours"), 0);
}

#define OURS_ARE_SEEN "git -C \"$R\" rev-list main | sort | comm -23 ours - | (! grep .)"

static void a_shallow_peer_hides_nothing_of_ours(void **state)
{
	struct owner *owner = *state;

	begin_shared(owner);
	/* Its boundary is our last commit. */
	assert_int_equal(shell(owner, "git clone -q --depth 1 \"file://$R\" x && cd x && " ENTRY(
	                                      LAN "7", "07", "01") "test -s .git/shallow"),
	                 0);
	pull(owner, "x");
	assert_int_equal(owner->table[7]->mac.octet[5], 7);
	assert_int_equal(shell(owner, OURS_ARE_SEEN " && test ! -e \"$R\"/shallow"), 0);
}

static void a_boundary_that_rests_on_ours_is_none(void **state)
{
	struct owner *owner = *state;

	begin_shared(owner);
	/* Its boundary is its own commit; we have the one before it. So what it removed since is
	 * known to be removed. */
	assert_int_equal(shell(owner, "git clone -q \"file://$R\" y && cd y && " ENTRY(
	                                      LAN "7", "07",
	                                      "01") "git rm -q " LAN
	                                            "1 && git commit -qm gone && cd .. && "
	                                            "git clone -q --depth 2 \"file://$PWD/y\" "
	                                            "x && test -s x/.git/shallow"),
	                 0);
	pull(owner, "x");
	assert_null(owner->table[1]);
	assert_int_equal(owner->table[7]->mac.octet[5], 7);
	assert_int_equal(shell(owner, OURS_ARE_SEEN " && test ! -e \"$R\"/shallow"), 0);
}

/* Of what it brings, its boundary counts; and ours stays. */
static void a_boundary_of_its_own_hides_only_what_is_missing(void **state)
{
	struct owner *owner = *state;

	begin_shared(owner);
	assert_int_equal(shell(owner,
	                       "git init -q -b main w && cd w && echo 1 >w && git add w && "
	                       "git commit -qm 1 && echo 2 >w && git commit -qam 2 && cd .. && "
	                       "git clone -q \"file://$R\" x && cd x && " ENTRY(
	                               LAN "9", "09",
	                               "01") "git fetch -q ../w main && "
	                                     "git merge -q --allow-unrelated-histories -m both "
	                                     "FETCH_HEAD && "
	                                     "git rev-parse FETCH_HEAD | tee .git/shallow >../cut"),
	                 0);
	pull(owner, "x");
	assert_int_equal(owner->table[9]->mac.octet[5], 9);
	assert_int_equal(shell(owner, OURS_ARE_SEEN " && cmp cut \"$R\"/shallow"), 0);
}

/* Nobody could tell what was removed here. */
static void a_history_without_a_common_commit_is_refused(void **state)
{
	struct owner *owner = *state;
	char url[128];
	uint64_t about;

	begin_shared(owner);
	assert_int_equal(shell(owner, "git init -q -b main x && cd x && " ENTRY(LAN "1", "01", "01")
	                                      ENTRY(LAN "8", "08", "01")
	                                              ENTRY(LAN "9", "09",
	                                                    "01") "git rev-list --all | wc -l"),
	                 0);
	snprintf(url, sizeof(url), "%s/x", owner->folder);
	assert_int_equal(try_seed(owner, url, owner->path), -EPERM);
	assert_non_null(strstr(owner->fault.text, "is refused, nothing was changed"));
	assert_non_null(
	        strstr(owner->fault.text, "main lacks 2 of its addresses (10.0.0.8, 10.0.0.9)"));
	assert_int_equal(shell(owner, "test ! -e history.git.incoming && ! git -C \"$R\" cat-file "
	                              "-e $(git -C x rev-parse HEAD) 2>/dev/null"),
	                 0);
	/* A shallow one is looked at when its objects are here. */
	assert_int_equal(shell(owner, "git -C \"$R\" rev-parse main >before && git clone -q "
	                              "--depth 1 \"file://$PWD/x\" y"),
	                 0);
	snprintf(url, sizeof(url), "%s/y", owner->folder);
	assert_int_equal(try_seed(owner, url, owner->path), 0);
	assert_int_equal(owner_try_open(owner), 0);
	assert_int_equal(history_load(owner->history, &about, &owner->fault), -EPERM);
	assert_non_null(strstr(owner->fault.text, "main lacks 2 of its addresses"));
	(void)owner_close(owner, 5000);
	seed_free(owner->seed);
	owner->seed = NULL;
	assert_int_equal(shell(owner, "git -C \"$R\" rev-parse main | cmp - before"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_password_is_never_shown),
	        TEST(an_address_that_would_run_a_program_is_refused),
	        TEST(pulls_from_one_origin_end_up_equal_in_any_order),
	        TEST(a_refused_seed_leaves_not_even_a_folder),
	        TEST(a_killed_pull_is_cleaned_up_and_a_running_one_is_not),
	        TEST(a_shallow_peer_hides_nothing_of_ours),
	        TEST(a_boundary_that_rests_on_ours_is_none),
	        TEST(a_boundary_of_its_own_hides_only_what_is_missing),
	        TEST(a_history_without_a_common_commit_is_refused),
	        TEST(what_begins_in_the_future_elsewhere_begins_now),
	        TEST(what_begins_in_the_future_does_not_beat_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

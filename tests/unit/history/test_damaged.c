// SPDX-License-Identifier: MIT
/* A repository in which something cannot be read: what can be is loaded, and nothing is written. */
#include "owner.h"

#define FILE_OF(h) "lan/10.0/10.0.0/10.0.0." h
/* Each object in a file of its own. */
#define UNPACK                                                                                     \
	"mkdir p && mv \"$R\"/objects/pack/* p && for p in p/*.pack; do git -C \"$R\" "            \
	"unpack-objects -q <$p; done && "
/* Takes an object out, into the test's folder. */
#define LOSE(object)                                                                               \
	"o=$(git -C \"$R\" rev-parse " object ") && f=\"$R\"/objects/$(echo $o | cut -c1-2)/$("    \
	"echo $o | cut -c3-) && echo \"$f\" >lost && mv \"$f\" object && "
#define STATE "(cd \"$R\" && find objects refs packed-refs -type f | sort | xargs md5sum) >files"

/* Two addresses are recorded. */
static void begin(struct owner *owner)
{
	owner_open(owner);
	change(owner, "learn", 1, 1);
	change(owner, "learn", 2, 2);
	assert_true(settle(owner));
	assert_int_equal(owner_close(owner, 5000), 0);
}

/* What is posted is kept, and is not written; the lock is free. */
static void assert_nothing_is_written(struct owner *owner)
{
	struct history_status status;

	assert_int_equal(shell(owner, "flock -n \"$R\"/arpkeeper.lock true"), 0);
	change(owner, "learn", 3, 3);
	for (int i = 0; i < WAIT_MS; i++) {
		turn(owner);
		history_status(owner->history, &status);
		if (status.trouble[0])
			break;
	}
	assert_non_null(strstr(status.trouble, "history is damaged"));
	assert_non_null(strstr(status.trouble, "`arpkeeper repair --new`"));
	assert_int_equal(owner_close(owner, 5000), -ETIMEDOUT);
	assert_int_equal(shell(owner, "mv files files.was && " STATE " && cmp files files.was"), 0);
}

static void a_file_that_is_missing_is_named_and_the_rest_is_loaded(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, UNPACK LOSE("main:" FILE_OF("1")) STATE), 0);
	owner_open(owner);
	assert_true(owner->table[1] && owner->table[2]);
	assert_non_null(strstr(history_start(owner->history)->lost, "1 file or folder of main"));
	assert_non_null(strstr(history_start(owner->history)->lost, FILE_OF("1")));
	assert_nothing_is_written(owner);
}

static void a_folder_that_is_missing_is_named(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, UNPACK LOSE("main:lan/10.0") STATE), 0);
	owner_open(owner);
	assert_non_null(strstr(history_start(owner->history)->lost, "such as lan/10.0."));
	assert_nothing_is_written(owner);
}

static void what_was_applied_is_loaded_if_main_is_missing(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(
	        shell(owner, UNPACK
	              "c=$(git -C \"$R\" commit-tree -p main -m more main^{tree}) && git -C \"$R\" "
	              "update-ref refs/heads/main $c && " LOSE("main") STATE),
	        0);
	owner_open(owner);
	assert_non_null(owner->table[1]);
	assert_non_null(strstr(history_start(owner->history)->lost, "commit "));
	assert_nothing_is_written(owner);
}

#ifdef __SANITIZE_ADDRESS__
/* As in main.c. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}
#endif

/* A commit that only says that it has terabytes. */
static void a_damaged_commit_is_no_want_of_memory(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(
	        shell(owner,
	              "git -C \"$R\" repack -adq && p=$(ls \"$R\"/objects/pack/*.pack) && chmod "
	              "u+w "
	              "$p && for o in $(git -C \"$R\" show-index <${p%%.pack}.idx | cut -d' ' "
	              "-f1); do "
	              "printf "
	              "'\\220\\200\\200\\200\\200\\200\\100' | dd of=$p bs=1 seek=$o conv=notrunc "
	              "2>dd.out; done; " STATE),
	        0);
	owner_open(owner);
	assert_non_null(strstr(history_start(owner->history)->lost, "commit "));
	assert_nothing_is_written(owner);
}

static void when_files_change_it_must_be_read_again(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, UNPACK LOSE("main:" FILE_OF("1")) STATE), 0);
	owner_open(owner);
	assert_int_equal(atomic_load(&owner->again), 0);
	assert_int_equal(shell(owner, "mv object \"$(cat lost)\""), 0);
	for (int i = 0; i < WAIT_MS && atomic_load(&owner->again) == 0; i++)
		turn(owner);
	assert_true(atomic_load(&owner->again) > 0);
	(void)owner_close(owner, 5000);
	owner_open(owner);
	assert_string_equal(history_start(owner->history)->lost, "");
	assert_non_null(owner->table[1]);
	change(owner, "learn", 3, 3);
	assert_true(settle(owner));
	assert_table(owner);
	assert_whole(owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_file_that_is_missing_is_named_and_the_rest_is_loaded),
	        TEST(a_folder_that_is_missing_is_named),
	        TEST(what_was_applied_is_loaded_if_main_is_missing),
	        TEST(a_damaged_commit_is_no_want_of_memory),
	        TEST(when_files_change_it_must_be_read_again),
	};

	return cmocka_run_group_tests_name("damaged", tests, NULL, NULL);
}

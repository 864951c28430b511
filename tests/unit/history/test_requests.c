// SPDX-License-Identifier: MIT
/* A merge request that is not whole, or not readable, is refused, and stops nothing but itself. */
#include "owner.h"

#define FILE_OF(h) "lan/10.0/10.0.0/10.0.0." h
#define EDIT(h, mac)                                                                               \
	"mkdir -p lan/10.0/10.0.0 && printf 'mac 02:00:00:00:00:" mac "\\nstate static\\nsince "   \
	"2026-01-01T00:00:00Z\\n' > " FILE_OF(h) " && git add -A && git commit -qm " h " && "
#define WORK "rm -rf w && git clone -q \"$R\" w && cd w && "
/* The objects of the work tree's HEAD are in the repository, and no reference names them. */
#define BRING "git -C \"$R\" fetch -q \"$PWD\" HEAD && "
/* Takes an object out again, where `fetch` has put it: into a file of its own. */
#define LOSE(object)                                                                               \
	"o=$(git rev-parse " object ") && f=\"$R\"/objects/$(echo $o | cut -c1-2)/$(echo $o | "    \
	"cut -c3-) && "
#define ASK(name) "git -C \"$R\" update-ref refs/heads/merge/" name " $(git rev-parse HEAD)"

static bool has(const struct owner *owner, unsigned host, unsigned mac)
{
	const struct entry *entry = owner->table[host];

	return entry ? entry->mac.octet[5] == mac : mac == 0;
}

static void begin(struct owner *owner)
{
	owner_open(owner);
	change(owner, "learn", 1, 1);
	assert_true(settle(owner));
}

static void ask(struct owner *owner, const char *branch)
{
	owner->has_outcome = false;
	assert_int_equal(history_merge(owner->history, branch, 0, on_outcome, owner), 0);
	assert_true(wait_outcome(owner));
}

/* It is refused with these words; a good request behind it is merged, and a change is recorded. */
static void assert_refused_alone(struct owner *owner, const char *words)
{
	ask(owner, "merge/bad");
	assert_int_equal(owner->outcome.status, -EINVAL);
	assert_non_null(strstr(owner->outcome.text, "merge/bad is refused, main is as it was"));
	if (!strstr(owner->outcome.text, words))
		fail_msg("%s", owner->outcome.text);
	assert_int_equal(shell(owner, WORK EDIT("7", "77") "git push -q origin HEAD:merge/good"),
	                 0);
	ask(owner, "merge/good");
	assert_int_equal(owner->outcome.status, 0);
	assert_true(has(owner, 7, 0x77));
	change(owner, "learn", 3, 3);
	assert_true(settle(owner));
	assert_table(owner);
	assert_int_equal(shell(owner, "git -C \"$R\" update-ref -d refs/heads/merge/bad && "
	                              "{ ! test -e damaged || rm \"$(cat damaged)\"; }"),
	                 0);
	assert_whole(owner);
}

static void one_whose_parent_is_missing_is_refused(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, WORK EDIT("8", "88") EDIT("9", "99")
	                                      BRING LOSE("HEAD~1") "rm -f \"$f\" && " ASK("bad")),
	                 0);
	assert_refused_alone(owner, " is missing, and ");
	assert_true(has(owner, 9, 0));
}

static void one_without_a_file_is_refused(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, WORK EDIT("9", "99") BRING LOSE(
	                                      "HEAD:" FILE_OF("9")) "rm -f \"$f\" && " ASK("bad")),
	                 0);
	assert_refused_alone(owner, FILE_OF("9") " of commit ");
	assert_true(has(owner, 9, 0));
}

/* Its last commit is whole. */
static void one_without_a_file_of_an_earlier_commit_is_refused(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(
	        shell(owner, WORK EDIT("9", "88") EDIT("9", "99") BRING LOSE(
	                             "HEAD~1:" FILE_OF("9")) "rm -f \"$f\" && " ASK("bad")),
	        0);
	assert_refused_alone(owner, FILE_OF("9") " of commit ");
	assert_true(has(owner, 9, 0));
}

static void one_without_a_folder_is_refused(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, WORK EDIT("9", "99") BRING LOSE(
	                                      "HEAD:lan/10.0") "rm -f \"$f\" && " ASK("bad")),
	                 0);
	assert_refused_alone(owner, "a folder of commit ");
	assert_true(has(owner, 9, 0));
}

static void one_with_a_damaged_file_is_refused(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner,
	                       WORK EDIT("9", "99") BRING LOSE("HEAD:" FILE_OF(
	                               "9")) "chmod u+w \"$f\" && echo x > "
	                                     "\"$f\" && echo \"$f\" >../damaged && " ASK("bad")),
	                 0);
	assert_refused_alone(owner, FILE_OF("9"));
	assert_true(has(owner, 9, 0));
}

static void one_seventy_folders_deep_is_refused(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner,
	                       WORK "d=$(printf 'd/%%.0s' $(seq 70)) && mkdir -p $d && echo x > "
	                            "$d/file && git add -A && git commit -qm deep && git push -q "
	                            "origin HEAD:merge/bad"),
	                 0);
	assert_refused_alone(owner, "folders are nested more than 64 deep");
}

/* A folder that is ten times in the one above it, forty times over: few objects, and no end. */
static void one_without_an_end_is_refused(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(
	        shell(owner, WORK
	              "t=$(git rev-parse 'HEAD^{tree}') && for i in $(seq 40); do t=$(for j in 0 "
	              "1 2 3 4 5 6 7 8 9; do printf '040000 tree %%s\\t%%d\\n' $t $j; done | "
	              "git mktree); done && git reset -q --soft $(git commit-tree -p HEAD -m "
	              "bomb $t) && git push -q origin HEAD:merge/bad"),
	        0);
	assert_refused_alone(owner, "its commits change more than");
}

/* Where no hook has judged it. */
static void one_that_begins_in_the_future_is_refused(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(
	        shell(owner,
	              WORK EDIT(
	                      "9",
	                      "99") "sed -i \"s/^since .*/since $(date -u -d '61 minutes' "
	                            "+%%Y-%%m-%%dT%%H:%%M:%%SZ)/\" " FILE_OF(
	                                    "9") " && git commit -qam later && git push -q origin "
	                                         "HEAD:merge/bad"),
	        0);
	assert_refused_alone(owner, FILE_OF("9") ": since ");
	assert_true(has(owner, 9, 0));
}

static void what_is_not_a_reference_is_named(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, "mkdir -p \"$R\"/refs/heads/merge && echo garbage > "
	                              "\"$R\"/refs/heads/merge/bad"),
	                 0);
	ask(owner, "merge/bad");
	assert_int_not_equal(owner->outcome.status, 0);
	assert_non_null(strstr(owner->outcome.text, "refs/heads/merge/bad"));
	change(owner, "learn", 3, 3);
	assert_true(settle(owner));
	assert_table(owner);
}

/* More commits than one, with what they changed and took back. */
static void one_that_is_whole_is_merged(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(
	        shell(owner, WORK
	              "git checkout -qb other && " EDIT("5", "55") "git checkout -q main && " EDIT(
	                      "6",
	                      "66") "git merge -q -m both other && git rm -q " FILE_OF("5") " && "
	                                                                                    "git "
	                                                                                    "commit"
	                                                                                    " -qm "
	                                                                                    "less "
	                                                                                    "&& "
	                                                                                    "git "
	                                                                                    "update"
	                                                                                    "-index"
	                                                                                    " --"
	                                                                                    "add "
	                                                                                    "--"
	                                                                                    "cachei"
	                                                                                    "nfo "
	                                                                                    "160000"
	                                                                                    ",11111"
	                                                                                    "111111"
	                                                                                    "111111"
	                                                                                    "111111"
	                                                                                    "111111"
	                                                                                    "111111"
	                                                                                    "11111,"
	                                                                                    "sub "
	                                                                                    "&& "
	                                                                                    "git "
	                                                                                    "commit"
	                                                                                    " -qm "
	                                                                                    "sub "
	                                                                                    "&& "
	                                                                                    "git "
	                                                                                    "push "
	                                                                                    "-q "
	                                                                                    "origin"
	                                                                                    " HEAD:"
	                                                                                    "merge/"
	                                                                                    "x"),
	        0);
	ask(owner, "merge/x");
	if (owner->outcome.status)
		fail_msg("%s", owner->outcome.text);
	assert_true(has(owner, 5, 0) && has(owner, 6, 0x66));
	assert_true(settle(owner));
	assert_table(owner);
	assert_whole(owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(one_whose_parent_is_missing_is_refused),
	        TEST(one_without_a_file_is_refused),
	        TEST(one_without_a_file_of_an_earlier_commit_is_refused),
	        TEST(one_without_a_folder_is_refused),
	        TEST(one_with_a_damaged_file_is_refused),
	        TEST(one_seventy_folders_deep_is_refused),
	        TEST(one_without_an_end_is_refused),
	        TEST(one_that_begins_in_the_future_is_refused),
	        TEST(what_is_not_a_reference_is_named),
	        TEST(one_that_is_whole_is_merged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/* What is missing or damaged comes from another repository; what was there is kept. */
#include "../gitshell.h"

#include "store/store.h"

struct sick {
	char folder[64], path[128], directory[130];
	struct fault fault;
};

static int set_up(void **state)
{
	struct sick *sick = calloc(1, sizeof(*sick));

	assert_non_null(sick);
	strcpy(sick->folder, "/tmp/akmend-XXXXXX");
	assert_non_null(mkdtemp(sick->folder));
	snprintf(sick->path, sizeof(sick->path), "%s/r.git", sick->folder);
	snprintf(sick->directory, sizeof(sick->directory), "%s/", sick->path);
	*state = sick;
	assert_int_equal(repository_set_up(&sick->fault), 0);
	/* Two packs, a backup, and a commit in loose objects that only we have. */
	return shell(sick,
	             "git init -q -b main w && cd w && for i in 1 2; do seq $i$i 300 >f$i && "
	             "git add . && git commit -qm $i && git repack -dq; done && git clone -q "
	             "--bare . ../r.git && git -C \"$R\" repack -dq && cp -r \"$R\" ../backup.git "
	             "&& echo ours >f3 && git add . && git commit -qm 3 && git push -q \"$R\" "
	             "HEAD:main");
}

static int tear_down(void **state)
{
	struct sick *sick = *state;

	gitshell_remove(sick->folder);
	git_libgit2_shutdown();
	free(sick);
	return 0;
}

static bool is_whole(struct sick *sick, struct mend *mend)
{
	bool whole = false;

	if (mend_look(mend, &whole, &sick->fault))
		fail_msg("%s", sick->fault.text);
	return whole;
}

/* The files of all packs. Newer versions of git keep more beside a pack. */
static size_t in_packs(struct sick *sick)
{
	char text[32];

	return strtoul(output(sick, text, sizeof(text), "ls \"$R\"/objects/pack | wc -l"), NULL,
	               10);
}

static void mend_it(struct sick *sick, size_t aside)
{
	struct mend mend = {.directory = sick->directory};
	char url[128];

	assert_false(is_whole(sick, &mend));
	snprintf(url, sizeof(url), "%s/backup.git", sick->folder);
	if (mend_from(&mend, url, &sick->fault))
		fail_msg("%s", sick->fault.text);
	assert_true(is_whole(sick, &mend));
	assert_int_equal(mend.aside, aside);
	assert_whole(sick);
	assert_int_equal(shell(sick, "[ \"$(git -C \"$R\" show main:f3)\" = ours ] && [ ! -e "
	                             "r.git.incoming ] && ! ls \"$R\"/objects/pack/*.keep "
	                             "2>/dev/null"),
	                 0);
}

static void a_whole_one_is_left_alone(void **state)
{
	struct sick *sick = *state;
	struct mend mend = {.directory = sick->directory};

	assert_true(is_whole(sick, &mend));
	assert_int_equal(mend.missing, 0);
}

static void a_missing_pack_comes_from_a_backup(void **state)
{
	struct mend mend = {.directory = ((struct sick *)*state)->directory};

	assert_int_equal(shell((struct sick *)*state, "rm -f \"$R\"/objects/pack/*.pack"), 0);
	assert_false(is_whole(*state, &mend));
	mend_it(*state, in_packs(*state));
}

static void a_damaged_pack_is_put_aside_and_what_it_still_has_is_kept(void **state)
{
	struct sick *sick = *state;

	/* Everything in one pack; its last bytes are lost, and with them what is in the backup,
	 * too. */
	assert_int_equal(shell(sick,
	                       "git -C \"$R\" repack -adq && p=$(ls \"$R\"/objects/pack/*.pack) && "
	                       "chmod u+w $p && printf XXXXXXXX | dd of=$p bs=1 seek=$(($(stat "
	                       "-c %%s $p) - 60)) conv=notrunc 2>dd.out"),
	                 0);
	mend_it(sick, in_packs(sick));
	assert_int_equal(shell(sick, "ls \"$R\"/damaged/*.pack \"$R\"/damaged/*.idx >/dev/null"),
	                 0);
}

static void a_missing_index_is_made_again(void **state)
{
	struct sick *sick = *state;

	assert_int_equal(shell(sick, "rm -f \"$R\"/objects/pack/*.idx"), 0);
	mend_it(sick, 0);
}

static void a_damaged_loose_object_is_put_aside(void **state)
{
	struct sick *sick = *state;

	assert_int_equal(shell(sick, "rm -rf backup.git && git clone -q --bare w backup.git && "
	                             "o=$(git -C w rev-parse "
	                             "HEAD:f3) && f=\"$R\"/objects/$(echo $o | cut -c1-2)/$(echo "
	                             "$o | cut -c3-) && "
	                             "chmod u+w $f && echo x >$f"),
	                 0);
	mend_it(sick, 1);
}

static void what_the_other_has_not_stays_missing(void **state)
{
	struct sick *sick = *state;
	struct mend mend = {.directory = sick->directory};
	char url[128];

	assert_int_equal(shell(sick,
	                       "o=$(git -C w rev-parse HEAD:f3) && rm -f \"$R\"/objects/$(echo $o "
	                       "| cut -c1-2)/$(echo $o | cut -c3-)"),
	                 0);
	snprintf(url, sizeof(url), "%s/backup.git", sick->folder);
	assert_int_equal(mend_from(&mend, url, &sick->fault), 0);
	assert_false(is_whole(sick, &mend));
	assert_int_equal(mend.missing, 1);
	assert_int_equal(strncmp(mend.first, "blob ", 5), 0);
}

static void one_that_cannot_be_fetched_changes_nothing(void **state)
{
	struct sick *sick = *state;
	struct mend mend = {.directory = sick->directory};

	assert_int_equal(shell(sick, "rm -f \"$R\"/objects/pack/*.pack && find r.git | sort >was"),
	                 0);
	assert_int_not_equal(mend_from(&mend, "/nonexistent/x.git", &sick->fault), 0);
	assert_int_equal(shell(sick, "find r.git | sort | cmp - was"), 0);
}

static void an_old_one_is_kept_beside_a_new_one(void **state)
{
	struct sick *sick = *state;
	struct mend mend = {.directory = sick->directory};
	char kept[256], again[256];

	assert_int_equal(
	        shell(sick, "touch r.git/arpkeeper.lock && git -C \"$R\" rev-parse main >was"), 0);
	assert_int_equal(mend_keep_aside(&mend, kept, sizeof(kept), &sick->fault), 0);
	assert_int_equal(shell(sick,
	                       "[ -z \"$(ls -A r.git)\" ] && git -C r.git.kept-* rev-parse main | "
	                       "cmp - was"),
	                 0);
	/* Killed on the way: HEAD, which is the last, is still in its place. */
	assert_int_equal(shell(sick, "mv r.git.kept-*/HEAD r.git.kept-*/objects r.git && touch "
	                             "r.git/arpkeeper.lock"),
	                 0);
	assert_int_equal(mend_keep_aside(&mend, again, sizeof(again), &sick->fault), 0);
	assert_string_equal(kept, again);
	assert_int_equal(shell(sick,
	                       "[ -z \"$(ls -A r.git)\" ] && git -C r.git.kept-* rev-parse main | "
	                       "cmp - was"),
	                 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_whole_one_is_left_alone),
	        TEST(a_missing_pack_comes_from_a_backup),
	        TEST(a_damaged_pack_is_put_aside_and_what_it_still_has_is_kept),
	        TEST(a_missing_index_is_made_again),
	        TEST(a_damaged_loose_object_is_put_aside),
	        TEST(what_the_other_has_not_stays_missing),
	        TEST(one_that_cannot_be_fetched_changes_nothing),
	        TEST(an_old_one_is_kept_beside_a_new_one),
	};

	return cmocka_run_group_tests_name("mend", tests, NULL, NULL);
}

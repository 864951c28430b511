// SPDX-License-Identifier: MIT
/* Packs are joined: the same objects, fewer files; whatever happens meanwhile. */
#include "keeper.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>

#include "store/store.h"
#include "upkeep/chores.h"
#include "upkeep/join.h"

#define FLUSHES 12

/* Each flush a pack, as an agent writes them. */
static void record(struct keeper *keeper, unsigned flushes, unsigned changes)
{
	keeper_open(keeper);
	for (unsigned i = 0; i < flushes; i++)
		keeper_flush(keeper, changes);
	keeper_close(keeper);
}

/* As the agent starts it: in a process of its own, as it changes its own priority. */
static pid_t start_chores(struct keeper *keeper)
{
	struct chores chores = {.git_directory = directory(keeper)};
	pid_t child = fork();

	if (child == 0) {
		alarm(60);
		_exit(chores_run(&chores, &keeper->fault) < 0);
	}
	return child;
}

static int tend(struct keeper *keeper)
{
	int status;

	assert_true(waitpid(start_chores(keeper), &status, 0) > 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static size_t list(const struct keeper *keeper, char name[][PACK_NAME], size_t most)
{
	struct tier_pack *packs;
	struct fault fault;
	size_t count;

	assert_int_equal(tiers_list(&packs, &count, directory(keeper), &fault), 0);
	assert_true(count <= most);
	tiers_oldest(packs, count, most);
	for (size_t i = 0; i < count; i++)
		memcpy(name[i], packs[i].name, PACK_NAME);
	free(packs);
	return count;
}

static int join_all(struct keeper *keeper, struct join *join)
{
	static char name[JOIN_MAX][PACK_NAME];
	struct retired retired = {.git_directory = directory(keeper)};
	int error;

	*join = (struct join){
	        .git_directory = directory(keeper), .name = name, .retired = &retired};
	join->names = list(keeper, name, JOIN_MAX);
	error = join_packs(join, &keeper->fault);
	if (!error)
		error = retired_remove(&retired, 0, true, &keeper->fault);
	retired_clear(&retired);
	return error;
}

/* What git reads: every object's id, type and content. */
static void remember_objects(struct keeper *keeper, const char *file)
{
	assert_int_equal(shell(keeper,
	                       "git -C \"$R\" cat-file --batch-all-objects --unordered "
	                       "--batch-check | sort > %s.ids && git -C \"$R\" cat-file "
	                       "--batch-all-objects --batch | sha1sum > %s",
	                       file, file),
	                 0);
}

static void assert_same_objects(struct keeper *keeper)
{
	remember_objects(keeper, "after");
	assert_int_equal(shell(keeper, "cmp before after && cmp before.ids after.ids"), 0);
	assert_whole(keeper);
}

/* Without those whose objects are in another one. */
#define COUNT_PACKS                                                                                \
	"ls \"$R\"/objects/pack/*.pack | grep -cvF \"$(cut -d' ' -f1 \"$R\"/arpkeeper/retired "    \
	"2>/dev/null; echo none)\""
#define COUNT_FILES "ls \"$R\"/objects/pack/*.pack | wc -l"
/* As if so many seconds had gone by. */
#define LATER "sed -i 's/ [0-9]*$/ 1000/' \"$R\"/arpkeeper/retired"
#define DEEPEST                                                                                    \
	"git -C \"$R\" verify-pack -v \"$R\"/objects/pack/*.idx | awk 'NF == 7 && $6 > d "         \
	"{ d = $6 } END { print d + 0 }'"
#define WHOLE_TREES                                                                                \
	"git -C \"$R\" verify-pack -v \"$R\"/objects/pack/*.idx | "                                \
	"awk 'NF == 5 && $2 == \"tree\" && $3 > 500' | wc -l"

static void joined_packs_hold_the_same_objects(void **state)
{
	struct keeper *keeper = *state;
	struct join join;
	unsigned whole;

	record(keeper, 1, 3000);
	record(keeper, FLUSHES, 40);
	remember_objects(keeper, "before");
	whole = number(keeper, WHOLE_TREES);
	assert_true(number(keeper, COUNT_PACKS) >= FLUSHES);
	if (join_all(keeper, &join))
		fail_msg("%s", keeper->fault.text);
	assert_int_equal(number(keeper, COUNT_PACKS), 1);
	assert_same_objects(keeper);
	assert_true(join.bytes_out < join.bytes_in);
	/* Folders that a pack held whole are deltas now, in chains that git itself would make. */
	assert_true(number(keeper, WHOLE_TREES) * 2 < whole);
	assert_in_range(number(keeper, DEEPEST), FLUSHES, 50);
	assert_int_equal(shell(keeper, "! ls \"$R\"/arpkeeper/*.bases \"$R\"/arpkeeper/joining/*"),
	                 0);
}

/* In one pack, each chain as long as it may be is followed by a whole folder. */
static void a_long_chain_goes_on_from_an_earlier_version(void **state)
{
	struct keeper *keeper = *state;
	struct chores chores = {.git_directory = directory(keeper), .now = true};
	unsigned whole;
	pid_t child;
	int status;

	record(keeper, 1, 3000);
	for (int i = 0; i < 3; i++)
		record(keeper, 2, 600);
	remember_objects(keeper, "before");
	whole = number(keeper, WHOLE_TREES);
	child = fork();
	if (child == 0)
		_exit(chores_run(&chores, &keeper->fault) < 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(number(keeper, COUNT_PACKS), 1);
	assert_same_objects(keeper);
	if (getenv("TEST_VERBOSE"))
		print_message("%u whole folders, %u once joined\n", whole,
		              number(keeper, WHOLE_TREES));
	assert_true(number(keeper, WHOLE_TREES) * 2 < whole);
	assert_in_range(number(keeper, DEEPEST), 40, 50);
}

static void what_was_joined_is_joined_again(void **state)
{
	struct keeper *keeper = *state;
	struct join join;
	struct stat before, after;
	char path[256];

	for (int i = 0; i < 3; i++) {
		record(keeper, 6, 30);
		if (join_all(keeper, &join))
			fail_msg("%s", keeper->fault.text);
	}
	record(keeper, 1, 30);
	remember_objects(keeper, "before");
	snprintf(path, sizeof(path), "%sobjects/pack/pack-%s.pack", directory(keeper), join.made);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(join_all(keeper, &join), 0);
	assert_same_objects(keeper);
	assert_true(number(keeper, DEEPEST) <= 50);
	/* Not older than the newest that is in it: git looks into new packs first. */
	snprintf(path, sizeof(path), "%sobjects/pack/pack-%s.pack", directory(keeper), join.made);
	assert_int_equal(stat(path, &after), 0);
	assert_true(after.st_mtim.tv_sec >= before.st_mtim.tv_sec);
	record(keeper, 1, 1);
	assert_values(keeper);
}

static void an_object_in_several_packs_is_kept_once(void **state)
{
	struct keeper *keeper = *state;
	struct join join;

	record(keeper, 3, 20);
	/* Deltas by id, as a push makes them; and an order in which bases come later. */
	assert_int_equal(
	        shell(keeper,
	              "cd \"$R\" && for i in 1 2 3; do git rev-list --objects main~$i | "
	              "git pack-objects -q objects/pack/pack --window=${i}0 >/dev/null; "
	              "git rev-list --objects --reverse main | tail -n +$((i * 7)) | git "
	              "pack-objects -q --no-reuse-delta objects/pack/pack >/dev/null; done"),
	        0);
	remember_objects(keeper, "before");
	assert_true(number(keeper, COUNT_PACKS) > 6);
	if (join_all(keeper, &join))
		fail_msg("%s", keeper->fault.text);
	assert_int_equal(number(keeper, COUNT_PACKS), 1);
	assert_same_objects(keeper);
}

static void a_wrong_sidecar_does_no_harm(void **state)
{
	struct keeper *keeper = *state;
	struct join join;

	record(keeper, 6, 20);
	remember_objects(keeper, "before");
	/* Every tree is said to be a version of every other object, or of one that is nowhere. */
	assert_int_equal(shell(keeper,
	                       "cd \"$R\" && ids=$(git cat-file --batch-all-objects --batch-check) "
	                       "&& for i in "
	                       "objects/pack/*.idx; do n=$(basename $i .idx); git show-index <$i | "
	                       "cut -d' ' "
	                       "-f2 | while read id; do echo $id; echo \"$ids\" | shuf -n 1 | cut "
	                       "-c1-40; done | "
	                       "tr -d '\\n' | tr a-f A-F | basenc -d --base16 > "
	                       "arpkeeper/$n.bases; printf torn >> "
	                       "arpkeeper/$n.bases; done"),
	                 0);
	if (join_all(keeper, &join))
		fail_msg("%s", keeper->fault.text);
	assert_same_objects(keeper);
}

/* Damages a file of the newest pack by a shell command, given its path; nothing is lost by it. */
static void refuses(struct keeper *keeper, const char *damage)
{
	struct join join;
	char hint[64];

	assert_int_equal(shell(keeper,
	                       "rm -rf copy && cp -a \"$R\" copy && F=$(ls -t "
	                       "\"$R\"/objects/pack/*.idx | head -1) && F=${F%%.idx} && chmod u+w "
	                       "$F.*; %s; ls \"$R\"/objects/pack > kept",
	                       damage),
	                 0);
	assert_int_equal(join_all(keeper, &join), -EIO);
	output(keeper, hint, sizeof(hint),
	       "ls -t $R/objects/pack/*.idx | head -1 | sed "
	       "'s/.*pack-//; s/.idx//'");
	assert_string_equal(join.name[join.damaged], hint);
	assert_non_null(strstr(keeper->fault.text, hint));
	assert_int_equal(shell(keeper,
	                       "ls \"$R\"/objects/pack | cmp - kept && rm -rf \"$R\" && mv copy "
	                       "\"$R\""),
	                 0);
}

static void a_damaged_pack_is_refused_and_nothing_removed(void **state)
{
	struct keeper *keeper = *state;

	record(keeper, 4, 60);
	refuses(keeper, "printf X | dd of=$F.pack bs=1 seek=1000 conv=notrunc 2>dd.out");
	refuses(keeper, "truncate -s -1 $F.pack");
	refuses(keeper, "truncate -s 20 $F.pack");
	refuses(keeper, "truncate -s -100 $F.idx");
	refuses(keeper, "truncate -s 0 $F.idx");
	refuses(keeper, "printf XX | dd of=$F.idx bs=1 seek=1500 conv=notrunc 2>dd.out");
	refuses(keeper, "printf X | dd of=$F.pack bs=1 seek=11 conv=notrunc 2>dd.out");
}

static void the_others_are_joined_around_a_damaged_one(void **state)
{
	struct keeper *keeper = *state;

	record(keeper, FLUSHES, 20);
	assert_int_equal(
	        shell(keeper, "F=$(ls -t \"$R\"/objects/pack/*.pack | sed -n 4p) && cp $F sound && "
	                      "chmod u+w $F && printf X | dd of=$F bs=1 seek=500 conv=notrunc "
	                      "2>dd.out && echo $F > which"),
	        0);
	assert_int_equal(tend(keeper), 0);
	assert_int_equal(number(keeper, COUNT_PACKS), 2);
	assert_int_equal(shell(keeper, "cp sound $(cat which)"), 0);
	assert_whole(keeper);
}

static void packs_of_others_are_left_alone(void **state)
{
	struct keeper *keeper = *state;
	unsigned before;

	record(keeper, 10, 10);
	before = number(keeper, COUNT_PACKS);
	assert_int_equal(shell(keeper,
	                       "cd \"$R\"/objects/pack && set -- *.pack && touch ${1%%.pack}.keep "
	                       "${2%%.pack}.promisor ${3%%.pack}.mtimes && ls $1 $2 $3 > "
	                       "../../../theirs"),
	                 0);
	assert_int_equal(tend(keeper), 0);
	assert_int_equal(number(keeper, COUNT_PACKS), before < 11 ? before : 4);
	assert_int_equal(shell(keeper, "cd \"$R\"/objects/pack && ls $(cat ../../../theirs) && rm "
	                               "*.promisor *.mtimes"),
	                 0);
	assert_whole(keeper);
}

/* One that was begun while both the new pack and the old ones were there, and is put into place
 * when these are gone: git looks nowhere but where it says. */
static void a_multi_pack_index_made_meanwhile_leads_to_the_joined_pack(void **state)
{
	struct keeper *keeper = *state;
	struct join join;

	record(keeper, 5, 10);
	remember_objects(keeper, "before");
	assert_int_equal(shell(keeper, "cp -a \"$R\"/objects/pack old"), 0);
	assert_int_equal(join_all(keeper, &join), 0);
	assert_int_equal(
	        shell(keeper,
	              "cp -a old/pack-* \"$R\"/objects/pack && git -C \"$R\" "
	              "multi-pack-index write --no-progress && "
	              "for old in old/pack-*; do rm -f \"$R\"/objects/pack/${old##*/}; done"),
	        0);
	assert_int_equal(number(keeper, COUNT_PACKS), 1);
	assert_int_equal(shell(keeper,
	                       "cut -d' ' -f1 before.ids | git -C \"$R\" cat-file --batch | "
	                       "sha1sum | cmp - before"),
	                 0);
	multiindex_drop_stale(directory(keeper));
	assert_same_objects(keeper);
}

static void a_multi_pack_index_goes_with_its_packs(void **state)
{
	struct keeper *keeper = *state;
	struct join join;

	record(keeper, 5, 10);
	assert_int_equal(shell(keeper, "git -C \"$R\" multi-pack-index write"), 0);
	remember_objects(keeper, "before");
	assert_int_equal(join_all(keeper, &join), 0);
	assert_same_objects(keeper);
	assert_int_equal(shell(keeper, "git -C \"$R\" multi-pack-index verify; ! ls "
	                               "\"$R\"/objects/pack/multi*"),
	                 0);
}

static void expire_does_not_remove_a_joined_pack(void **state)
{
	struct keeper *keeper = *state;
	struct join join;

	record(keeper, 5, 20);
	remember_objects(keeper, "before");
	/* An index that takes everything from the old packs: `expire` would remove the new one,
	 * were it not for the configuration that the agent writes. */
	assert_int_equal(shell(keeper, "git -C \"$R\" config core.multiPackIndex false && "
	                               "cp -a \"$R\"/objects/pack old && "
	                               "git -C \"$R\" multi-pack-index write && "
	                               "cp \"$R\"/objects/pack/multi-pack-index index"),
	                 0);
	assert_int_equal(join_all(keeper, &join), 0);
	assert_int_equal(
	        shell(keeper,
	              "cp -a old/pack-* \"$R\"/objects/pack && "
	              "cp -f index \"$R\"/objects/pack/multi-pack-index && "
	              "git -C \"$R\" multi-pack-index expire && "
	              "for old in old/pack-*; do rm -f \"$R\"/objects/pack/${old##*/}; done"),
	        0);
	assert_int_equal(number(keeper, COUNT_PACKS), 1);
	assert_same_objects(keeper);
	record(keeper, 10, 20);
	assert_int_equal(tend(keeper), 0);
	assert_int_equal(number(keeper, COUNT_PACKS), 1);
	assert_whole(keeper);
}

static bool drop_stale(const struct keeper *keeper)
{
	return multiindex_drop_stale(directory(keeper));
}

/* As when git has read which packs there are, and writes its index once they were joined. */
static void an_index_of_packs_that_are_gone_is_removed(void **state)
{
	static const char *const damage[] = {"truncate -s 7 $M", "truncate -s 40 $M",
	                                     "printf X | dd of=$M bs=1 seek=6 conv=notrunc",
	                                     "printf XXXX | dd of=$M bs=1 seek=19 conv=notrunc",
	                                     "printf XXXX | dd of=$M bs=1 seek=16 conv=notrunc"};
	struct keeper *keeper = *state;
	struct join join;

	record(keeper, 5, 10);
	remember_objects(keeper, "before");
	assert_int_equal(shell(keeper, "git -C \"$R\" multi-pack-index write && cp "
	                               "\"$R\"/objects/pack/multi-pack-index stale"),
	                 0);
	assert_false(drop_stale(keeper));
	assert_int_equal(join_all(keeper, &join), 0);
	assert_false(drop_stale(keeper));
	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		shell(keeper,
		      "M=\"$R\"/objects/pack/multi-pack-index; rm -f $M; cp stale $M; chmod u+w "
		      "$M; "
		      "(%s) 2>/dev/null",
		      damage[i]);
		drop_stale(keeper); /* whatever it is taken for, nothing outside is read */
	}
	assert_int_equal(shell(keeper, "cp -f stale \"$R\"/objects/pack/multi-pack-index && ! git "
	                               "-C \"$R\" fsck 2>/dev/null"),
	                 0);
	assert_true(drop_stale(keeper));
	assert_same_objects(keeper);
	assert_int_equal(shell(keeper, "git -C \"$R\" multi-pack-index write"), 0);
	assert_false(drop_stale(keeper));
	/* The writer finds one when it opens the repository, and so does the upkeep process. */
	assert_int_equal(shell(keeper, "cp -f stale \"$R\"/objects/pack/multi-pack-index"), 0);
	record(keeper, 1, 3);
	assert_int_equal(shell(keeper, "cp -f stale \"$R\"/objects/pack/multi-pack-index"), 0);
	assert_int_equal(tend(keeper), 0);
	assert_int_equal(shell(keeper, "! ls \"$R\"/objects/pack/multi*"), 0);
	assert_whole(keeper);
}

static void packs_stay_while_git_indexes_or_collects_them(void **state)
{
	struct keeper *keeper = *state;
	struct join join;
	unsigned before;

	record(keeper, 10, 10);
	before = number(keeper, COUNT_FILES);
	assert_int_equal(shell(keeper, ": > \"$R\"/objects/pack/multi-pack-index.lock"), 0);
	assert_int_equal(join_all(keeper, &join), -EALREADY);
	assert_int_equal(number(keeper, COUNT_FILES), before + 1);
	/* No process holds it for hours. */
	assert_int_equal(shell(keeper, "touch -d '2 hours ago' "
	                               "\"$R\"/objects/pack/multi-pack-index.lock"),
	                 0);
	assert_int_equal(join_all(keeper, &join), 0);
	assert_int_equal(number(keeper, COUNT_PACKS), 1);
	assert_int_equal(shell(keeper, "rm \"$R\"/objects/pack/multi-pack-index.lock"), 0);

	record(keeper, 10, 10);
	before = number(keeper, COUNT_PACKS);
	assert_int_equal(shell(keeper, "echo \"$PPID $(hostname)\" > \"$R\"/gc.pid"), 0);
	assert_int_equal(tend(keeper), 0);
	assert_int_equal(number(keeper, COUNT_PACKS), before);
	/* Locks of ours that a process has left are no obstacle to anybody. */
	assert_int_equal(shell(keeper, "rm \"$R\"/gc.pid; sh -c 'echo \"$$ $(hostname)\"' | tee "
	                               "\"$R\"/gc.pid \"$R\"/gc.pid.lock > "
	                               "\"$R\"/objects/pack/multi-pack-index.lock"),
	                 0);
	assert_int_equal(tend(keeper), 0);
	assert_int_equal(number(keeper, COUNT_PACKS), 1);
	assert_int_equal(shell(keeper, "! ls \"$R\"/gc.pid* \"$R\"/objects/pack/*.lock"), 0);
	assert_whole(keeper);
}

static void killed_at_any_moment_it_loses_nothing(void **state)
{
	struct keeper *keeper = *state;
	const char *many = getenv("JOIN_KILLS");
	int kills = many ? atoi(many) : 12, ended = 0;

	record(keeper, FLUSHES, 30);
	remember_objects(keeper, "before");
	assert_int_equal(shell(keeper, "cp -a \"$R\" original"), 0);
	for (int i = 0; i < kills; i++) {
		pid_t child = start_chores(keeper);
		int status;

		usleep((useconds_t)(rand() % 12000));
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		ended += WIFEXITED(status);
		assert_same_objects(keeper);
		if (number(keeper, COUNT_PACKS) < FLUSHES)
			assert_int_equal(shell(keeper, "rm -rf \"$R\" && cp -a original \"$R\""),
			                 0);
	}
	assert_int_equal(tend(keeper), 0);
	assert_int_equal(number(keeper, COUNT_PACKS), 1);
	assert_same_objects(keeper);
	assert_int_equal(shell(keeper, "! ls \"$R\"/arpkeeper/joining/*"), 0);
	if (getenv("TEST_VERBOSE"))
		print_message("%d of %d ended before they were killed\n", ended, kills);
}

static void only_one_is_at_it(void **state)
{
	struct keeper *keeper = *state;

	record(keeper, 10, 10);
	assert_int_equal(shell(keeper,
	                       "mkdir -p \"$R\"/arpkeeper && flock \"$R\"/arpkeeper/upkeep.lock "
	                       "sh -c 'echo > locked; exec sleep 30' & echo $! > holder; until [ "
	                       "-e locked ]; do :; done"),
	                 0);
	assert_int_equal(tend(keeper), 0);
	assert_true(number(keeper, COUNT_PACKS) >= 10);
	assert_int_equal(shell(keeper, "kill $(pgrep -P $(cat holder)) $(cat holder)"), 0);
}

static void many_loose_objects_become_a_pack(void **state)
{
	struct keeper *keeper = *state;

	record(keeper, 2, 10);
	assert_int_equal(shell(keeper,
	                       "cd \"$R\" && seq 1000 2500 | awk '{ printf \"blob\\ndata "
	                       "4\\n%%s\\n\", $0 }' | "
	                       "git -c fastimport.unpackLimit=100000 fast-import --quiet && "
	                       "[ -e objects/17 ]"),
	                 0);
	remember_objects(keeper, "before");
	assert_int_equal(tend(keeper), 0);
	assert_int_equal(number(keeper, "git -C \"$R\" count-objects | cut -d' ' -f1"), 0);
	assert_same_objects(keeper);
}

/* Of a reader that had listed them. */
static void joined_packs_can_be_read_until_a_later_run(void **state)
{
	struct keeper *keeper = *state;

	record(keeper, 10, 10);
	remember_objects(keeper, "before");
	assert_int_equal(
	        shell(keeper, "ls \"$R\"/objects/pack/*.pack \"$R\"/objects/pack/*.idx >files"), 0);
	assert_int_equal(tend(keeper), 0);
	assert_int_equal(number(keeper, COUNT_PACKS), 1);
	assert_int_equal(shell(keeper, "ls $(cat files) >again && cmp files again"), 0);
	assert_same_objects(keeper);
	/* At once, the next run lets them be, too. */
	assert_int_equal(tend(keeper), 0);
	assert_int_equal(shell(keeper, "ls $(cat files) >again && cmp files again"), 0);
	assert_int_equal(shell(keeper, LATER), 0);
	assert_int_equal(tend(keeper), 0);
	assert_int_equal(number(keeper, COUNT_FILES), 1);
	assert_same_objects(keeper);
}

static void of_joined_packs_a_bounded_number_stays(void **state)
{
	struct keeper *keeper = *state;

	for (int i = 0; i < 10; i++) {
		record(keeper, 12, 2);
		assert_int_equal(tend(keeper), 0);
		assert_in_range(number(keeper, COUNT_FILES), 1, 64 + 8);
	}
	assert_values(keeper);
	assert_whole(keeper);
}

/* Another program has removed the joined pack, or made one of the same name. */
static void a_joined_pack_that_is_needed_again_stays(void **state)
{
	struct keeper *keeper = *state;

	record(keeper, 10, 10);
	remember_objects(keeper, "before");
	assert_int_equal(tend(keeper), 0);
	assert_int_equal(shell(keeper, "rm -f \"$R\"/objects/pack/pack-$(cut -d' ' -f2 "
	                               "\"$R\"/arpkeeper/retired | head -1)* && " LATER),
	                 0);
	assert_int_equal(tend(keeper), 0);
	assert_same_objects(keeper);
	assert_int_equal(shell(keeper,
	                       LATER " && cd \"$R\"/objects/pack && for f in *.pack; do cp -p "
	                             "$f copy && mv copy $f; done"),
	                 0);
	assert_int_equal(tend(keeper), 0);
	assert_true(number(keeper, COUNT_FILES) >= 10);
	assert_same_objects(keeper);
}

static void packs_stay_few_and_are_copied_seldom(void **state)
{
	static struct tier_pack packs[4096];
	size_t count = 0, most = 0;
	uint64_t written = 0, copied = 0;

	(void)state;
	srand(5);
	for (unsigned flush = 0; flush < 200000; flush++) {
		packs[count] = (struct tier_pack){
		        .size = 2000 + (uint64_t)rand() % (flush / 10000 % 2 ? 4000 : 4000000),
		        .modified = {.tv_sec = flush}};
		written += packs[count++].size;
		while (flush % 16 == 0) {
			size_t chosen = tiers_choose(packs, count, JOIN_MAX);
			struct tier_pack made = {.size = 0};

			if (chosen == 0)
				break;
			assert_true(chosen >= 2);
			for (size_t i = 0; i < chosen; i++) {
				made.size += packs[i].size;
				made.modified = packs[i].modified;
			}
			copied += made.size;
			packs[0] = made;
			count -= chosen - 1;
			memmove(packs + 1, packs + chosen, (count - 1) * sizeof(*packs));
		}
		most = count > most ? count : most;
	}
	assert_true(most <= 64);
	assert_true(copied < 7 * written); /* 200 GB in 200,000 flushes */
	if (getenv("TEST_VERBOSE"))
		print_message("at most %zu packs, each octet copied %.1f times\n", most,
		              (double)copied / (double)written);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(joined_packs_hold_the_same_objects),
	        TEST(a_long_chain_goes_on_from_an_earlier_version),
	        TEST(what_was_joined_is_joined_again),
	        TEST(an_object_in_several_packs_is_kept_once),
	        TEST(a_wrong_sidecar_does_no_harm),
	        TEST(a_damaged_pack_is_refused_and_nothing_removed),
	        TEST(the_others_are_joined_around_a_damaged_one),
	        TEST(packs_of_others_are_left_alone),
	        TEST(a_multi_pack_index_made_meanwhile_leads_to_the_joined_pack),
	        TEST(a_multi_pack_index_goes_with_its_packs),
	        TEST(expire_does_not_remove_a_joined_pack),
	        TEST(an_index_of_packs_that_are_gone_is_removed),
	        TEST(packs_stay_while_git_indexes_or_collects_them),
	        TEST(killed_at_any_moment_it_loses_nothing),
	        TEST(only_one_is_at_it),
	        TEST(many_loose_objects_become_a_pack),
	        TEST(joined_packs_can_be_read_until_a_later_run),
	        TEST(of_joined_packs_a_bounded_number_stays),
	        TEST(a_joined_pack_that_is_needed_again_stays),
	        cmocka_unit_test(packs_stay_few_and_are_copied_seldom),
	};

	return cmocka_run_group_tests_name("join", tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/*
 * The store as a table of DNS names: a file for each name, its record as text. Only store/store.h
 * and stock git are used here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants these first. */
#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <git2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store.h"

#define FORMAT_KEY     "dnstable.format"
#define WRITES_TO_KILL 40

/* An open table. */
struct zone {
	struct repository repository;
	struct writer *writer;
	struct fault fault;
};

struct place {
	char folder[64], path[96];
};

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->folder, "/tmp/arpkeeper-store-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->path, sizeof(place->path), "%s/zone.git", place->folder);
	*state = place;
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static int tear_down(void **state)
{
	struct place *place = *state;

	nftw(place->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(place);
	return 0;
}

static void require(struct zone *zone, int error)
{
	if (error)
		fail_msg("%d: %s", error, zone->fault.text);
}

/* A commit on a branch, durable when it returns. `parent` NULL: the first. */
static void publish(struct zone *zone, struct version *version, const char *branch,
                    struct commit_spec *spec, const git_oid *was)
{
	spec->message = "a change of the table\n";
	require(zone, writer_commit(zone->writer, version, spec, &zone->fault));
	require(zone, writer_flush(zone->writer, &zone->fault));
	require(zone, refs_move(zone->repository.git, branch, was, &version->commit, &zone->fault));
	writer_settle(zone->writer);
}

static void tip_of(struct zone *zone, struct version *version, const char *branch)
{
	git_commit *commit;

	require(zone, refs_read(&version->commit, zone->repository.git, branch, &zone->fault));
	assert_int_equal(git_commit_lookup(&commit, zone->repository.git, &version->commit), 0);
	version->tree = *git_commit_tree_id(commit);
	git_commit_free(commit);
}

/* A name gets a record; NULL: it is removed. */
static void put(struct zone *zone, const char *branch, const char *name, const char *record)
{
	struct version on, made;
	struct edits edits = {0};
	git_oid id;

	tip_of(zone, &on, branch);
	if (record)
		require(zone, writer_blob(zone->writer, &id, record, strlen(record), &zone->fault));
	require(zone, edits_add(&edits, name, record ? &id : NULL, GIT_FILEMODE_BLOB));
	publish(zone, &made, branch,
	        &(struct commit_spec){.base = &on.tree,
	                              .edit = edits.edit,
	                              .edits = edits.count,
	                              .parent = {&on.commit},
	                              .parents = 1},
	        &on.commit);
	edits_clear(&edits);
}

static void assert_record(struct zone *zone, const git_oid *tree, const char *name,
                          const char *record)
{
	const char *text;
	size_t length;
	int error = writer_read(zone->writer, &text, &length, tree, name, &zone->fault);

	if (!record) {
		assert_int_equal(error, -ENOENT);
		return;
	}
	require(zone, error);
	assert_int_equal(length, strlen(record));
	assert_memory_equal(text, record, length);
}

static void open_zone(struct zone *zone, const char *path)
{
	struct repository_options options = {.path = path,
	                                     .key = FORMAT_KEY,
	                                     .format = 1,
	                                     .setting = "zone.path",
	                                     .sections = (const char *const[]){"dnstable", NULL}};
	struct version made;
	git_config *config;
	git_oid id;

	memset(zone, 0, sizeof(*zone));
	require(zone, repository_open(&zone->repository, &options, &zone->fault));
	require(zone, writer_new(&zone->writer, zone->repository.git, "dns <dns@example.net>",
	                         &zone->fault));
	if (refs_read(&id, zone->repository.git, MAIN_REF, NULL) == -ENOENT) {
		assert_int_equal(git_repository_config(&config, zone->repository.git), 0);
		assert_int_equal(git_config_set_int32(config, FORMAT_KEY, 1), 0);
		git_config_free(config);
		publish(zone, &made, MAIN_REF, &(struct commit_spec){.base = NULL}, NULL);
	}
	require(zone, repository_ready(&zone->repository, path, &zone->fault));
}

static void close_zone(struct zone *zone)
{
	writer_free(zone->writer);
	git_repository_free(zone->repository.git);
	repository_release(zone->repository.lock);
	git_libgit2_shutdown();
}

static void run(const char *format, const char *first, const char *second)
{
	char command[512];

	snprintf(command, sizeof(command), format, first, second);
	assert_int_equal(system(command), 0);
}

static void every_version_stays_readable(void **state)
{
	struct place *place = *state;
	struct version old, new;
	struct zone zone;

	open_zone(&zone, place->path);
	put(&zone, MAIN_REF, "net/example/www", "A 192.0.2.1\n");
	tip_of(&zone, &old, MAIN_REF);
	put(&zone, MAIN_REF, "net/example/www", "A 192.0.2.2\n");
	put(&zone, MAIN_REF, "net/example/mail", "MX 10 mx\n");
	tip_of(&zone, &new, MAIN_REF);
	assert_record(&zone, &old.tree, "net/example/www", "A 192.0.2.1\n");
	assert_record(&zone, &old.tree, "net/example/mail", NULL);
	assert_record(&zone, &new.tree, "net/example/www", "A 192.0.2.2\n");
	close_zone(&zone);
	/* As one that was there before. */
	open_zone(&zone, place->path);
	assert_record(&zone, &new.tree, "net/example/mail", "MX 10 mx\n");
	close_zone(&zone);
}

static void another_repository_is_refused_and_a_second_process_finds_it_in_use(void **state)
{
	struct place *place = *state;
	struct repository_options others = {.path = place->path,
	                                    .key = "else.format",
	                                    .format = 1,
	                                    .setting = "else.path",
	                                    .sections = (const char *const[]){"dnstable", NULL}};
	struct repository repository;
	struct zone zone;

	open_zone(&zone, place->path);
	assert_int_equal(repository_open(&repository, &others, &zone.fault), -EINVAL);
	assert_non_null(strstr(zone.fault.text, "else.path"));
	others.key = FORMAT_KEY;
	assert_int_equal(repository_open(&repository, &others, &zone.fault), -EBUSY);
	git_libgit2_shutdown();
	git_libgit2_shutdown();
	close_zone(&zone);
}

/* The shorter record wins; a removal loses. Counts what it was asked. */
static int shorter_wins(void *context, const struct treemerge_file *file)
{
	struct zone *zone = ((void **)context)[0];
	size_t *asked = ((void **)context)[1], length[2];

	++*asked;
	assert_string_equal(file->path, "net/example/both");
	assert_non_null(file->base.id);
	for (int i = 0; i < 2; i++) {
		git_blob *blob;

		assert_int_equal(git_blob_lookup(&blob, zone->repository.git,
		                                 i ? file->theirs.id : file->ours.id),
		                 0);
		length[i] = (size_t)git_blob_rawsize(blob);
		git_blob_free(blob);
	}
	return length[1] < length[0] ? TREEMERGE_THEIRS : TREEMERGE_OURS;
}

static void merge(struct zone *zone, const char *into, const char *branch, treemerge_rule *rule,
                  void *context)
{
	struct version ours, theirs, base, made;
	struct edits edits = {0};
	git_commit *commit;

	tip_of(zone, &ours, into);
	tip_of(zone, &theirs, branch);
	require(zone, ancestry_base(&base.commit, zone->repository.git, &ours.commit,
	                            &theirs.commit, &zone->fault));
	assert_int_equal(git_commit_lookup(&commit, zone->repository.git, &base.commit), 0);
	base.tree = *git_commit_tree_id(commit);
	git_commit_free(commit);
	require(zone, treemerge(&edits, zone->repository.git, &base.tree, &ours.tree, &theirs.tree,
	                        rule, context, &zone->fault));
	publish(zone, &made, into,
	        &(struct commit_spec){.base = &ours.tree,
	                              .edit = edits.edit,
	                              .edits = edits.count,
	                              .parent = {&ours.commit, &theirs.commit},
	                              .parents = 2},
	        &ours.commit);
	edits_clear(&edits);
}

static void branches_that_changed_apart_are_merged_and_the_rule_decides_a_conflict(void **state)
{
	static const char tokyo[] = "refs/heads/tokyo", paris[] = "refs/heads/paris";
	struct place *place = *state;
	struct version start, end;
	struct zone zone;
	size_t asked = 0;
	void *context[] = {&zone, &asked};

	open_zone(&zone, place->path);
	put(&zone, MAIN_REF, "net/example/both", "A 192.0.2.1\n");
	put(&zone, MAIN_REF, "net/example/gone", "A 192.0.2.9\n");
	put(&zone, MAIN_REF, "net/example/kept", "A 192.0.2.8\n");
	tip_of(&zone, &start, MAIN_REF);
	require(&zone, refs_set(zone.repository.git, tokyo, &start.commit, &zone.fault));
	require(&zone, refs_set(zone.repository.git, paris, &start.commit, &zone.fault));
	put(&zone, tokyo, "net/example/both", "AAAA 2001:db8::1\n");
	put(&zone, tokyo, "org/example/tokyo", "A 198.51.100.1\n");
	put(&zone, paris, "net/example/both", "A 10.0.0.1\n");
	put(&zone, paris, "org/example/paris", "A 203.0.113.1\n");
	put(&zone, paris, "net/example/gone", NULL);
	merge(&zone, tokyo, paris, shorter_wins, context);
	tip_of(&zone, &end, tokyo);
	assert_int_equal(asked, 1);
	assert_record(&zone, &end.tree, "net/example/both", "A 10.0.0.1\n");
	assert_record(&zone, &end.tree, "net/example/gone", NULL);
	assert_record(&zone, &end.tree, "net/example/kept", "A 192.0.2.8\n");
	assert_record(&zone, &end.tree, "org/example/tokyo", "A 198.51.100.1\n");
	assert_record(&zone, &end.tree, "org/example/paris", "A 203.0.113.1\n");
	/* A folder where the other side has changed a file is not for a rule on files. */
	put(&zone, tokyo, "net/example/kept", "A 192.0.2.7\n");
	put(&zone, paris, "net/example/kept", NULL);
	put(&zone, paris, "net/example/kept/deeper", "A 192.0.2.6\n");
	tip_of(&zone, &start, paris);
	tip_of(&zone, &end, tokyo);
	{
		struct edits edits = {0};

		assert_int_equal(treemerge(&edits, zone.repository.git, NULL, &end.tree,
		                           &start.tree, shorter_wins, context, &zone.fault),
		                 -ENOTSUP);
		assert_non_null(strstr(zone.fault.text, "net/example/kept"));
		edits_clear(&edits);
	}
	close_zone(&zone);
}

/* Writes names until it is killed, and says each that is acknowledged. */
static _Noreturn void write_until_killed(const char *path, int output)
{
	struct zone zone;
	char name[32];

	open_zone(&zone, path);
	for (uint32_t number = 0;; number++) {
		snprintf(name, sizeof(name), "net/example/host%u", number);
		put(&zone, MAIN_REF, name, name);
		if (write(output, &number, sizeof(number)) != sizeof(number))
			_exit(1);
	}
}

static void what_was_acknowledged_before_a_kill_is_there_after_it(void **state)
{
	struct place *place = *state;
	struct version tip;
	struct zone zone;
	uint32_t number, acknowledged = 0;
	char name[32];
	int end[2];
	pid_t child;

	assert_int_equal(pipe(end), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		write_until_killed(place->path, end[1]);
	close(end[1]);
	while (acknowledged < WRITES_TO_KILL &&
	       read(end[0], &number, sizeof(number)) == sizeof(number))
		acknowledged++;
	kill(child, SIGKILL);
	/* What it said before it died counts, too. */
	while (read(end[0], &number, sizeof(number)) == sizeof(number))
		acknowledged++;
	close(end[0]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_true(acknowledged >= WRITES_TO_KILL);

	run("git -C %s fsck --strict --no-dangling >/dev/null", place->path, "");
	open_zone(&zone, place->path);
	tip_of(&zone, &tip, MAIN_REF);
	for (uint32_t i = 0; i < acknowledged; i++) {
		snprintf(name, sizeof(name), "net/example/host%u", i);
		assert_record(&zone, &tip.tree, name, name);
	}
	put(&zone, MAIN_REF, "net/example/after", "A 192.0.2.1\n");
	close_zone(&zone);
	run("git -C %s fsck --strict --no-dangling >/dev/null", place->path, "");
}

static void stock_git_clones_the_table(void **state)
{
	struct place *place = *state;
	struct zone zone;

	open_zone(&zone, place->path);
	put(&zone, MAIN_REF, "net/example/www", "A 192.0.2.1\n");
	put(&zone, MAIN_REF, "net/example/txt", "TXT two words\n");
	run("git clone -q %s %s/clone", place->path, place->folder);
	run("printf 'A 192.0.2.1\\n' | cmp - %s/clone/net/example/www%s", place->folder, "");
	run("printf 'TXT two words\\n' | cmp - %s/clone/net/example/txt%s", place->folder, "");
	close_zone(&zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(every_version_stays_readable, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                another_repository_is_refused_and_a_second_process_finds_it_in_use, set_up,
	                tear_down),
	        cmocka_unit_test_setup_teardown(
	                branches_that_changed_apart_are_merged_and_the_rule_decides_a_conflict,
	                set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                what_was_acknowledged_before_a_kill_is_there_after_it, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(stock_git_clones_the_table, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Looking back by the index: whatever happens to its file, the answers are those of the commits.
 * They are compared with the log of everything, which is read without the index, and times with git
 * rev-list.
 */
#include "maker.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "lookback/lookback.h"
#include "reader/reader.h"
#include "reader/state.h"

struct lines {
	char *line[8192];
	size_t count;
};

static int remember(void *context, const struct reader_event *event)
{
	struct lines *lines = context;
	char before[MAC_TEXT] = "-", after[MAC_TEXT] = "-";

	if (event->before)
		mac_format(before, event->before->mac);
	if (event->after)
		mac_format(after, event->after->mac);
	assert_true(lines->count < sizeof(lines->line) / sizeof(*lines->line));
	assert_true(asprintf(&lines->line[lines->count++], "%08x %s %s %s %s %u%s",
	                     address_number(event->address), event->commit, event->main, before,
	                     after, event->fate, event->begins ? " begins" : "") > 0);
	return 0;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void forget(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->line[i]);
	lines->count = 0;
}

static struct reader *open_reader(const char *path)
{
	struct reader *reader;
	struct fault fault = {""};

	assert_int_equal(reader_open(&reader, path, &fault), 0);
	return reader;
}

/* What the log of everything has of a prefix, in its order. */
static void assert_told_of(struct reader *reader, const struct lines *all, struct prefix prefix)
{
	const struct reader_query query = {.prefix = &prefix};
	struct lines found = {.count = 0};
	struct fault fault = {""};
	size_t at = 0;

	assert_int_equal(reader_log(reader, &query, remember, &found, &fault), 0);
	for (size_t i = 0; i < all->count; i++) {
		uint32_t number = (uint32_t)strtoul(all->line[i], NULL, 16);

		if (!prefix_contains(prefix, made_address(number)))
			continue;
		assert_true(at < found.count);
		assert_string_equal(found.line[at++], all->line[i]);
	}
	assert_int_equal(at, found.count);
	forget(&found);
}

/* Every address's life, every MAC's and every prefix's, as by the index, is what all of it is
 * without. */
static void assert_told(const char *path)
{
	const struct reader_query everything = {.limit = 0};
	struct lines all = {.count = 0}, found = {.count = 0};
	struct reader *reader = open_reader(path);
	struct fault fault = {""};
	char of_mac[MAC_TEXT];

	assert_int_equal(reader_log(reader, &everything, remember, &all, &fault), 0);
	assert_true(all.count > 0);
	for (uint8_t length = 28; length <= 32; length++)
		for (uint32_t i = 0; i < ADDRESSES; i++) {
			struct address address = made_address(FIRST + i);
			uint8_t bits = address_is_v4(address) ? length : 96 + length;

			assert_told_of(reader, &all, prefix_around(address, bits));
		}
	for (uint32_t i = 0; i < ADDRESSES; i++) {
		const struct address address = made_address(FIRST + i);
		const struct reader_query query = {.address = &address};

		assert_int_equal(reader_log(reader, &query, remember, &found, &fault), 0);
	}
	qsort(all.line, all.count, sizeof(*all.line), compare_lines);
	qsort(found.line, found.count, sizeof(*found.line), compare_lines);
	assert_int_equal(found.count, all.count);
	for (size_t i = 0; i < all.count; i++)
		assert_string_equal(found.line[i], all.line[i]);
	for (uint8_t octet = 1; octet <= 9; octet++) {
		const struct mac mac = {{2, 0, 0, 0, 0, octet}};
		const struct reader_query query = {.mac = &mac};
		size_t wanted = 0;

		forget(&found);
		assert_int_equal(reader_log(reader, &query, remember, &found, &fault), 0);
		mac_format(of_mac, mac);
		for (size_t i = 0; i < all.count; i++)
			wanted += strstr(all.line[i], of_mac) != NULL;
		assert_int_equal(found.count, wanted);
	}
	forget(&found);
	forget(&all);
	reader_close(reader);
}

struct seek {
	int64_t time;
	char commit[41];
};

static int seek_step(void *context, uint32_t ordinal, const struct index_commit *commit)
{
	struct seek *seek = context;

	(void)ordinal;
	if (commit->time > seek->time)
		return 0;
	git_oid_tostr(seek->commit, sizeof(seek->commit), &commit->id);
	return 1;
}

/* What main named, as the reader says it (which asks no index for so short a history), and as the
 * index does. It is up to date: assert_told() has been there. */
static void assert_times(const struct sandbox *sandbox, int64_t until)
{
	struct reader *reader = open_reader(sandbox->origin);
	struct fault fault = {""};
	struct index *index;
	char directory[128];

	snprintf(directory, sizeof(directory), "%s/", sandbox->origin);
	assert_int_equal(index_open(&index, directory, 0, false, &fault), 0);
	for (int64_t time = BEGIN - 5; time <= until; time += 1 + (until - BEGIN) / 16) {
		struct reader_moment moment = {.time = 0};
		struct seek seek = {.time = time};
		int error = reader_at(reader, &moment, time, &fault);

		shell_ok(sandbox,
		         ">../output; git -C '%s' rev-list -1 --first-parent --before=%lld main",
		         sandbox->origin, (long long)time);
		assert_int_equal(error, *output_of(sandbox) ? 0 : -ENODATA);
		assert_true(index_line(index, time, seek_step, &seek) >= 0);
		if (error) {
			assert_non_null(strstr(fault.text, "begins at 2025-11-22T"));
			assert_string_equal(seek.commit, "");
			continue;
		}
		assert_memory_equal(output_of(sandbox), moment.commit, 40);
		assert_string_equal(seek.commit, moment.commit);
	}
	index_free(index);
	reader_close(reader);
}

static char *index_path(const struct sandbox *sandbox)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/arpkeeper/index", sandbox->origin);
	return path;
}

static void its_answers_are_those_of_the_commits(void **state)
{
	for (unsigned seed = 1; seed <= 4; seed++) {
		begin(*state, seed, 250);
		assert_told(((struct sandbox *)*state)->origin);
		assert_times(*state, BEGIN + 250 * 3 + 9);
		assert_int_equal(unlink(index_path(*state)), 0);
	}
}

/* More changes of an address than are looked at first; and they begin within a merge, or not. */
static void long_lives_are_told_whole(void **state)
{
	struct maker maker = {
	        .sandbox = *state, .path = ((struct sandbox *)*state)->origin, .straight = true};

	srand(11);
	for (int i = 0; i < 4; i++) {
		make(&maker, 150);
		assert_told(maker.path);
	}
}

static void it_grows_with_the_history(void **state)
{
	const struct sandbox *sandbox = *state;
	struct maker maker = begin(sandbox, 7, 100);
	struct stat before, after;

	assert_told(sandbox->origin);
	assert_int_equal(stat(index_path(sandbox), &before), 0);
	for (int i = 0; i < 6; i++) {
		make(&maker, 40);
		assert_told(sandbox->origin);
		assert_times(sandbox, BEGIN + (int64_t)maker.commits * 3 + 9);
	}
	/* Added to, not made anew. */
	assert_int_equal(stat(index_path(sandbox), &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
}

static void a_replaced_main_is_noticed(void **state)
{
	const struct sandbox *sandbox = *state;
	struct maker maker = begin(sandbox, 8, 150);

	assert_told(sandbox->origin);
	shell_ok(sandbox, "git -C ../r.git update-ref refs/heads/main main~20");
	assert_told(sandbox->origin);
	maker.tip[0] = 60;
	make(&maker, 30);
	assert_told(sandbox->origin);
	assert_times(sandbox, BEGIN + (int64_t)maker.commits * 3 + 9);
	memset(maker.tip, 0, sizeof(maker.tip));
	make(&maker, 30);
	assert_told(sandbox->origin);
}

static void spoil(const struct sandbox *sandbox, long at, const char *bytes, size_t length)
{
	int file = open(index_path(sandbox), O_RDWR | O_CLOEXEC);

	assert_true(file >= 0);
	assert_int_equal(pwrite(file, bytes, length, at), length);
	close(file);
}

static void a_damaged_file_is_noticed(void **state)
{
	static const long places[] = {0, 9, 13, 17, 30, 44, 52, 60, 64, 5000, 16448, 16460, 16500};
	const struct sandbox *sandbox = *state;

	begin(sandbox, 9, 200);
	for (unsigned block = 0; block < 3; block++) {
		for (unsigned i = 0; i < sizeof(places) / sizeof(*places); i++) {
			assert_told(sandbox->origin);
			spoil(sandbox, (long)block * (256 << 10) + places[i], "\xa5\x5a\xa5", 3);
		}
	}
	assert_told(sandbox->origin);
}

static void a_file_cut_off_is_noticed(void **state)
{
	static const long sizes[] = {0,      1,      63,     64,     16448,  16500,
	                             262143, 262144, 262200, 524288, 540000, 600000};
	const struct sandbox *sandbox = *state;

	begin(sandbox, 10, 200);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		assert_told(sandbox->origin);
		assert_int_equal(truncate(index_path(sandbox), sizes[i]), 0);
	}
	assert_told(sandbox->origin);
	shell_ok(sandbox, "head -c 700000 /dev/urandom >'%s'", index_path(sandbox));
	assert_told(sandbox->origin);
}

static void an_index_of_another_history_is_noticed(void **state)
{
	const struct sandbox *sandbox = *state;

	begin(sandbox, 11, 100);
	assert_told(sandbox->origin);
	shell_ok(sandbox, "mv '%s' ../other", index_path(sandbox));
	shell_ok(sandbox, "rm -f ../marks");
	begin(sandbox, 12, 120);
	shell_ok(sandbox, "mkdir -p ../r.git/arpkeeper && cp ../other '%s'", index_path(sandbox));
	assert_told(sandbox->origin);
}

static void an_index_that_cannot_be_written_is_done_without(void **state)
{
	const struct sandbox *sandbox = *state;

	shell_ok(sandbox, "echo in the way >../r.git/arpkeeper");
	begin(sandbox, 13, 100);
	assert_told(sandbox->origin);
}

static void beside_a_writer_it_reads_on_and_leaves_the_file_alone(void **state)
{
	const struct sandbox *sandbox = *state;
	struct maker maker = begin(sandbox, 14, 100);
	char directory[128], origin[128];
	struct stat before, after;
	struct index *index;
	struct fault fault;

	assert_told(sandbox->origin);
	snprintf(directory, sizeof(directory), "%s/", sandbox->origin);
	snprintf(origin, sizeof(origin), "%s", sandbox->origin);
	assert_int_equal(index_open(&index, directory, 0, true, &fault), 0);
	assert_int_equal(stat(index_path(sandbox), &before), 0);
	make(&maker, 50);
	assert_told(origin);
	assert_int_equal(stat(index_path(sandbox), &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_size, after.st_size);
	index_free(index);
	assert_told(origin);
}

static void an_index_that_has_more_than_the_tip_is_of_use(void **state)
{
	const struct sandbox *sandbox = *state;
	struct maker maker = begin(sandbox, 16, 100);
	struct reader *reader = open_reader(sandbox->origin);
	char directory[128];
	struct fault fault = {""};
	git_commit *tip;

	assert_told(sandbox->origin);
	snprintf(directory, sizeof(directory), "%s/", sandbox->origin);
	assert_int_equal(reader_tip(&tip, reader, &fault), 0);
	/* An agent goes on between the reader's look at main and its look at the index. */
	make(&maker, 50);
	assert_int_equal(lookback_tend(directory, &fault), 0);
	assert_int_equal(reader_index(reader, tip, false), 0);
	git_commit_free(tip);
	reader_close(reader);
	assert_told(sandbox->origin);
}

static void a_shallow_history_begins_at_its_boundary(void **state)
{
	const struct sandbox *sandbox = *state;
	struct lines lines = {.count = 0};
	const struct reader_query query = {.limit = 0};
	char path[128];
	struct reader *reader;
	struct fault fault;
	size_t begins = 0;

	begin(sandbox, 15, 200);
	snprintf(path, sizeof(path), "%s/s.git", sandbox->directory);
	shell_ok(sandbox, "git clone -q --bare --depth 30 -b main file://'%s' ../s.git",
	         sandbox->origin);
	assert_told(path);
	reader = open_reader(path);
	assert_int_equal(reader_log(reader, &query, remember, &lines, &fault), 0);
	for (size_t i = 0; i < lines.count; i++)
		begins += strstr(lines.line[i], " begins") != NULL;
	forget(&lines);
	reader_close(reader);
	/* Deeper, and then whole: another boundary each time. */
	shell_ok(sandbox, "git -C ../s.git fetch -q --depth 60 origin main:main");
	assert_told(path);
	shell_ok(sandbox, "git -C ../s.git fetch -q --unshallow origin main:main");
	assert_told(path);
	assert_true(begins > 0);
}

static void a_foreign_repository_is_refused(void **state)
{
	const struct reader_query query = {.address = &(struct address)ADDRESS_V4(FIRST)};
	const struct sandbox *sandbox = *state;
	struct lines lines = {.count = 0};
	struct reader_moment moment;
	struct fault fault = {""};
	struct reader *reader = open_reader(sandbox->clone);

	assert_int_equal(reader_log(reader, &query, remember, &lines, &fault), -EINVAL);
	assert_non_null(strstr(fault.text, "is not one of arpkeeper's"));
	assert_int_equal(reader_at(reader, &moment, BEGIN, &fault), -EINVAL);
	reader_close(reader);
}

#define IN_SANDBOX(test) cmocka_unit_test_setup_teardown(test, sandbox_open, sandbox_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        IN_SANDBOX(its_answers_are_those_of_the_commits),
	        IN_SANDBOX(long_lives_are_told_whole),
	        IN_SANDBOX(it_grows_with_the_history),
	        IN_SANDBOX(a_replaced_main_is_noticed),
	        IN_SANDBOX(a_damaged_file_is_noticed),
	        IN_SANDBOX(a_file_cut_off_is_noticed),
	        IN_SANDBOX(an_index_of_another_history_is_noticed),
	        IN_SANDBOX(an_index_that_cannot_be_written_is_done_without),
	        IN_SANDBOX(beside_a_writer_it_reads_on_and_leaves_the_file_alone),
	        IN_SANDBOX(an_index_that_has_more_than_the_tip_is_of_use),
	        IN_SANDBOX(a_shallow_history_begins_at_its_boundary),
	        IN_SANDBOX(a_foreign_repository_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/* A look-back index to which rows are added one at a time, for years; of both families. */
#include <errno.h>

#include "lookback/index_blocks.h"
#include "lookback/index_change.h"
#include "lookback/index_file.h"
#include "lookback/index_key.h"
#include "lookback/index_rows.h"

#include "../gitshell.h"

#define ROWS 40000 /* some blocks of each kind */

static git_oid id_of(uint32_t number)
{
	git_oid id = {{0}};

	memcpy(id.id, &number, sizeof(number));
	return id;
}

static unsigned blocks_in_memory(const struct index *index)
{
	unsigned blocks = 0;

	for (size_t i = 0; i < index->blocks; i++)
		blocks += index->block[i].data != NULL;
	return blocks;
}

static void full_blocks_do_not_stay_in_memory(void **state)
{
	char folder[] = "/tmp/akindex-XXXXXX", directory[64];
	struct fault fault = {""};
	struct index *index;
	uint32_t ordinal;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(directory, sizeof(directory), "%s/", folder);
	assert_int_equal(index_create(&index, directory, 0, &fault), 0);
	for (uint32_t i = 0; i < ROWS; i++) {
		const struct index_commit commit = {id_of(i), INDEX_LINE | INDEX_TIP, i};
		const struct index_change change = {.commit = i, .address = address_v4(i)};

		assert_int_equal(index_add_commit(index, &commit), 0);
		assert_int_equal(index_add_change(index, &change), 0);
		assert_int_equal(index_flush(index, &fault), 0);
		assert_true(blocks_in_memory(index) <= INDEX_KINDS);
	}
	assert_true(index->blocks > 2 * INDEX_KINDS);
	for (uint32_t i = 0; i < ROWS; i += ROWS / 100) {
		const git_oid id = id_of(i);

		assert_int_equal(index_find(index, &id, &ordinal), 0);
		assert_int_equal(ordinal, i);
	}
	index_free(index);
	gitshell_remove(folder);
}

/* A block that was read before its last rows came. */
static void a_block_that_has_become_full_is_read_again(void **state)
{
	char folder[] = "/tmp/akindex-XXXXXX", directory[64];
	struct fault fault = {""};
	struct index *index;
	uint32_t ordinal;
	git_oid id;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(directory, sizeof(directory), "%s/", folder);
	assert_int_equal(index_create(&index, directory, 0, &fault), 0);
	for (uint32_t i = 0; i < index_block_rows(INDEX_COMMITS); i++) {
		const struct index_commit commit = {id_of(i), INDEX_LINE | INDEX_TIP, i};

		assert_int_equal(index_add_commit(index, &commit), 0);
		if (i > 0)
			continue;
		assert_int_equal(index_adopt(index, &fault), 0);
		index_free(index);
		assert_int_equal(index_open(&index, directory, 0, true, &fault), 0);
	}
	assert_int_equal(index_flush(index, &fault), 0);
	for (uint32_t i = 0; i < index_block_rows(INDEX_COMMITS); i += 7) {
		id = id_of(i);
		assert_int_equal(index_find(index, &id, &ordinal), 0);
		assert_int_equal(ordinal, i);
	}
	index_free(index);
	gitshell_remove(folder);
}

static void turn(void *word, size_t size)
{
	unsigned char *byte = word;

	for (size_t i = 0; i < size / 2; i++) {
		unsigned char kept = byte[i];

		byte[i] = byte[size - 1 - i];
		byte[size - 1 - i] = kept;
	}
}

/* The header of the file's first block, as a machine of the other byte order writes it. */
static void turn_header(const char *path)
{
	struct index_header header;
	FILE *file = fopen(path, "r+");

	assert_non_null(file);
	assert_int_equal(fread(&header, sizeof(header), 1, file), 1);
	turn(&header.magic, sizeof(header.magic));
	turn(&header.kind, sizeof(header.kind));
	turn(&header.count, sizeof(header.count));
	turn(&header.first, sizeof(header.first));
	turn(&header.word, sizeof(header.word));
	turn(&header.least, sizeof(header.least));
	turn(&header.flags, sizeof(header.flags));
	turn(&header.rows_sum, sizeof(header.rows_sum));
	turn(&header.filter_sum, sizeof(header.filter_sum));
	header.header_sum = index_header_sum(&header);
	turn(&header.header_sum, sizeof(header.header_sum));
	rewind(file);
	assert_int_equal(fwrite(&header, sizeof(header), 1, file), 1);
	assert_int_equal(fclose(file), 0);
}

/* A repository that was copied: the index is of the other machine, and is made anew. */
static void the_other_byte_order_is_refused_and_a_new_index_takes_over(void **state)
{
	char folder[] = "/tmp/akindex-XXXXXX", directory[64], path[128];
	const struct index_commit commit = {id_of(1), INDEX_LINE | INDEX_TIP, 1};
	struct fault fault = {""};
	struct index *index;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(directory, sizeof(directory), "%s/", folder);
	snprintf(path, sizeof(path), "%s" INDEX_FILE, directory);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(index_create(&index, directory, 7, &fault), 0);
		assert_int_equal(index_add_commit(index, &commit), 0);
		assert_int_equal(index_adopt(index, &fault), 0);
		index_free(index);
		assert_int_equal(index_open(&index, directory, 7, true, &fault), 0);
		assert_int_equal(index_commits(index), 1);
		index_free(index);
		turn_header(path);
		assert_int_equal(index_open(&index, directory, 7, true, &fault), -EBADMSG);
		assert_int_equal(index_open(&index, directory, 7, false, &fault), -EBADMSG);
	}
	gitshell_remove(folder);
}

/* --- both families ---------------------------------------------------------------------------- */

#define CHANGES 45000 /* rows of some five blocks */
#define HOSTS   400
#define MACS    60

struct sandbox {
	char folder[64], directory[80];
	struct index *index;
	struct index_change change[CHANGES]; /* what was added */
	size_t changes;
};

static int set_up(void **state)
{
	struct sandbox *sandbox = calloc(1, sizeof(*sandbox));
	struct fault fault = {""};

	assert_non_null(sandbox);
	strcpy(sandbox->folder, "/tmp/akindex-XXXXXX");
	assert_non_null(mkdtemp(sandbox->folder));
	snprintf(sandbox->directory, sizeof(sandbox->directory), "%s/", sandbox->folder);
	assert_int_equal(index_create(&sandbox->index, sandbox->directory, 0, &fault), 0);
	assert_int_equal(index_adopt(sandbox->index, &fault), 0);
	srand(1);
	*state = sandbox;
	return 0;
}

static int tear_down(void **state)
{
	struct sandbox *sandbox = *state;

	index_free(sandbox->index);
	gitshell_remove(sandbox->folder);
	free(sandbox);
	return 0;
}

/* Odd hosts have IPv6, whose last bits are those of the IPv4 host before it. */
static struct address host(unsigned number)
{
	if (number % 2 == 0)
		return address_v4(0x0a000000 + number);
	return (struct address){UINT64_C(0x20010db800000000) + number % 5,
	                        ADDRESS_V4_LOW | (0x0a000000 + number - 1)};
}

static struct mac mac_of(unsigned number)
{
	return number ? (struct mac){{2, 0, 0, 0, 0, (uint8_t)number}} : (struct mac){{0}};
}

/* A change, of a commit of its own. */
static void add(struct sandbox *sandbox, struct address address)
{
	const uint32_t number = index_commits(sandbox->index);
	const struct index_commit commit = {id_of(number), INDEX_LINE | INDEX_TIP, number};
	const struct index_change change = {.address = address,
	                                    .commit = number,
	                                    .segment = (uint16_t)(rand() % 3),
	                                    .flags = rand() % 50 ? 0 : INDEX_BEFORE_UNKNOWN,
	                                    .before = mac_of((unsigned)rand() % MACS),
	                                    .after = mac_of((unsigned)rand() % MACS)};

	assert_int_equal(index_add_commit(sandbox->index, &commit), 0);
	assert_int_equal(index_add_change(sandbox->index, &change), 0);
	sandbox->change[sandbox->changes++] = change;
}

static void write_out(struct sandbox *sandbox, bool again)
{
	struct fault fault = {""};

	assert_int_equal(index_flush(sandbox->index, &fault), 0);
	if (!again)
		return;
	index_free(sandbox->index);
	if (index_open(&sandbox->index, sandbox->directory, 0, true, &fault))
		fail_msg("%s", fault.text);
}

struct expected {
	struct sandbox *sandbox;
	const struct address *address;
	const struct mac *mac;
	size_t next; /* of those that are left, the last one may be next */
	size_t seen;
};

static bool is_expected(const struct index_change *change, const struct expected *expected)
{
	const struct mac *mac = expected->mac;

	return (!expected->address || address_equal(change->address, *expected->address)) &&
	       (!mac || mac_equal(change->before, *mac) || mac_equal(change->after, *mac) ||
	        change->flags & INDEX_BEFORE_UNKNOWN);
}

/* The changes come newest first, and whole. */
static int compare(void *context, const struct index_change *change)
{
	struct expected *expected = context;
	const struct index_change *want;

	do {
		assert_true(expected->next > 0);
		want = &expected->sandbox->change[--expected->next];
	} while (!is_expected(want, expected));
	assert_true(address_equal(change->address, want->address));
	assert_true(mac_equal(change->before, want->before) &&
	            mac_equal(change->after, want->after));
	assert_true(change->commit == want->commit && change->segment == want->segment &&
	            change->flags == want->flags);
	expected->seen++;
	return 0;
}

static size_t assert_found(struct sandbox *sandbox, const struct address *address,
                           const struct mac *mac)
{
	struct expected expected = {sandbox, address, mac, sandbox->changes, 0};

	assert_int_equal(index_scan(sandbox->index, address, mac, compare, &expected), 0);
	while (expected.next > 0)
		assert_false(is_expected(&sandbox->change[--expected.next], &expected));
	return expected.seen;
}

/* In the file, as any program reads it. */
static unsigned assert_pairs_whole(struct sandbox *sandbox)
{
	struct index *index = sandbox->index;
	unsigned voids = 0;

	for (size_t i = 0; i < index->blocks; i++) {
		const uint32_t count = index->block[i].header.count;
		const struct index_row *row;
		const void *rows;

		if (index->block[i].header.kind != INDEX_CHANGES)
			continue;
		assert_int_equal(index_rows(index, i, &rows), 0);
		row = rows;
		for (uint32_t j = 0; j < count; j++) {
			bool wide = row[j].flags & INDEX_WIDE;

			voids += (row[j].flags & INDEX_VOID) != 0;
			assert_true(!(row[j].flags & INDEX_VOID) || j + 1 == count);
			assert_true(!wide || (j + 1 < count && row[j + 1].flags == INDEX_REST));
			assert_true(row[j].flags != INDEX_REST ||
			            (j > 0 && row[j - 1].flags & INDEX_WIDE));
		}
	}
	return voids;
}

static void both_families_are_found_as_they_were_added(void **state)
{
	struct sandbox *sandbox = *state;
	struct address address;
	struct mac mac;

	while (sandbox->changes < CHANGES) {
		add(sandbox, host((unsigned)rand() % HOSTS));
		if (rand() % 1000 == 0)
			write_out(sandbox, rand() % 4 == 0);
	}
	for (int again = 0; again < 2; again++) {
		assert_int_equal(assert_found(sandbox, NULL, NULL), CHANGES);
		for (unsigned i = 0; i < HOSTS; i++) {
			address = host(i);
			assert_true(assert_found(sandbox, &address, NULL) > 50);
		}
		for (unsigned i = 1; i < MACS; i++) {
			mac = mac_of(i);
			assert_true(assert_found(sandbox, NULL, &mac) > 500);
		}
		address = host(HOSTS + 1);
		assert_int_equal(assert_found(sandbox, &address, NULL), 0);
		write_out(sandbox, true);
	}
	assert_true(assert_pairs_whole(sandbox) > 0);
}

/* The first block ends with each number of free rows, and the next change is of either family. */
static void a_change_is_never_in_two_blocks(void **state)
{
	const size_t rows = index_block_rows(INDEX_CHANGES);
	const struct address wide = host(1), narrow = host(0);
	struct sandbox *sandbox = *state;
	struct fault fault = {""};

	for (size_t left = 0; left < 4; left++) {
		for (int next = 0; next < 2; next++) {
			const bool splits = next && left % 2 == 1;

			index_free(sandbox->index);
			sandbox->changes = 0;
			assert_int_equal(
			        index_create(&sandbox->index, sandbox->directory, 0, &fault), 0);
			assert_int_equal(index_adopt(sandbox->index, &fault), 0);
			while (sandbox->index->changes + left < rows)
				add(sandbox, narrow);
			if (left % 2)
				write_out(sandbox, true);
			for (unsigned i = 0; i < 4; i++)
				add(sandbox, next ? wide : narrow);
			for (int again = 0; again < 2; again++) {
				assert_int_equal(
				        assert_found(sandbox, next ? &wide : &narrow, NULL),
				        next ? 4 : rows - left + 4);
				assert_int_equal(assert_pairs_whole(sandbox), splits);
				write_out(sandbox, true);
			}
			assert_int_equal(sandbox->index->changes,
			                 rows - left + (next ? 8 : 4) + splits);
		}
	}
}

/* 24 bytes a change, as ever. */
static void what_a_change_takes(void **state)
{
	struct sandbox *sandbox = *state;
	const size_t rows = index_block_rows(INDEX_CHANGES);

	while (sandbox->changes < rows)
		add(sandbox, host(0));
	assert_int_equal(sandbox->index->changes, rows);
	while (sandbox->changes < rows + rows / 2)
		add(sandbox, host(1));
	assert_int_equal(sandbox->index->changes, rows + rows / 2 * 2);
	assert_int_equal(sizeof(struct index_row), 24);
}

struct hashed {
	uint32_t word;
	struct address address;
};

static int by_word(const void *first, const void *second)
{
	const struct hashed *a = first, *b = second;

	return (a->word > b->word) - (a->word < b->word);
}

/* Two addresses that have one hash. */
static void find_alike(struct address *one, struct address *other)
{
	enum { TRIED = 400000 };
	struct hashed *hashed = malloc(TRIED * sizeof(*hashed));
	size_t found = 0;

	assert_non_null(hashed);
	for (uint32_t i = 0; i < TRIED; i++) {
		hashed[i].address = (struct address){UINT64_C(0x20010db800000000), i};
		hashed[i].word = index_word(hashed[i].address);
	}
	qsort(hashed, TRIED, sizeof(*hashed), by_word);
	for (size_t i = 1; i < TRIED && !found; i++)
		if (hashed[i].word == hashed[i - 1].word)
			found = i;
	assert_true(found > 0);
	*one = hashed[found - 1].address;
	*other = hashed[found].address;
	free(hashed);
}

static void addresses_of_one_hash_are_told_apart(void **state)
{
	struct sandbox *sandbox = *state;
	struct address one, other, narrow;

	find_alike(&one, &other);
	narrow = address_v4(index_word(one));
	for (int i = 0; i < 3; i++) {
		add(sandbox, one);
		add(sandbox, narrow);
		add(sandbox, other);
		add(sandbox, other);
	}
	assert_int_equal(assert_found(sandbox, &one, NULL), 3);
	assert_int_equal(assert_found(sandbox, &other, NULL), 6);
	assert_int_equal(assert_found(sandbox, &narrow, NULL), 3);
}

/* A program before IPv6 takes two rows for two changes, so it has another magic number. */
static void an_index_of_an_older_version_is_made_anew(void **state)
{
	struct sandbox *sandbox = *state;
	struct index_header header;
	struct fault fault = {""};
	char path[128];
	FILE *file;

	add(sandbox, host(0));
	write_out(sandbox, false);
	index_free(sandbox->index);
	sandbox->index = NULL;
	snprintf(path, sizeof(path), "%s" INDEX_FILE, sandbox->directory);
	file = fopen(path, "r+");
	assert_non_null(file);
	assert_int_equal(fread(&header, sizeof(header), 1, file), 1);
	/* "ARKPIDX4" as a little-endian number, in the machine's byte order; and "ARKPIDX3". */
	assert_true(header.magic == UINT64_C(0x34584449504b5241));
	header.magic = UINT64_C(0x33584449504b5241);
	header.header_sum = index_header_sum(&header);
	rewind(file);
	assert_int_equal(fwrite(&header, sizeof(header), 1, file), 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(index_open(&sandbox->index, sandbox->directory, 0, true, &fault),
	                 -EBADMSG);
	assert_non_null(strstr(fault.text, "will be made again"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(full_blocks_do_not_stay_in_memory),
	        cmocka_unit_test(a_block_that_has_become_full_is_read_again),
	        cmocka_unit_test(the_other_byte_order_is_refused_and_a_new_index_takes_over),
	        TEST(both_families_are_found_as_they_were_added),
	        TEST(a_change_is_never_in_two_blocks),
	        TEST(what_a_change_takes),
	        TEST(addresses_of_one_hash_are_told_apart),
	        TEST(an_index_of_an_older_version_is_made_anew),
	};

	return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}

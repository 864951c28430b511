// SPDX-License-Identifier: MIT
/* A look-back index to which rows are added one at a time, for years. */
#include <errno.h>

#include "lookback/index_blocks.h"
#include "lookback/index_file.h"
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
		const struct index_change change = {.commit = i, .address = i};

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(full_blocks_do_not_stay_in_memory),
	        cmocka_unit_test(the_other_byte_order_is_refused_and_a_new_index_takes_over),
	};

	return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}

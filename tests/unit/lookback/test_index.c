// SPDX-License-Identifier: MIT
/* A look-back index to which rows are added one at a time, for years. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(full_blocks_do_not_stay_in_memory),
	};

	return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}

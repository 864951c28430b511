// SPDX-License-Identifier: MIT
/* The .bases file of a pack: what it keeps, and files in its place that are none. */
#include "packer.h"

#define NAME "0123456789abcdef0123456789abcdef01234567"

static git_oid id_of(unsigned char byte)
{
	git_oid id;

	memset(&id, byte, sizeof(id));
	return id;
}

static void what_is_written_is_found(void **state)
{
	struct packer *packer = *state;
	struct packbases bases = {0}, read;
	git_oid base = id_of(9), nothing = id_of(8);

	for (unsigned char i = 7; i > 0; i--) {
		git_oid id = id_of(i);

		assert_int_equal(packbases_add(&bases, &id, i == 3 ? &base : &id), 0);
	}
	assert_int_equal(packbases_write(&bases, packer->folder, NAME, &packer->fault), 0);
	packbases_clear(&bases);
	assert_int_equal(packbases_read(&read, packer->folder, NAME, &packer->fault), 0);
	assert_int_equal(read.count, 7);
	base = id_of(3);
	assert_memory_equal(packbases_find(&read, &base)->id, id_of(9).id, GIT_OID_RAWSZ);
	assert_null(packbases_find(&read, &nothing));
	packbases_clear(&read);
}

static void a_missing_file_and_one_that_is_cut_off_are_no_error(void **state)
{
	struct packer *packer = *state;
	struct packbases read;

	assert_int_equal(packbases_read(&read, packer->folder, NAME, &packer->fault), 0);
	assert_int_equal(read.count, 0);
	assert_int_equal(shell(packer, "head -c 79 /dev/zero >pack-" NAME ".bases"), 0);
	assert_int_equal(packbases_read(&read, packer->folder, NAME, &packer->fault), 0);
	assert_int_equal(read.count, 1);
	packbases_clear(&read);
}

/* Else upkeep would fail for want of memory, each time, because of a hint. */
static void a_file_of_a_terabyte_is_not_read(void **state)
{
	struct packer *packer = *state;
	struct packbases read;

	assert_int_equal(shell(packer, "truncate -s 1T pack-" NAME ".bases"), 0);
	assert_int_equal(packbases_read(&read, packer->folder, NAME, &packer->fault), 0);
	assert_int_equal(read.count, 0);
	packbases_clear(&read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(what_is_written_is_found),
	        TEST(a_missing_file_and_one_that_is_cut_off_are_no_error),
	        TEST(a_file_of_a_terabyte_is_not_read),
	};

	return cmocka_run_group_tests_name("packbases", tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/* A multi-pack index that nobody can use, and those that stay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants these first. */
#include <cmocka.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store.h"

#define THERE "pack-1111111111111111111111111111111111111111"
#define GONE  "pack-2222222222222222222222222222222222222222"

static char folder[64], directory[80], path[128];

static void make_file(const char *name, const void *bytes, size_t size)
{
	FILE *file;

	snprintf(path, sizeof(path), "%sobjects/pack/%s", directory, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/akmidx-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(directory, sizeof(directory), "%s/", folder);
	snprintf(path, sizeof(path), "%sobjects", directory);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%sobjects/pack", directory);
	mkdir(path, 0755);
	make_file(THERE ".idx", "", 0);
	make_file(THERE ".pack", "", 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return folder_remove(folder);
}

/* Whether an index with these names, from `begin` to `end` of the file, is removed. */
static bool is_dropped(const char *names, size_t length, uint64_t begin, uint64_t end)
{
	uint8_t bytes[512] = "MIDX\1\1\1\0\0\0\0\0PNAM";
	bool dropped;

	begin = htobe64(begin);
	end = htobe64(end);
	memcpy(bytes + 16, &begin, 8);
	memcpy(bytes + 28, &end, 8);
	memcpy(bytes + 36, names, length);
	make_file("multi-pack-index", bytes, 36 + length);
	dropped = multiindex_drop_stale(directory);
	assert_int_equal(access(path, F_OK) < 0, dropped);
	return dropped;
}

static void one_that_names_a_pack_that_is_gone_is_removed(void **state)
{
	static const char whole[] = THERE ".idx", stale[] = THERE ".idx\0" GONE ".idx";

	(void)state;
	assert_false(is_dropped(whole, sizeof(whole), 36, 36 + sizeof(whole)));
	assert_true(is_dropped(stale, sizeof(stale), 36, 36 + sizeof(stale)));
}

/* The sanitizers watch. */
static void one_that_points_outside_itself_stays(void **state)
{
	static const char stale[] = GONE ".idx";

	(void)state;
	assert_false(is_dropped(stale, sizeof(stale), UINT64_MAX - 8, UINT64_MAX));
	assert_false(is_dropped(stale, sizeof(stale), 36, 36 + sizeof(stale) + 1));
	assert_false(is_dropped(stale, sizeof(stale), 40, 36));
	/* The last name does not end. */
	assert_false(is_dropped(stale, sizeof(stale), 36, 36 + sizeof(stale) - 1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(one_that_names_a_pack_that_is_gone_is_removed),
	        TEST(one_that_points_outside_itself_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/* The layout record: what is written is read, and one that contradicts itself is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "offload/layout_record.h"

#define TABLE 4711

/* As an entry of the map begins. */
struct head {
	uint32_t table, ranges, network, length, segment, base;
	char name[LAYOUT_NAME_MAX];
};

static int make_two(struct layout *layout)
{
	struct fault fault = {""};
	int map;

	*layout = (struct layout){0};
	assert_int_equal(layout_add(layout, 0, (struct prefix){ADDRESS_V4(0x0a000000), 24}, &fault),
	                 0);
	assert_int_equal(layout_add(layout, 1, (struct prefix){ADDRESS_V4(0x0a000000), 28}, &fault),
	                 0);
	layout_name(layout, 0, "lan");
	layout_name(layout, 1, "dmz");
	assert_int_equal(layout_record_make(&map, layout, TABLE, &fault), 0);
	return map;
}

static void what_is_written_is_read(void **state)
{
	struct layout layout, read;
	int map = make_two(&layout);
	uint32_t table = 0;

	(void)state;
	assert_int_equal(layout_record_read(map, &read, &table), 0);
	assert_int_equal(table, TABLE);
	assert_true(layout_equal(&layout, &read));
	layout_clear(&read);
	layout_clear(&layout);
	close(map);
}

/* Else what stands before would be taken for the whole layout. */
static void an_entry_that_contradicts_the_first_is_refused(void **state)
{
	const uint32_t second = 1;

	(void)state;
	for (unsigned what = 0; what < 4; what++) {
		struct layout layout, read;
		int map = make_two(&layout);
		struct head entry;
		uint32_t table;

		assert_int_equal(bpf_map_lookup_elem(map, &second, &entry), 0);
		entry.ranges = what == 0 ? 0 : what == 1 ? 3 : entry.ranges;
		entry.table += what == 2;
		entry.base += what == 3;
		assert_int_equal(bpf_map_update_elem(map, &second, &entry, BPF_ANY), 0);
		assert_int_equal(layout_record_read(map, &read, &table), -EINVAL);
		layout_clear(&read);
		layout_clear(&layout);
		close(map);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_written_is_read),
	        cmocka_unit_test(an_entry_that_contradicts_the_first_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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

#define TABLE  4711
#define INDEX6 4712
#define MAPS   ((struct layout_maps){TABLE, INDEX6})

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
	assert_int_equal(layout_record_make(&map, layout, MAPS, &fault), 0);
	return map;
}

static void what_is_written_is_read(void **state)
{
	struct layout layout, read;
	int map = make_two(&layout);
	struct layout_maps maps = {0};

	(void)state;
	assert_int_equal(layout_record_read(map, &read, &maps), 0);
	assert_int_equal(maps.table, TABLE);
	assert_int_equal(maps.index6, 0);
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
		struct layout_maps maps;

		assert_int_equal(bpf_map_lookup_elem(map, &second, &entry), 0);
		entry.ranges = what == 0 ? 0 : what == 1 ? 3 : entry.ranges;
		entry.table += what == 2;
		entry.base += what == 3;
		assert_int_equal(bpf_map_update_elem(map, &second, &entry, BPF_ANY), 0);
		assert_int_equal(layout_record_read(map, &read, &maps), -EINVAL);
		layout_clear(&read);
		layout_clear(&layout);
		close(map);
	}
}

/* A layout without IPv6 is recorded as versions before did, and as they read it. */
static void without_ipv6_the_record_is_the_old_one(void **state)
{
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info);
	struct layout layout;
	int map = make_two(&layout);

	(void)state;
	assert_int_equal(bpf_obj_get_info_by_fd(map, &info, &size), 0);
	assert_int_equal(info.value_size, 88);
	layout_clear(&layout);
	close(map);
}

static struct layout both_families(void)
{
	struct layout layout = {0};
	struct prefix prefix;
	struct fault fault;

	assert_int_equal(prefix_parse(&prefix, "10.0.0.0/24", &fault), 0);
	assert_int_equal(layout_add(&layout, 0, prefix, &fault), 0);
	assert_int_equal(prefix_parse(&prefix, "2001:db8::/64", &fault), 0);
	assert_int_equal(layout_add(&layout, 0, prefix, &fault), 0);
	layout_name(&layout, 0, "lan");
	assert_int_equal(layout_add(&layout, 1, prefix, &fault), 0);
	layout_name(&layout, 1, "dmz");
	assert_int_equal(layout_add_sparse(&layout, 1000, &fault), 0);
	return layout;
}

static void ipv6_prefixes_are_recorded_with_their_slots_and_index(void **state)
{
	struct layout layout = both_families(), read;
	struct layout_maps maps = {0};
	struct fault fault;
	int map;

	(void)state;
	assert_int_equal(layout_record_make(&map, &layout, MAPS, &fault), 0);
	assert_int_equal(layout_record_read(map, &read, &maps), 0);
	assert_true(layout_equal(&layout, &read));
	assert_int_equal(read.sparse, 1000);
	assert_int_equal(read.slots, 1256);
	assert_int_equal(maps.table, TABLE);
	assert_int_equal(maps.index6, INDEX6);
	layout_clear(&read);
	layout_clear(&layout);
	close(map);
}

/* Words of an entry with IPv6: table, ranges, index6, sparse, length, segment, base. */
static void an_entry_with_ipv6_that_contradicts_is_refused(void **state)
{
	static const struct {
		uint32_t entry, word, value;
	} change[] = {
	        {1, 0, TABLE + 1}, {2, 2, INDEX6 + 1}, {1, 3, 999},           {1, 4, 129},
	        {1, 4, 1},         {1, 6, 256},        {0, 6, LAYOUT_SPARSE},
	};
	struct layout layout = both_families();
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(change) / sizeof(change[0]); i++) {
		struct layout_maps maps;
		struct layout read;
		uint32_t entry[27];
		int map;

		assert_int_equal(layout_record_make(&map, &layout, MAPS, &fault), 0);
		assert_int_equal(bpf_map_lookup_elem(map, &change[i].entry, entry), 0);
		entry[change[i].word] = change[i].value;
		assert_int_equal(bpf_map_update_elem(map, &change[i].entry, entry, BPF_ANY), 0);
		assert_int_equal(layout_record_read(map, &read, &maps), -EINVAL);
		layout_clear(&read);
		close(map);
	}
	layout_clear(&layout);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_written_is_read),
	        cmocka_unit_test(an_entry_that_contradicts_the_first_is_refused),
	        cmocka_unit_test(without_ipv6_the_record_is_the_old_one),
	        cmocka_unit_test(ipv6_prefixes_are_recorded_with_their_slots_and_index),
	        cmocka_unit_test(an_entry_with_ipv6_that_contradicts_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

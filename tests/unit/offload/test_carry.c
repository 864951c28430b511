// SPDX-License-Identifier: MIT
/* Carrying over, on plain memory: which address keeps its slot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "offload/carry.h"

#define NETWORK 0x0a000000u /* 10.0.0.0 */

struct tables {
	struct layout from_layout, to_layout;
	struct neigh_slot from[1024], to[1024];
	struct carried carried;
};

static void range(struct layout *layout, unsigned segment, uint32_t network, uint8_t length)
{
	struct prefix prefix = {.network = address_v4(network), .length = length};

	assert_int_equal(layout_add(layout, segment, prefix, NULL), 0);
}

static void carry(struct tables *tables)
{
	for (uint32_t i = 0; i < tables->from_layout.slots; i++) {
		const struct layout_range *home = layout_range_of(&tables->from_layout, i);

		/* Each slot holds its address, which shows where the slot came from. */
		tables->from[i].binding = address_number(layout_address(home, i));
		tables->from[i].seen = i + 1;
	}
	assert_int_equal(carry_over(&tables->carried, tables->to, &tables->to_layout, tables->from,
	                            &tables->from_layout),
	                 0);
	for (uint32_t i = 0; i < tables->to_layout.slots; i++) {
		const struct layout_range *home = layout_range_of(&tables->to_layout, i);

		if (carried_has(&tables->carried, i)) {
			assert_int_equal(tables->to[i].binding,
			                 address_number(layout_address(home, i)));
			assert_int_not_equal(tables->to[i].seen, 0);
		} else {
			assert_int_equal(tables->to[i].binding, 0);
		}
	}
}

static void clear(struct tables *tables)
{
	layout_clear(&tables->from_layout);
	layout_clear(&tables->to_layout);
	carried_clear(&tables->carried);
}

static uint32_t carried_count(const struct tables *tables)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < tables->to_layout.slots; i++)
		count += carried_has(&tables->carried, i);
	return count;
}

static void test_a_prefix_that_grows_keeps_its_addresses(void **state)
{
	struct tables tables = {0};

	(void)state;
	range(&tables.from_layout, 0, NETWORK + 256, 24);
	range(&tables.to_layout, 0, NETWORK, 23);
	carry(&tables);
	assert_int_equal(carried_count(&tables), 256);
	assert_true(carried_has(&tables.carried, 256));
	assert_false(carried_has(&tables.carried, 255));
	clear(&tables);
}

static void test_a_prefix_that_is_split_keeps_its_addresses(void **state)
{
	struct tables tables = {0};

	(void)state;
	range(&tables.from_layout, 0, NETWORK, 24);
	range(&tables.to_layout, 0, NETWORK + 128, 25);
	range(&tables.to_layout, 0, NETWORK, 26);
	carry(&tables);
	assert_int_equal(carried_count(&tables), 192);
	clear(&tables);
}

static void test_a_segment_that_moves_up_keeps_its_prefixes(void **state)
{
	struct tables tables = {0};

	(void)state;
	range(&tables.from_layout, 1, NETWORK, 24);
	range(&tables.to_layout, 0, NETWORK, 24);
	range(&tables.to_layout, 0, NETWORK + 512, 24);
	carry(&tables);
	assert_int_equal(carried_count(&tables), 256);
	clear(&tables);
}

static void test_part_of_a_prefix_in_another_segment_starts_empty(void **state)
{
	struct tables tables = {0};

	(void)state;
	range(&tables.from_layout, 0, NETWORK, 24);
	range(&tables.to_layout, 1, NETWORK, 25);
	carry(&tables);
	assert_int_equal(carried_count(&tables), 0);
	clear(&tables);
}

/* Three segments with the same prefix, as on hypervisors. One is new, in front of the others. */
static void test_the_same_prefix_in_several_segments_is_matched_by_name(void **state)
{
	struct tables tables = {0};

	(void)state;
	range(&tables.from_layout, 0, NETWORK, 25);
	range(&tables.from_layout, 1, NETWORK, 25);
	layout_name(&tables.from_layout, 0, "red");
	layout_name(&tables.from_layout, 1, "blue");
	range(&tables.to_layout, 0, NETWORK, 25);
	range(&tables.to_layout, 1, NETWORK, 25);
	range(&tables.to_layout, 2, NETWORK, 25);
	layout_name(&tables.to_layout, 0, "new");
	layout_name(&tables.to_layout, 1, "blue");
	layout_name(&tables.to_layout, 2, "red");
	carry(&tables);
	assert_int_equal(carried_count(&tables), 256);
	assert_false(carried_has(&tables.carried, 5));
	assert_int_equal(tables.to[128 + 5].seen, 128 + 5 + 1);
	assert_int_equal(tables.to[256 + 5].seen, 5 + 1);
	clear(&tables);
}

static void test_a_segment_with_another_name_keeps_its_addresses(void **state)
{
	struct tables tables = {0};

	(void)state;
	range(&tables.from_layout, 0, NETWORK, 24);
	layout_name(&tables.from_layout, 0, "lan");
	range(&tables.to_layout, 0, NETWORK, 24);
	layout_name(&tables.to_layout, 0, "office");
	carry(&tables);
	assert_int_equal(carried_count(&tables), 256);
	clear(&tables);
}

static void test_an_empty_table_carries_nothing(void **state)
{
	struct tables tables = {0};

	(void)state;
	range(&tables.to_layout, 0, NETWORK, 30);
	carry(&tables);
	assert_int_equal(carried_count(&tables), 0);
	clear(&tables);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_prefix_that_grows_keeps_its_addresses),
	        cmocka_unit_test(test_a_prefix_that_is_split_keeps_its_addresses),
	        cmocka_unit_test(test_a_segment_that_moves_up_keeps_its_prefixes),
	        cmocka_unit_test(test_part_of_a_prefix_in_another_segment_starts_empty),
	        cmocka_unit_test(test_the_same_prefix_in_several_segments_is_matched_by_name),
	        cmocka_unit_test(test_a_segment_with_another_name_keeps_its_addresses),
	        cmocka_unit_test(test_an_empty_table_carries_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/* The places of IPv6 addresses: put, found again by the next agent, and carried into another
 * layout. */
#include "lab.h"

#include <bpf/bpf.h>

#include "offload/index6_lines.h"
#include "offload/kernel.h"
#include "offload/layout_record.h"
#include "offload/pins.h"

#define SPARSE 64

static struct address address(uint64_t host)
{
	return (struct address){UINT64_C(0x20010db8) << 32, host};
}

static void add_v6(struct layout *layout, unsigned segment)
{
	const struct prefix prefix = {.network = address(0), .length = 64};

	assert_int_equal(layout_add(layout, segment, prefix, NULL), 0);
}

/* The lab's /24 with an IPv6 prefix, and one more segment with that prefix. */
static struct layout layout_of(uint32_t sparse)
{
	struct layout layout = {0};

	lab_range(&layout, 0, LAB_NETWORK, 24);
	add_v6(&layout, 0);
	layout_name(&layout, 0, "lan");
	add_v6(&layout, 1);
	layout_name(&layout, 1, "dmz");
	assert_int_equal(layout_add_sparse(&layout, sparse, NULL), 0);
	return layout;
}

struct found {
	uint32_t count;
	struct {
		unsigned segment;
		struct address address;
		uint32_t slot;
	} item[SPARSE + 1];
};

static int note(void *context, unsigned segment, struct address address, uint32_t slot)
{
	struct found *found = context;

	assert_true(found->count <= SPARSE);
	found->item[found->count].segment = segment;
	found->item[found->count].address = address;
	found->item[found->count].slot = slot;
	found->count++;
	return 0;
}

static struct found places_of(const struct offload *offload)
{
	struct found found = {0};

	assert_int_equal(offload_places(offload, note, &found), 0);
	return found;
}

static int64_t slot_of(const struct offload *offload, unsigned segment, struct address address)
{
	struct found found = places_of(offload);

	for (uint32_t i = 0; i < found.count; i++)
		if (found.item[i].segment == segment &&
		    address_equal(found.item[i].address, address))
			return found.item[i].slot;
	return -1;
}

static void place(struct offload *offload, unsigned segment, uint64_t host, uint32_t slot,
                  enum slot_state slot_state)
{
	offload_slots(offload)[slot].binding =
	        lab_binding(lab_mac((uint32_t)host), slot_state, SLOT_ANSWER);
	assert_int_equal(offload_place(offload, segment, address(host), slot), 0);
}

static void assert_carried(struct offload *offload, unsigned segment, uint64_t host,
                           enum slot_state slot_state)
{
	int64_t slot = slot_of(offload, segment, address(host));

	assert_true(slot >= 0);
	assert_true(offload_slot_inherited(offload, (uint32_t)slot));
	assert_true(offload_slots(offload)[slot].binding ==
	            lab_binding(lab_mac((uint32_t)host), slot_state, SLOT_ANSWER));
}

static void test_a_place_is_found_until_it_goes(void **state)
{
	struct layout layout = layout_of(SPARSE);
	struct offload *offload = lab_open(&layout);

	(void)state;
	assert_int_equal(places_of(offload).count, 0);
	for (uint32_t i = 0; i < SPARSE; i++)
		assert_int_equal(offload_place(offload, i % 2, address(i), 256 + i), 0);
	assert_int_equal(offload_place(offload, 0, address(SPARSE), 256), -E2BIG);
	assert_int_equal(places_of(offload).count, SPARSE);
	assert_int_equal(slot_of(offload, 1, address(7)), 256 + 7);
	assert_int_equal(slot_of(offload, 0, address(7)), -1);
	assert_int_equal(offload_unplace(offload, 1, address(7)), 0);
	assert_int_equal(offload_unplace(offload, 1, address(7)), 0);
	assert_int_equal(slot_of(offload, 1, address(7)), -1);
	assert_int_equal(offload_place(offload, 0, address(SPARSE), 256 + 7), 0);
	offload_close(offload);
	layout_clear(&layout);
}

/* A host's addresses in two segments, and what the next agent has of them. */
static struct offload_port *fill_and_attach(const struct layout *layout)
{
	struct offload *offload = lab_open(layout);
	struct offload_port *port;

	lab_fill(offload);
	place(offload, 0, 1, 256 + 9, SLOT_DYNAMIC);
	place(offload, 1, 1, 256 + 3, SLOT_STATIC);
	place(offload, 1, 2, 256 + 5, SLOT_LOCAL);
	port = lab_attach(offload, OFFLOAD_GENERIC);
	offload_close(offload);
	return port;
}

static void test_the_next_agent_finds_the_places(void **state)
{
	struct layout layout = layout_of(SPARSE);
	struct offload_port *port = fill_and_attach(&layout);
	struct offload *offload = lab_open(&layout);

	(void)state;
	assert_true(offload_table_taken(offload));
	assert_int_equal(places_of(offload).count, 3);
	assert_int_equal(slot_of(offload, 1, address(2)), 256 + 5);
	assert_carried(offload, 0, 1, SLOT_DYNAMIC);
	assert_false(lab_pinned("neigh_index6_next"));
	offload_port_close(port);
	offload_close(offload);
	layout_clear(&layout);
}

/* The segments have changed places, and the /24 is another. */
static void test_places_are_carried_by_address_and_segment(void **state)
{
	struct layout layout = layout_of(SPARSE), turned = {0};
	struct offload_port *port = fill_and_attach(&layout);
	struct offload *offload;

	(void)state;
	add_v6(&turned, 0);
	layout_name(&turned, 0, "dmz");
	lab_range(&turned, 1, LAB_NETWORK, 25);
	add_v6(&turned, 1);
	layout_name(&turned, 1, "lan");
	assert_int_equal(layout_add_sparse(&turned, 2 * SPARSE, NULL), 0);
	offload = lab_open(&turned);
	assert_false(offload_table_taken(offload));
	assert_int_equal(places_of(offload).count, 3);
	assert_carried(offload, 1, 1, SLOT_DYNAMIC);
	assert_carried(offload, 0, 1, SLOT_STATIC);
	assert_carried(offload, 0, 2, SLOT_LOCAL);
	assert_true(offload_slot_inherited(offload, 0));
	offload_port_close(port);
	offload_close(offload);
	layout_clear(&layout);
	layout_clear(&turned);
}

static void test_with_fewer_slots_declared_addresses_come_first(void **state)
{
	struct layout layout = layout_of(SPARSE), small = layout_of(2);
	struct offload_port *port = fill_and_attach(&layout);
	struct offload *offload = lab_open(&small);

	(void)state;
	assert_int_equal(places_of(offload).count, 2);
	assert_carried(offload, 1, 1, SLOT_STATIC);
	assert_carried(offload, 1, 2, SLOT_LOCAL);
	offload_port_close(port);
	offload_close(offload);
	layout_clear(&layout);
	layout_clear(&small);
}

static void test_an_address_whose_prefix_goes_is_left_behind(void **state)
{
	struct layout layout = layout_of(SPARSE), less = {0};
	struct offload_port *port = fill_and_attach(&layout);
	struct offload *offload;

	(void)state;
	lab_range(&less, 0, LAB_NETWORK, 24);
	add_v6(&less, 0);
	layout_name(&less, 0, "lan");
	assert_int_equal(layout_add_sparse(&less, SPARSE, NULL), 0);
	offload = lab_open(&less);
	assert_int_equal(places_of(offload).count, 1);
	assert_carried(offload, 0, 1, SLOT_DYNAMIC);
	offload_port_close(port);
	offload_close(offload);
	layout_clear(&layout);
	layout_clear(&less);
}

static void test_without_its_index_a_table_keeps_ipv4(void **state)
{
	struct layout layout = layout_of(SPARSE);
	struct offload_port *port = fill_and_attach(&layout);
	struct offload *offload;
	struct pins pins;

	(void)state;
	assert_ok(pins_of(&pins, lab.instance, &lab.fault));
	assert_ok(pins_remove(&pins, "neigh_index6"));
	offload = lab_open(&layout);
	assert_false(offload_table_taken(offload));
	assert_int_equal(places_of(offload).count, 0);
	assert_true(offload_slot_inherited(offload, 12));
	assert_false(offload_slot_inherited(offload, 256 + 9));
	assert_true(offload_slots(offload)[256 + 9].binding == 0);
	offload_port_close(port);
	offload_close(offload);
	layout_clear(&layout);
}

/* The table has its new name, but its record and its index do not yet. */
static void test_an_agent_killed_while_it_pinned_leaves_a_whole_table(void **state)
{
	struct layout layout = layout_of(SPARSE);
	struct offload_port *port = fill_and_attach(&layout);
	struct offload *offload;
	struct pins pins;

	(void)state;
	assert_ok(pins_of(&pins, lab.instance, &lab.fault));
	assert_ok(pins_rename(&pins, "neigh_index6", "neigh_index6_next"));
	assert_ok(pins_rename(&pins, "layout", "layout_next"));
	offload = lab_open(&layout);
	assert_true(offload_table_taken(offload));
	assert_int_equal(places_of(offload).count, 3);
	assert_true(lab_pinned("neigh_index6"));
	assert_true(lab_pinned("layout"));
	offload_port_close(port);
	offload_close(offload);
	layout_clear(&layout);
}

/* An instance of a version without IPv6 has neither index nor prefix: its table is taken over. */
static void test_a_table_without_ipv6_gets_an_index_later(void **state)
{
	struct layout both = layout_of(SPARSE);
	struct offload *offload = lab_open(&lab.layout);
	struct offload_port *port;
	struct pins pins;

	(void)state;
	lab_fill(offload);
	port = lab_attach(offload, OFFLOAD_GENERIC);
	offload_port_close(port);
	offload_close(offload);
	assert_ok(pins_of(&pins, lab.instance, &lab.fault));
	assert_ok(pins_remove(&pins, "neigh_index6"));
	offload = lab_open(&lab.layout);
	assert_true(offload_table_taken(offload));
	offload_close(offload);
	offload = lab_open(&both);
	assert_false(offload_table_taken(offload));
	assert_true(offload_slot_inherited(offload, 200));
	place(offload, 1, 1, 256, SLOT_STATIC);
	offload_close(offload);
	layout_clear(&both);
}

static void repin(const struct pins *pins, const char *name, int fd)
{
	assert_ok(pins_put(pins, name, fd, &lab.fault));
	close(fd);
}

/* Puts the places of the pinned index into a hash map, as versions before had it, and pins that. */
static void make_former(const struct layout *layout)
{
	struct layout_maps maps = {0};
	struct offload *offload = lab_open(layout);
	struct found found = places_of(offload);
	int former = bpf_map_create(BPF_MAP_TYPE_HASH, "neigh_index6", sizeof(struct neigh_key6),
	                            sizeof(uint32_t), layout->sparse, NULL);
	struct layout recorded = {0};
	struct pins pins;
	int record;

	offload_close(offload);
	assert_true(former >= 0);
	for (uint32_t i = 0; i < found.count; i++) {
		struct neigh_key6 key = {.segment = found.item[i].segment};

		address_store(key.address, found.item[i].address);
		assert_int_equal(bpf_map_update_elem(former, &key, &found.item[i].slot, 0), 0);
	}
	assert_ok(pins_of(&pins, lab.instance, &lab.fault));
	record = pins_get(&pins, "layout");
	assert_int_equal(layout_record_read(record, &recorded, &maps), 0);
	close(record);
	maps.index6 = kernel_object_id(former);
	assert_ok(layout_record_make(&record, &recorded, maps, &lab.fault));
	layout_clear(&recorded);
	repin(&pins, "layout", record);
	repin(&pins, "neigh_index6", former);
}

/* The index of an earlier version is a hash map. Its places go into the new one, with their slots'
 * content, also when the layout is as it was. */
static void test_places_of_an_earlier_version_are_carried(void **state)
{
	struct layout layout = layout_of(SPARSE);
	struct offload_port *port = fill_and_attach(&layout);
	struct offload *offload;

	(void)state;
	make_former(&layout);
	assert_answers(7);
	offload = lab_open(&layout);
	assert_false(offload_table_taken(offload));
	assert_int_equal(places_of(offload).count, 3);
	assert_carried(offload, 0, 1, SLOT_DYNAMIC);
	assert_carried(offload, 1, 1, SLOT_STATIC);
	assert_carried(offload, 1, 2, SLOT_LOCAL);
	assert_true(offload_slot_inherited(offload, 12));
	/* The old program answers until the new one replaces it. */
	assert_answers(8);
	offload_port_close(port);
	port = lab_attach(offload, OFFLOAD_GENERIC);
	assert_answers(9);
	offload_close(offload);
	offload = lab_open(&layout);
	assert_true(offload_table_taken(offload));
	assert_int_equal(places_of(offload).count, 3);
	offload_port_close(port);
	offload_close(offload);
	layout_clear(&layout);
}

/* A map of the right shape that says of itself what it is not. */
static void test_an_index_of_another_format_is_not_read(void **state)
{
	struct layout layout = layout_of(SPARSE);
	struct offload_port *port = fill_and_attach(&layout);
	union index6_line header;
	struct offload *offload;
	struct pins pins;
	uint32_t first = 0;
	int fd;

	(void)state;
	assert_ok(pins_of(&pins, lab.instance, &lab.fault));
	fd = pins_get(&pins, "neigh_index6");
	assert_int_equal(bpf_map_lookup_elem(fd, &first, &header), 0);
	header.header.format++;
	assert_int_equal(bpf_map_update_elem(fd, &first, &header, 0), 0);
	close(fd);
	offload = lab_open(&layout);
	assert_false(offload_table_taken(offload));
	assert_int_equal(places_of(offload).count, 0);
	assert_true(offload_slot_inherited(offload, 12));
	offload_port_close(port);
	offload_close(offload);
	layout_clear(&layout);
}

#define lab_test(test) cmocka_unit_test_setup_teardown(test, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        lab_test(test_a_place_is_found_until_it_goes),
	        lab_test(test_the_next_agent_finds_the_places),
	        lab_test(test_places_are_carried_by_address_and_segment),
	        lab_test(test_with_fewer_slots_declared_addresses_come_first),
	        lab_test(test_an_address_whose_prefix_goes_is_left_behind),
	        lab_test(test_without_its_index_a_table_keeps_ipv4),
	        lab_test(test_an_agent_killed_while_it_pinned_leaves_a_whole_table),
	        lab_test(test_a_table_without_ipv6_gets_an_index_later),
	        lab_test(test_places_of_an_earlier_version_are_carried),
	        lab_test(test_an_index_of_another_format_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

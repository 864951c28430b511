// SPDX-License-Identifier: MIT
/*
 * The layout record, as another program may have left it in a map. A layout that is read is one
 * that the configuration could have made, and the record made of it is read as the same. Needs the
 * right to make maps.
 */
#include "fuzz.h"

#include <bpf/bpf.h>
#include <errno.h>

#include "offload/layout_record.h"

#define VALUE4      88  /* bytes of a record's entry */
#define VALUE6      108 /* with IPv6 prefixes among the ranges */
#define VALUE_MAX   (2 * VALUE6)
#define ENTRIES_MAX 8

static int make_map(struct input *input, uint32_t value, uint32_t entries)
{
	int map =
	        bpf_map_create(BPF_MAP_TYPE_ARRAY, "fuzz", sizeof(uint32_t), value, entries, NULL);

	if (map < 0) {
		fprintf(stderr, "a map cannot be made: %s (are you root?)\n", strerror(errno));
		abort();
	}
	for (uint32_t i = 0; i < entries && input_left(input) > 0; i++) {
		uint8_t bytes[VALUE_MAX] = {0};
		size_t length;
		const uint8_t *from = input_bytes(input, value, &length);

		memcpy(bytes, from, length);
		MUST(bpf_map_update_elem(map, &i, bytes, BPF_ANY) == 0);
	}
	return map;
}

/* What the record says is what was read. */
static void check_raw4(int map, uint32_t entry, const struct layout_range *range, size_t ranges)
{
	struct {
		uint32_t table, ranges, network, length, segment, base;
		char name[64];
	} record;

	_Static_assert(sizeof(record) == VALUE4, "an entry of the map");
	MUST(bpf_map_lookup_elem(map, &entry, &record) == 0);
	MUST(record.ranges == ranges && record.network == address_number(range->prefix.network));
	MUST(record.length == range->prefix.length && record.segment == range->segment);
	MUST(record.base == range->base && prefix_is_v4(range->prefix));
}

static void check_raw6(int map, uint32_t entry, const struct layout_range *range,
                       const struct layout *layout, struct layout_maps maps)
{
	struct {
		uint32_t table, ranges, index6, sparse, length, segment, base;
		uint8_t network[16];
		char name[64];
	} record;

	_Static_assert(sizeof(record) == VALUE6, "an entry of the map");
	MUST(bpf_map_lookup_elem(map, &entry, &record) == 0);
	MUST(record.ranges == layout->ranges && record.sparse == layout->sparse);
	MUST(record.table == maps.table && record.index6 == maps.index6);
	MUST(address_equal(address_load(record.network), range->prefix.network));
	MUST(record.length == range->prefix.length && record.segment == range->segment);
	MUST(record.base == range->base);
}

static void check_range(const struct layout *layout, const struct layout_range *range,
                        uint64_t slots)
{
	const struct address first = range->prefix.network;

	MUST(prefix_is_valid(range->prefix) && memchr(range->name, '\0', sizeof(range->name)));
	MUST(layout_find(layout, range->segment, first) == range);
	if (!prefix_is_v4(range->prefix)) {
		MUST(range->base == LAYOUT_SPARSE);
		MUST(layout_slot(layout, range->segment, first) == -1);
		return;
	}
	MUST(range->prefix.length >= 8 && range->base == slots);
	MUST(layout_slot(layout, range->segment, first) == range->base);
	MUST(layout_range_of(layout, range->base) == range);
}

static void check(int map, uint32_t value, const struct layout *layout, struct layout_maps maps)
{
	uint64_t slots = 0;

	for (size_t i = 0; i < layout->ranges; i++) {
		const struct layout_range *range = &layout->range[i];

		if (value == VALUE4)
			check_raw4(map, (uint32_t)i, range, layout->ranges);
		else
			check_raw6(map, (uint32_t)i, range, layout, maps);
		check_range(layout, range, slots);
		for (size_t j = 0; j < i; j++)
			MUST(layout->range[j].segment != range->segment ||
			     !prefix_overlaps(layout->range[j].prefix, range->prefix));
		if (prefix_is_v4(range->prefix))
			slots += prefix_size(range->prefix);
	}
	MUST(layout->slots == slots + layout->sparse);
	MUST(value == VALUE6 || !layout->sparse);
}

static void check_again(const struct layout *layout, struct layout_maps maps)
{
	struct fault fault = {""};
	struct layout_maps recorded = {0};
	struct layout again;
	int map;

	MUST(layout_record_make(&map, layout, maps, &fault) == 0);
	MUST(layout_record_read(map, &again, &recorded) == 0);
	MUST(recorded.table == maps.table && recorded.index6 == maps.index6);
	MUST(layout_equal(layout, &again));
	layout_clear(&again);
	close(map);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, data + size};
	uint8_t shape = input_u8(&input);
	/* Mostly of a right size. */
	uint32_t value = shape & 0x80   ? 1 + input_u8(&input) % VALUE_MAX
	                 : shape & 0x40 ? VALUE6
	                                : VALUE4;
	int map = make_map(&input, value, 1 + (shape & 0x3f) % ENTRIES_MAX);
	struct layout_maps maps = {0};
	struct layout layout;
	int error = layout_record_read(map, &layout, &maps);

	MUST(error == 0 || error == -EINVAL);
	if (!error) {
		check(map, value, &layout, maps);
		check_again(&layout, maps);
	}
	layout_clear(&layout);
	close(map);
	return 0;
}

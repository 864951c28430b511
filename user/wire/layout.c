/* SPDX-License-Identifier: MIT */
/* The layout of the table. Prefixes are few, so walking through them is the fastest search. The XDP
 * program has a copy in struct port. Only what adds to it has an index: a file may have many. */
#include "wire/layout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arpkeeper/slot.h"

#define LENGTH_MIN 8 /* 2^24 slots: a larger prefix cannot fit */

static unsigned long long mebibytes(uint64_t slots)
{
	return (slots * sizeof(struct neigh_slot) + (1 << 20) - 1) >> 20;
}

/* RFC 1122 3.2.1.3, RFC 1112 4, RFC 4291 2.5: this network, loopback, multicast. The kernel does
 * not answer for them either. */
static bool is_never_on_link(struct prefix prefix)
{
	static const struct prefix never[] = {
	        {ADDRESS_V4(0x00000000), 8},    {ADDRESS_V4(0x7f000000), 8},
	        {ADDRESS_V4(0xe0000000), 4},    {{0, 0}, 127},
	        {{UINT64_C(0xff) << 56, 0}, 8},
	};

	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (prefix_overlaps(never[i], prefix))
			return true;
	return false;
}

/* A prefix of the layout (`whole`), or one around it. Segments beyond 2^25 share keys. */
static uint64_t key_of(unsigned segment, struct address network, unsigned length, bool whole)
{
	const struct prefix around = prefix_around(network, (uint8_t)length);

	return (uint64_t)segment << 39 | (uint64_t)address_number(around.network) << 7 |
	       length << 1 | whole;
}

/* False: nothing overlaps. IPv6 prefixes have no index. */
static bool may_overlap(const struct layout *layout, unsigned segment, struct prefix prefix)
{
	uint64_t key = key_of(segment, prefix.network, prefix.length, false);

	if (!prefix_is_v4(prefix) || idmap_find(&layout->taken, &key) != IDMAP_NONE)
		return true;
	for (unsigned length = LENGTH_MIN; length <= prefix.length; length++) {
		key = key_of(segment, prefix.network, length, true);
		if (idmap_find(&layout->taken, &key) != IDMAP_NONE)
			return true;
	}
	return false;
}

static int take(struct layout *layout, unsigned segment, struct prefix prefix)
{
	uint64_t key = key_of(segment, prefix.network, prefix.length, true);
	int added;

	if (!prefix_is_v4(prefix))
		return 0;
	added = idmap_add(&layout->taken, NULL, &key);
	/* Where one is known, those around it are. */
	for (unsigned length = prefix.length; length-- > LENGTH_MIN && added > 0;) {
		key = key_of(segment, prefix.network, length, false);
		added = idmap_add(&layout->taken, NULL, &key);
	}
	return added < 0 ? added : 0;
}

/* A copy has no index. */
static int index_ranges(struct layout *layout)
{
	int error = 0;

	if (layout->taken.count > 0)
		return 0;
	layout->taken.key_size = sizeof(uint64_t);
	for (size_t i = 0; i < layout->ranges && !error; i++)
		error = take(layout, layout->range[i].segment, layout->range[i].prefix);
	return error;
}

/* The range that overlaps; NULL: none does. */
static const struct layout_range *overlapping(const struct layout *layout, unsigned segment,
                                              struct prefix prefix)
{
	if (!may_overlap(layout, segment, prefix))
		return NULL;
	for (size_t i = 0; i < layout->ranges; i++)
		if (layout->range[i].segment == segment &&
		    prefix_overlaps(layout->range[i].prefix, prefix))
			return &layout->range[i];
	return NULL;
}

/* So many slots in all are more than fit. `what` is added. */
static int refuse_slots(struct fault *fault, uint64_t slots, const char *what)
{
	return fault_set(
	        fault, -E2BIG,
	        "with %s the table would have %llu addresses and take %llu MiB of memory; at most "
	        "%u (%llu MiB) fit in one instance: use smaller prefixes",
	        what, (unsigned long long)slots, mebibytes(slots), SLOT_MAX, mebibytes(SLOT_MAX));
}

int layout_add(struct layout *layout, unsigned segment, struct prefix prefix, struct fault *fault)
{
	const struct layout_range *present;
	const bool direct = prefix_is_v4(prefix);
	char text[PREFIX_TEXT], other[PREFIX_TEXT], what[sizeof("prefix ") + PREFIX_TEXT];
	uint64_t slots = layout->slots + (direct ? prefix_size(prefix) : 0);

	if (direct && prefix.length < LENGTH_MIN)
		return fault_set(
		        fault, -E2BIG,
		        "prefix %s is larger than a /%u: its table would take %llu MiB of memory; "
		        "configure the prefixes that are really on-link",
		        prefix_format(text, prefix), LENGTH_MIN, mebibytes(prefix_size(prefix)));
	if (is_never_on_link(prefix))
		return fault_set(fault, -EINVAL,
		                 "prefix %s is 'this' network, loopback or multicast: no host on a "
		                 "link has an address there",
		                 prefix_format(text, prefix));
	if (index_ranges(layout) < 0)
		return fault_set(fault, -ENOMEM, "prefix %s: out of memory",
		                 prefix_format(text, prefix));
	present = overlapping(layout, segment, prefix);
	if (present)
		return fault_set(
		        fault, -EEXIST, "prefix %s overlaps %s of the same segment; remove one",
		        prefix_format(text, prefix), prefix_format(other, present->prefix));
	snprintf(what, sizeof(what), "prefix %s", prefix_format(text, prefix));
	if (slots > SLOT_MAX)
		return refuse_slots(fault, slots, what);
	if (take(layout, segment, prefix) < 0 ||
	    array_reserve(&layout->range, &layout->room, layout->ranges + 1))
		return fault_set(fault, -ENOMEM, "prefix %s: out of memory",
		                 prefix_format(text, prefix));
	layout->range[layout->ranges++] = (struct layout_range){
	        .prefix = prefix,
	        .segment = segment,
	        .base = direct ? layout->slots : LAYOUT_SPARSE,
	};
	layout->slots = (uint32_t)slots;
	return 0;
}

int layout_add_sparse(struct layout *layout, uint32_t slots, struct fault *fault)
{
	const uint64_t all = (uint64_t)layout->slots + slots;

	for (size_t i = 0; i < layout->ranges; i++) {
		if (layout->range[i].base != LAYOUT_SPARSE)
			continue;
		if (all > SLOT_MAX)
			return refuse_slots(fault, all, "neighbours6");
		layout->sparse = slots;
		layout->slots = (uint32_t)all;
		return 0;
	}
	return 0;
}

void layout_name(struct layout *layout, unsigned segment, const char *name)
{
	for (size_t i = 0; i < layout->ranges; i++)
		if (layout->range[i].segment == segment)
			snprintf(layout->range[i].name, sizeof(layout->range[i].name), "%s", name);
}

const struct layout_range *layout_find(const struct layout *layout, unsigned segment,
                                       struct address address)
{
	for (size_t i = 0; i < layout->ranges; i++)
		if (layout->range[i].segment == segment &&
		    prefix_contains(layout->range[i].prefix, address))
			return &layout->range[i];
	return NULL;
}

int64_t layout_slot(const struct layout *layout, unsigned segment, struct address address)
{
	const struct layout_range *range = layout_find(layout, segment, address);

	if (!range || range->base == LAYOUT_SPARSE)
		return -1;
	return (int64_t)range->base +
	       (address_number(address) - address_number(range->prefix.network));
}

const struct layout_range *layout_range_of(const struct layout *layout, uint32_t slot)
{
	for (size_t i = 0; i < layout->ranges; i++)
		if (layout->range[i].base != LAYOUT_SPARSE && slot >= layout->range[i].base &&
		    slot - layout->range[i].base < prefix_size(layout->range[i].prefix))
			return &layout->range[i];
	return NULL;
}

bool layout_equal(const struct layout *a, const struct layout *b)
{
	if (a->ranges != b->ranges || a->slots != b->slots || a->sparse != b->sparse)
		return false;
	for (size_t i = 0; i < a->ranges; i++) {
		const struct layout_range *x = &a->range[i], *y = &b->range[i];

		if (!prefix_equal(x->prefix, y->prefix) || x->segment != y->segment ||
		    x->base != y->base || strcmp(x->name, y->name) != 0)
			return false;
	}
	return true;
}

int layout_copy(struct layout *copy, const struct layout *layout)
{
	*copy = (struct layout){
	        .ranges = layout->ranges, .slots = layout->slots, .sparse = layout->sparse};
	if (array_reserve(&copy->range, &copy->room, layout->ranges)) {
		*copy = (struct layout){0};
		return -ENOMEM;
	}
	for (size_t i = 0; i < layout->ranges; i++)
		copy->range[i] = layout->range[i];
	return 0;
}

void layout_clear(struct layout *layout)
{
	free(layout->range);
	idmap_clear(&layout->taken);
	*layout = (struct layout){0};
}

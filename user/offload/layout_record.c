// SPDX-License-Identifier: MIT
/*
 * The layout record. Its BTF is made here, since the XDP program does not use it. A record never
 * changes; another layout gets another record.
 */
#include "offload/layout_record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "offload/instance.h"

/* One for each range; without ranges, a single one with `ranges` 0. */
struct record4 {
	uint32_t table;  /* number of the map that is laid out like this */
	uint32_t ranges; /* how many there are */
	uint32_t network;
	uint32_t length;
	uint32_t segment;
	uint32_t base;
	char name[LAYOUT_NAME_MAX];
};

/* The same with IPv6 prefixes among the ranges. */
struct record6 {
	uint32_t table, ranges;
	uint32_t index6; /* number of the map with the slots of IPv6 addresses */
	uint32_t sparse; /* how many slots they have in all */
	uint32_t length; /* of the prefix, as its family counts */
	uint32_t segment;
	uint32_t base; /* LAYOUT_SPARSE: IPv6 */
	uint8_t network[ADDRESS_OCTETS];
	char name[LAYOUT_NAME_MAX];
};

#define WORDS_MAX 7

/* How BTF describes a record: its words, then for IPv6 a network, then the name. */
struct form {
	const char *words[WORDS_MAX + 1];
	uint32_t size;
};

static const struct form form4 = {{"table", "ranges", "network", "length", "segment", "base"},
                                  sizeof(struct record4)};
static const struct form form6 = {
        {"table", "ranges", "index6", "sparse", "length", "segment", "base"},
        sizeof(struct record6)};

#define RECORD_BTF 6

/* Types 1: __u32, 2: char, 3: its array, 4: __u8, 5: its array, 6: struct layout_record. */
static struct btf *types_make(const struct form *form)
{
	struct btf *btf = btf__new_empty();
	uint32_t at = 0;
	int error;

	if (!btf)
		return NULL;
	error = btf__add_int(btf, "__u32", sizeof(uint32_t), 0) != 1 ||
	        btf__add_int(btf, "char", 1, BTF_INT_CHAR) != 2 ||
	        btf__add_array(btf, 1, 2, LAYOUT_NAME_MAX) != 3 ||
	        btf__add_int(btf, "__u8", 1, 0) != 4 ||
	        btf__add_array(btf, 1, 4, ADDRESS_OCTETS) != 5 ||
	        btf__add_struct(btf, "layout_record", form->size) != RECORD_BTF;
	for (unsigned i = 0; form->words[i]; i++, at += 32)
		error = error || btf__add_field(btf, form->words[i], 1, at, 0);
	if (form == &form6) {
		error = error || btf__add_field(btf, "network", 5, at, 0);
		at += 8 * ADDRESS_OCTETS;
	}
	error = error || btf__add_field(btf, "name", 3, at, 0);
	if (error || btf__load_into_kernel(btf)) {
		btf__free(btf);
		return NULL;
	}
	return btf;
}

static int map_make(const struct form *form, uint32_t entries)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .btf_key_type_id = 1,
	            .btf_value_type_id = RECORD_BTF);
	struct btf *btf = types_make(form);
	int map, error;

	options.btf_fd = btf ? (uint32_t)btf__fd(btf) : 0;
	map = bpf_map_create(BPF_MAP_TYPE_ARRAY, MAP_LAYOUT, sizeof(uint32_t), form->size, entries,
	                     btf ? &options : NULL);
	error = map < 0 ? -errno : map;
	btf__free(btf);
	return error;
}

static bool has_v6(const struct layout *layout)
{
	for (size_t i = 0; i < layout->ranges; i++)
		if (!prefix_is_v4(layout->range[i].prefix))
			return true;
	return false;
}

/* `range` NULL: the layout has none. */
static int put4(int map, uint32_t i, const struct layout *layout, const struct layout_range *range,
                struct layout_maps maps)
{
	struct record4 record = {.table = maps.table, .ranges = (uint32_t)layout->ranges};

	if (range) {
		record.network = address_number(range->prefix.network);
		record.length = range->prefix.length;
		record.segment = range->segment;
		record.base = range->base;
		snprintf(record.name, sizeof(record.name), "%s", range->name);
	}
	return bpf_map_update_elem(map, &i, &record, BPF_ANY) ? -errno : 0;
}

static int put6(int map, uint32_t i, const struct layout *layout, const struct layout_range *range,
                struct layout_maps maps)
{
	struct record6 record = {
	        .table = maps.table,
	        .ranges = (uint32_t)layout->ranges,
	        .index6 = maps.index6,
	        .sparse = layout->sparse,
	        .length = range->prefix.length,
	        .segment = range->segment,
	        .base = range->base,
	};

	address_store(record.network, range->prefix.network);
	snprintf(record.name, sizeof(record.name), "%s", range->name);
	return bpf_map_update_elem(map, &i, &record, BPF_ANY) ? -errno : 0;
}

int layout_record_make(int *fd, const struct layout *layout, struct layout_maps maps,
                       struct fault *fault)
{
	const bool v6 = has_v6(layout);
	const uint32_t entries = layout->ranges ? (uint32_t)layout->ranges : 1;
	int map = map_make(v6 ? &form6 : &form4, entries);
	int error = 0;

	if (map < 0)
		return fault_set(fault, map, "map %s: cannot create: %s", MAP_LAYOUT,
		                 strerror(-map));
	for (uint32_t i = 0; i < entries && !error; i++) {
		const struct layout_range *range = layout->ranges ? &layout->range[i] : NULL;

		error = v6 && range ? put6(map, i, layout, range, maps)
		                    : put4(map, i, layout, range, maps);
	}
	if (error) {
		close(map);
		return fault_set(fault, error, "map %s: cannot write: %s", MAP_LAYOUT,
		                 strerror(-error));
	}
	*fd = map;
	return 0;
}

/* One entry, of either kind, as the newer. 0 or -errno. */
static int get(int map, uint32_t i, uint32_t size, struct record6 *record)
{
	struct record4 old;

	if (size == sizeof(*record))
		return bpf_map_lookup_elem(map, &i, record) ? -errno : 0;
	if (bpf_map_lookup_elem(map, &i, &old))
		return -errno;
	*record = (struct record6){
	        .table = old.table,
	        .ranges = old.ranges,
	        .length = old.length,
	        .segment = old.segment,
	        .base = old.base,
	};
	address_store(record->network, address_v4(old.network));
	memcpy(record->name, old.name, sizeof(record->name));
	return 0;
}

/* Each range is added as a configured one would be: an inconsistent record is refused. */
static int add(struct layout *layout, const struct record6 *record)
{
	const struct prefix prefix = {.network = address_load(record->network),
	                              .length = (uint8_t)record->length};

	if (record->length > address_bits(prefix.network) || !prefix_is_valid(prefix) ||
	    record->base != (prefix_is_v4(prefix) ? layout->slots : LAYOUT_SPARSE) ||
	    !memchr(record->name, '\0', sizeof(record->name)) ||
	    layout_add(layout, record->segment, prefix, NULL))
		return -EINVAL;
	layout_name(layout, record->segment, record->name);
	return 0;
}

int layout_record_read(int fd, struct layout *layout, struct layout_maps *maps)
{
	struct bpf_map_info info = {0};
	struct record6 record = {0}, first = {0};
	__u32 size = sizeof(info);
	uint32_t i = 0;
	int error;

	*layout = (struct layout){0};
	if (bpf_obj_get_info_by_fd(fd, &info, &size) || info.type != BPF_MAP_TYPE_ARRAY ||
	    info.key_size != sizeof(i) ||
	    (info.value_size != form4.size && info.value_size != form6.size))
		return -EINVAL;
	do {
		error = get(fd, i, info.value_size, &record);
		if (error)
			return error;
		if (i == 0) {
			first = record;
			*maps = (struct layout_maps){record.table, record.index6};
		}
		if (!record.ranges && info.max_entries == 1 && info.value_size == form4.size)
			return 0;
		if (record.ranges != info.max_entries || record.table != first.table ||
		    record.index6 != first.index6 || record.sparse != first.sparse ||
		    add(layout, &record))
			return -EINVAL;
	} while (++i < info.max_entries);
	/* An older record has no IPv6 prefix, and a newer one has some. */
	if (has_v6(layout) != (info.value_size == form6.size) ||
	    layout_add_sparse(layout, first.sparse, NULL))
		return -EINVAL;
	return 0;
}

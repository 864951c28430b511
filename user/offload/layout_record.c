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
struct layout_record {
	uint32_t table;  /* number of the map that is laid out like this */
	uint32_t ranges; /* how many there are */
	uint32_t network;
	uint32_t length;
	uint32_t segment;
	uint32_t base;
	char name[LAYOUT_NAME_MAX];
};

static const char *const fields[] = {"table", "ranges", "network", "length", "segment", "base"};
#define FIELDS     (sizeof(fields) / sizeof(*fields))
#define RECORD_BTF 4

/* Types 1: __u32, 2: char, 3: its array, 4: struct layout_record. */
static struct btf *types_make(void)
{
	struct btf *btf = btf__new_empty();
	int error;

	if (!btf)
		return NULL;
	error = btf__add_int(btf, "__u32", sizeof(uint32_t), 0) != 1 ||
	        btf__add_int(btf, "char", 1, BTF_INT_CHAR) != 2 ||
	        btf__add_array(btf, 1, 2, LAYOUT_NAME_MAX) != 3 ||
	        btf__add_struct(btf, "layout_record", sizeof(struct layout_record)) != RECORD_BTF;
	for (unsigned i = 0; i < FIELDS; i++)
		error = error || btf__add_field(btf, fields[i], 1, i * 32, 0);
	error = error || btf__add_field(btf, "name", 3, FIELDS * 32, 0);
	if (error || btf__load_into_kernel(btf)) {
		btf__free(btf);
		return NULL;
	}
	return btf;
}

int layout_record_make(int *fd, const struct layout *layout, uint32_t table, struct fault *fault)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .btf_key_type_id = 1,
	            .btf_value_type_id = RECORD_BTF);
	uint32_t entries = layout->ranges ? (uint32_t)layout->ranges : 1;
	struct btf *btf = types_make();
	int map, error;

	options.btf_fd = btf ? (uint32_t)btf__fd(btf) : 0;
	map = bpf_map_create(BPF_MAP_TYPE_ARRAY, MAP_LAYOUT, sizeof(uint32_t),
	                     sizeof(struct layout_record), entries, btf ? &options : NULL);
	error = map < 0 ? -errno : 0;
	btf__free(btf);
	if (error)
		return fault_set(fault, error, "map %s: cannot create: %s", MAP_LAYOUT,
		                 strerror(-error));
	for (uint32_t i = 0; i < entries; i++) {
		struct layout_record record = {.table = table, .ranges = (uint32_t)layout->ranges};

		if (layout->ranges) {
			record.network = address_number(layout->range[i].prefix.network);
			record.length = layout->range[i].prefix.length;
			record.segment = layout->range[i].segment;
			record.base = layout->range[i].base;
			snprintf(record.name, sizeof(record.name), "%s", layout->range[i].name);
		}
		if (bpf_map_update_elem(map, &i, &record, BPF_ANY)) {
			error = -errno;
			close(map);
			return fault_set(fault, error, "map %s: cannot write: %s", MAP_LAYOUT,
			                 strerror(-error));
		}
	}
	*fd = map;
	return 0;
}

/* Each range is added as a configured one would be: an inconsistent record is refused. */
int layout_record_read(int fd, struct layout *layout, uint32_t *table)
{
	struct bpf_map_info info = {0};
	struct layout_record record;
	__u32 size = sizeof(info);
	uint32_t i = 0;

	*layout = (struct layout){0};
	if (bpf_obj_get_info_by_fd(fd, &info, &size) || info.type != BPF_MAP_TYPE_ARRAY ||
	    info.key_size != sizeof(i) || info.value_size != sizeof(record))
		return -EINVAL;
	do {
		struct prefix prefix;

		if (bpf_map_lookup_elem(fd, &i, &record))
			return -errno;
		if (i == 0)
			*table = record.table;
		if (!record.ranges && info.max_entries == 1)
			return 0;
		prefix = (struct prefix){.network = address_v4(record.network),
		                         .length = (uint8_t)record.length};
		if (record.ranges != info.max_entries || record.table != *table ||
		    record.length > 32 || record.base != layout->slots ||
		    record.network & ~prefix_mask4(prefix) ||
		    !memchr(record.name, '\0', sizeof(record.name)) ||
		    layout_add(layout, record.segment, prefix, NULL))
			return -EINVAL;
		layout_name(layout, record.segment, record.name);
	} while (++i < info.max_entries);
	return 0;
}

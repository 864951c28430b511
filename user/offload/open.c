// SPDX-License-Identifier: MIT
/*
 * Opening an instance: its maps are taken over from their pins when they fit, else made. Nothing is
 * pinned here: the first offload_attach() does that, when the agent has filled the table.
 */
#include "offload/open.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "offload/index6.h"
#include "offload/instance.h"
#include "offload/kernel.h"
#include "offload/layout_record.h"
#include "offload/maps.h"

static bool map_fits(int fd, const struct bpf_map *map)
{
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &size) && info.type == bpf_map__type(map) &&
	       info.key_size == bpf_map__key_size(map) &&
	       info.value_size == bpf_map__value_size(map) &&
	       info.max_entries == bpf_map__max_entries(map) &&
	       info.map_flags == bpf_map__map_flags(map);
}

static int map_reuse(struct bpf_map *map, int fd, struct fault *fault)
{
	int error = bpf_map__reuse_fd(map, fd);

	if (error)
		return fault_set(fault, error, "map %s: cannot take over the pinned one: %s",
		                 bpf_map__name(map), strerror(-error));
	return 0;
}

/* Counters and the like: taken over if they fit. */
static int map_adopt(struct offload *offload, struct bpf_map *map, struct fault *fault)
{
	int fd = pins_get(&offload->pins, bpf_map__name(map)), error = 0;

	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fault_set(fault, fd, "%s/%s: cannot open: %s", offload->pins.directory,
		                 bpf_map__name(map), strerror(-fd));
	if (map_fits(fd, map))
		error = map_reuse(map, fd, fault);
	else
		log_warning("%s/%s is of another version of arpkeeper: a new one replaces it",
		            offload->pins.directory, bpf_map__name(map));
	close(fd);
	return error;
}

/* What was pinned before, if it is to be carried over: its layout, and descriptors. */
struct before {
	struct layout layout;
	int table, index6; /* -1: none */
};

static void before_close(struct before *before)
{
	if (before->table >= 0)
		close(before->table);
	if (before->index6 >= 0)
		close(before->index6);
	layout_clear(&before->layout);
	before->table = before->index6 = -1;
}

/* An agent was killed between the two names: finishes its work. */
static void finish_rename(const struct pins *pins, const char *next, const char *name)
{
	if (pins_rename(pins, next, name))
		log_warning("%s/%s cannot be renamed to %s", pins->directory, next, name);
}

/* Which layout the pinned table has, and the number of its index. -ENOENT: no record names it. */
static int layout_of_pinned(const struct pins *pins, uint32_t table, struct layout *layout,
                            uint32_t *index6)
{
	static const char *const names[] = {MAP_LAYOUT, MAP_LAYOUT_NEXT};

	for (unsigned i = 0; i < 2; i++) {
		struct layout_maps recorded = {0};
		int fd = pins_get(pins, names[i]), error;

		if (fd < 0)
			continue;
		error = layout_record_read(fd, layout, &recorded);
		close(fd);
		if (!error && recorded.table == table) {
			if (i)
				finish_rename(pins, MAP_LAYOUT_NEXT, MAP_LAYOUT);
			*index6 = recorded.index6;
			return 0;
		}
		layout_clear(layout);
	}
	return -ENOENT;
}

/* The pinned index with that number; -1: it is not there. */
static int index6_of_pinned(const struct pins *pins, uint32_t number)
{
	static const char *const names[] = {MAP_INDEX6, MAP_INDEX6_NEXT};

	for (unsigned i = 0; i < 2; i++) {
		int fd = pins_get(pins, names[i]);

		if (fd >= 0 && kernel_object_id(fd) == number) {
			if (i)
				finish_rename(pins, MAP_INDEX6_NEXT, MAP_INDEX6);
			return fd;
		}
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

static void size_for(struct offload *offload, const struct layout *layout)
{
	bpf_map__set_max_entries(maps_find(offload, MAP_TABLE), layout->slots ? layout->slots : 1);
	bpf_map__set_max_entries(maps_find(offload, MAP_INDEX6), lines_elements(layout->sparse));
}

/* Whether the pinned table is as its layout says, and of which kind its index is. An index that is
 * not what it should be is closed: IPv6 addresses are learned again. */
static bool before_fits(struct offload *offload, struct before *before, enum index6_kind *kind)
{
	const struct layout *layout = &before->layout;
	bool fits;

	size_for(offload, layout);
	fits = map_fits(before->table, maps_find(offload, MAP_TABLE));
	size_for(offload, &offload->layout);
	*kind = before->index6 >= 0 ? index6_kind_of(before->index6, layout->sparse) : INDEX6_NONE;
	if (*kind == INDEX6_NONE && before->index6 >= 0) {
		close(before->index6);
		before->index6 = -1;
	}
	return fits;
}

/* Whether nothing needs carrying. A former index does, into one that the program can read. */
static bool is_as_it_was(const struct offload *offload, const struct before *before,
                         enum index6_kind kind)
{
	return (kind == INDEX6_LINES || !before->layout.sparse) &&
	       layout_equal(&before->layout, &offload->layout);
}

/* The pinned table: taken over when it has this layout, else it is in `before`, to carry over from.
 */
static int table_adopt(struct offload *offload, struct before *before, struct fault *fault)
{
	const struct pins *pins = &offload->pins;
	int fd = pins_get(pins, MAP_TABLE), error;
	enum index6_kind kind;
	uint32_t index6 = 0;

	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fault_set(fault, fd, "%s/%s: cannot open: %s", pins->directory, MAP_TABLE,
		                 strerror(-fd));
	before->table = fd;
	error = layout_of_pinned(pins, kernel_object_id(fd), &before->layout, &index6);
	if (!error && index6)
		before->index6 = index6_of_pinned(pins, index6);
	if (error || !before_fits(offload, before, &kind)) {
		log_warning("%s/%s has no layout record that fits it: a new table replaces it",
		            pins->directory, MAP_TABLE);
		before_close(before);
		return 0;
	}
	if (before->layout.sparse && kind == INDEX6_NONE)
		log_warning("%s/%s does not belong to the table: IPv6 addresses are learned again",
		            pins->directory, MAP_INDEX6);
	if (!is_as_it_was(offload, before, kind))
		return 0;
	error = map_reuse(maps_find(offload, MAP_TABLE), fd, fault);
	if (!error && kind == INDEX6_LINES)
		error = map_reuse(maps_find(offload, MAP_INDEX6), before->index6, fault);
	offload->table_taken = !error;
	before_close(before);
	return error;
}

static struct neigh_slot *table_map(int fd, size_t size, int protection)
{
	void *memory = mmap(NULL, size, protection, MAP_SHARED, fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static size_t table_size(const struct layout *layout)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = layout->slots * sizeof(struct neigh_slot);

	return size ? (size + page - 1) / page * page : page;
}

static int table_fill(struct offload *offload, const struct before *before)
{
	const size_t size = table_size(&before->layout);
	struct neigh_slot *from;
	int error = index6_open(&offload->index6, bpf_map__fd(maps_find(offload, MAP_INDEX6)),
	                        offload->layout.sparse);

	if (error)
		return error;
	if (offload->table_taken)
		return carry_all(&offload->carried, offload->layout.slots);
	if (before->table < 0)
		return 0;
	from = table_map(before->table, size, PROT_READ);
	if (!from)
		return -errno;
	error = carry_over(&offload->carried, offload->slots, &offload->layout, from,
	                   &before->layout);
	if (!error && before->index6 >= 0 && offload->layout.sparse)
		error = index6_carry(&offload->carried, offload->index6, offload->slots,
		                     &offload->layout, before->index6, from, &before->layout);
	munmap(from, size);
	return error;
}

/* Loads the maps without the program: each interface gets a program of its own. */
static int maps_load(struct offload *offload, struct before *before, struct fault *fault)
{
	struct bpf_map *map;
	int error;

	bpf_program__set_autoload(object_program(offload->object), false);
	bpf_map__set_autocreate(maps_find(offload, MAP_PORT), false);
	size_for(offload, &offload->layout);
	error = table_adopt(offload, before, fault);
	if (error)
		return error;
	bpf_object__for_each_map (map, offload->object) {
		if (!maps_is_shared(map) || maps_is_table(map))
			continue;
		error = map_adopt(offload, map, fault);
		if (error)
			return error;
	}
	error = bpf_object__load(offload->object);
	if (error)
		return fault_set(
		        fault, error, "cannot create the maps for %u addresses (%zu KiB): %s%s",
		        offload->layout.slots, table_size(&offload->layout) / 1024,
		        strerror(-error), error == -EPERM ? " (this needs root, or CAP_BPF)" : "");
	return 0;
}

/* An event is a hint: one that is not handled is not kept. */
static int pass_on(void *context, void *data, size_t size)
{
	struct offload *offload = context;

	if (offload->handle && size >= sizeof(struct event))
		offload->handle(offload->context, data);
	return 0;
}

static int ring_open(struct offload *offload, const struct bpf_map *map, struct fault *fault)
{
	int error;

	offload->ring = ring_buffer__new(bpf_map__fd(map), pass_on, offload, NULL);
	error = -errno;
	if (!offload->ring)
		return fault_set(fault, error, "map events: cannot read the ring buffer: %s",
		                 strerror(-error));
	return 0;
}

static int record_make(struct offload *offload, struct fault *fault)
{
	const struct layout_maps maps = {
	        .table = kernel_object_id(bpf_map__fd(maps_find(offload, MAP_TABLE))),
	        .index6 = kernel_object_id(bpf_map__fd(maps_find(offload, MAP_INDEX6))),
	};

	return layout_record_make(&offload->layout_fd, &offload->layout, maps, fault);
}

int offload_open(struct offload **out, const char *instance, const struct layout *layout,
                 struct fault *fault)
{
	struct offload *offload = calloc(1, sizeof(*offload));
	struct before before = {.table = -1, .index6 = -1};
	int error;

	if (!offload || layout_copy(&offload->layout, layout) < 0) {
		free(offload);
		return fault_set(fault, -ENOMEM, "instance '%s': out of memory", instance);
	}
	offload->layout_fd = -1;
	kernel_messages_route();
	error = pins_of(&offload->pins, instance, fault);
	if (error)
		goto out;
	offload->object = object_open(false);
	if (!offload->object) {
		error = fault_set(fault, -errno, "cannot open the XDP program: %s",
		                  strerror(errno));
		goto out;
	}
	error = maps_load(offload, &before, fault);
	if (error)
		goto out;
	offload->slots_size = table_size(&offload->layout);
	offload->slots = table_map(bpf_map__fd(maps_find(offload, MAP_TABLE)), offload->slots_size,
	                           PROT_READ | PROT_WRITE);
	if (!offload->slots) {
		error = fault_set(fault, -errno, "map %s: cannot map it into memory: %s", MAP_TABLE,
		                  strerror(errno));
		goto out;
	}
	error = table_fill(offload, &before);
	if (error) {
		fault_set(fault, error, "instance '%s': cannot take over the table: %s", instance,
		          strerror(-error));
		goto out;
	}
	if (!offload->table_taken)
		error = record_make(offload, fault);
	error = error ? error : ring_open(offload, maps_find(offload, "events"), fault);
out:
	before_close(&before);
	if (error) {
		offload_close(offload);
		return error;
	}
	*out = offload;
	return 0;
}

struct neigh_slot *offload_slots(struct offload *offload)
{
	return offload->slots;
}

bool offload_slot_inherited(const struct offload *offload, uint32_t slot)
{
	return carried_has(&offload->carried, slot);
}

bool offload_table_taken(const struct offload *offload)
{
	return offload->table_taken;
}

bool offload_inherited(const struct offload *offload)
{
	return offload->carried.spans;
}

void offload_ask_to_detach(struct offload *offload, struct detaching detaching)
{
	offload->detaching = detaching;
}

void offload_close(struct offload *offload)
{
	if (!offload)
		return;
	ring_buffer__free(offload->ring);
	if (offload->slots)
		munmap(offload->slots, offload->slots_size);
	index6_close(offload->index6, offload->layout.sparse);
	if (offload->layout_fd >= 0)
		close(offload->layout_fd);
	bpf_object__close(offload->object);
	carried_clear(&offload->carried);
	layout_clear(&offload->layout);
	free(offload);
}

int offload_events_fd(const struct offload *offload)
{
	return ring_buffer__epoll_fd(offload->ring);
}

int offload_events_consume(struct offload *offload)
{
	return ring_buffer__consume(offload->ring);
}

void offload_events_handler(struct offload *offload,
                            void (*handle)(void *context, const struct event *event), void *context)
{
	offload->handle = handle;
	offload->context = context;
}

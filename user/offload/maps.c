// SPDX-License-Identifier: MIT
/*
 * The XDP object, and the maps of an instance that are in it: found by name, pinned, recognised.
 * Fills none of them. Only the bytes of bpftool's skeleton are used: the object itself describes
 * its maps.
 */
#include "offload/maps.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "offload/kernel.h"

#include "arpkeeper.skel.h"
#include "arpkeeper_fixed.skel.h"

struct bpf_object *object_open(bool fixed)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "arpkeeper");
	size_t size;
	const void *bytes =
	        fixed ? arpkeeper_fixed_bpf__elf_bytes(&size) : arpkeeper_bpf__elf_bytes(&size);

	return bpf_object__open_mem(bytes, size, &options);
}

struct bpf_program *object_program(const struct bpf_object *object)
{
	return bpf_object__next_program(object, NULL);
}

bool maps_is_shared(const struct bpf_map *map)
{
	return !bpf_map__is_internal(map) && strcmp(bpf_map__name(map), MAP_PORT) != 0;
}

bool maps_is_table(const struct bpf_map *map)
{
	return !strcmp(bpf_map__name(map), MAP_TABLE) || !strcmp(bpf_map__name(map), MAP_INDEX6);
}

struct bpf_map *maps_find(const struct offload *offload, const char *name)
{
	return bpf_object__find_map_by_name(offload->object, name);
}

static int rename_next(const struct pins *pins, const char *next, const char *name,
                       struct fault *fault)
{
	int error = pins_rename(pins, next, name);

	return error ? fault_set(fault, error, "%s/%s: cannot rename to %s: %s", pins->directory,
	                         next, name, strerror(-error))
	             : 0;
}

static int pin_table(struct offload *offload, struct fault *fault)
{
	const struct pins *pins = &offload->pins;
	const int table = bpf_map__fd(maps_find(offload, MAP_TABLE));
	const int index6 = bpf_map__fd(maps_find(offload, MAP_INDEX6));
	int error;

	if (offload->table_taken) /* an index without addresses may be new */
		return pins_put(pins, MAP_INDEX6, index6, fault);
	if ((error = pins_put(pins, MAP_LAYOUT_NEXT, offload->layout_fd, fault)) ||
	    (error = pins_put(pins, MAP_INDEX6_NEXT, index6, fault)) ||
	    (error = pins_put(pins, MAP_TABLE, table, fault)) ||
	    (error = rename_next(pins, MAP_INDEX6_NEXT, MAP_INDEX6, fault)))
		return error;
	return rename_next(pins, MAP_LAYOUT_NEXT, MAP_LAYOUT, fault);
}

int maps_pin(struct offload *offload, struct fault *fault)
{
	const struct pins *pins = &offload->pins;
	struct bpf_map *map;
	int error;

	if (offload->pinned)
		return 0;
	error = pins_make(pins, fault);
	if (error)
		return error;
	bpf_object__for_each_map (map, offload->object) {
		if (!maps_is_shared(map) || maps_is_table(map))
			continue;
		error = pins_put(pins, bpf_map__name(map), bpf_map__fd(map), fault);
		if (error)
			return error;
	}
	error = pin_table(offload, fault);
	offload->pinned = !error;
	return error;
}

size_t maps_pinned_ids(const struct pins *pins, uint32_t ids[MAPS_SHARED_MAX])
{
	struct bpf_object *object = object_open(false);
	struct bpf_map *map;
	size_t count = 0;

	if (!object)
		return 0;
	bpf_object__for_each_map (map, object) {
		int fd = maps_is_shared(map) ? pins_get(pins, bpf_map__name(map)) : -ENOENT;

		if (fd < 0)
			continue;
		if (count < MAPS_SHARED_MAX)
			ids[count++] = kernel_object_id(fd);
		close(fd);
	}
	bpf_object__close(object);
	return count;
}

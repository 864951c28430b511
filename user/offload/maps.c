// SPDX-License-Identifier: MIT
/* The shared maps of an instance: found by name, pinned, recognised. Fills none of them. */
#include "offload/maps.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "offload/kernel.h"
#include "offload/object.h"

bool maps_is_shared(const struct bpf_map *map)
{
	return !bpf_map__is_internal(map) && strcmp(bpf_map__name(map), MAP_PORT) != 0;
}

struct bpf_map *maps_find(const struct offload *offload, const char *name)
{
	return bpf_object__find_map_by_name(offload->object, name);
}

int maps_pin(struct offload *offload, struct fault *fault)
{
	const struct pins *pins = &offload->pins;
	struct bpf_map *map, *table = maps_find(offload, MAP_TABLE);
	int error;

	if (offload->pinned)
		return 0;
	error = pins_make(pins, fault);
	if (error)
		return error;
	bpf_object__for_each_map (map, offload->object) {
		if (!maps_is_shared(map) || map == table)
			continue;
		error = pins_put(pins, bpf_map__name(map), bpf_map__fd(map), fault);
		if (error)
			return error;
	}
	if (!offload->table_taken) {
		error = pins_put(pins, MAP_LAYOUT_NEXT, offload->layout_fd, fault);
		error = error ? error : pins_put(pins, MAP_TABLE, bpf_map__fd(table), fault);
		if (error)
			return error;
		error = pins_rename(pins, MAP_LAYOUT_NEXT, MAP_LAYOUT);
		if (error)
			return fault_set(fault, error, "%s/%s: cannot rename to %s: %s",
			                 pins->directory, MAP_LAYOUT_NEXT, MAP_LAYOUT,
			                 strerror(-error));
	}
	offload->pinned = true;
	return 0;
}

size_t maps_pinned_ids(const struct pins *pins, uint32_t ids[MAPS_SHARED_MAX])
{
	struct bpf_object *object = object_open();
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

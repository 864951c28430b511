// SPDX-License-Identifier: MIT
#include "offload/survey.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "arpkeeper/port.h"
#include "offload/counters.h"
#include "offload/instance.h"
#include "offload/kernel.h"
#include "offload/mode.h"
#include "offload/pins.h"
#include "offload/prepare.h"
#include "offload/where.h"

/* A map in memory, read only, its size, and how many values it has. NULL: it is not an array of
 * such values. */
static void *map_view(int fd, size_t value, size_t *size, size_t *entries)
{
	struct bpf_map_info info = {0};
	__u32 length = sizeof(info);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *memory;

	if (bpf_obj_get_info_by_fd(fd, &info, &length) || info.type != BPF_MAP_TYPE_ARRAY ||
	    info.value_size != value || !(info.map_flags & BPF_F_MMAPABLE))
		return NULL;
	*entries = info.max_entries;
	*size = (info.max_entries * value + page - 1) / page * page;
	memory = mmap(NULL, *size, PROT_READ, MAP_SHARED, fd, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

static void count_slots(struct survey *survey, const struct neigh_slot *slots, size_t count)
{
	survey->slots = count;
	for (size_t i = 0; i < count; i++) {
		union binding binding = {
		        .word = __atomic_load_n(&slots[i].binding, __ATOMIC_RELAXED)};

		if (binding.state >= SLOT_STATES)
			continue;
		survey->state[binding.state]++;
		survey->answered += (binding.flags & SLOT_ANSWER) != 0;
		survey->sponged += (binding.flags & SLOT_SPONGE) != 0;
		survey->frozen += (binding.flags & SLOT_FROZEN) != 0;
	}
}

static int take_table(struct survey *survey, const struct pins *pins, struct fault *fault)
{
	char path[sizeof(pins->directory) + sizeof("/" MAP_TABLE)];
	int fd = pins_get(pins, MAP_TABLE);
	struct stat status;
	size_t size, entries;
	void *slots;

	if (fd < 0)
		return fault_set(fault, fd, "%s: %s%s", pins->directory, strerror(-fd),
		                 fd == -EACCES || fd == -EPERM ? " (this needs root)" : "");
	slots = map_view(fd, sizeof(struct neigh_slot), &size, &entries);
	close(fd);
	if (!slots)
		return fault_set(fault, -EINVAL, "%s/%s is of another version of arpkeeper",
		                 pins->directory, MAP_TABLE);
	count_slots(survey, slots, entries);
	munmap(slots, size);
	snprintf(path, sizeof(path), "%s/%s", pins->directory, MAP_TABLE);
	survey->since = stat(path, &status) ? 0 : status.st_mtime;
	return 0;
}

static void take_heartbeat(struct survey_port *port, const struct pins *pins)
{
	char name[PINS_NAME];
	int fd = pins_get(pins, pins_interface(name, PIN_PORT, port->interface));
	size_t size, entries;
	struct port *map;

	if (fd < 0)
		return;
	map = map_view(fd, sizeof(*map), &size, &entries);
	close(fd);
	if (!map)
		return;
	port->silent = offload_now() - __atomic_load_n(&map->heartbeat, __ATOMIC_RELAXED);
	port->silence = __atomic_load_n(&map->silence, __ATOMIC_RELAXED);
	munmap(map, size);
}

static int take_port(struct survey *survey, const struct pins *pins, const char *interface,
                     const char *pin)
{
	int fd = pins_get(pins, pin);
	struct survey_port *port;
	char attached[IFNAMSIZ];
	uint32_t mode;

	if (fd < 0)
		return 0;
	if (array_reserve(&survey->port, &survey->port_room, survey->ports + 1)) {
		close(fd);
		return -ENOMEM;
	}
	port = &survey->port[survey->ports++];
	*port = (struct survey_port){0};
	snprintf(port->interface, sizeof(port->interface), "%s", interface);
	take_heartbeat(port, pins);
	port->attached = where_is(attached, kernel_object_id(fd), &mode);
	port->mode = port->attached ? mode_name(mode) : NULL;
	close(fd);
	return 0;
}

int survey_take(struct survey *survey, const char *instance, struct fault *fault)
{
	char **names = NULL, interface[IFNAMSIZ];
	size_t count = 0;
	struct pins pins;
	int error, fd;

	*survey = (struct survey){0};
	kernel_messages_route();
	error = pins_of(&pins, instance, fault);
	if (error)
		return error;
	snprintf(survey->directory, sizeof(survey->directory), "%s", pins.directory);
	error = take_table(survey, &pins, fault);
	if (error)
		return error;
	error = pins_list(&pins, &names, &count);
	for (size_t i = 0; i < count && !error; i++)
		if (pins_interface_of(interface, PIN_PROGRAM, names[i]))
			error = take_port(survey, &pins, interface, names[i]);
	pins_list_free(names, count);
	fd = pins_get(&pins, "counters");
	survey->counted = fd >= 0 && counters_read(fd, survey->counters) == 0;
	if (fd >= 0)
		close(fd);
	return error ? fault_set(fault, error, "%s: %s", pins.directory, strerror(-error)) : 0;
}

void survey_clear(struct survey *survey)
{
	free(survey->port);
	*survey = (struct survey){0};
}

// SPDX-License-Identifier: MIT
/*
 * The counters: their sums over CPUs, and their names. They are read, never reset: they belong
 * to the instance, and outlive agents and programs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "offload/maps.h"

int offload_counters(const struct offload *offload, uint64_t counters[COUNTERS])
{
	int cpus = libbpf_num_possible_cpus(), error = 0;
	int fd = bpf_map__fd(maps_find(offload, "counters"));
	uint64_t *values;

	if (cpus < 0)
		return cpus;
	values = calloc((size_t)cpus, sizeof(*values));
	if (!values)
		return -ENOMEM;
	for (uint32_t i = 0; i < COUNTERS && !error; i++) {
		error = bpf_map_lookup_elem(fd, &i, values);
		counters[i] = 0;
		for (int cpu = 0; cpu < cpus && !error; cpu++)
			counters[i] += values[cpu];
	}
	free(values);
	return error;
}

#define COUNTER_NAME(id, name, help) [COUNTER_##id] = (name),
#define COUNTER_HELP(id, name, help) [COUNTER_##id] = (help),

const char *counter_name(enum counter counter)
{
	static const char *const names[] = {ARPKEEPER_COUNTERS(COUNTER_NAME)};

	return names[counter];
}

const char *counter_help(enum counter counter)
{
	static const char *const helps[] = {ARPKEEPER_COUNTERS(COUNTER_HELP)};

	return helps[counter];
}

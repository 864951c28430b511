// SPDX-License-Identifier: MIT
/*
 * The counters: their sums over CPUs, and their names. They are never reset: they belong to the
 * instance, and outlive agents and programs.
 */
#include "offload/counters.h"

#include <errno.h>
#include <stdlib.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "offload/maps.h"

int counters_read(int fd, uint64_t counters[COUNTERS])
{
	int cpus = libbpf_num_possible_cpus(), error;
	struct counters *tallies;
	uint32_t key = 0;

	if (cpus < 0)
		return cpus;
	tallies = calloc((size_t)cpus, sizeof(*tallies));
	if (!tallies)
		return -ENOMEM;
	error = bpf_map_lookup_elem(fd, &key, tallies);
	for (unsigned i = 0; i < COUNTERS && !error; i++) {
		counters[i] = 0;
		for (int cpu = 0; cpu < cpus; cpu++)
			counters[i] += tallies[cpu].count[i];
	}
	free(tallies);
	return error;
}

int offload_counters(const struct offload *offload, uint64_t counters[COUNTERS])
{
	return counters_read(bpf_map__fd(maps_find(offload, "counters")), counters);
}

#define COUNTER_NAME(id, name, help) [COUNTER_##id] = (name),

const char *counter_name(enum counter counter)
{
	static const char *const names[] = {ARPKEEPER_COUNTERS(COUNTER_NAME)};

	return names[counter];
}

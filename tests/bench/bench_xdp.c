// SPDX-License-Identifier: MIT
/*
 * bench_xdp: what the XDP program costs, against floors measured in the same run, side by side.
 * Prints a line of JSON for each figure; tests/bench/report makes a table of them. Needs root. What
 * it makes (programs, two unnamed network namespaces) ends with the process, however that ends.
 */
#include "bench.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "arpkeeper/counters.h"
#include "arpkeeper/port.h"
#include "arpkeeper/slot.h"
#include "request.h"

void die(const char *what)
{
	fprintf(stderr, "bench_xdp: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double quiet(const double *values, unsigned count)
{
	double *sorted = malloc(count * sizeof(*sorted)), result;

	if (!sorted)
		die("comparing");
	memcpy(sorted, values, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), by_value);
	result = sorted[count / 6];
	free(sorted);
	return result;
}

struct comparison compare(const double *values, const double *floor, unsigned count)
{
	struct comparison result = {.value = quiet(values, count), .floor = quiet(floor, count)};

	result.ratio = result.value / result.floor;
	return result;
}

double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

void figure(const char *name, double value, const char *unit)
{
	printf("{\"name\": \"%s\", \"value\": %.4g, \"unit\": \"%s\"}\n", name, value, unit);
	fflush(stdout);
}

void compared(const char *name, double value, const char *unit, const char *against, double ratio,
              enum limit limit, double target)
{
	bool ok = limit == AT_MOST ? ratio <= target : ratio >= target;

	printf("{\"name\": \"%s\", \"value\": %.4g, \"unit\": \"%s\", \"against\": \"%s\", "
	       "\"ratio\": %.3f, \"limit\": \"%s\", \"target\": %g, \"ok\": %s}\n",
	       name, value, unit, against, ratio, limit == AT_MOST ? "at most" : "at least", target,
	       ok ? "true" : "false");
	fflush(stdout);
}

static void slots_fill(struct arpkeeper_bpf *arpkeeper, uint32_t count)
{
	union binding asker = {.mac = ASKER_MAC, .state = SLOT_DYNAMIC, .flags = SLOT_ANSWER};
	union binding target = {.mac = TARGET_MAC, .state = SLOT_DYNAMIC, .flags = SLOT_ANSWER};
	struct neigh_slot *slots = mmap(NULL, count * sizeof(*slots), PROT_READ | PROT_WRITE,
	                                MAP_SHARED, bpf_map__fd(arpkeeper->maps.neigh_slots), 0);

	if (slots == MAP_FAILED)
		die("mapping the table");
	for (uint32_t i = 0; i < count; i++) {
		target.mac[4] = i >> 8;
		slots[i].binding = target.word;
	}
	slots[ASKER_ADDRESS - BENCH_NETWORK].binding = asker.word;
	munmap(slots, count * sizeof(*slots));
}

struct arpkeeper_bpf *table_load(unsigned bits, uint16_t port_flags)
{
	struct arpkeeper_bpf *arpkeeper = arpkeeper_bpf__open();
	struct port port = {.config[0] = {.mac = OWN_MAC, .flags = port_flags, .prefixes = 1}};
	uint32_t key = 0;

	if (!arpkeeper)
		die("opening the program");
	bpf_map__set_max_entries(arpkeeper->maps.neigh_slots, 1u << bits);
	if (arpkeeper_bpf__load(arpkeeper))
		die("loading the program");
	slots_fill(arpkeeper, 1u << bits);
	port.config[0].prefix[0] = (struct port_prefix){
	        .network = BENCH_NETWORK,
	        .mask = ~0u << bits,
	};
	/* As the agent leaves it: the watchdog is on, and the agent alive. */
	port.silence = 3600;
	port.heartbeat = (uint32_t)seconds(CLOCK_MONOTONIC);
	if (bpf_map__update_elem(arpkeeper->maps.port, &key, sizeof(key), &port, sizeof(port), 0))
		die("writing the port");
	return arpkeeper;
}

double table_answered(const struct arpkeeper_bpf *arpkeeper)
{
	int cpus = libbpf_num_possible_cpus();
	struct counters *tallies = calloc(cpus, sizeof(*tallies));
	double answered = 0, frames = 0;
	uint32_t key = 0;

	if (!tallies || bpf_map__lookup_elem(arpkeeper->maps.counters, &key, sizeof(key), tallies,
	                                     cpus * sizeof(*tallies), 0))
		die("reading the counters");
	for (int cpu = 0; cpu < cpus; cpu++) {
		answered += tallies[cpu].count[COUNTER_ANSWERED];
		frames += tallies[cpu].count[COUNTER_ARP_FRAMES];
	}
	free(tallies);
	return answered / frames;
}

static int warnings_only(enum libbpf_print_level level, const char *format, va_list values)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, values) : 0;
}

int main(void)
{
	struct bench_bpf *bench;
	cpu_set_t cpu;

	libbpf_set_print(warnings_only);
	CPU_ZERO(&cpu);
	CPU_SET(sched_getcpu(), &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu);
	bench = bench_bpf__open_and_load();
	if (!bench)
		die("loading the benchmark's programs (root is needed)");
	bench_path(bench);
	bench_wire(bench);
	bench_bpf__destroy(bench);
	return 0;
}

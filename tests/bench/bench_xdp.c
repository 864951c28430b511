// SPDX-License-Identifier: MIT
/*
 * bench_xdp [path|nd|rules|wire|ndwire]: the cost of the XDP program, against floors from the same
 * run, side by side. Prints a line of JSON for each figure; tests/bench/report makes a table of
 * them. Needs root. Its programs and its two unnamed network namespaces end with the process.
 */
#include "bench.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../bpf/index6.h"
#include "arpkeeper/counters.h"
#include "arpkeeper/port.h"
#include "arpkeeper/slot.h"
#include "request.h"

#define DRAWS 1000 /* of the bootstrap */

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The median of the quietest third. Sorts the values. */
static double quiet(double *values, unsigned count)
{
	qsort(values, count, sizeof(*values), by_value);
	return values[count / 6];
}

/* xorshift: the same draws in every run. */
static unsigned draw(unsigned count)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 33) % count;
}

struct comparison compare(const double *values, const double *floor, unsigned count)
{
	double *x = malloc(count * sizeof(*x)), *y = malloc(count * sizeof(*y));
	double drawn[DRAWS];
	struct comparison result;

	if (!x || !y)
		die("comparing");
	/* The bootstrap: the same figure for rounds drawn at random from these, many times. */
	for (unsigned i = 0; i < DRAWS; i++) {
		for (unsigned j = 0; j < count; j++) {
			unsigned round = draw(count);

			x[j] = values[round];
			y[j] = floor[round];
		}
		drawn[i] = quiet(x, count) / quiet(y, count);
	}
	qsort(drawn, DRAWS, sizeof(*drawn), by_value);
	memcpy(x, values, count * sizeof(*x));
	memcpy(y, floor, count * sizeof(*y));
	result.value = quiet(x, count);
	result.floor = quiet(y, count);
	result.ratio = result.value / result.floor;
	result.low = drawn[DRAWS / 40];
	result.high = drawn[DRAWS - 1 - DRAWS / 40];
	free(x);
	free(y);
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

void figure_between(const char *name, double value, double low, double high, const char *unit)
{
	printf("{\"name\": \"%s\", \"value\": %.4g, \"low\": %.4g, \"high\": %.4g, "
	       "\"unit\": \"%s\"}\n",
	       name, value, low, high, unit);
	fflush(stdout);
}

void figure_against(const char *name, const char *unit, const char *against,
                    struct comparison result)
{
	printf("{\"name\": \"%s\", \"value\": %.4g, \"unit\": \"%s\", \"against\": \"%s\", "
	       "\"ratio\": %.3f, \"low\": %.3f, \"high\": %.3f}\n",
	       name, result.value, unit, against, result.ratio, result.low, result.high);
	fflush(stdout);
}

void compared(const char *name, double value, const char *unit, const char *against,
              struct comparison result, enum limit limit, double target)
{
	bool ok = limit == AT_MOST ? result.ratio <= target : result.ratio >= target;

	printf("{\"name\": \"%s\", \"value\": %.4g, \"unit\": \"%s\", \"against\": \"%s\", "
	       "\"ratio\": %.3f, \"low\": %.3f, \"high\": %.3f, \"limit\": \"%s\", "
	       "\"target\": %g, \"ok\": %s}\n",
	       name, value, unit, against, result.ratio, result.low, result.high,
	       limit == AT_MOST ? "at most" : "at least", target, ok ? "true" : "false");
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

static struct arpkeeper_bpf *table_open(unsigned bits)
{
	struct arpkeeper_bpf *arpkeeper = arpkeeper_bpf__open();

	if (!arpkeeper)
		die("opening the program");
	bpf_map__set_max_entries(arpkeeper->maps.neigh_slots, 1u << bits);
	bpf_map__set_max_entries(arpkeeper->maps.neigh_index6, lines_elements(1u << bits));
	if (arpkeeper_bpf__load(arpkeeper))
		die("loading the program");
	slots_fill(arpkeeper, 1u << bits);
	return arpkeeper;
}

/* As the agent leaves it: the watchdog is on, and the agent is alive. */
static void port_write(struct arpkeeper_bpf *arpkeeper, struct port *port)
{
	uint32_t key = 0;

	port->silence = 3600;
	port->heartbeat = (uint32_t)seconds(CLOCK_MONOTONIC);
	if (bpf_map__update_elem(arpkeeper->maps.port, &key, sizeof(key), port, sizeof(*port), 0))
		die("writing the port");
}

struct arpkeeper_bpf *table_load(unsigned bits, uint16_t port_flags)
{
	struct port port = {.config[0] = {.mac = OWN_MAC, .flags = port_flags, .prefixes = 1}};
	struct arpkeeper_bpf *arpkeeper = table_open(bits);

	port.config[0].prefix[0] = (struct port_prefix){
	        .network = BENCH_NETWORK,
	        .mask = ~0u << bits,
	};
	port_write(arpkeeper, &port);
	return arpkeeper;
}

struct arpkeeper_bpf *table6_load(unsigned bits, uint16_t port_flags)
{
	struct port port = {
	        .config[0] = {.mac = OWN_MAC, .flags = port_flags, .domains = 1, .prefixes6 = 1}};
	struct neigh_key6 key = {.segment = BENCH_SEGMENT, .address = {BENCH_PREFIX6}};
	struct arpkeeper_bpf *arpkeeper = table_open(bits);
	union index6_line *index6 =
	        index6_map(bpf_map__fd(arpkeeper->maps.neigh_index6), 1u << bits);

	if (!index6)
		die("mapping the index");
	for (uint32_t slot = 0; slot < 1u << bits; slot++) {
		uint32_t host = htonl(slot);

		memcpy(key.address + 12, &host, sizeof(host));
		if (lines_put(index6, &key, slot))
			die("filling the index");
	}
	munmap(index6, index6_size(1u << bits));
	port.config[0].domain[0] = (struct port_domain){.segment = BENCH_SEGMENT};
	port.config[0].prefix6[0] = (struct port_prefix6){
	        .network = {BENCH_PREFIX6},
	        .mask = {[0 ... 7] = 0xff},
	        .segment = BENCH_SEGMENT,
	};
	port_write(arpkeeper, &port);
	return arpkeeper;
}

static double answered_of(const struct arpkeeper_bpf *arpkeeper, enum counter of_these,
                          enum counter of_all)
{
	int cpus = libbpf_num_possible_cpus();
	struct counters *tallies = calloc(cpus, sizeof(*tallies));
	double answered = 0, frames = 0;
	uint32_t key = 0;

	if (!tallies || bpf_map__lookup_elem(arpkeeper->maps.counters, &key, sizeof(key), tallies,
	                                     cpus * sizeof(*tallies), 0))
		die("reading the counters");
	for (int cpu = 0; cpu < cpus; cpu++) {
		answered += tallies[cpu].count[of_these];
		frames += tallies[cpu].count[of_all];
	}
	free(tallies);
	return answered / frames;
}

double table_answered(const struct arpkeeper_bpf *arpkeeper)
{
	return answered_of(arpkeeper, COUNTER_ANSWERED, COUNTER_ARP_FRAMES);
}

double table6_answered(const struct arpkeeper_bpf *arpkeeper)
{
	return answered_of(arpkeeper, COUNTER_ND_ANSWERED, COUNTER_ND_FRAMES);
}

int main(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : "";
	struct bench_bpf *bench;

	burst_prepare();
	bench = bench_bpf__open_and_load();
	if (!bench)
		die("loading the benchmark's programs (root is needed)");
	if (!*part || !strcmp(part, "path"))
		bench_path(bench);
	if (!*part || !strcmp(part, "nd"))
		bench_nd(bench);
	if (!*part || !strcmp(part, "rules"))
		bench_rules(bench);
	if (!*part || !strcmp(part, "wire"))
		bench_wire(bench);
	if (!*part || !strcmp(part, "ndwire"))
		bench_wire_nd(bench);
	bench_bpf__destroy(bench);
	return 0;
}

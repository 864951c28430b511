// SPDX-License-Identifier: MIT
/*
 * The program's side consists of maps, written before and read after. The clock is the kernel's
 * own. A frame during which the clock moved is not judged, because the program may have seen either
 * tick.
 */
#include "pair.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../bpf/index6.h"

#define SECOND_NS 1000000000ULL
/* So few that addresses are in each of their lines, and move. */
#define INDEX_LINES 16
/* The kernel steps its clocks one after the other in the tick, so a second begins for some clocks
 * first. This is the longest such gap. */
#define TICK_NS      10000000ULL
#define IFINDEX      1 /* BPF_PROG_RUN's: the loopback device */
#define CPUS_MAX     1024
#define PAGE         4096
#define SLOTS_MEMORY ((sizeof(struct neigh_slot) * REFERENCE_SLOTS + PAGE - 1) / PAGE * PAGE)

/* As in bpf/maps.h. The fuzzer reads it from outside. */
struct throttle_key {
	uint8_t mac[8];
	uint32_t slot, kind;
};

struct throttle_key6 {
	uint8_t mac[8], address[16];
	uint32_t segment, kind;
};

static const struct pair_filled all_filled = {true, true, true};

static void die(const char *what)
{
	fprintf(stderr, "pair: %s: %s (needs root)\n", what, strerror(errno));
	exit(1);
}

static int warnings_only(enum libbpf_print_level level, const char *format, va_list values)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, values) : 0;
}

static int on_event(void *context, void *data, size_t size)
{
	struct pair *pair = context;

	if (size == sizeof(struct event) && pair->got.event_count < REFERENCE_EVENTS)
		memcpy(&pair->got.events[pair->got.event_count], data, size);
	pair->got.event_count++;
	return 0;
}

static void counters_read(const struct pair *pair, uint64_t sums[COUNTERS])
{
	static struct counters tallies[CPUS_MAX];
	int cpus = libbpf_num_possible_cpus();
	uint32_t key = 0;

	if (cpus > CPUS_MAX ||
	    bpf_map_lookup_elem(bpf_map__fd(pair->bpf->maps.counters), &key, tallies))
		die("reading the counters");
	memset(sums, 0, sizeof(*sums) * COUNTERS);
	for (int cpu = 0; cpu < cpus; cpu++)
		for (int i = 0; i < COUNTERS; i++)
			sums[i] += tallies[cpu].count[i];
}

uint64_t pair_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

void pair_open(struct pair *pair)
{
	cpu_set_t cpu;

	memset(pair, 0, sizeof(*pair));
	CPU_ZERO(&cpu);
	CPU_SET(sched_getcpu(), &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu);
	libbpf_set_print(warnings_only);
	pair->bpf = arpkeeper_bpf__open();
	if (!pair->bpf)
		die("opening the program");
	bpf_map__set_max_entries(pair->bpf->maps.neigh_slots, REFERENCE_SLOTS);
	/* As many as a world needs. The fuzzer empties them for each world, which takes as long as
	 * the map is large. */
	bpf_map__set_max_entries(pair->bpf->maps.throttle, 2 * REFERENCE_MEMORY);
	bpf_map__set_max_entries(pair->bpf->maps.throttle6, 2 * REFERENCE_MEMORY);
	bpf_map__set_max_entries(pair->bpf->maps.shares, REFERENCE_MEMORY);
	bpf_map__set_max_entries(pair->bpf->maps.neigh_index6, lines_elements(REFERENCE_PLACES));
	if (arpkeeper_bpf__load(pair->bpf))
		die("loading the program");
	pair->slots = mmap(NULL, SLOTS_MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED,
	                   bpf_map__fd(pair->bpf->maps.neigh_slots), 0);
	pair->port = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
	                  bpf_map__fd(pair->bpf->maps.port), 0);
	pair->index6 = index6_map(bpf_map__fd(pair->bpf->maps.neigh_index6), REFERENCE_PLACES);
	if (pair->slots == MAP_FAILED || pair->port == MAP_FAILED || !pair->index6)
		die("mapping the table");
	pair->ring = ring_buffer__new(bpf_map__fd(pair->bpf->maps.events), on_event, pair, NULL);
	if (!pair->ring)
		die("opening the ring buffer");
	counters_read(pair, pair->before);
	pair->filled = all_filled;
}

void pair_close(struct pair *pair)
{
	ring_buffer__free(pair->ring);
	munmap(pair->slots, SLOTS_MEMORY);
	munmap(pair->port, PAGE);
	munmap(pair->index6, index6_size(REFERENCE_PLACES));
	arpkeeper_bpf__destroy(pair->bpf);
}

static void map_empty(const struct bpf_map *map)
{
	uint8_t key[sizeof(struct throttle_key6)];

	while (!bpf_map_get_next_key(bpf_map__fd(map), NULL, key))
		bpf_map_delete_elem(bpf_map__fd(map), key);
}

static void map_set(const struct bpf_map *map, const void *key, const void *value)
{
	if (bpf_map_update_elem(bpf_map__fd(map), key, value, BPF_ANY))
		die("writing a map");
}

static void reports_write(const struct pair *pair)
{
	for (unsigned i = 0; i < pair->world.report_count; i++) {
		const struct reference_report *earlier = &pair->world.reports[i];
		struct throttle_key key = {.slot = earlier->slot, .kind = earlier->kind};

		memcpy(key.mac, earlier->mac, sizeof(earlier->mac));
		map_set(pair->bpf->maps.throttle, &key, &earlier->second);
	}
	for (unsigned i = 0; i < pair->world.report6_count; i++) {
		const struct reference_report6 *earlier = &pair->world.reports6[i];
		struct throttle_key6 key = {.segment = earlier->segment, .kind = earlier->kind};

		memcpy(key.mac, earlier->mac, sizeof(key.mac));
		memcpy(key.address, earlier->address, sizeof(key.address));
		map_set(pair->bpf->maps.throttle6, &key, &earlier->second);
	}
}

void pair_clear(struct pair *pair)
{
	memset(&pair->world, 0, sizeof(pair->world));
	pair->world.port.heartbeat = (uint32_t)(pair_now() / SECOND_NS);
}

void pair_update(struct pair *pair)
{
	memcpy(pair->slots, pair->world.slots, sizeof(pair->world.slots));
	memcpy(pair->port, &pair->world.port, sizeof(pair->world.port));
}

static struct pair_filled filled(const struct reference *world)
{
	return (struct pair_filled){world->report_count, world->report6_count, world->share_count};
}

void pair_begin(struct pair *pair)
{
	uint32_t key = 0;

	/* Finding out that a map is empty takes longer than most frames. */
	if (pair->filled.throttle)
		map_empty(pair->bpf->maps.throttle);
	if (pair->filled.throttle6)
		map_empty(pair->bpf->maps.throttle6);
	if (pair->filled.shares)
		map_empty(pair->bpf->maps.shares);
	index6_renew(pair->index6, REFERENCE_PLACES);
	pair->index6->header.mask = INDEX_LINES - 1;
	pair->filled = filled(&pair->world);
	reports_write(pair);
	for (unsigned i = 0; i < pair->world.place_count; i++)
		if (lines_put(pair->index6, &pair->world.places[i].key, pair->world.places[i].slot))
			die("filling the index");
	for (unsigned i = 0; i < pair->world.share_count; i++) {
		uint8_t mac[8] = {0};

		memcpy(mac, pair->world.shares[i].mac, ETH_ALEN);
		map_set(pair->bpf->maps.shares, mac, &pair->world.shares[i].full);
	}
	map_set(pair->bpf->maps.bucket, &key, &pair->world.bucket);
	pair_update(pair);
}

void pair_age(struct pair *pair, uint32_t seconds)
{
	for (unsigned i = 0; i < pair->world.report_count; i++)
		pair->world.reports[i].second -= seconds;
	for (unsigned i = 0; i < pair->world.report6_count; i++)
		pair->world.reports6[i].second -= seconds;
	reports_write(pair);
	for (unsigned i = 0; i < REFERENCE_SLOTS; i++)
		if (pair->world.slots[i].used)
			pair->world.slots[i].used -= seconds;
	pair_update(pair);
}

static bool equal(const struct pair *pair)
{
	const struct outcome *got = &pair->got, *wanted = &pair->wanted;

	return got->action == wanted->action && got->length == wanted->length &&
	       !memcmp(got->frame, wanted->frame, wanted->length) &&
	       !memcmp(got->counted, wanted->counted, sizeof(got->counted)) &&
	       got->event_count == wanted->event_count &&
	       !memcmp(got->events, wanted->events, wanted->event_count * sizeof(*got->events)) &&
	       !memcmp(pair->slots, pair->world.slots, sizeof(pair->world.slots));
}

enum pair_result pair_send(struct pair *pair, const uint8_t *frame, unsigned length)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = length,
	            .data_out = pair->got.frame, .data_size_out = sizeof(pair->got.frame));
	uint64_t before, after, counted[COUNTERS];
	int error;

	memset(&pair->got, 0, sizeof(pair->got));
	before = pair_now();
	error = bpf_prog_test_run_opts(bpf_program__fd(pair->bpf->progs.arpkeeper), &options);
	after = pair_now();
	if (error)
		die("running the program");
	ring_buffer__consume(pair->ring);
	counters_read(pair, counted);
	for (int i = 0; i < COUNTERS; i++)
		pair->got.counted[i] = counted[i] - pair->before[i];
	memcpy(pair->before, counted, sizeof(counted));
	pair->filled = all_filled;
	if (before != after || (before - TICK_NS) / SECOND_NS != before / SECOND_NS)
		return PAIR_TICKED;
	pair->got.action = (int)options.retval;
	reference_frame(&pair->world, frame, length, before, IFINDEX, &pair->wanted);
	pair->got.length = options.data_size_out;
	if (!equal(pair))
		return PAIR_DIFFERENT;
	/* The program reported what the reference did, and remembers that. */
	pair->filled = filled(&pair->world);
	return PAIR_EQUAL;
}

static void bytes(FILE *out, const char *what, const uint8_t *frame, unsigned length)
{
	fprintf(out, "%-10s", what);
	for (unsigned i = 0; i < length; i++)
		fprintf(out, "%02x%s", frame[i], i == 5 || i == 11 || i == 13 ? " " : "");
	fprintf(out, "\n");
}

static void explain_side(FILE *out, const char *side, const struct outcome *outcome)
{
#define NAME(id, name, help) name,
	static const char *const names[] = {ARPKEEPER_COUNTERS(NAME)};
#undef NAME

	fprintf(out, "%s: action %d;", side, outcome->action);
	for (int i = 0; i < COUNTERS; i++)
		if (outcome->counted[i])
			fprintf(out, " %s %llu", names[i], (unsigned long long)outcome->counted[i]);
	fprintf(out, "\n");
	for (unsigned i = 0; i < outcome->event_count && i < REFERENCE_EVENTS; i++)
		bytes(out, "  event", (const uint8_t *)&outcome->events[i],
		      sizeof(outcome->events[i]));
	bytes(out, "  bytes", outcome->frame, outcome->length);
}

void pair_explain(const struct pair *pair, const uint8_t *frame, unsigned length, FILE *out)
{
	const struct port_config *config = &pair->world.port.config[pair->world.port.active & 1];

	bytes(out, "frame", frame, length);
	explain_side(out, "reference", &pair->wanted);
	explain_side(out, "program", &pair->got);
	for (unsigned i = 0; i < config->prefixes && i < PORT_PREFIXES_MAX; i++)
		fprintf(out, "prefix %08x/%08x, VLAN %x, slots from %u\n",
		        config->prefix[i].network, config->prefix[i].mask, config->prefix[i].vlan,
		        config->prefix[i].base);
	for (unsigned i = 0; i < config->domains && i < PORT_PREFIXES_MAX; i++)
		fprintf(out, "VLAN %x is segment %u\n", config->domain[i].vlan,
		        config->domain[i].segment);
	for (unsigned i = 0; i < pair->world.place_count; i++) {
		fprintf(out, "segment %u, slot %u, ", pair->world.places[i].key.segment,
		        pair->world.places[i].slot);
		bytes(out, "address", pair->world.places[i].key.address, 16);
	}
	for (unsigned i = 0; i < REFERENCE_SLOTS; i++) {
		const struct neigh_slot *wanted = &pair->world.slots[i], *got = &pair->slots[i];
		union binding binding = {.word = wanted->binding};

		if (memcmp(wanted, got, sizeof(*got)) != 0)
			fprintf(out,
			        "slot %u: binding %016llx, seen %u, used %u; not %016llx, %u, %u\n",
			        i, (unsigned long long)wanted->binding, wanted->seen, wanted->used,
			        (unsigned long long)got->binding, got->seen, got->used);
		else if (binding.word)
			fprintf(out, "slot %u: state %u, flags %u, ...%02x:%02x\n", i,
			        binding.state, binding.flags, binding.mac[4], binding.mac[5]);
	}
}

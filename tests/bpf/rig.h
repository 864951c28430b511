/* SPDX-License-Identifier: MIT */
/*
 * The rig: the program, loaded afresh for each test, with a small table and one port, and frames
 * sent through it by BPF_PROG_RUN. Nothing is attached, no interface is touched.
 *
 * The port's own MAC is OWN. Its prefixes, and where they lie in the table:
 *
 *     10.0.0.0/24       untagged       0..255
 *     192.168.4.0/30    untagged       256..259
 *     10.0.0.0/24       VLAN 7         260..515
 *     172.16.0.0/29     VLAN 100/200   516..523
 */
#ifndef TESTS_BPF_RIG_H
#define TESTS_BPF_RIG_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "arpkeeper.skel.h"
#include "arpkeeper/counters.h"
#include "arpkeeper/event.h"
#include "arpkeeper/frame.h"
#include "arpkeeper/port.h"
#include "arpkeeper/slot.h"
#include "frames.h"
#include "index6.h"

#define RIG_SLOTS  524
#define RIG_EVENTS 32768
#define OWN        MAC(0x01)
#define NO_EVENT   0

struct rig {
	struct arpkeeper_bpf *bpf;
	struct neigh_slot *slots;
	size_t slots_size;
	struct port *port;
	union index6_line *index6; /* mapped */
	struct ring_buffer *ring;
	struct event events[RIG_EVENTS]; /* since the last rig_send() or rig_events_drop() */
	unsigned event_count;
	uint64_t counted[COUNTERS]; /* by the last rig_send() */
	uint8_t sent[FRAME_MAX];
	uint8_t out[FRAME_MAX]; /* the frame after the last rig_send() */
	unsigned out_length;
};

static inline uint64_t rig_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec * NSEC_PER_SEC_U + now.tv_nsec;
}

static inline uint32_t rig_now(void)
{
	return coarse_seconds(rig_clock());
}

/* For events within one second. Sleeps past the second's end when that is near. */
static inline void rig_settle(void)
{
	while (rig_clock() % NSEC_PER_SEC_U > NSEC_PER_SEC_U / 2)
		usleep(20000);
}

static inline int rig_event(void *context, void *data, size_t size)
{
	struct rig *rig = context;

	assert_int_equal(size, sizeof(struct event));
	assert_true(rig->event_count < RIG_EVENTS);
	memcpy(&rig->events[rig->event_count++], data, size);
	return 0;
}

static inline void rig_counters(const struct rig *rig, uint64_t sums[COUNTERS])
{
	int cpus = libbpf_num_possible_cpus();
	struct counters *tallies = calloc(cpus, sizeof(*tallies));
	uint32_t key = 0;

	assert_non_null(tallies);
	assert_int_equal(bpf_map__lookup_elem(rig->bpf->maps.counters, &key, sizeof(key), tallies,
	                                      cpus * sizeof(*tallies), 0),
	                 0);
	for (int i = 0; i < COUNTERS; i++) {
		sums[i] = 0;
		for (int cpu = 0; cpu < cpus; cpu++)
			sums[i] += tallies[cpu].count[i];
	}
	free(tallies);
}

static inline void rig_prefix(struct port_config *config, uint32_t network, unsigned bits,
                              uint32_t vlan, uint32_t base)
{
	config->prefix[config->prefixes++] = (struct port_prefix){
	        .network = network,
	        .mask = ~0u << (32 - bits),
	        .vlan = vlan,
	        .base = base,
	};
}

static inline int rig_quiet(enum libbpf_print_level level, const char *format, va_list values)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, values) : 0;
}

static inline int rig_setup(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	struct port_config *config;
	struct mac own = OWN;

	libbpf_set_print(rig_quiet);
	assert_non_null(rig);
	rig->bpf = arpkeeper_bpf__open();
	assert_non_null(rig->bpf);
	bpf_map__set_max_entries(rig->bpf->maps.neigh_slots, RIG_SLOTS);
	bpf_map__set_max_entries(rig->bpf->maps.neigh_index6, lines_elements(RIG_SLOTS));
	assert_int_equal(arpkeeper_bpf__load(rig->bpf), 0);
	rig->slots_size = (RIG_SLOTS * sizeof(*rig->slots) + 4095) / 4096 * 4096;
	rig->slots = mmap(NULL, rig->slots_size, PROT_READ | PROT_WRITE, MAP_SHARED,
	                  bpf_map__fd(rig->bpf->maps.neigh_slots), 0);
	rig->port = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
	                 bpf_map__fd(rig->bpf->maps.port), 0);
	rig->index6 = index6_map(bpf_map__fd(rig->bpf->maps.neigh_index6), RIG_SLOTS);
	assert_true(rig->slots != MAP_FAILED && rig->port != MAP_FAILED && rig->index6);
	rig->ring = ring_buffer__new(bpf_map__fd(rig->bpf->maps.events), rig_event, rig, NULL);
	assert_non_null(rig->ring);

	config = &rig->port->config[0];
	memcpy(config->mac, &own, sizeof(own));
	rig_prefix(config, IP(10, 0, 0, 0), 24, 0, 0);
	rig_prefix(config, IP(192, 168, 4, 0), 30, 0, 256);
	rig_prefix(config, IP(10, 0, 0, 0), 24, 7, 260);
	rig_prefix(config, IP(172, 16, 0, 0), 29, 100 << 16 | 200, 516);
	*state = rig;
	return 0;
}

static inline int rig_teardown(void **state)
{
	struct rig *rig = *state;

	ring_buffer__free(rig->ring);
	munmap(rig->slots, rig->slots_size);
	munmap(rig->port, 4096);
	munmap(rig->index6, index6_size(RIG_SLOTS));
	arpkeeper_bpf__destroy(rig->bpf);
	free(rig);
	return 0;
}

static inline void rig_bind(struct rig *rig, uint32_t slot, enum slot_state state, uint8_t flags,
                            struct mac mac)
{
	union binding binding = {.state = state, .flags = flags};

	assert_true(slot < RIG_SLOTS);
	memcpy(binding.mac, &mac, sizeof(mac));
	rig->slots[slot].binding = binding.word;
}

static inline void rig_events_drop(struct rig *rig)
{
	ring_buffer__consume(rig->ring);
	rig->event_count = 0;
}

static inline void rig_map_empty(struct bpf_map *map)
{
	uint8_t key[64];

	assert_true(bpf_map__key_size(map) <= sizeof(key));
	while (!bpf_map__get_next_key(map, NULL, key, bpf_map__key_size(map)))
		assert_int_equal(bpf_map__delete_elem(map, key, bpf_map__key_size(map), 0), 0);
}

/* Forgets all reports: empties the throttle, and fills the bucket and every station's share. */
static inline void rig_reset_throttle(struct rig *rig)
{
	uint64_t full = 0;
	uint32_t key = 0;

	rig_map_empty(rig->bpf->maps.throttle);
	rig_map_empty(rig->bpf->maps.throttle6);
	rig_map_empty(rig->bpf->maps.shares);
	assert_int_equal(
	        bpf_map__update_elem(rig->bpf->maps.bucket, &key, sizeof(key), &full, 8, 0), 0);
}

/* Runs the program over the frame, `repeat` times. Returns the action, or a negative errno. */
static inline int rig_run(struct rig *rig, const void *frame, unsigned length, int repeat)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = length,
	            .data_out = rig->out, .data_size_out = sizeof(rig->out), .repeat = repeat);
	int error = bpf_prog_test_run_opts(bpf_program__fd(rig->bpf->progs.arpkeeper), &options);

	rig->out_length = options.data_size_out;
	return error ? -errno : (int)options.retval;
}

/* Sends one frame, and keeps what the program counted and reported. Returns the action. */
static inline int rig_send_bytes(struct rig *rig, const void *frame, unsigned length)
{
	uint64_t before[COUNTERS];
	int action;

	rig_events_drop(rig);
	rig_counters(rig, before);
	assert_true(length <= sizeof(rig->sent));
	memcpy(rig->sent, frame, length);
	action = rig_run(rig, frame, length, 1);
	assert_true(action >= 0);
	ring_buffer__consume(rig->ring);
	rig_counters(rig, rig->counted);
	for (int i = 0; i < COUNTERS; i++)
		rig->counted[i] -= before[i];
	return action;
}

static inline int rig_send(struct rig *rig, struct arp arp)
{
	uint8_t frame[FRAME_MAX];
	unsigned length = frame_write(frame, &arp);

	return rig_send_bytes(rig, frame, length);
}

/*
 * The one verdict that the program counted for the last frame. COUNTERS for no verdict, or several.
 */
static inline enum counter rig_verdict(const struct rig *rig)
{
	enum counter verdict = COUNTERS;
	uint64_t verdicts = 0, frames;

	for (int i = COUNTER_ANSWERED; i <= COUNTER_ND_DROP_ROUTER; i++) {
		if (i == COUNTER_ND_FRAMES)
			continue;
		verdicts += rig->counted[i];
		if (rig->counted[i])
			verdict = i;
	}
	frames = rig->counted[verdict > COUNTER_ND_FRAMES ? COUNTER_ND_FRAMES : COUNTER_ARP_FRAMES];
	return verdicts == 1 && frames == 1 ? verdict : COUNTERS;
}

static inline const char *rig_name(enum counter counter)
{
#define RIG_NAME(id, name, help) name,
	static const char *const names[] = {ARPKEEPER_COUNTERS(RIG_NAME) "no single verdict"};
#undef RIG_NAME

	return names[counter];
}

static inline void rig_check_text(const char *got, const char *wanted, const char *file, int line)
{
	_assert_string_equal(got, wanted, file, line);
}

/* The last frame: this action, this verdict, and no event or only this one. */
static inline void rig_check(struct rig *rig, int action, int wanted_action, enum counter verdict,
                             unsigned event, const char *file, int line)
{
	rig_check_text(rig_name(rig_verdict(rig)), rig_name(verdict), file, line);
	_assert_int_equal(action, wanted_action, file, line);
	_assert_int_equal(rig->event_count, event != NO_EVENT, file, line);
	if (event != NO_EVENT)
		_assert_int_equal(rig->events[0].kind, event, file, line);
	_assert_int_equal(rig->counted[COUNTER_EVENTS_SENT], event != NO_EVENT, file, line);
	/* Only a reply changes a frame. */
	if (action == XDP_PASS || action == XDP_DROP)
		_assert_memory_equal(rig->sent, rig->out, rig->out_length, file, line);
}

#define passes(rig, frame, verdict, event)                                                         \
	rig_check(rig, rig_send(rig, frame), XDP_PASS, COUNTER_##verdict, event, __FILE__, __LINE__)
#define drops(rig, frame, event)                                                                   \
	rig_check(rig, rig_send(rig, frame), XDP_DROP, COUNTER_DROP_PROTECTED, event, __FILE__,    \
	          __LINE__)
/* Answered, with NO_EVENT or the event about the sender. */
#define answers(rig, frame, event)                                                                 \
	rig_check(rig, rig_send(rig, frame), XDP_TX, COUNTER_ANSWERED, event, __FILE__, __LINE__)

/* How much the counter rose for the last frame. */
#define counted(rig, name) ((rig)->counted[COUNTER_##name])

#define RIG_TEST(function) cmocka_unit_test_setup_teardown(function, rig_setup, rig_teardown)

#endif

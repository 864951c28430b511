// SPDX-License-Identifier: MIT
/*
 * bench_writer: writes bindings at a steady rate, as an outsider would. It writes either into the
 * agent's
 * pinned map, which the agent records as task `external`, or into a map of its own without a
 * reader. So
 * the same writes happen with and without recording.
 *
 *     bench_writer PIN RATE FIRST COUNT     COUNT slots from FIRST on, round and round
 *
 * Each line on standard input names the new target: "table", "nowhere" or "rest". The program
 * repeats
 * it on standard output after the change.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "arpkeeper/slot.h"

#define TICK_NS 1000000

static void die(const char *what)
{
	fprintf(stderr, "bench_writer: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct neigh_slot *map_slots(int map, uint32_t slots)
{
	void *memory = mmap(NULL, slots * sizeof(struct neigh_slot), PROT_READ | PROT_WRITE,
	                    MAP_SHARED, map, 0);

	if (map < 0 || memory == MAP_FAILED)
		die("mapping a table");
	return memory;
}

static void write_one(struct neigh_slot *slots, uint32_t slot, uint32_t round)
{
	union binding binding = {.state = SLOT_STATIC, .flags = SLOT_ANSWER};

	binding.mac[0] = 2;
	binding.mac[1] = 0x99;
	memcpy(&binding.mac[2], &round, sizeof(round));
	__atomic_store_n(&slots[slot].binding, binding.word, __ATOMIC_RELEASE);
}

static void advance(struct timespec *time)
{
	time->tv_nsec += TICK_NS;
	if (time->tv_nsec >= 1000000000) {
		time->tv_nsec -= 1000000000;
		time->tv_sec++;
	}
}

int main(int argc, char **argv)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	struct bpf_map_info info = {0};
	uint32_t length = sizeof(info), rate, first, count, round = 0;
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	struct neigh_slot *table, *nowhere, *target = NULL;
	struct timespec next;
	char line[64];
	int pinned;

	if (argc != 5) {
		fprintf(stderr, "usage: bench_writer PIN RATE FIRST COUNT\n");
		return 2;
	}
	rate = (uint32_t)strtoul(argv[2], NULL, 10);
	first = (uint32_t)strtoul(argv[3], NULL, 10);
	count = (uint32_t)strtoul(argv[4], NULL, 10);
	pinned = bpf_obj_get(argv[1]);
	if (pinned < 0 || bpf_obj_get_info_by_fd(pinned, &info, &length))
		die(argv[1]);
	if (!count || first + count > info.max_entries) {
		errno = ERANGE;
		die("the table has no such slots");
	}
	table = map_slots(pinned, info.max_entries);
	nowhere = map_slots(bpf_map_create(BPF_MAP_TYPE_ARRAY, "nowhere", sizeof(uint32_t),
	                                   sizeof(struct neigh_slot), info.max_entries, &options),
	                    info.max_entries);
	setvbuf(stdin, NULL, _IONBF, 0);
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (;;) {
		if (poll(&input, 1, 0) > 0) {
			if (!fgets(line, sizeof(line), stdin))
				return 0;
			target = !strcmp(line, "table\n")     ? table
			         : !strcmp(line, "nowhere\n") ? nowhere
			                                      : NULL;
			fputs(line, stdout);
			fflush(stdout);
		}
		for (uint32_t i = 0; target && i < rate / (1000000000 / TICK_NS); i++, round++)
			write_one(target, first + round % count, round);
		advance(&next);
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
}

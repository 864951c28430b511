// SPDX-License-Identifier: MIT
/*
 * Bursts of requests on a wire. One CPU does all of it: asks, answers, and takes the replies. veth
 * is
 * polled where its frames were sent. The burst measures time, not a share of it:
 *
 * - The burst runs as a real-time task on its CPU, so only interrupts come between. ksoftirqd, an
 *   ordinary task, takes no part: the burst itself polls all due work.
 * - The time is the kernel's own for the loop (`duration`). Wall-clock time has whole scheduler
 *   ticks, because set-up and tear-down of a burst wait for them. The thread's CPU time leaves out
 *   the work of ksoftirqd.
 */
#include "burst.h"

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "request.h"

#define ANSWERED_LEAST 0.99

void die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int warnings_only(enum libbpf_print_level level, const char *format, va_list values)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, values) : 0;
}

void burst_prepare(void)
{
	cpu_set_t cpu;

	libbpf_set_print(warnings_only);
	CPU_ZERO(&cpu);
	CPU_SET(sched_getcpu(), &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu);
}

/* The packets that came back to the asker's interface, by the kernel's count. */
static uint64_t packets_received(const char *interface)
{
	FILE *file = fopen("/proc/thread-self/net/dev", "re");
	char line[512], name[IFNAMSIZ + 1];
	uint64_t packets = 0, count;

	if (!file)
		die("reading the interface's statistics");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, " %16[^:]: %*u %" SCNu64, name, &count) == 2 &&
		    !strcmp(name, interface))
			packets = count;
	fclose(file);
	return packets;
}

static void set_policy(int policy, int priority)
{
	struct sched_param parameter = {.sched_priority = priority};

	if (sched_setscheduler(0, policy, &parameter))
		die("becoming a real-time task");
}

static double burst_of(struct bench_bpf *bench, const struct bpf_program *generate, uint32_t length,
                       const char *interface, uint32_t frames)
{
	static const uint8_t frame[SOLICIT_LENGTH];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = length,
	            .repeat = (int)frames, .flags = BPF_F_TEST_XDP_LIVE_FRAMES);
	double replies = -(double)packets_received(interface);
	int error;

	bench->bss->burst_done = 0;
	bench->bss->burst_frames = frames;
	bench->bss->wire_ifindex = if_nametoindex(interface);
	set_policy(SCHED_FIFO, 1);
	error = bpf_prog_test_run_opts(bpf_program__fd(generate), &options);
	set_policy(SCHED_OTHER, 0);
	if (error)
		die("sending live frames");
	replies += (double)packets_received(interface);
	if (replies < ANSWERED_LEAST * frames) {
		fprintf(stderr, "bench: %.0f of %u requests got an answer\n", replies, frames);
		exit(1);
	}
	return (double)(bench->bss->burst_last - bench->bss->burst_first) / replies;
}

double burst(struct bench_bpf *bench, const char *interface, uint32_t frames)
{
	return burst_of(bench, bench->progs.generate, REQUEST_LENGTH, interface, frames);
}

double burst_nd(struct bench_bpf *bench, const char *interface, uint32_t frames)
{
	return burst_of(bench, bench->progs.generate_nd, SOLICIT_LENGTH, interface, frames);
}

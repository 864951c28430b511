// SPDX-License-Identifier: MIT
/*
 * The cost of a frame: BPF_PROG_RUN, floor and program in turn, so that other load on the machine
 * affects both equally.
 */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "arpkeeper/port.h"
#include "request.h"

/* Many short rounds, so that a disturbance affects few of them. */
#define REPEATS 1000000

/* Nanoseconds a frame, of this thread's own time, so that other processes do not count. */
static double run_many(int program, const void *frame, uint32_t length, uint32_t wanted)
{
	static uint8_t out[SOLICITS * SOLICIT_STRIDE];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = length,
	            .data_out = out, .data_size_out = sizeof(out), .repeat = REPEATS);
	double start = seconds(CLOCK_THREAD_CPUTIME_ID);

	if (bpf_prog_test_run_opts(program, &options))
		die("running a program");
	if (options.retval != wanted) {
		errno = EPROTO;
		die("a program gave the wrong verdict");
	}
	return (seconds(CLOCK_THREAD_CPUTIME_ID) - start) * 1e9 / REPEATS;
}

double bench_ask(struct bench_bpf *bench, const struct bpf_program *asking, uint32_t length,
                 int under_test)
{
	static const uint8_t blank[SOLICITS * SOLICIT_STRIDE];
	uint32_t key = 0;

	if (bpf_map__update_elem(bench->maps.under_test, &key, sizeof(key), &under_test,
	                         sizeof(under_test), 0))
		die("choosing the program under test");
	/* The first frames are blank, and pass. */
	bench->bss->ask_at = 0;
	return run_many(bpf_program__fd(asking), blank, length, XDP_TX);
}

void bench_answering(struct bench_bpf *bench, const struct answering *answering, unsigned bits,
                     double target)
{
	struct arpkeeper_bpf *arpkeeper = answering->load(bits);
	double floor[BENCH_ROUNDS], answer[BENCH_ROUNDS];
	struct comparison result;
	char name[64], against[64];

	bench->data->ask_bits = bits;
	for (int i = 0; i < BENCH_ROUNDS; i++) {
		floor[i] = bench_ask(bench, answering->asking, answering->length,
		                     bpf_program__fd(bench->progs.swap_tx));
		answer[i] = bench_ask(bench, answering->asking, answering->length,
		                      bpf_program__fd(arpkeeper->progs.arpkeeper));
	}
	/* Without the frames that ask for the asker's own address. */
	if (answering->answered(arpkeeper) < 0.998) {
		errno = EPROTO;
		die("requests were not answered");
	}
	snprintf(name, sizeof(name), "%s, %u addresses", answering->answer, 1u << bits);
	snprintf(against, sizeof(against), "%s, %u addresses", answering->swap, 1u << bits);
	result = compare(answer, floor, BENCH_ROUNDS);
	figure(against, result.floor, "ns");
	if (target != 0)
		compared(name, result.value, "ns", against, result, AT_MOST, target);
	else
		figure_against(name, "ns", against, result);
	arpkeeper_bpf__destroy(arpkeeper);
}

void bench_passing(struct bench_bpf *bench, struct arpkeeper_bpf *arpkeeper, const char *name,
                   const char *what, const void *frame, uint32_t length)
{
	double floor[BENCH_ROUNDS], passed[BENCH_ROUNDS];
	struct comparison result;
	char full[64], against[64];

	for (int i = 0; i < BENCH_ROUNDS; i++) {
		floor[i] = run_many(bpf_program__fd(bench->progs.pass), frame, length, XDP_PASS);
		passed[i] = run_many(bpf_program__fd(arpkeeper->progs.arpkeeper), frame, length,
		                     XDP_PASS);
	}
	snprintf(full, sizeof(full), "%s, %s", name, what);
	snprintf(against, sizeof(against), "pass only, %s", what);
	result = compare(passed, floor, BENCH_ROUNDS);
	figure(against, result.floor, "ns");
	compared(full, result.value, "ns", against, result, AT_MOST, 1.3);
	arpkeeper_bpf__destroy(arpkeeper);
}

static struct arpkeeper_bpf *load(unsigned bits)
{
	return table_load(bits, 0);
}

/* Ethernet, tags, IPv4, TCP: addresses and payload do not matter. */
static uint32_t tcp_write(uint8_t frame[64], int tags)
{
	uint8_t *p = frame + 12;

	memset(frame, 0, 64);
	for (int i = 0; i < tags; i++, p += 4) {
		p[0] = 0x81; /* 802.1Q, VLAN 10 */
		p[3] = 10;
	}
	p[0] = 0x08; /* IPv4 */
	p[2] = 0x45;
	p[11] = 6;
	return 64;
}

static void passing(struct bench_bpf *bench, const char *what, int tags)
{
	uint8_t frame[64];
	uint32_t length = tcp_write(frame, tags);

	bench_passing(bench, load(16), "not ARP", what, frame, length);
}

void bench_path(struct bench_bpf *bench)
{
	const struct answering answering = {.asking = bench->progs.ask,
	                                    .length = REQUESTS * REQUEST_STRIDE,
	                                    .load = load,
	                                    .answered = table_answered,
	                                    .answer = "answer",
	                                    .swap = "swap"};
	double nothing[BENCH_ROUNDS];

	for (int i = 0; i < BENCH_ROUNDS; i++)
		nothing[i] = bench_ask(bench, answering.asking, answering.length,
		                       bpf_program__fd(bench->progs.nothing));
	figure("asking alone (in every row of swap and answer)",
	       compare(nothing, nothing, BENCH_ROUNDS).value, "ns");
	bench_answering(bench, &answering, 10, 0);
	bench_answering(bench, &answering, 16, 2.5);
	bench_answering(bench, &answering, 20, 8);
	passing(bench, "IPv4/TCP", 0);
	passing(bench, "IPv4/TCP with a VLAN tag", 1);
}

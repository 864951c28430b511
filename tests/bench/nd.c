// SPDX-License-Identifier: MIT
/* The cost of neighbour discovery, as path.c has ARP's: its answers against a swap, other IPv6. */
#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "request.h"

/* Ethernet and IPv6; `next` follows. Returns where. */
static uint8_t *ipv6_write(uint8_t *frame, uint8_t next, uint8_t length)
{
	static const uint8_t asker[] = ASKER_MAC, prefix[] = {BENCH_PREFIX6};
	uint8_t *ip = frame + 14;

	memcpy(frame, (uint8_t[]){0x33, 0x33, 0xff}, 3);
	memcpy(frame + 6, asker, sizeof(asker));
	frame[12] = 0x86;
	frame[13] = 0xdd;
	ip[0] = 0x60;
	ip[5] = length;
	ip[6] = next;
	ip[7] = 255;
	memcpy(ip + 8, prefix, sizeof(prefix));
	ip[23] = ASKER_HOST6;
	memcpy(ip + 24, (uint8_t[]){0xff, 0x02, [11] = 1, [12] = 0xff}, 13);
	return ip + 40;
}

/* A solicitation for the first address, and the sum of its 16-bit words. */
static void solicit_prepare(struct bench_bpf *bench)
{
	static const uint8_t asker[] = ASKER_MAC, prefix[] = {BENCH_PREFIX6};
	uint8_t *frame = (uint8_t *)bench->bss->solicit_frame, *icmp;
	uint32_t sum = 58 + 32;

	icmp = ipv6_write(frame, 58, 32);
	icmp[0] = 135;
	memcpy(icmp + 8, prefix, sizeof(prefix));
	icmp[24] = 1;
	icmp[25] = 1;
	memcpy(icmp + 26, asker, sizeof(asker));
	for (uint8_t *at = frame + 14 + 8; at < frame + SOLICIT_LENGTH; at += 2)
		sum += (uint32_t)at[0] << 8 | at[1];
	bench->bss->solicit_sum = (sum & 0xffff) + (sum >> 16);
}

static double ask(struct bench_bpf *bench, const struct bpf_program *under_test)
{
	return bench_ask(bench, bench->progs.ask_nd, SOLICITS * SOLICIT_STRIDE,
	                 bpf_program__fd(under_test));
}

static void answering(struct bench_bpf *bench, unsigned bits, double target)
{
	struct arpkeeper_bpf *arpkeeper = table6_load(bits);
	double floor[BENCH_ROUNDS], answer[BENCH_ROUNDS];
	struct comparison result;
	char name[64], against[64];

	bench->data->ask_bits = bits;
	for (int i = 0; i < BENCH_ROUNDS; i++) {
		floor[i] = ask(bench, bench->progs.swap_tx);
		answer[i] = ask(bench, arpkeeper->progs.arpkeeper);
	}
	if (table6_answered(arpkeeper) < 0.998) {
		errno = EPROTO;
		die("solicitations were not answered");
	}
	snprintf(name, sizeof(name), "neighbour advertisement, %u addresses", 1u << bits);
	snprintf(against, sizeof(against), "swap of a solicitation, %u addresses", 1u << bits);
	result = compare(answer, floor, BENCH_ROUNDS);
	figure(against, result.floor, "ns");
	if (target != 0)
		compared(name, result.value, "ns", against, result, AT_MOST, target);
	else
		figure_against(name, "ns", against, result);
	arpkeeper_bpf__destroy(arpkeeper);
}

static void passing(struct bench_bpf *bench, const char *what, uint8_t next, uint8_t type)
{
	struct arpkeeper_bpf *arpkeeper = table6_load(16);
	double floor[BENCH_ROUNDS], passed[BENCH_ROUNDS];
	struct comparison result;
	uint8_t frame[128] = {0};
	char name[64], against[64];

	*ipv6_write(frame, next, 64) = type;
	for (int i = 0; i < BENCH_ROUNDS; i++) {
		floor[i] = bench_run(bpf_program__fd(bench->progs.pass), frame, sizeof(frame),
		                     XDP_PASS);
		passed[i] = bench_run(bpf_program__fd(arpkeeper->progs.arpkeeper), frame,
		                      sizeof(frame), XDP_PASS);
	}
	snprintf(name, sizeof(name), "not ND, %s", what);
	snprintf(against, sizeof(against), "pass only, %s", what);
	result = compare(passed, floor, BENCH_ROUNDS);
	figure(against, result.floor, "ns");
	compared(name, result.value, "ns", against, result, AT_MOST, 1.3);
	arpkeeper_bpf__destroy(arpkeeper);
}

void bench_nd(struct bench_bpf *bench)
{
	solicit_prepare(bench);
	answering(bench, 10, 0);
	answering(bench, 16, 2.5);
	answering(bench, 20, 0);
	passing(bench, "IPv6/TCP", 6, 0);
	passing(bench, "IPv6/ICMPv6 echo", 58, 128);
}

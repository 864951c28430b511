// SPDX-License-Identifier: MIT
/* The cost of neighbour discovery: its answers against a swap, and other IPv6. */
#include "bench.h"

#include <string.h>

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
void solicit_prepare(struct bench_bpf *bench)
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

static struct arpkeeper_bpf *load(unsigned bits)
{
	return table6_load(bits, 0);
}

static void passing(struct bench_bpf *bench, const char *what, uint8_t next, uint8_t type)
{
	uint8_t frame[128] = {0};

	*ipv6_write(frame, next, 64) = type;
	bench_passing(bench, load(16), "not ND", what, frame, sizeof(frame));
}

void bench_nd(struct bench_bpf *bench)
{
	const struct answering answering = {.asking = bench->progs.ask_nd,
	                                    .length = SOLICITS * SOLICIT_STRIDE,
	                                    .load = load,
	                                    .answered = table6_answered,
	                                    .answer = "neighbour advertisement",
	                                    .swap = "swap of a solicitation"};

	solicit_prepare(bench);
	bench_answering(bench, &answering, 10, 0);
	bench_answering(bench, &answering, 16, 2.5);
	bench_answering(bench, &answering, 20, 0);
	passing(bench, "IPv6/TCP", 6, 0);
	passing(bench, "IPv6/ICMPv6 echo", 58, 128);
}

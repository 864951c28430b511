// SPDX-License-Identifier: MIT
/*
 * bench_asker: the hosts at the other end of an agent's wire. It runs in their network namespace:
 *
 *     bench_asker INTERFACE TARGETS-BITS
 *
 * Each line on standard input is an order. The answer is one line of JSON:
 *
 *     burst FRAMES            nanoseconds a reply
 *     newcomers FIRST COUNT   unknown hosts, from BENCH_NETWORK + FIRST on: each sends its first
 *                             frame, then another host asks for it until it gets an answer.
 *                             Microseconds from that first frame to the first answer
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "arpkeeper/frame.h"
#include "burst.h"
#include "request.h"

#define ASK_EVERY_NS 20000
#define PATIENCE_NS  2000000000ull
#define REST_NS      1000000 /* between newcomers */

struct frame {
	struct ethhdr eth;
	struct arp_ipv4 arp;
	uint8_t padding[REQUEST_LENGTH - sizeof(struct ethhdr) - sizeof(struct arp_ipv4)];
} __attribute__((packed));

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void rest(long ns)
{
	struct timespec time = {.tv_nsec = ns};

	clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

static int wire_open(const char *interface)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET,
	                              .sll_protocol = htons(ETH_P_ARP),
	                              .sll_ifindex = (int)if_nametoindex(interface)};
	int wire = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ARP));

	if (wire < 0 || !address.sll_ifindex ||
	    bind(wire, (struct sockaddr *)&address, sizeof(address)))
		die(interface);
	return wire;
}

static void ask(int wire, const uint8_t sender[ETH_ALEN], uint32_t spa, uint32_t tpa)
{
	struct frame frame = {
	        .eth = {.h_proto = htons(ETH_P_ARP)},
	        .arp = {.htype = htons(ARP_HTYPE_ETHERNET),
	                .ptype = htons(ETH_P_IP),
	                .hlen = ETH_ALEN,
	                .plen = 4,
	                .opcode = htons(ARP_OP_REQUEST),
	                .spa = htonl(spa),
	                .tpa = htonl(tpa)},
	};

	memset(frame.eth.h_dest, 0xff, ETH_ALEN);
	memcpy(frame.eth.h_source, sender, ETH_ALEN);
	memcpy(frame.arp.sha, sender, ETH_ALEN);
	if (send(wire, &frame, sizeof(frame), 0) != sizeof(frame))
		die("sending");
}

static bool answered(int wire, uint32_t address)
{
	struct frame frame;
	bool found = false;

	while (recv(wire, &frame, sizeof(frame), 0) >= (ssize_t)offsetof(struct frame, padding))
		found |= frame.arp.opcode == htons(ARP_OP_REPLY) && frame.arp.spa == htonl(address);
	return found;
}

static double newcomer(int wire, uint32_t address)
{
	static const uint8_t asker[ETH_ALEN] = ASKER_MAC;
	uint8_t own[ETH_ALEN] = {0x02, 0x77};
	uint64_t begun, last;

	memcpy(own + 2, &address, sizeof(address));
	begun = now();
	ask(wire, own, address, ASKER_ADDRESS);
	do {
		ask(wire, asker, ASKER_ADDRESS, address);
		rest(ASK_EVERY_NS);
		last = now();
		if (last - begun > PATIENCE_NS) {
			errno = ETIMEDOUT;
			die("waiting for a newcomer to be answered for");
		}
	} while (!answered(wire, address));
	rest(REST_NS);
	return (double)(last - begun) / 1e3;
}

int main(int argc, char **argv)
{
	struct bench_bpf *bench;
	unsigned first, count;
	char line[64];
	int wire;

	if (argc != 3) {
		fprintf(stderr, "usage: bench_asker INTERFACE TARGETS-BITS\n");
		return 2;
	}
	burst_prepare();
	bench = bench_bpf__open_and_load();
	if (!bench)
		die("loading the benchmark's programs (root is needed)");
	bench->data->ask_bits = (uint32_t)strtoul(argv[2], NULL, 10);
	prctl(PR_SET_TIMERSLACK, 1);
	wire = wire_open(argv[1]);
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "burst %u", &count) == 1) {
			printf("%.3f\n", burst(bench, argv[1], count));
		} else if (sscanf(line, "newcomers %u %u", &first, &count) == 2) {
			for (unsigned i = 0; i < count; i++)
				printf("%s%.1f", i ? ", " : "[",
				       newcomer(wire, BENCH_NETWORK + first + i));
			printf("]\n");
		} else {
			errno = EINVAL;
			die(line);
		}
		fflush(stdout);
	}
	close(wire);
	bench_bpf__destroy(bench);
	return 0;
}

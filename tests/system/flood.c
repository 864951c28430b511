// SPDX-License-Identifier: MIT
/*
 * flood: ARP requests from one interface, as fast as a packet socket takes them or at a rate.
 *
 *     flood IFACE [--count=N] [--rate=N] [--spa=A] [--spas=N] [--tpa=A] [--tpas=N] [--macs=N]
 *
 * Frame i comes from address spa + i mod spas, asks for tpa + i mod tpas, and is sent by invented
 * MAC i mod macs (0: the interface's own). Prints {"sent", "seconds"}. It listens to nothing.
 */
#include <argp.h>
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "arpkeeper/frame.h"

#define BATCH       64
#define FRAME_BYTES 60
#define INVENTED    0x02f0 /* the first two bytes of a MAC that is not in use */

struct flood {
	const char *interface;
	uint64_t count, rate, macs;
	uint32_t spa, spas, tpa, tpas; /* host byte order */
	uint8_t mac[ETH_ALEN];
};

struct request {
	struct ethhdr ethernet;
	struct arp_ipv4 arp;
} __attribute__((packed));

static void die(const char *what)
{
	fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t number(const char *text, struct argp_state *state)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (end == text || *end)
		argp_error(state, "%s is not a number", text);
	return value;
}

static uint32_t address(const char *text, struct argp_state *state)
{
	struct in_addr value;

	if (inet_pton(AF_INET, text, &value) != 1)
		argp_error(state, "%s is not an IPv4 address", text);
	return ntohl(value.s_addr);
}

enum { COUNT = 'c', RATE = 'r', SPA = 's', SPAS = 'S', TPA = 't', TPAS = 'T', MACS = 'm' };

static const struct argp_option options[] = {
        {"count", COUNT, "N", 0, "frames in all", 0},
        {"rate", RATE, "N", 0, "frames a second at most; 0: as fast as can be", 0},
        {"spa", SPA, "ADDRESS", 0, "the first sender", 0},
        {"spas", SPAS, "N", 0, "how many senders, one after the other", 0},
        {"tpa", TPA, "ADDRESS", 0, "the first target", 0},
        {"tpas", TPAS, "N", 0, "how many targets, one after the other", 0},
        {"macs", MACS, "N", 0, "how many invented MACs; 0: the interface's own", 0},
        {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct flood *flood = state->input;

	switch (key) {
	case COUNT:
		flood->count = number(text, state);
		return 0;
	case RATE:
		flood->rate = number(text, state);
		return 0;
	case SPA:
		flood->spa = address(text, state);
		return 0;
	case SPAS:
		flood->spas = (uint32_t)number(text, state);
		return 0;
	case TPA:
		flood->tpa = address(text, state);
		return 0;
	case TPAS:
		flood->tpas = (uint32_t)number(text, state);
		return 0;
	case MACS:
		flood->macs = number(text, state);
		return 0;
	case ARGP_KEY_ARG:
		if (flood->interface)
			argp_usage(state);
		flood->interface = text;
		return 0;
	case ARGP_KEY_END:
		if (!flood->interface || !flood->spas || !flood->tpas)
			argp_usage(state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int open_wire(struct flood *flood)
{
	struct sockaddr_ll where = {.sll_family = AF_PACKET};
	struct ifreq request = {0};
	int wire = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), on = 1;

	if (wire < 0)
		die("opening a packet socket");
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", flood->interface);
	if (ioctl(wire, SIOCGIFHWADDR, &request))
		die(flood->interface);
	memcpy(flood->mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
	where.sll_ifindex = (int)if_nametoindex(flood->interface);
	if (bind(wire, (struct sockaddr *)&where, sizeof(where)))
		die(flood->interface);
	if (setsockopt(wire, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)))
		die("bypassing the queue");
	return wire;
}

static void build(struct request *request, const struct flood *flood, uint64_t i)
{
	uint32_t spa = htonl(flood->spa + (uint32_t)(i % flood->spas));
	uint32_t tpa = htonl(flood->tpa + (uint32_t)(i % flood->tpas));
	uint8_t mac[ETH_ALEN];

	memcpy(mac, flood->mac, sizeof(mac));
	if (flood->macs) {
		uint16_t vendor = htons(INVENTED);
		uint32_t station = htonl((uint32_t)(i % flood->macs));

		memcpy(mac, &vendor, sizeof(vendor));
		memcpy(mac + sizeof(vendor), &station, sizeof(station));
	}
	memset(request->ethernet.h_dest, 0xff, ETH_ALEN);
	memcpy(request->ethernet.h_source, mac, ETH_ALEN);
	request->ethernet.h_proto = htons(ETH_P_ARP);
	request->arp = (struct arp_ipv4){.htype = htons(ARP_HTYPE_ETHERNET),
	                                 .ptype = htons(ETH_P_IP),
	                                 .hlen = ETH_ALEN,
	                                 .plen = sizeof(uint32_t),
	                                 .opcode = htons(ARP_OP_REQUEST),
	                                 .spa = spa,
	                                 .tpa = tpa};
	memcpy(request->arp.sha, mac, ETH_ALEN);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void wait_until(double when)
{
	double left = when - now();
	struct timespec time = {.tv_sec = (time_t)left,
	                        .tv_nsec = (long)((left - (double)(time_t)left) * 1e9)};

	if (left > 0)
		nanosleep(&time, NULL);
}

static void send_all(int wire, struct mmsghdr *messages, unsigned count)
{
	unsigned sent = 0;

	while (sent < count) {
		int result = sendmmsg(wire, messages + sent, count - sent, 0);

		if (result > 0)
			sent += (unsigned)result;
		else if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			die("sending");
	}
}

int main(int argc, char **argv)
{
	static uint8_t frames[BATCH][FRAME_BYTES];
	static const struct argp argp = {.options = options,
	                                 .parser = parse,
	                                 .args_doc = "IFACE",
	                                 .doc = "ARP requests, many of them."};
	struct flood flood = {.count = 1, .spas = 1, .tpas = 1};
	struct mmsghdr messages[BATCH] = {0};
	struct iovec parts[BATCH];
	double start;
	int wire;

	argp_parse(&argp, argc, argv, 0, NULL, &flood);
	wire = open_wire(&flood);
	for (unsigned i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){.iov_base = frames[i], .iov_len = FRAME_BYTES};
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	start = now();
	for (uint64_t sent = 0; sent < flood.count;) {
		uint64_t left = flood.count - sent;
		unsigned batch = left < BATCH ? (unsigned)left : BATCH;

		for (unsigned i = 0; i < batch; i++)
			build((struct request *)frames[i], &flood, sent + i);
		send_all(wire, messages, batch);
		sent += batch;
		if (flood.rate)
			wait_until(start + (double)sent / (double)flood.rate);
	}
	printf("{\"sent\": %llu, \"seconds\": %.3f}\n", (unsigned long long)flood.count,
	       now() - start);
	return 0;
}

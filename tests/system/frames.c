// SPDX-License-Identifier: MIT
/*
 * ARP frames that arping cannot make, and a stream of requests with an account of what was
 * answered. One interface, a raw socket. It judges nothing: it prints what it saw, and the tests
 * decide.
 *
 *   frames IFACE send [--op 1|2] [--spa A] [--tpa A] [--sha M] [--tha M] [--src M] [--dst M]
 *                     [--vlan [PROTOCOL:]TCI]... [--count N] [--wait SECONDS] [--first]
 *       sends frames, then prints each ARP reply that arrives within SECONDS (until the first, when
 *       --first): "src=M dst=M vlan=V op=N sha=M spa=A tha=M tpa=A tags=PROTOCOL:TCI,...".
 *       TCI is a tag's 16 bits (0xa00a: priority 5, VLAN 10), PROTOCOL 8100 or 88a8
 *   frames IFACE listen --wait SECONDS [--enough TEXT]
 *       prints every ARP frame that arrives, until TEXT is in its line; "ready" first, on standard
 *       error
 *   frames IFACE stream --tpa A[,A...] --rate N [--until FILE [--count N]] [--wait SECONDS]
 *       sends N requests a second until FILE exists and at least COUNT were sent (or for SECONDS),
 *       waits for stragglers, and prints {"sent", "answered", "lost", "longest_gap_ms"}. With FILE,
 *       it prints "ready" on standard error when the first is answered
 *
 * The environment's TIME_FACTOR multiplies the SECONDS of send and listen, which are deadlines, and
 * stream's time for stragglers.
 */
#include <arpa/inet.h>
#include <err.h>
#include <getopt.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "arpkeeper/frame.h"

#define TAGS        4
#define TARGETS     256
#define FRAME_MAX   2048
#define LINE_MAX    512
#define BUFFER      (8 << 20) /* of the socket, in bytes */
#define STRAGGLER_S 1.0

struct tag {
	uint16_t protocol, tci; /* network byte order */
};

struct seen {
	uint8_t dst[ETH_ALEN], src[ETH_ALEN];
	struct tag tag[TAGS + 1];
	unsigned tags;
	struct arp_ipv4 arp;
};

struct target {
	uint32_t address;
	uint64_t waiting; /* requests without a reply */
};

/* Addresses are in network byte order. */
static struct {
	int op, count;
	uint8_t sha[ETH_ALEN], tha[ETH_ALEN], src[ETH_ALEN], dst[ETH_ALEN];
	uint32_t spa;
	struct tag tag[TAGS];
	unsigned tags;
	struct target target[TARGETS];
	unsigned targets;
	double rate, wait, factor;
	const char *until, *enough;
	bool first;
} options = {.op = ARP_OP_REQUEST, .count = 1, .rate = 500, .wait = 1, .factor = 1};

static int wire;

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void parse_mac(uint8_t mac[ETH_ALEN], const char *text)
{
	const struct ether_addr *parsed = ether_aton(text);

	if (!parsed)
		errx(2, "%s is not a MAC address", text);
	memcpy(mac, parsed, ETH_ALEN);
}

static uint32_t parse_address(const char *text)
{
	struct in_addr address;

	if (inet_pton(AF_INET, text, &address) != 1)
		errx(2, "%s is not an IPv4 address", text);
	return address.s_addr;
}

static void parse_targets(char *text)
{
	for (char *one; (one = strsep(&text, ","));) {
		if (options.targets == TARGETS)
			errx(2, "at most %d addresses", TARGETS);
		options.target[options.targets++].address = parse_address(one);
	}
}

static void parse_tag(const char *text)
{
	const char *colon = strchr(text, ':');

	if (options.tags == TAGS)
		errx(2, "at most %d tags", TAGS);
	options.tag[options.tags++] =
	        (struct tag){htons(colon ? (uint16_t)strtoul(text, NULL, 16) : ETH_P_8021Q),
	                     htons((uint16_t)strtoul(colon ? colon + 1 : text, NULL, 0))};
}

static void open_wire(const char *interface)
{
	struct sockaddr_ll here = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	struct ifreq request = {0};
	int size = BUFFER, on = 1;

	wire = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (wire < 0 || ioctl(wire, SIOCGIFHWADDR, &request) < 0)
		err(1, "%s", interface);
	memcpy(options.src, request.ifr_hwaddr.sa_data, ETH_ALEN);
	memcpy(options.sha, request.ifr_hwaddr.sa_data, ETH_ALEN);
	memset(options.dst, 0xff, ETH_ALEN);
	here.sll_ifindex = (int)if_nametoindex(interface);
	if (setsockopt(wire, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0 ||
	    setsockopt(wire, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) < 0 ||
	    bind(wire, (const struct sockaddr *)&here, sizeof(here)) < 0)
		err(1, "%s", interface);
}

static void send_one(uint32_t tpa)
{
	struct arp_ipv4 arp = {.htype = htons(ARP_HTYPE_ETHERNET),
	                       .ptype = htons(ETH_P_IP),
	                       .hlen = ETH_ALEN,
	                       .plen = sizeof(tpa),
	                       .opcode = htons((uint16_t)options.op),
	                       .spa = options.spa,
	                       .tpa = tpa};
	const uint16_t type = htons(ETH_P_ARP);
	const struct {
		const void *bytes;
		size_t size;
	} part[] = {{options.dst, ETH_ALEN},
	            {options.src, ETH_ALEN},
	            {options.tag, options.tags * sizeof(struct tag)},
	            {&type, sizeof(type)},
	            {&arp, sizeof(arp)}};
	uint8_t frame[ETH_ZLEN + TAGS * sizeof(struct tag)] = {0};
	size_t size = 0;

	memcpy(arp.sha, options.sha, ETH_ALEN);
	memcpy(arp.tha, options.tha, ETH_ALEN);
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		memcpy(frame + size, part[i].bytes, part[i].size);
		size += part[i].size;
	}
	if (send(wire, frame, size < ETH_ZLEN ? ETH_ZLEN : size, 0) < 0)
		err(1, "send");
}

/* False: the frame is not ARP. The caller has added the tag that the kernel took out of it. */
static bool parse(struct seen *seen, const uint8_t *frame, size_t size)
{
	size_t at = sizeof(seen->dst) + sizeof(seen->src);
	uint16_t type;

	if (size < at + sizeof(type))
		return false;
	memcpy(seen->dst, frame, ETH_ALEN);
	memcpy(seen->src, frame + ETH_ALEN, ETH_ALEN);
	for (;;) {
		memcpy(&type, frame + at, sizeof(type));
		if ((type != htons(ETH_P_8021Q) && type != htons(ETH_P_8021AD)) ||
		    seen->tags > TAGS || size < at + sizeof(struct tag) + sizeof(type))
			break;
		memcpy(&seen->tag[seen->tags++], frame + at, sizeof(struct tag));
		at += sizeof(struct tag);
	}
	at += sizeof(type);
	if (type != htons(ETH_P_ARP) || size < at + sizeof(seen->arp))
		return false;
	memcpy(&seen->arp, frame + at, sizeof(seen->arp));
	return true;
}

static void take_out_tag(struct seen *seen, struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct tpacket_auxdata data;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&data, CMSG_DATA(c), sizeof(data));
		if (data.tp_status & TP_STATUS_VLAN_VALID)
			seen->tag[seen->tags++] =
			        (struct tag){htons(data.tp_vlan_tpid), htons(data.tp_vlan_tci)};
	}
}

/* Takes the next ARP frame. False: the deadline has passed. */
static bool receive(struct seen *seen, double deadline)
{
	struct pollfd ready = {.fd = wire, .events = POLLIN};

	for (;;) {
		uint8_t frame[FRAME_MAX], control[256] __attribute__((aligned(8)));
		struct iovec part = {frame, sizeof(frame)};
		struct sockaddr_ll from;
		struct msghdr message = {&from,   sizeof(from),    &part, 1,
		                         control, sizeof(control), 0};
		double left = deadline - seconds_now();
		struct timespec wait = {.tv_sec = left > 0 ? (time_t)left : 0};
		ssize_t size;

		if (left > 0)
			wait.tv_nsec = (long)((left - (double)wait.tv_sec) * 1e9);
		if (ppoll(&ready, 1, &wait, NULL) <= 0)
			return false;
		size = recvmsg(wire, &message, 0);
		if (size < 0 || from.sll_pkttype == PACKET_OUTGOING)
			continue;
		seen->tags = 0;
		take_out_tag(seen, &message);
		if (parse(seen, frame, (size_t)size))
			return true;
		if (left <= 0)
			return false;
	}
}

__attribute__((format(printf, 2, 3))) static void add(char line[LINE_MAX], const char *format, ...)
{
	size_t used = strlen(line);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line + used, LINE_MAX - used, format, arguments);
	va_end(arguments);
}

static void add_mac(char line[LINE_MAX], const char *name, const uint8_t mac[ETH_ALEN])
{
	add(line, "%s=%02x:%02x:%02x:%02x:%02x:%02x ", name, mac[0], mac[1], mac[2], mac[3], mac[4],
	    mac[5]);
}

static void add_address(char line[LINE_MAX], const char *name, uint32_t address)
{
	add(line, "%s=%s ", name, inet_ntoa((struct in_addr){address}));
}

/* The line is in `line` afterwards. */
static void print_seen(char line[LINE_MAX], const struct seen *seen)
{
	line[0] = '\0';
	add_mac(line, "src", seen->src);
	add_mac(line, "dst", seen->dst);
	add(line, "vlan=%s", seen->tags ? "" : "-");
	for (unsigned i = 0; i < seen->tags; i++)
		add(line, "%s%u", i ? "," : "", ntohs(seen->tag[i].tci) & VLAN_VID_MASK);
	add(line, " op=%u ", ntohs(seen->arp.opcode));
	add_mac(line, "sha", seen->arp.sha);
	add_address(line, "spa", seen->arp.spa);
	add_mac(line, "tha", seen->arp.tha);
	add_address(line, "tpa", seen->arp.tpa);
	add(line, "tags=%s", seen->tags ? "" : "-");
	for (unsigned i = 0; i < seen->tags; i++)
		add(line, "%s%04x:%04x", i ? "," : "", ntohs(seen->tag[i].protocol),
		    ntohs(seen->tag[i].tci));
	puts(line);
	fflush(stdout);
}

static bool is_reply(const struct seen *seen)
{
	return seen->arp.opcode == htons(ARP_OP_REPLY);
}

static void run_send(void)
{
	struct seen seen;
	char line[LINE_MAX];
	double deadline;

	for (int i = 0; i < options.count; i++)
		send_one(options.target[0].address);
	deadline = seconds_now() + options.wait * options.factor;
	while (receive(&seen, deadline)) {
		if (!is_reply(&seen))
			continue;
		print_seen(line, &seen);
		if (options.first)
			return;
	}
}

static void run_listen(void)
{
	double deadline = seconds_now() + options.wait * options.factor;
	struct seen seen;
	char line[LINE_MAX];

	fputs("ready\n", stderr);
	while (receive(&seen, deadline)) {
		print_seen(line, &seen);
		if (options.enough && strstr(line, options.enough))
			return;
	}
}

struct account {
	uint64_t sent, answered;
	double last_answer, gap; /* in seconds */
};

static void count_reply(struct account *account, const struct seen *seen)
{
	double now = seconds_now();

	for (unsigned i = 0; i < options.targets && is_reply(seen); i++) {
		struct target *target = &options.target[i];

		if (target->address != seen->arp.spa || !target->waiting)
			continue;
		target->waiting--;
		if (account->answered++ == 0 && options.until)
			fputs("ready\n", stderr);
		if (now - account->last_answer > account->gap)
			account->gap = now - account->last_answer;
		account->last_answer = now;
		return;
	}
}

static void take_replies(struct account *account, double deadline)
{
	struct seen seen;

	while (receive(&seen, deadline))
		count_reply(account, &seen);
}

static void run_stream(void)
{
	double start = seconds_now();
	struct account account = {.last_answer = start};

	while (!(options.until && access(options.until, F_OK) == 0 &&
	         account.sent >= (uint64_t)options.count) &&
	       seconds_now() - start <= options.wait) {
		double due = start + (double)account.sent / options.rate;
		struct target *target = &options.target[account.sent % options.targets];

		/* Also when this is behind: replies that are not read fill the socket's buffer. */
		take_replies(&account, due);
		if (due > seconds_now())
			continue;
		send_one(target->address);
		target->waiting++;
		account.sent++;
	}
	take_replies(&account, seconds_now() + STRAGGLER_S * options.factor);
	printf("{\"sent\": %ju, \"answered\": %ju, \"lost\": %ju, \"longest_gap_ms\": %.1f}\n",
	       (uintmax_t)account.sent, (uintmax_t)account.answered,
	       (uintmax_t)(account.sent - account.answered), account.gap * 1000);
}

static void parse_options(int count, char **arguments)
{
	static const struct option known[] = {{"op", required_argument, NULL, 'o'},
	                                      {"spa", required_argument, NULL, 's'},
	                                      {"tpa", required_argument, NULL, 't'},
	                                      {"sha", required_argument, NULL, 'S'},
	                                      {"tha", required_argument, NULL, 'T'},
	                                      {"src", required_argument, NULL, 'f'},
	                                      {"dst", required_argument, NULL, 'd'},
	                                      {"vlan", required_argument, NULL, 'v'},
	                                      {"count", required_argument, NULL, 'c'},
	                                      {"rate", required_argument, NULL, 'r'},
	                                      {"wait", required_argument, NULL, 'w'},
	                                      {"until", required_argument, NULL, 'u'},
	                                      {"first", no_argument, NULL, '1'},
	                                      {"enough", required_argument, NULL, 'e'},
	                                      {0}};

	for (int option; (option = getopt_long(count, arguments, "", known, NULL)) != -1;) {
		switch (option) {
		case 'o':
			options.op = atoi(optarg);
			break;
		case 's':
			options.spa = parse_address(optarg);
			break;
		case 't':
			parse_targets(optarg);
			break;
		case 'S':
			parse_mac(options.sha, optarg);
			break;
		case 'T':
			parse_mac(options.tha, optarg);
			break;
		case 'f':
			parse_mac(options.src, optarg);
			break;
		case 'd':
			parse_mac(options.dst, optarg);
			break;
		case 'v':
			parse_tag(optarg);
			break;
		case 'c':
			options.count = atoi(optarg);
			break;
		case 'r':
			options.rate = atof(optarg);
			break;
		case 'w':
			options.wait = atof(optarg);
			break;
		case 'u':
			options.until = optarg;
			break;
		case 'e':
			options.enough = optarg;
			break;
		case '1':
			options.first = true;
			break;
		default:
			exit(2);
		}
	}
	if (optind != count)
		errx(2, "%s is not an option", arguments[optind]);
	if (!options.targets)
		options.targets = 1; /* 0.0.0.0 */
}

int main(int count, char **arguments)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} verb[] = {{"send", run_send}, {"listen", run_listen}, {"stream", run_stream}};

	if (count < 3)
		errx(2, "usage: frames IFACE send|listen|stream [OPTION...]");
	if (getenv("TIME_FACTOR"))
		options.factor = atof(getenv("TIME_FACTOR"));
	open_wire(arguments[1]);
	parse_options(count - 2, arguments + 2);
	for (size_t i = 0; i < sizeof(verb) / sizeof(verb[0]); i++) {
		if (!strcmp(arguments[2], verb[i].name)) {
			verb[i].run();
			return 0;
		}
	}
	errx(2, "%s is neither send, listen nor stream", arguments[2]);
}

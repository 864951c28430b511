// SPDX-License-Identifier: MIT
/*
 * Replies a second on a wire: a veth pair between two network namespaces without names, so that
 * they end with this process. At the near end, live frames are put on the wire, and replies come
 * back to an ordinary host: no program there, GRO on, its kernel counts and drops them. At the far
 * end, something answers. One CPU does all of it, the asking included.
 */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "arpkeeper/port.h"
#include "request.h"

/* A LAN of 1,024 hosts. */
#define ADDRESS_BITS 10
#define LIVE_FRAMES  100000
#define ROUNDS       45
#define WARM_UP      5

struct wire {
	struct bench_bpf *bench;
	int home, near_ns, far_ns; /* namespaces */
	int near, far;             /* interfaces */
};

static void enter(int ns)
{
	if (setns(ns, CLONE_NEWNET))
		die("entering a network namespace");
}

static int ns_make(void)
{
	int ns;

	if (unshare(CLONE_NEWNET))
		die("making a network namespace");
	ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (ns < 0)
		die("opening a network namespace");
	return ns;
}

static void shell(const char *command)
{
	if (system(command)) {
		errno = ECHILD;
		die(command);
	}
}

/* GRO makes veth use NAPI, without which it takes no redirected frames. */
static void gro_on(const char *interface)
{
	struct ethtool_value value = {.cmd = ETHTOOL_SGRO, .data = 1};
	struct ifreq request = {.ifr_data = (void *)&value};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(request.ifr_name, interface);
	if (fd < 0 || ioctl(fd, SIOCETHTOOL, &request))
		die("switching GRO on");
	close(fd);
}

static void wire_make(struct wire *wire)
{
	char command[256];

	wire->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (wire->home < 0)
		die("opening this network namespace");
	wire->far_ns = ns_make();
	wire->near_ns = ns_make();
	snprintf(command, sizeof(command),
	         "ip link add near type veth peer name far netns /proc/%d/fd/%d && "
	         "ip link set near up arp off address 02:00:5e:10:20:0a",
	         getpid(), wire->far_ns);
	shell(command);
	gro_on("near");
	wire->near = if_nametoindex("near");
	enter(wire->far_ns);
	/* The kernel's own ARP is to answer for the whole prefix, but for the asker. */
	shell("ip link set lo up && ip link set far up address 02:00:5e:10:20:01 && "
	      "ip addr add 10.16.255.254/32 dev far && ip route add 10.16.0.1/32 dev far && "
	      "ip route add local 10.16.0.0/16 dev far table main");
	wire->far = if_nametoindex("far");
	gro_on("far");
	if (!wire->near || !wire->far)
		die("finding the interfaces");
}

/* What came back to the asker's interface, as the kernel counts it. */
static uint64_t packets_received(void)
{
	FILE *file = fopen("/proc/thread-self/net/dev", "re");
	uint64_t packets = 0;
	char line[512];

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, " near: %*u %" SCNu64, &packets);
	if (!file)
		die("reading the interface's statistics");
	fclose(file);
	return packets;
}

/*
 * Asks, and returns nanoseconds a reply: of this thread's own time. The whole way of a frame is in
 * it, since veth is polled where the frame was sent; other processes are not.
 */
static double ask(struct wire *wire)
{
	static const uint8_t frame[REQUEST_LENGTH];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame),
	            .repeat = LIVE_FRAMES, .flags = BPF_F_TEST_XDP_LIVE_FRAMES);
	double start, elapsed, replies;

	enter(wire->near_ns);
	replies = -(double)packets_received();
	start = seconds(CLOCK_THREAD_CPUTIME_ID);
	if (bpf_prog_test_run_opts(bpf_program__fd(wire->bench->progs.generate), &options))
		die("sending live frames");
	elapsed = seconds(CLOCK_THREAD_CPUTIME_ID) - start;
	replies += packets_received();
	/* On a busy machine queues run over; but then most get through. */
	if (replies < LIVE_FRAMES / 2.0) {
		fprintf(stderr, "bench_xdp: only %.0f of %d requests were answered\n", replies,
		        LIVE_FRAMES);
		exit(1);
	}
	return elapsed * 1e9 / replies;
}

/* From now on, this answers at the far end; NULL: the kernel. */
static void answerer(struct wire *wire, const struct bpf_program *program, uint32_t mode)
{
	enter(wire->far_ns);
	if (bpf_xdp_attach(wire->far, program ? bpf_program__fd(program) : -1, mode, NULL))
		die("changing the program at the far end");
}

/* ns a reply */
struct costs {
	double kernel[ROUNDS], swap[ROUNDS], answer[ROUNDS];
	double again[ROUNDS]; /* the floor, by the rounds between: what the measurement errs by */
};

/*
 * A mode is set up once: for some bursts after a change from none to a program, veth is 10 %
 * faster.
 */
static void measure(struct wire *wire, struct costs *costs, uint32_t mode,
                    const struct bpf_program *swap, const struct bpf_program *arpkeeper)
{
	for (int i = 0; i < ROUNDS; i++)
		costs->kernel[i] = ask(wire);
	/* Strictly in turn: a burst after one of the other program is slower than after its own. */
	for (int i = -WARM_UP; i < 2 * ROUNDS; i++) {
		int round = i < 0 ? 0 : i / 2;

		answerer(wire, swap, mode);
		(i % 2 ? costs->again : costs->swap)[round] = ask(wire);
		answerer(wire, arpkeeper, mode);
		costs->answer[round] = ask(wire);
	}
	answerer(wire, NULL, mode);
}

static void state(const char *mode, const struct costs *costs)
{
	struct comparison swap = compare(costs->answer, costs->swap, ROUNDS);
	struct comparison kernel = compare(costs->answer, costs->kernel, ROUNDS);
	struct comparison itself = compare(costs->again, costs->swap, ROUNDS);
	char name[64], against[64];

	snprintf(name, sizeof(name), "wire, arpkeeper, %s", mode);
	snprintf(against, sizeof(against), "wire, swap, %s", mode);
	figure(against, 1e3 / swap.floor, "M replies/s");
	compared(name, 1e3 / swap.value, "M replies/s", against, 1 / swap.ratio, AT_LEAST, 0.95);
	snprintf(against, sizeof(against), "wire, swap against itself, %s", mode);
	figure(against, 1 / itself.ratio, "x");
	compared(name, 1e3 / swap.value, "M replies/s", "wire, kernel's ARP", 1 / kernel.ratio,
	         AT_LEAST, 2);
}

void bench_wire(struct bench_bpf *bench)
{
	struct wire wire = {.bench = bench};
	struct arpkeeper_bpf *by_redirect = table_load(ADDRESS_BITS, PORT_REDIRECT);
	struct arpkeeper_bpf *by_tx = table_load(ADDRESS_BITS, 0);
	struct costs native, generic;

	bench->data->ask_bits = ADDRESS_BITS;
	wire_make(&wire);
	bench->bss->wire_ifindex = wire.near;
	ask(&wire);
	measure(&wire, &native, XDP_FLAGS_DRV_MODE, bench->progs.swap_redirect,
	        by_redirect->progs.arpkeeper);
	measure(&wire, &generic, XDP_FLAGS_SKB_MODE, bench->progs.swap_tx, by_tx->progs.arpkeeper);
	figure("wire, kernel's ARP", 1e3 / compare(native.kernel, native.kernel, ROUNDS).value,
	       "M replies/s");
	state("native", &native);
	state("generic", &generic);
	enter(wire.home);
	arpkeeper_bpf__destroy(by_redirect);
	arpkeeper_bpf__destroy(by_tx);
}

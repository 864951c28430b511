// SPDX-License-Identifier: MIT
/*
 * Replies a second on a wire: a veth pair between two network namespaces without names, so that
 * they end with this process. The near end puts live frames on the wire. Replies come back to an
 * ordinary host: it has no program, GRO is on, and its kernel counts and drops them. The far end
 * answers. One CPU does all of it, including the asking.
 */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
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
#define LIVE_FRAMES  50000
#define ROUNDS       120
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
	/* The kernel's own ARP must answer for the whole prefix, except for the asker. */
	shell("ip link set lo up && ip link set far up address 02:00:5e:10:20:01 && "
	      "ip addr add 10.16.255.254/32 dev far && ip route add 10.16.0.1/32 dev far && "
	      "ip route add local 10.16.0.0/16 dev far table main");
	wire->far = if_nametoindex("far");
	gro_on("far");
	if (!wire->near || !wire->far)
		die("finding the interfaces");
}

static double ask(struct wire *wire)
{
	enter(wire->near_ns);
	return burst(wire->bench, "near", LIVE_FRAMES);
}

/* From now on, this program answers at the far end. NULL: the kernel. */
static void answerer(struct wire *wire, const struct bpf_program *program, uint32_t mode)
{
	enter(wire->far_ns);
	if (bpf_xdp_attach(wire->far, program ? bpf_program__fd(program) : -1, mode, NULL))
		die("changing the program at the far end");
}

/* ns a reply */
struct costs {
	double kernel[ROUNDS], swap[ROUNDS], answer[ROUNDS];
	double again[ROUNDS]; /* the floor, by the rounds between: the measurement's error */
};

/*
 * Sets a mode up once. For some bursts after a change from no program to one, veth is 10 % faster.
 */
static void measure(struct wire *wire, struct costs *costs, uint32_t mode,
                    const struct bpf_program *swap, const struct bpf_program *arpkeeper)
{
	for (int i = -WARM_UP; i < ROUNDS; i++)
		costs->kernel[i < 0 ? 0 : i] = ask(wire);
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

/* Replies a second are the inverse of nanoseconds. */
static struct comparison inverse(struct comparison of)
{
	return (struct comparison){.value = 1e3 / of.value,
	                           .floor = 1e3 / of.floor,
	                           .ratio = 1 / of.ratio,
	                           .low = 1 / of.high,
	                           .high = 1 / of.low};
}

static void state(const char *mode, const struct costs *costs)
{
	struct comparison swap = inverse(compare(costs->answer, costs->swap, ROUNDS));
	struct comparison kernel = inverse(compare(costs->answer, costs->kernel, ROUNDS));
	struct comparison itself = inverse(compare(costs->again, costs->swap, ROUNDS));
	char name[64], against[64];

	snprintf(name, sizeof(name), "wire, arpkeeper, %s", mode);
	snprintf(against, sizeof(against), "wire, swap, %s", mode);
	figure(against, swap.floor, "M replies/s");
	compared(name, swap.value, "M replies/s", against, swap, AT_LEAST, 0.95);
	snprintf(against, sizeof(against), "wire, kernel's ARP, beside %s", mode);
	figure(against, kernel.floor, "M replies/s");
	compared(name, kernel.value, "M replies/s", against, kernel, AT_LEAST, 2);
	/* The error of all this: the bare swap against itself must come out as equal. */
	snprintf(name, sizeof(name), "wire, swap against itself, %s", mode);
	figure_between(name, itself.ratio, itself.low, itself.high, "x");
}

void bench_wire(struct bench_bpf *bench)
{
	struct wire wire = {.bench = bench};
	struct arpkeeper_bpf *by_redirect = table_load(ADDRESS_BITS, PORT_REDIRECT);
	struct arpkeeper_bpf *by_tx = table_load(ADDRESS_BITS, 0);
	struct costs native, generic;

	bench->data->ask_bits = ADDRESS_BITS;
	wire_make(&wire);
	ask(&wire);
	measure(&wire, &native, XDP_FLAGS_DRV_MODE, bench->progs.swap_redirect,
	        by_redirect->progs.arpkeeper);
	measure(&wire, &generic, XDP_FLAGS_SKB_MODE, bench->progs.swap_tx, by_tx->progs.arpkeeper);
	state("native", &native);
	state("generic", &generic);
	enter(wire.home);
	arpkeeper_bpf__destroy(by_redirect);
	arpkeeper_bpf__destroy(by_tx);
}

// SPDX-License-Identifier: MIT
/*
 * Replies a second on a wire: a veth pair between two network namespaces without names, so that
 * they end with this process. The near end puts live frames on the wire. Replies come back to an
 * ordinary host: it has no program, GRO is on, and its kernel counts and drops them. The far end
 * answers. One CPU does all of it, including the asking.
 *
 * Neighbour discovery has one more answerer: the far kernel's bridge with `neigh_suppress`.
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
#define KERNEL_BITS  4
#define LIVE_FRAMES  50000
#define ROUNDS       120
#define WARM_UP      5

struct wire {
	struct bench_bpf *bench;
	int home, near_ns, far_ns; /* namespaces */
	int near, far;             /* interfaces */
	double (*burst)(struct bench_bpf *bench, const char *interface, uint32_t frames);
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
	shell("ip link set lo up && ip link set far up address 02:00:5e:10:20:01");
	wire->far = if_nametoindex("far");
	gro_on("far");
	if (!wire->near || !wire->far)
		die("finding the interfaces");
}

/* The kernel's own ARP must answer for the whole prefix, except for the asker. */
static void kernel_answers_arp(const struct wire *wire)
{
	enter(wire->far_ns);
	shell("ip addr add 10.16.255.254/32 dev far && ip route add 10.16.0.1/32 dev far && "
	      "ip route add local 10.16.0.0/16 dev far table main");
}

/*
 * The kernel's own neighbour discovery answers only for addresses that the interface has, and looks
 * for each solicitation's group in a list: with a thousand groups that alone takes longer than all
 * the rest. So it has 16 addresses, which flatters it. The near end drops what comes back at once,
 * as it does with ARP.
 */
static void kernel_answers_nd(const struct wire *wire)
{
	enter(wire->near_ns);
	shell("echo 1 > /proc/sys/net/ipv6/conf/near/disable_ipv6");
	enter(wire->far_ns);
	shell("for i in 0 1 2 3 4 5 6 7 8 9 a b c d e f; do "
	      "ip addr add 2001:db8::$i/64 dev far nodad || exit 1; done");
}

/*
 * From now on the kernel's bridge answers, for a LAN of 1,024 hosts: those that it knows to be
 * behind another port, which has neigh_suppress.
 */
static void bridge_answers_nd(const struct wire *wire)
{
	enter(wire->far_ns);
	shell("ip addr flush dev far && ip link add bridge type bridge mcast_snooping 0 && "
	      "ip link add other type veth peer name beyond && ip link set far master bridge && "
	      "ip link set other master bridge up && ip link set beyond up && "
	      "ip link set bridge up && bridge link set dev other neigh_suppress on && "
	      "bridge fdb add 02:00:5e:10:20:0b dev other master static");
	shell("i=0; while [ $i -lt 1024 ]; do printf 'neigh replace 2001:db8::%x lladdr "
	      "02:00:5e:10:20:0b dev bridge nud permanent\\n' $i; i=$((i + 1)); done | "
	      "ip -batch -");
}

static double ask(struct wire *wire)
{
	enter(wire->near_ns);
	return wire->burst(wire->bench, "near", LIVE_FRAMES);
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

/* Without a program at the far end. */
static void measure_kernel(struct wire *wire, double *costs)
{
	for (int i = -WARM_UP; i < ROUNDS; i++)
		costs[i < 0 ? 0 : i] = ask(wire);
}

/*
 * Sets a mode up once. For some bursts after a change from no program to one, veth is 10 % faster.
 */
static void measure(struct wire *wire, struct costs *costs, uint32_t mode,
                    const struct bpf_program *swap, const struct bpf_program *arpkeeper)
{
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

/* Replies a second: `answer`, against another answerer. */
static void state_against(const char *name, const double *answer, const char *against,
                          const double *other, double target)
{
	struct comparison result = inverse(compare(answer, other, ROUNDS));

	figure(against, result.floor, "M replies/s");
	compared(name, result.value, "M replies/s", against, result, AT_LEAST, target);
}

/* `wire`: what the rows are called; `kernel`: what answers there without a program. */
static void state(const char *wire, const char *mode, const struct costs *costs, double target,
                  const char *kernel)
{
	struct comparison itself = inverse(compare(costs->again, costs->swap, ROUNDS));
	char name[64], against[64];

	snprintf(name, sizeof(name), "%s, arpkeeper, %s", wire, mode);
	snprintf(against, sizeof(against), "%s, swap, %s", wire, mode);
	state_against(name, costs->answer, against, costs->swap, target);
	snprintf(against, sizeof(against), "%s, %s, beside %s", wire, kernel, mode);
	state_against(name, costs->answer, against, costs->kernel, 2);
	/* The error of all this: the bare swap against itself must come out as equal. */
	snprintf(name, sizeof(name), "%s, swap against itself, %s", wire, mode);
	figure_between(name, itself.ratio, itself.low, itself.high, "x");
}

void bench_wire(struct bench_bpf *bench)
{
	struct wire wire = {.bench = bench, .burst = burst};
	struct arpkeeper_bpf *by_redirect = table_load(ADDRESS_BITS, PORT_REDIRECT);
	struct arpkeeper_bpf *by_tx = table_load(ADDRESS_BITS, 0);
	struct costs native, generic;

	bench->data->ask_bits = ADDRESS_BITS;
	wire_make(&wire);
	kernel_answers_arp(&wire);
	ask(&wire);
	measure_kernel(&wire, native.kernel);
	measure(&wire, &native, XDP_FLAGS_DRV_MODE, bench->progs.swap_redirect,
	        by_redirect->progs.arpkeeper);
	measure_kernel(&wire, generic.kernel);
	measure(&wire, &generic, XDP_FLAGS_SKB_MODE, bench->progs.swap_tx, by_tx->progs.arpkeeper);
	state("wire", "native", &native, 0.95, "kernel's ARP");
	state("wire", "generic", &generic, 0.95, "kernel's ARP");
	enter(wire.home);
	arpkeeper_bpf__destroy(by_redirect);
	arpkeeper_bpf__destroy(by_tx);
}

void bench_wire_nd(struct bench_bpf *bench)
{
	struct wire wire = {.bench = bench, .burst = burst_nd};
	struct arpkeeper_bpf *by_redirect = table6_load(ADDRESS_BITS, PORT_REDIRECT);
	struct arpkeeper_bpf *by_tx = table6_load(ADDRESS_BITS, 0);
	static struct costs native, generic;
	static double bridge[ROUNDS];

	solicit_prepare(bench);
	wire_make(&wire);
	kernel_answers_nd(&wire);
	bench->data->ask_bits = KERNEL_BITS;
	ask(&wire);
	measure_kernel(&wire, native.kernel);
	memcpy(generic.kernel, native.kernel, sizeof(generic.kernel));
	bench->data->ask_bits = ADDRESS_BITS;
	measure(&wire, &native, XDP_FLAGS_DRV_MODE, bench->progs.swap_redirect,
	        by_redirect->progs.arpkeeper);
	measure(&wire, &generic, XDP_FLAGS_SKB_MODE, bench->progs.swap_tx, by_tx->progs.arpkeeper);
	bridge_answers_nd(&wire);
	measure_kernel(&wire, bridge);
	state("ND wire", "native", &native, 0.9, "kernel's ND");
	state("ND wire", "generic", &generic, 0.9, "kernel's ND");
	state_against("ND wire, arpkeeper, native", native.answer, "ND wire, bridge neigh_suppress",
	              bridge, 2);
	state_against("ND wire, arpkeeper, generic", generic.answer,
	              "ND wire, bridge neigh_suppress", bridge, 2);
	enter(wire.home);
	arpkeeper_bpf__destroy(by_redirect);
	arpkeeper_bpf__destroy(by_tx);
}

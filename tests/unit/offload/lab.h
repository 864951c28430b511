/* SPDX-License-Identifier: MIT */
/*
 * The lab: two network namespaces of this process, a veth pair between them, and an instance of the
 * offload with its pins. The program runs on `near`, and `far` asks. The namespaces have no names,
 * so the kernel removes them with the process. Only pins need removal. The mount namespace is the
 * machine's, so bpffs stays visible.
 */
#ifndef TESTS_OFFLOAD_LAB_H
#define TESTS_OFFLOAD_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arpkeeper/frame.h"
#include "offload/offload.h"
#include "offload/pins.h"
#include "wire/wire.h"

#define LAB_NEAR "near0.7" /* with a dot, like a VLAN interface's */
#define LAB_FAR  "far0"
#define LAB_WAIT 500 /* ms to wait for an answer that must come */

struct lab {
	int near, far; /* network namespaces */
	int wire;      /* raw socket on far */
	char instance[32];
	struct layout layout;
	struct fault fault;
};

static const struct mac lab_near_mac = {{0x02, 0, 0, 0, 0, 0x01}};
static const struct mac lab_far_mac = {{0x02, 0, 0, 0, 0, 0x02}};

#define LAB_NETWORK 0x0a050000u /* 10.5.0.0 */
#define LAB_ASKER   (LAB_NETWORK + 250)

static struct lab lab;

/* Every failure prints the fault, which names the cause. */
#define assert_ok(call)                                                                            \
	do {                                                                                       \
		int result_ = (call);                                                              \
		if (result_)                                                                       \
			fail_msg("%s: %d: %s", #call, result_, lab.fault.text);                    \
	} while (0)

static inline void lab_run(const char *command)
{
	if (system(command)) /* NOLINT(cert-env33-c): fixed commands */
		fail_msg("%s", command);
}

static inline void lab_enter(int namespace)
{
	assert_int_equal(setns(namespace, CLONE_NEWNET), 0);
}

static inline unsigned lab_index(void)
{
	return if_nametoindex(LAB_NEAR);
}

/* GRO makes the peer of a native program receive its replies. */
static inline void lab_far_gro(void)
{
	struct ethtool_value value = {.cmd = ETHTOOL_SGRO, .data = 1};
	struct ifreq request = {.ifr_data = (char *)&value};
	int fd;

	lab_enter(lab.far);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", LAB_FAR);
	assert_int_equal(ioctl(fd, SIOCETHTOOL, &request), 0);
	close(fd);
	lab_enter(lab.near);
}

/* `more` of ip's arguments, for both ends. */
static inline void lab_link_add_with(const char *more)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP)};
	char command[256];

	snprintf(command, sizeof(command),
	         "ip link add " LAB_NEAR
	         " address 02:00:00:00:00:01 %s type veth peer name " LAB_FAR
	         " address 02:00:00:00:00:02 %s netns /proc/%d/fd/%d",
	         more, more, (int)getpid(), lab.far);
	lab_run(command);
	lab_run("ip link set " LAB_NEAR " up");
	lab_enter(lab.far);
	lab_run("ip link set " LAB_FAR " up");
	lab.wire = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ARP));
	assert_true(lab.wire >= 0);
	address.sll_ifindex = (int)if_nametoindex(LAB_FAR);
	assert_int_equal(bind(lab.wire, (struct sockaddr *)&address, sizeof(address)), 0);
	lab_enter(lab.near);
}

static inline void lab_link_add(void)
{
	lab_link_add_with("");
}

static inline void lab_link_delete(void)
{
	lab_run("ip link del " LAB_NEAR);
	close(lab.wire);
	lab.wire = -1;
}

static inline int lab_namespace(void)
{
	int fd;

	assert_int_equal(unshare(CLONE_NEWNET), 0);
	fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static inline void lab_range(struct layout *layout, unsigned segment, uint32_t network,
                             uint8_t length)
{
	struct prefix prefix = {.network = address_v4(network), .length = length};

	assert_ok(layout_add(layout, segment, prefix, &lab.fault));
}

static inline int lab_setup(void **state)
{
	(void)state;
	memset(&lab, 0, sizeof(lab));
	lab.far = lab_namespace();
	lab.near = lab_namespace();
	lab_link_add();
	snprintf(lab.instance, sizeof(lab.instance), "akoffload-%d", (int)getpid());
	lab_range(&lab.layout, 0, LAB_NETWORK, 24);
	assert_ok(offload_prepare(&lab.fault));
	return 0;
}

static inline int lab_teardown(void **state)
{
	unsigned detached;
	int error;

	(void)state;
	lab_enter(lab.near);
	error = offload_detach_instance(lab.instance, &detached, &lab.fault);
	if (error)
		print_error("teardown: %s\n", lab.fault.text);
	layout_clear(&lab.layout);
	if (lab.wire >= 0)
		close(lab.wire);
	close(lab.far);
	close(lab.near);
	return error;
}

static inline uint64_t lab_binding(struct mac mac, enum slot_state slot_state, unsigned flags)
{
	union binding binding = {.state = (uint8_t)slot_state, .flags = (uint8_t)flags};

	memcpy(binding.mac, mac.octet, sizeof(binding.mac));
	return binding.word;
}

static inline struct mac lab_mac(uint32_t host)
{
	return (struct mac){{0x02, 0x10, 0, 0, (uint8_t)(host >> 8), (uint8_t)host}};
}

/* Every address of the /24, at lab_mac(). */
static inline void lab_fill(struct offload *offload)
{
	for (uint32_t i = 0; i < 256; i++)
		__atomic_store_n(&offload_slots(offload)[i].binding,
		                 lab_binding(lab_mac(i), SLOT_STATIC, SLOT_ANSWER),
		                 __ATOMIC_RELAXED);
}

static inline struct port_config lab_config(void)
{
	struct port_config config = {
	        .prefixes = 1,
	        .prefix[0] = {.network = LAB_NETWORK, .mask = 0xffffff00},
	};

	memcpy(config.mac, lab_near_mac.octet, sizeof(config.mac));
	return config;
}

static inline struct offload *lab_open(const struct layout *layout)
{
	struct offload *offload = NULL;

	assert_ok(offload_open(&offload, lab.instance, layout, &lab.fault));
	return offload;
}

static inline struct offload_port *lab_attach(struct offload *offload, enum offload_mode mode)
{
	struct port_config config = lab_config();
	struct offload_port *port = NULL;

	assert_ok(offload_attach(&port, offload, LAB_NEAR, lab_index(), mode, &config, &lab.fault));
	return port;
}

/* Asks for `target` over the wire. Whether a reply with `mac` arrives within `wait` ms. */
static inline bool lab_ask(uint32_t target, struct mac *mac, int wait)
{
	struct arp_message request = arp_request(lab_far_mac, LAB_ASKER, target, NULL, 0);
	struct pollfd readable = {.fd = lab.wire, .events = POLLIN};
	const char *factor = getenv("TIME_FACTOR"); /* of a slow machine */
	uint8_t frame[ARP_FRAME_MAX], reply[256];
	size_t length = arp_build(frame, &request);

	if (send(lab.wire, frame, length, 0) != (ssize_t)length)
		return false;
	if (factor)
		wait *= atoi(factor); /* NOLINT(cert-err34-c): the tests' own */
	while (poll(&readable, 1, wait) > 0) {
		const struct arp_ipv4 *arp = (const void *)(reply + ETH_HLEN);
		ssize_t got = recv(lab.wire, reply, sizeof(reply), 0);

		if (got < (ssize_t)(ETH_HLEN + sizeof(*arp)) ||
		    ntohs(arp->opcode) != ARP_OP_REPLY || ntohl(arp->spa) != target)
			continue;
		memcpy(mac->octet, arp->sha, sizeof(mac->octet));
		return true;
	}
	return false;
}

static inline void assert_answers(uint32_t host)
{
	struct mac mac = {{0}};

	if (!lab_ask(LAB_NETWORK + host, &mac, LAB_WAIT))
		fail_msg("10.5.0.%u is not answered", host);
	assert_memory_equal(mac.octet, lab_mac(host).octet, sizeof(mac.octet));
}

static inline void assert_silent(uint32_t host)
{
	struct mac mac;

	assert_false(lab_ask(LAB_NETWORK + host, &mac, 50));
}

/* Whether the instance has a pin of that name. */
static inline bool lab_pinned(const char *name)
{
	struct pins pins;
	int fd;

	assert_ok(pins_of(&pins, lab.instance, &lab.fault));
	fd = pins_get(&pins, name);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

#endif

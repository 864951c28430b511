// SPDX-License-Identifier: MIT
/* Reports of groups, on a veth whose other end is the switch: it counts, and asks. */
#include "../offload/lab.h"

#include <uv.h>

#include "ports/ports.h"

#define MANY 65536

static char *interfaces[] = {LAB_NEAR};
static struct prefix prefixes[] = {{{UINT64_C(0x20010db8) << 32, 0}, 64}};
static struct config_segment segments[] = {{.name = "lan",
                                            .interface = interfaces,
                                            .interfaces = 1,
                                            .prefix = prefixes,
                                            .prefixes = 1}};

struct wire {
	struct config config;
	struct port_segment place;
	struct agent_port port;
	struct ports ports;
	struct hearing hearing;
	uv_loop_t loop;
	int switch_fd;
	/* What the switch has heard, for each suffix. */
	uint8_t record[1 << 24];
	size_t frames, version1;
};

static struct wire wire;

static struct address host(uint32_t number)
{
	return (struct address){UINT64_C(0x20010db8) << 32, number};
}

static void open_switch(void)
{
	/* Tagged frames, too; their outer tag is beside them. */
	struct sockaddr_ll here = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	const int size = 1 << 24, on = 1;

	lab_enter(lab.far);
	wire.switch_fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(wire.switch_fd >= 0);
	assert_int_equal(
	        setsockopt(wire.switch_fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)), 0);
	assert_int_equal(
	        setsockopt(wire.switch_fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)), 0);
	here.sll_ifindex = (int)if_nametoindex(LAB_FAR);
	assert_int_equal(bind(wire.switch_fd, (struct sockaddr *)&here, sizeof(here)), 0);
	lab_enter(lab.near);
}

static int begin(void **state)
{
	if (lab_setup(state))
		return -1;
	/* Reports of the two kernels would be counted, too. */
	lab_run("ip link set " LAB_NEAR " addrgenmode none");
	lab_run("ip -6 addr flush dev " LAB_NEAR);
	memset(&wire, 0, sizeof(wire));
	wire.config = (struct config){.segment = segments, .segments = 1};
	wire.port = (struct agent_port){
	        .ports = &wire.ports,
	        .name = LAB_NEAR,
	        .segment = &wire.place,
	        .segments = 1,
	        .ifindex = lab_index(),
	        .up = true,
	        .mtu = 1500,
	        .mac = lab_near_mac,
	};
	wire.ports = (struct ports){.port = &wire.port, .count = 1, .config = &wire.config};
	wire.ports.socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	open_switch();
	assert_int_equal(uv_loop_init(&wire.loop), 0);
	assert_ok(hearing_init(&wire.hearing, &wire.loop, &wire.ports, &lab.fault));
	return 0;
}

static void close_handle(uv_handle_t *handle, void *argument)
{
	(void)argument;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static int end(void **state)
{
	uv_walk(&wire.loop, close_handle, NULL);
	uv_run(&wire.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&wire.loop), 0);
	hearing_clear(&wire.hearing);
	close(wire.switch_fd);
	close(wire.ports.socket);
	return lab_teardown(state);
}

/* One frame at the switch: a report of either version, else nothing. */
static void count(const uint8_t *frame, size_t length)
{
	const uint8_t *message = frame + ETH_HLEN + 48;

	if (length < ETH_HLEN + 48 + 24 || frame[12] != 0x86 || frame[13] != 0xdd || frame[20] != 0)
		return;
	/* A switch that snoops looks at no other. */
	assert_int_equal(frame[21], 1);
	assert_int_equal(ipv6_checksum(address_load(frame + 22), address_load(frame + 38), message,
	                               length - ETH_HLEN - 48),
	                 0);
	if (message[0] == 143) {
		const unsigned records = (unsigned)(message[6] << 8 | message[7]);

		assert_int_equal(length, ETH_HLEN + 48 + 8 + 20 * records);
		wire.frames++;
		for (unsigned i = 0; i < records; i++) {
			const uint8_t *record = message + 8 + 20 * i;

			wire.record[group_suffix(address_load(record + 4))] = record[0];
		}
	} else if (message[0] == 131 || message[0] == 132) {
		wire.frames++;
		wire.version1++;
		wire.record[group_suffix(address_load(message + 8))] = message[0];
	}
}

static size_t heard(uint8_t record, uint32_t first, uint32_t number)
{
	size_t found = 0;

	for (uint32_t i = first; i < first + number; i++)
		found += wire.record[i] == record;
	return found;
}

/* Until the switch has heard `record` of all these; false: not in time. Returns the milliseconds.
 */
static uint64_t await(uint8_t record, uint32_t first, uint32_t number, uint64_t most_ms)
{
	const char *factor = getenv("TIME_FACTOR"); /* of a slow machine */
	const uint64_t began = uv_hrtime() / 1000000;
	uint8_t frame[2048];

	if (factor)
		most_ms *= (uint64_t)atoi(factor); /* NOLINT(cert-err34-c): the tests' own */
	for (;;) {
		struct pollfd readable[2] = {{.fd = wire.switch_fd, .events = POLLIN},
		                             {.fd = uv_backend_fd(&wire.loop), .events = POLLIN}};
		uint64_t now = uv_hrtime() / 1000000;
		ssize_t length;

		uv_run(&wire.loop, UV_RUN_NOWAIT);
		while ((length = recv(wire.switch_fd, frame, sizeof(frame), 0)) > 0)
			count(frame, (size_t)length);
		if (heard(record, first, number) == number)
			return now - began;
		if (now - began > most_ms)
			fail_msg("%zu of %u groups were reported (%u)",
			         heard(record, first, number), number, record);
		poll(readable, 2, 20); /* a timer may be due */
	}
}

/* Until all that was joined has been reported twice. */
static void await_silence(void)
{
	uint8_t frame[2048];
	ssize_t length;

	while (uv_is_active((uv_handle_t *)&wire.hearing.timer)) {
		uv_run(&wire.loop, UV_RUN_ONCE);
		while ((length = recv(wire.switch_fd, frame, sizeof(frame), 0)) > 0)
			count(frame, (size_t)length);
	}
}

static void forget(void)
{
	memset(wire.record, 0, sizeof(wire.record));
	wire.frames = wire.version1 = 0;
}

/* As a querier asks; `group` "::": for all. */
static void ask(bool version1, struct address group, uint16_t delay)
{
	const struct address from = {UINT64_C(0xfe80) << 48, 1};
	const struct address to = address_is_none(group) ? ipv6_all_nodes : group;
	const struct ethernet ethernet = {ipv6_group_mac(to), lab_far_mac, wire.place.vlan, 0};
	static const uint8_t alert[8] = {0x3a, 0, 5, 2, 0, 0, 1, 0};
	uint8_t frame[128] = {0}, *packet, *message;
	size_t length = ethernet_build(frame, &ethernet, ETH_P_IPV6);
	const size_t size = version1 ? 24 : 28;
	uint16_t checksum;

	packet = frame + length; /* after the tag */
	packet[0] = 0x60;
	packet[5] = (uint8_t)(size + 8);
	packet[7] = 1;
	address_store(packet + 8, from);
	address_store(packet + 24, to);
	memcpy(packet + 40, alert, sizeof(alert));
	message = packet + 48;
	message[0] = 130;
	message[4] = (uint8_t)(delay >> 8);
	message[5] = (uint8_t)delay;
	address_store(message + 8, group);
	checksum = ipv6_checksum(from, to, message, size);
	memcpy(message + 2, &checksum, sizeof(checksum));
	length += 48 + size;
	assert_int_equal(send(wire.switch_fd, frame, length, 0), (ssize_t)length);
}

static void an_address_is_joined_and_left(void **state)
{
	(void)state;
	hearing_ready(&wire.hearing, &wire.port);
	hearing_add(&wire.hearing, 0, host(1));
	hearing_add(&wire.hearing, 0, address_v4(0x0a000001));
	await(MLD_TO_EXCLUDE, 1, 1, 2000);
	forget();
	await(MLD_TO_EXCLUDE, 1, 1, 3000); /* once more: robustness */
	forget();
	hearing_remove(&wire.hearing, 0, host(1));
	await(MLD_TO_INCLUDE, 1, 1, 2000);
	assert_int_equal(wire.version1, 0);
}

static void a_port_that_begins_to_answer_joins_all(void **state)
{
	struct hearing_report report;
	uint64_t took;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		hearing_add(&wire.hearing, 0, host(i));
	hearing_ready(&wire.hearing, &wire.port);
	took = await(MLD_TO_EXCLUDE, 0, MANY, 10000);
	print_message("%d groups in %zu frames, %u ms\n", MANY, wire.frames, (unsigned)took);
	/* The kernel has said what it hears, too. */
	assert_in_range(wire.frames, (MANY + 71) / 72, (MANY + 71) / 72 + 4);
	report = hearing_report(&wire.hearing, &wire.port);
	assert_true(report.open);
	assert_int_equal(report.groups, MANY);
	assert_true(address_is_none(report.querier));
}

static void a_query_for_all_is_answered_within_its_time(void **state)
{
	struct hearing_report report;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		hearing_add(&wire.hearing, 0, host(i));
	hearing_ready(&wire.hearing, &wire.port);
	await(MLD_TO_EXCLUDE, 0, MANY, 10000);
	await_silence();
	forget();
	ask(false, (struct address){0, 0}, 4000);
	await(MLD_IS_EXCLUDE, 0, MANY, 4000);
	assert_true(wire.frames <= (MANY + 71) / 72 + 200);
	assert_int_equal(wire.version1, 0);
	report = hearing_report(&wire.hearing, &wire.port);
	assert_int_equal(report.version, 2);
	assert_false(address_is_none(report.querier));
}

static void a_query_for_a_group_is_answered_by_its_group(void **state)
{
	(void)state;
	hearing_ready(&wire.hearing, &wire.port);
	for (uint32_t i = 1; i < 100; i++)
		hearing_add(&wire.hearing, 0, host(i));
	await(MLD_TO_EXCLUDE, 1, 99, 2000);
	forget();
	await(MLD_TO_EXCLUDE, 1, 99, 3000);
	forget();
	ask(false, group_address(1000), 1000); /* not ours */
	ask(false, group_address(42), 1000);
	await(MLD_IS_EXCLUDE, 42, 1, 1000);
	assert_int_equal(heard(MLD_IS_EXCLUDE, 0, 2000), 1);
}

/* RFC 3810 8.2.1 */
static void a_querier_of_version_1_gets_its_version(void **state)
{
	(void)state;
	hearing_ready(&wire.hearing, &wire.port);
	for (uint32_t i = 1; i < 1000; i++)
		hearing_add(&wire.hearing, 0, host(i));
	await(MLD_TO_EXCLUDE, 1, 999, 1000);
	ask(true, (struct address){0, 0}, 1000);
	await(131, 1, 999, 1500);
	assert_int_equal(hearing_report(&wire.hearing, &wire.port).version, 1);
	hearing_remove(&wire.hearing, 0, host(7));
	await(132, 7, 1, 2000);
	hearing_add(&wire.hearing, 0, host(2000));
	await(131, 2000, 1, 2000);
}

/* The kernel takes the tag off a query, and keeps it beside the frame. */
static void a_query_in_a_vlan_is_of_the_segment_there(void **state)
{
	(void)state;
	wire.place.vlan = 10;
	hearing_ready(&wire.hearing, &wire.port);
	hearing_add(&wire.hearing, 0, host(1));
	await(MLD_TO_EXCLUDE, 1, 1, 2000);
	await_silence();
	forget();
	wire.place.vlan = 20; /* another VLAN's query is not the segment's */
	ask(false, (struct address){0, 0}, 100);
	wire.place.vlan = 10;
	ask(false, group_address(1), 100);
	await(MLD_IS_EXCLUDE, 1, 1, 1000);
	await_silence();
	assert_int_equal(wire.frames, 1);
}

static void without_neighbour_discovery_nothing_is_opened(void **state)
{
	(void)state;
	segments[0].nd = ND_OFF;
	hearing_ready(&wire.hearing, &wire.port);
	segments[0].nd = ND_AUTO;
	assert_false(hearing_report(&wire.hearing, &wire.port).open);
	hearing_beat(&wire.hearing);
	assert_true(hearing_report(&wire.hearing, &wire.port).open);
	wire.port.ifindex = 0; /* the interface is gone */
	hearing_beat(&wire.hearing);
	wire.port.ifindex = lab_index();
	assert_false(hearing_report(&wire.hearing, &wire.port).open);
}

static bool is_allmulti(void)
{
	/* The flags file has the kernel's own count of the users of IFF_ALLMULTI in it. */
	return !system("ip -d link show " LAB_NEAR " | grep -q 'allmulti 1'"); /* NOLINT */
}

static void an_ear_passes_every_group_until_it_closes(void **state)
{
	(void)state;
	assert_false(is_allmulti());
	hearing_ready(&wire.hearing, &wire.port);
	assert_true(is_allmulti());
	segments[0].nd = ND_OFF;
	hearing_beat(&wire.hearing);
	segments[0].nd = ND_AUTO;
	assert_false(is_allmulti());
}

#define IN_LAB(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        IN_LAB(an_address_is_joined_and_left),
	        IN_LAB(a_port_that_begins_to_answer_joins_all),
	        IN_LAB(a_query_for_all_is_answered_within_its_time),
	        IN_LAB(a_query_for_a_group_is_answered_by_its_group),
	        IN_LAB(a_querier_of_version_1_gets_its_version),
	        IN_LAB(a_query_in_a_vlan_is_of_the_segment_there),
	        IN_LAB(without_neighbour_discovery_nothing_is_opened),
	        IN_LAB(an_ear_passes_every_group_until_it_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

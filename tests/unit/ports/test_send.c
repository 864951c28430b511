// SPDX-License-Identifier: MIT
/* What leaves a port about IPv6 addresses, on a veth. */
#include "../offload/lab.h"

#include "arpkeeper/nd.h"
#include "ports/ports.h"

static struct config_segment segments[] = {{.name = "lan"}};
static const struct config config = {.segment = segments, .segments = 1};
static const struct mac owner = {{2, 0, 0, 0, 0, 0x77}};
static bool routes;

static struct address address(const char *text)
{
	struct address parsed;

	assert_int_equal(address_parse(&parsed, text), 0);
	return parsed;
}

static bool is_router(void *context, unsigned segment, struct address about)
{
	(void)context;
	(void)segment;
	(void)about;
	return routes;
}

static const struct ports_ops ops = {.is_router = is_router};

struct sending {
	struct port_segment place;
	struct port_address own[3];
	struct agent_port port;
	struct ports ports;
};

static struct sending sending;

static int begin(void **state)
{
	struct sockaddr_ll here = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IPV6)};

	if (lab_setup(state))
		return -1;
	lab_enter(lab.far);
	here.sll_ifindex = (int)if_nametoindex(LAB_FAR);
	assert_int_equal(bind(lab.wire, (struct sockaddr *)&here, sizeof(here)), 0);
	lab_enter(lab.near);
	sending = (struct sending){
	        .port = {.ports = &sending.ports,
	                 .name = LAB_NEAR,
	                 .segment = &sending.place,
	                 .segments = 1,
	                 .ifindex = lab_index(),
	                 .up = true,
	                 .mac = lab_near_mac,
	                 .address = sending.own},
	        .ports = {.port = &sending.port, .count = 1, .config = &config, .ops = &ops},
	};
	sending.ports.socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	routes = false;
	return 0;
}

static int end(void **state)
{
	close(sending.ports.socket);
	return lab_teardown(state);
}

/* The next frame about `target`, with a right checksum. The kernel's own have others. */
static struct nd_message receive(struct address target, struct address *from, struct address *to,
                                 struct mac *option)
{
	struct pollfd readable = {.fd = lab.wire, .events = POLLIN};
	uint8_t frame[256];

	while (poll(&readable, 1, 5000) > 0) {
		ssize_t length = recv(lab.wire, frame, sizeof(frame), 0);
		struct nd_message message;

		if (length < ETH_HLEN + 40 + (ssize_t)sizeof(message) || frame[20] != 58)
			continue;
		memcpy(&message, frame + ETH_HLEN + 40, sizeof(message));
		if (!address_equal(address_load(message.target), target))
			continue;
		*from = address_load(frame + 22);
		*to = address_load(frame + 38);
		assert_int_equal(ipv6_checksum(*from, *to, frame + ETH_HLEN + 40,
		                               (size_t)length - ETH_HLEN - 40),
		                 0);
		assert_int_equal(length, ETH_HLEN + 40 + 24 + 8);
		memcpy(option->octet, frame + ETH_HLEN + 40 + 24 + 2, 6);
		return message;
	}
	fail_msg("nothing was sent");
	return (struct nd_message){0};
}

static void assert_asks_as(const char *asker)
{
	const struct address target = address("2001:db8::5");
	struct address from = {0}, to = {0};
	struct mac option;
	struct nd_message message;

	ports_ask(&sending.ports, 0, target, NULL);
	message = receive(target, &from, &to, &option);
	assert_int_equal(message.type, ND_NEIGHBOR_SOLICITATION);
	assert_true(address_equal(from, address(asker)));
	assert_true(address_equal(to, address("ff02::1:ff00:5")));
	assert_true(mac_equal(option, lab_near_mac));
	ports_ask(&sending.ports, 0, target, &lab_far_mac);
	(void)receive(target, &from, &to, &option);
	assert_true(address_equal(from, address(asker)));
	assert_true(address_equal(to, target));
}

/* Never from "::": a host that takes the target at that moment would give it up. */
static void a_request_comes_from_an_address_that_can_be_answered(void **state)
{
	const struct port_address far = {address("fe80::99"), 64, 0, 99, {{2, 9}}, true};
	const struct port_address global = {address("2001:db8::1"), 64, 0, 7, lab_near_mac, true};
	const struct port_address local = {address("fe80::7"), 64, 0, 7, lab_near_mac, true};

	(void)state;
	assert_asks_as("fe80::ff:fe00:1");
	sending.own[sending.port.addresses++] = far; /* with another MAC */
	assert_asks_as("fe80::ff:fe00:1");
	sending.own[sending.port.addresses++] = global;
	assert_asks_as("fe80::ff:fe00:1");
	sending.own[sending.port.addresses++] = local;
	assert_asks_as("fe80::7");
}

static void an_announcement_overrides_and_says_whether_it_is_a_router(void **state)
{
	const struct address about = address("2001:db8::5");
	struct address from = {0}, to = {0};
	struct mac option;
	struct nd_message message;

	(void)state;
	ports_announce(&sending.ports, 0, about, owner);
	message = receive(about, &from, &to, &option);
	assert_int_equal(message.type, ND_NEIGHBOR_ADVERTISEMENT);
	assert_int_equal(message.flags, ND_FLAG_OVERRIDE);
	assert_true(address_equal(from, about) && address_equal(to, ipv6_all_nodes));
	assert_true(mac_equal(option, owner));
	routes = true;
	ports_reply(&sending.ports, 0, about, owner, address("2001:db8::9"), lab_far_mac);
	message = receive(about, &from, &to, &option);
	assert_int_equal(message.flags, ND_FLAG_OVERRIDE | ND_FLAG_ROUTER);
	assert_true(address_equal(to, address("2001:db8::9")));
	ports_reply(&sending.ports, 0, about, owner, address("2001:db8::9"), mac_broadcast);
	(void)receive(about, &from, &to, &option);
	assert_true(address_equal(to, ipv6_all_nodes));
}

#define IN_LAB(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        IN_LAB(a_request_comes_from_an_address_that_can_be_answered),
	        IN_LAB(an_announcement_overrides_and_says_whether_it_is_a_router),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

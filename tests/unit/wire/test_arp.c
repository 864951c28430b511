/* SPDX-License-Identifier: MIT */
/* The frames that the agent sends, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "arpkeeper/frame.h"
#include "wire/wire.h"

static const struct mac own = {{0x02, 0, 0, 0, 0, 0x01}};
static const struct mac other = {{0x02, 0, 0, 0, 0, 0x02}};

/* Compares the frame with `expected`, followed by zeros up to `length`. */
static void assert_frame(const struct arp_message *message, const uint8_t *expected, size_t bytes,
                         size_t length)
{
	static const uint8_t zeros[ARP_FRAME_MAX];
	uint8_t frame[ARP_FRAME_MAX];

	memset(frame, 0xee, sizeof(frame));
	assert_int_equal(arp_build(frame, message), length);
	assert_memory_equal(frame, expected, bytes);
	assert_memory_equal(frame + bytes, zeros, length - bytes);
}

static void a_request_is_broadcast_and_padded(void **state)
{
	static const uint8_t expected[] = {
	        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,  0, 0, 0,  0, 1, /* Ethernet */
	        0x08, 0x06,                                             /* ARP */
	        0,    1,    0x08, 0x00, 6,    4,    0,  1,              /* a request */
	        2,    0,    0,    0,    0,    1,    10, 0, 0, 1,        /* sha, spa */
	        0,    0,    0,    0,    0,    0,    10, 0, 3, 17,       /* tha, tpa */
	};
	struct arp_message message = arp_request(own, 0x0a000001, 0x0a000311, NULL, 0);

	(void)state;
	assert_int_equal(sizeof(expected), 42);
	assert_frame(&message, expected, sizeof(expected), 60);
}

static void a_unicast_request_goes_to_the_last_known_mac(void **state)
{
	struct arp_message message = arp_request(own, 0x0a000001, 0x0a000311, &other, 0);
	uint8_t frame[ARP_FRAME_MAX];

	(void)state;
	arp_build(frame, &message);
	assert_memory_equal(frame, other.octet, ETH_ALEN);
	assert_int_equal(message.opcode, ARP_OP_REQUEST);
	assert_true(mac_is_zero(message.tha));
}

static void without_an_address_of_our_own_it_is_a_probe(void **state)
{
	static const uint8_t spa[4] = {0};
	struct arp_message message = arp_request(own, 0, 0x0a000311, NULL, 0);
	uint8_t frame[ARP_FRAME_MAX];

	(void)state;
	arp_build(frame, &message);
	assert_memory_equal(frame + 28, spa, sizeof(spa));
}

static void a_tag_goes_between_source_and_type(void **state)
{
	static const uint8_t expected[] = {
	        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, /* Ethernet */
	        0x81, 0x00, 0x00, 10,   0x08, 0x06,                   /* VLAN 10, ARP */
	        0,    1,    0x08, 0x00, 6,    4,    0, 1,
	};
	struct arp_message message =
	        arp_request(own, 0x0a000001, 0x0a000311, NULL, vlan_key(0, 10));
	uint8_t frame[ARP_FRAME_MAX];

	(void)state;
	assert_int_equal(arp_build(frame, &message), 60);
	assert_memory_equal(frame, expected, sizeof(expected));
}

static void two_tags_are_service_then_customer(void **state)
{
	static const uint8_t expected[] = {
	        0x88, 0xa8, 0x00, 100, 0x81, 0x00, 0x0f, 0xfe, 0x08, 0x06,
	};
	struct arp_message message =
	        arp_request(own, 0x0a000001, 0x0a000311, NULL, vlan_key(100, 4094));
	uint8_t frame[ARP_FRAME_MAX];

	(void)state;
	assert_int_equal(arp_build(frame, &message), 60);
	assert_memory_equal(frame + 12, expected, sizeof(expected));
}

static void the_outer_tag_is_of_the_protocol_that_was_asked_for(void **state)
{
	static const uint8_t one[] = {0x88, 0xa8, 0x00, 10, 0x08, 0x06};
	static const uint8_t two[] = {0x81, 0x00, 0x00, 100, 0x81, 0x00, 0x00, 10, 0x08, 0x06};
	struct arp_message message = arp_request(own, 0, 0x0a000311, NULL, vlan_key(0, 10));
	uint8_t frame[ARP_FRAME_MAX];

	(void)state;
	message.protocol = ETH_P_8021AD;
	arp_build(frame, &message);
	assert_memory_equal(frame + 12, one, sizeof(one));
	message.protocol = ETH_P_8021Q;
	message.vlan = vlan_key(100, 10);
	arp_build(frame, &message);
	assert_memory_equal(frame + 12, two, sizeof(two));
}

static void an_announcement_asks_for_itself_from_our_own_port(void **state)
{
	static const uint8_t expected[] = {
	        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,  0, 0, 0,  0, 1, /* from us */
	        0x08, 0x06, 0,    1,    0x08, 0x00, 6,  4, 0, 1,        /* */
	        2,    0,    0,    0,    0,    2,    10, 0, 3, 17,       /* the owner */
	        0,    0,    0,    0,    0,    0,    10, 0, 3, 17,       /* spa == tpa */
	};
	struct arp_message message = arp_announcement(own, other, 0x0a000311, 0);

	(void)state;
	assert_frame(&message, expected, sizeof(expected), 60);
}

static void a_reply_tells_one_station_where_another_is(void **state)
{
	static const uint8_t expected[] = {
	        2,    0,    0, 0, 0,    3,    2,  0, 0, 0,  0, 1, /* to the holder, from us */
	        0x08, 0x06, 0, 1, 0x08, 0x00, 6,  4, 0, 2,        /* a reply */
	        2,    0,    0, 0, 0,    2,    10, 0, 3, 17,       /* who it is about */
	        2,    0,    0, 0, 0,    3,    10, 0, 3, 18,       /* the holder */
	};
	const struct mac holder = {{0x02, 0, 0, 0, 0, 0x03}};
	struct arp_message message = arp_reply(own, other, 0x0a000311, 0x0a000312, holder, 0);

	(void)state;
	assert_frame(&message, expected, sizeof(expected), 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_request_is_broadcast_and_padded),
	        cmocka_unit_test(a_unicast_request_goes_to_the_last_known_mac),
	        cmocka_unit_test(without_an_address_of_our_own_it_is_a_probe),
	        cmocka_unit_test(a_tag_goes_between_source_and_type),
	        cmocka_unit_test(two_tags_are_service_then_customer),
	        cmocka_unit_test(the_outer_tag_is_of_the_protocol_that_was_asked_for),
	        cmocka_unit_test(an_announcement_asks_for_itself_from_our_own_port),
	        cmocka_unit_test(a_reply_tells_one_station_where_another_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

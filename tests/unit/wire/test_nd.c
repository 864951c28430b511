/* SPDX-License-Identifier: MIT */
/* Frames of neighbour discovery, byte for byte as Linux sends them (captured on a veth). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "arpkeeper/frame.h"
#include "arpkeeper/nd.h"
#include "wire/wire.h"

static const struct mac one = {{0x02, 0, 0, 0, 0, 0x01}}, two = {{0x02, 0, 0, 0, 0, 0x02}};

static struct address address(const char *text)
{
	struct address parsed;

	assert_int_equal(address_parse(&parsed, text), 0);
	return parsed;
}

static void assert_frame(const struct nd_frame *nd, const char *expected)
{
	uint8_t frame[ND_FRAME_MAX];
	char hex[2 * ND_FRAME_MAX + 1];
	size_t length = nd_build(frame, nd);

	assert_true(length <= ND_FRAME_MAX);
	for (size_t i = 0; i < length; i++)
		sprintf(hex + 2 * i, "%02x", frame[i]);
	assert_string_equal(hex, expected);
}

static void a_solicitation_goes_to_the_group_of_its_target(void **state)
{
	const struct nd_frame nd =
	        nd_solicitation(one, address("2001:db8::1"), address("2001:db8::2"), NULL);

	(void)state;
	assert_frame(&nd, "3333ff000002020000000001"
	                  "86dd6000000000203aff20010db8000000000000000000000001"
	                  "ff0200000000000000000001ff000002"
	                  "87001c270000000020010db8000000000000000000000002"
	                  "0101020000000001");
}

static void a_unicast_solicitation_goes_to_the_target_at_its_mac(void **state)
{
	const struct nd_frame nd =
	        nd_solicitation(two, address("fe80::ff:fe00:2"), address("2001:db8::1"), &one);

	(void)state;
	assert_frame(&nd, "020000000001020000000002"
	                  "86dd6000000000203afffe80000000000000000000fffe000002"
	                  "20010db8000000000000000000000001"
	                  "87001cab0000000020010db8000000000000000000000001"
	                  "0101020000000002");
}

static void without_a_source_there_is_no_option(void **state)
{
	const struct nd_frame nd =
	        nd_solicitation(one, (struct address){0, 0}, address("fe80::ff:fe00:1"), NULL);
	uint8_t frame[ND_FRAME_MAX];

	(void)state;
	assert_int_equal(nd_build(frame, &nd), ETH_HLEN + 40 + ND_LENGTH_NEIGHBOR);
	assert_int_equal(frame[ETH_HLEN + 5], ND_LENGTH_NEIGHBOR);
}

static void an_answer_is_as_the_kernels(void **state)
{
	const struct nd_frame nd =
	        nd_advertisement(two, two, address("2001:db8::2"),
	                         ND_FLAG_SOLICITED | ND_FLAG_OVERRIDE, address("2001:db8::1"), one);

	(void)state;
	assert_frame(&nd, "020000000001020000000002"
	                  "86dd6000000000203aff20010db8000000000000000000000002"
	                  "20010db8000000000000000000000001"
	                  "88008a716000000020010db8000000000000000000000002"
	                  "0201020000000002");
}

/* A frame is right when its checksum over the pseudo-header is 0, as the receiver computes it. */
static void assert_sound(const struct nd_frame *nd, size_t before)
{
	uint8_t frame[ND_FRAME_MAX];
	size_t length = nd_build(frame, nd), at = before + sizeof(struct ipv6_header);

	assert_int_equal(frame[before - 2] << 8 | frame[before - 1], ETH_P_IPV6);
	assert_int_equal(ipv6_checksum(address_load(frame + before + 8),
	                               address_load(frame + before + 24), frame + at, length - at),
	                 0);
}

static void an_announcement_says_to_all_nodes_where_its_owner_is(void **state)
{
	struct nd_frame nd = nd_announcement(one, two, address("2001:db8::7"), false);

	(void)state;
	assert_int_equal(nd.flags, ND_FLAG_OVERRIDE);
	assert_true(address_equal(nd.to, ipv6_all_nodes));
	assert_true(address_equal(nd.from, nd.target));
	assert_true(mac_equal(nd.link, two) && mac_equal(nd.ethernet.source, one));
	assert_memory_equal(nd.ethernet.destination.octet, "\x33\x33\x00\x00\x00\x01", 6);
	assert_sound(&nd, ETH_HLEN);
	nd = nd_announcement(one, two, address("2001:db8::7"), true);
	assert_int_equal(nd.flags, ND_FLAG_OVERRIDE | ND_FLAG_ROUTER);
	nd = nd_correction(one, two, address("2001:db8::7"), false, address("2001:db8::9"), one);
	assert_int_equal(nd.flags, ND_FLAG_OVERRIDE);
	assert_true(address_equal(nd.to, address("2001:db8::9")));
	assert_true(mac_equal(nd.ethernet.destination, one));
	assert_sound(&nd, ETH_HLEN);
}

static void a_host_that_takes_an_address_is_answered_through_all_nodes(void **state)
{
	const struct nd_frame nd = nd_advertisement(one, two, address("2001:db8::7"),
	                                            ND_FLAG_OVERRIDE, (struct address){0, 0}, two);

	(void)state;
	assert_true(address_equal(nd.to, ipv6_all_nodes));
	assert_memory_equal(nd.ethernet.destination.octet, "\x33\x33\x00\x00\x00\x01", 6);
}

static void tags_come_before_the_packet(void **state)
{
	static const uint8_t one_tag[] = {0x81, 0x00, 0x00, 0x0a, 0x86, 0xdd};
	static const uint8_t two_tags[] = {0x88, 0xa8, 0x00, 0x64, 0x81,
	                                   0x00, 0x0f, 0xfe, 0x86, 0xdd};
	struct nd_frame nd = nd_solicitation(one, address("fe80::1"), address("2001:db8::2"), NULL);
	uint8_t frame[ND_FRAME_MAX];

	(void)state;
	nd.ethernet.vlan = vlan_key(0, 10);
	nd_build(frame, &nd);
	assert_memory_equal(frame + 12, one_tag, sizeof(one_tag));
	assert_sound(&nd, ETH_HLEN + 4);
	nd.ethernet.vlan = vlan_key(100, 4094);
	nd_build(frame, &nd);
	assert_memory_equal(frame + 12, two_tags, sizeof(two_tags));
	assert_sound(&nd, ETH_HLEN + 8);
	nd.ethernet.vlan = vlan_key(0, 10);
	nd.ethernet.protocol = ETH_P_8021AD;
	nd_build(frame, &nd);
	assert_memory_equal(frame + 12, "\x88\xa8\x00\x0a", 4);
}

/* RFC 4291 2.7.1 and appendix A, RFC 2464 7. */
static void groups_and_link_local_addresses_follow_from_others(void **state)
{
	const struct mac example = {{0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde}};
	const struct address group = ipv6_solicited_node(address("4037::1:800:200e:8c6c"));

	(void)state;
	assert_true(address_equal(group, address("ff02::1:ff0e:8c6c")));
	assert_memory_equal(ipv6_group_mac(group).octet, "\x33\x33\xff\x0e\x8c\x6c", 6);
	assert_true(address_equal(ipv6_link_local(example), address("fe80::3656:78ff:fe9a:bcde")));
	assert_true(address_is_link_local(address("fe80::1")));
	assert_true(address_is_link_local(address("febf::1")));
	assert_false(address_is_link_local(address("fec0::1")));
	assert_true(ipv6_is_group(group));
	assert_false(ipv6_is_group(address("2001:db8::1")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_solicitation_goes_to_the_group_of_its_target),
	        cmocka_unit_test(a_unicast_solicitation_goes_to_the_target_at_its_mac),
	        cmocka_unit_test(without_a_source_there_is_no_option),
	        cmocka_unit_test(an_answer_is_as_the_kernels),
	        cmocka_unit_test(an_announcement_says_to_all_nodes_where_its_owner_is),
	        cmocka_unit_test(a_host_that_takes_an_address_is_answered_through_all_nodes),
	        cmocka_unit_test(tags_come_before_the_packet),
	        cmocka_unit_test(groups_and_link_local_addresses_follow_from_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

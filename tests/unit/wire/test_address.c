/* SPDX-License-Identifier: MIT */
/* MAC and IPv4 addresses as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "wire/wire.h"

static struct mac mac_of(const char *text)
{
	struct mac mac;

	assert_int_equal(mac_parse(&mac, text), 0);
	return mac;
}

static void a_mac_is_parsed_in_either_case_and_printed_in_lower(void **state)
{
	char text[MAC_TEXT];

	(void)state;
	assert_string_equal(mac_format(text, mac_of("02:50:2A:16:6d:0F")), "02:50:2a:16:6d:0f");
	assert_string_equal(mac_format(text, mac_of("ff:ff:ff:ff:ff:ff")), "ff:ff:ff:ff:ff:ff");
}

static void an_invalid_mac_is_refused(void **state)
{
	static const char *const bad[] = {
	        "",
	        "02",
	        "02:50:2a:16:6d",
	        "02:50:2a:16:6d:",
	        "02:50:2a:16:6d:0",
	        "02:50:2a:16:6d:0g",
	        "02:50:2a:16:6d:01 ",
	        " 02:50:2a:16:6d:01",
	        "02:50:2a:16:6d:01:02",
	        "02-50-2a-16-6d-01",
	        "0250.2a16.6d01",
	        "2:50:2a:16:6d:01",
	        "02:50:2a:16:6d;01",
	        "+2:50:2a:16:6d:01",
	};
	struct mac mac;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (mac_parse(&mac, bad[i]) != -EINVAL)
			fail_msg("'%s' was taken for a MAC", bad[i]);
}

static void people_may_write_a_mac_as_other_systems_do(void **state)
{
	static const char *const good[] = {
	        "02:77:00:00:00:aa", "02-77-00-00-00-AA", "2:77:0:0:0:aa",  "2-77-0-0-0-aa",
	        "0277.0000.00aa",    "0277-0000-00AA",    "0277:0000:00aa", "0277000000aa",
	};
	static const char *const bad[] = {
	        "",
	        "0277",
	        "02:77:00:00:00",
	        "02:77:00:00:00:aa:bb",
	        "02:77-00:00:00:aa",
	        "02:77:00:00:00:aa ",
	        "02.77.00.00.00.aa",
	        "0277.0000.00a",
	        "277.0000.00aa",
	        "0277.0000.00aa.0000",
	        "0277.0000",
	        "0277.00:00.00aa",
	        "02::00:00:00:aa",
	        "027:7:00:00:00:aa",
	        "0277000000a",
	        "0277000000aabb",
	        "027700:0000aa",
	        "02:77:00:00:00:ag",
	        ":02:77:00:00:00",
	        "02:77:00:00:00:",
	};
	char text[MAC_TEXT];
	struct mac mac;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (mac_read(&mac, good[i]) < 0)
			fail_msg("'%s' is refused", good[i]);
		assert_string_equal(mac_format(text, mac), "02:77:00:00:00:aa");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (mac_read(&mac, bad[i]) != -EINVAL)
			fail_msg("'%s' was taken for a MAC", bad[i]);
}

static void a_range_is_an_address_a_prefix_or_two_addresses(void **state)
{
	static const char *const bad[] = {
	        "10.0.3.9-10.0.3.4",
	        "10.0.3.4-9",
	        "10.0.3.4-",
	        "-10.0.3.4",
	        "10.0.3.1/28",
	        "10.0.3.4-10.0.3.9-10.0.3.12",
	        "10.0.3.4444444-10.0.3.9",
	        "",
	};
	struct range range;
	struct fault fault;

	(void)state;
	assert_int_equal(range_parse(&range, "10.0.3.17", &fault), 0);
	assert_true(address_equal(range.first, address_v4(0x0a000311)));
	assert_int_equal(range_size(range), 1);
	assert_int_equal(range_parse(&range, "10.0.3.0/28", &fault), 0);
	assert_int_equal(range_size(range), 16);
	assert_int_equal(range_parse(&range, "10.0.3.4-10.0.3.9", &fault), 0);
	assert_int_equal(range_size(range), 6);
	assert_true(range_contains(range, address_v4(0x0a000304)) &&
	            range_contains(range, address_v4(0x0a000309)));
	assert_false(range_contains(range, address_v4(0x0a000303)) ||
	             range_contains(range, address_v4(0x0a00030a)));
	assert_int_equal(range_parse(&range, "0.0.0.0/0", &fault), 0);
	assert_true(range_size(range) == UINT64_C(1) << 32);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (range_parse(&range, bad[i], &fault) != -EINVAL)
			fail_msg("'%s' was taken for a range", bad[i]);
}

static void groups_and_zero_are_not_stations(void **state)
{
	(void)state;
	assert_true(mac_is_station(mac_of("02:00:00:00:00:01")));
	assert_false(mac_is_station(mac_of("00:00:00:00:00:00")));
	assert_false(mac_is_station(mac_of("ff:ff:ff:ff:ff:ff")));
	assert_false(mac_is_station(mac_of("01:00:5e:00:00:01")));
	assert_false(mac_is_station(mac_of("33:33:00:00:00:01")));
	assert_true(mac_is_zero(mac_of("00:00:00:00:00:00")));
	assert_false(mac_is_zero(mac_of("00:00:00:00:00:01")));
}

static void macs_are_ordered_byte_by_byte(void **state)
{
	(void)state;
	assert_true(mac_compare(mac_of("02:00:00:00:00:01"), mac_of("02:00:00:00:00:02")) < 0);
	assert_true(mac_compare(mac_of("fe:00:00:00:00:00"), mac_of("02:ff:ff:ff:ff:ff")) > 0);
	assert_true(mac_equal(mac_of("02:00:00:00:00:01"), mac_of("02:00:00:00:00:01")));
}

static void any_address_survives_text_and_back(void **state)
{
	char text[ADDRESS_TEXT], mac_text[MAC_TEXT];

	(void)state;
	srandom(1);
	for (int i = 0; i < 10000; i++) {
		struct address address = address_v4((uint32_t)random() * 3u), parsed;
		struct mac mac;

		for (size_t j = 0; j < sizeof(mac.octet); j++)
			mac.octet[j] = (uint8_t)random();
		assert_true(mac_equal(mac_of(mac_format(mac_text, mac)), mac));
		assert_int_equal(address_parse(&parsed, address_format(text, address)), 0);
		assert_true(address_equal(parsed, address));
	}
}

static void an_address_is_in_host_byte_order(void **state)
{
	struct address address;

	(void)state;
	assert_int_equal(address_parse(&address, "10.0.3.17"), 0);
	assert_int_equal(address_number(address), 0x0a000311);
	assert_int_equal(address_parse(&address, "255.255.255.255"), 0);
	assert_int_equal(address_number(address), UINT32_MAX);
	assert_int_equal(address_parse(&address, "0.0.0.0"), 0);
	assert_int_equal(address_number(address), 0);
	assert_true(address_is_v4(address) && !address_is_none(address));
}

static void an_invalid_address_is_refused(void **state)
{
	static const char *const bad[] = {
	        "",
	        "10",
	        "10.0.3",
	        "10.0.3.",
	        "10.0.3.17.",
	        ".10.0.3.17",
	        "10.0.3.17.1",
	        "10.0.3.256",
	        "10.0.3.017",
	        "10.0.3.00",
	        "10.0.3.0x1",
	        "10.0.3.-1",
	        " 10.0.3.1",
	        "10.0.3.1 ",
	        "10.0.3.1/32",
	        "10..3.1",
	        "1e1.0.0.1",
	        "10.0.3.1000",
	        "10.0.3.+1",
	        "10,0,3,1",
	        "10.0.3.1\n",
	        "010.0.3.1",
	        "10.0.3.4294967297",
	        "a.b.c.d",
	};
	struct address address;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (address_parse(&address, bad[i]) != -EINVAL)
			fail_msg("'%s' was taken for an address", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_mac_is_parsed_in_either_case_and_printed_in_lower),
	        cmocka_unit_test(an_invalid_mac_is_refused),
	        cmocka_unit_test(people_may_write_a_mac_as_other_systems_do),
	        cmocka_unit_test(a_range_is_an_address_a_prefix_or_two_addresses),
	        cmocka_unit_test(groups_and_zero_are_not_stations),
	        cmocka_unit_test(macs_are_ordered_byte_by_byte),
	        cmocka_unit_test(any_address_survives_text_and_back),
	        cmocka_unit_test(an_address_is_in_host_byte_order),
	        cmocka_unit_test(an_invalid_address_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

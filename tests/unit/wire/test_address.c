/* SPDX-License-Identifier: MIT */
/* MAC and IPv4 addresses as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
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
	        "10.0.3.4-2001:db8::1",
	        "2001:db8::9-2001:db8::4",
	        "2001:db8::1/64",
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
	assert_int_equal(range_parse(&range, "2001:db8::4-2001:db8::9", &fault), 0);
	assert_int_equal(range_size(range), 6);
	assert_true(range_contains(range, (struct address){UINT64_C(0x20010db8) << 32, 9}));
	assert_false(range_contains(range, (struct address){UINT64_C(0x20010db8) << 32, 10}));
	assert_int_equal(range_parse(&range, "2001:db8::/64", &fault), 0);
	assert_true(range_size(range) == UINT64_MAX);
	assert_int_equal(range_parse(&range, "2001:db8::/120", &fault), 0);
	assert_int_equal(range_size(range), 256);
	assert_int_equal(range_parse(&range, "::/0", &fault), 0);
	assert_true(range_contains(range, (struct address){UINT64_MAX, UINT64_MAX}));
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

static struct address address_of(const char *text)
{
	struct address address;

	if (address_parse(&address, text) < 0)
		fail_msg("'%s' is not an address", text);
	return address;
}

/* RFC 5952, with its own examples. */
static void an_ipv6_address_is_printed_in_one_spelling(void **state)
{
	static const struct {
		const char *given, *printed;
	} known[] = {
	        {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
	        {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},    /* 4.2.3: the first of two */
	        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},          /* the longest */
	        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"}, /* 4.2.2: not one group */
	        {"2001:db8::0:1", "2001:db8::1"},
	        {"2001:db8:aaaa:bbbb:cccc:dddd:0eee:000a", "2001:db8:aaaa:bbbb:cccc:dddd:eee:a"},
	        {"fe80:0:0:0:0:0:0:0", "fe80::"},
	        {"0:0:0:0:0:0:0:1", "::1"},
	        {"::", "::"},
	        {"1:0:0:0:0:0:0:0", "1::"},
	        {"0:1:0:0:0:0:0:0", "0:1::"},
	        {"::ffff:0:0:1", "::ffff:0:0:1"},
	        {"64:ff9b::a00:1", "64:ff9b::a00:1"},
	        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	};
	char text[ADDRESS_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_string_equal(address_format(text, address_of(known[i].given)),
		                    known[i].printed);
}

static void an_invalid_ipv6_address_is_refused(void **state)
{
	static const char *const bad[] = {
	        ":",
	        ":::",
	        "1",
	        "1:2:3:4:5:6:7",
	        "1:2:3:4:5:6:7:8:9",
	        "1::2::3",
	        ":1:2:3:4:5:6:7",
	        "1:2:3:4:5:6:7:",
	        "2001:db8::1/64",
	        "2001:db8::10000",
	        "2001:db8::g",
	        " 2001:db8::1",
	        "2001:db8::1 ",
	        "fe80::1%eth0",
	        "[2001:db8::1]",
	        "2001:db8::10.0.3.17",
	        "::ffff:10.0.3.17", /* IPv4 has a spelling of its own */
	        "::ffff:a00:311",
	        "0:0:0:0:0:ffff:a00:311",
	        "02:50:2a:16:6d:01",
	};
	struct address address;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (address_parse(&address, bad[i]) != -EINVAL)
			fail_msg("'%s' was taken for an address", bad[i]);
}

/* With runs of zeros. */
static struct address any_ipv6(void)
{
	struct address address = {0};

	do {
		uint64_t *half[] = {&address.high, &address.low};

		for (int group = 0; group < 8; group++)
			*half[group / 4] = *half[group / 4] << 16 |
			                   (random() % 2 ? (uint64_t)random() & 0xffff : 0);
	} while (address_is_v4(address));
	return address;
}

/* inet_ntop() prints addresses with a dotted end otherwise; and glibc's as RFC 5952 has it. */
static void any_ipv6_address_survives_text_and_wire(void **state)
{
	uint8_t octet[ADDRESS_OCTETS];
	char text[ADDRESS_TEXT], theirs[INET6_ADDRSTRLEN];

	(void)state;
	srandom(5);
	for (int i = 0; i < 100000; i++) {
		struct address address = any_ipv6();

		assert_true(address_equal(address_of(address_format(text, address)), address));
		address_store(octet, address);
		assert_true(address_equal(address_load(octet), address));
		assert_non_null(inet_ntop(AF_INET6, octet, theirs, sizeof(theirs)));
		if (!strchr(theirs, '.'))
			assert_string_equal(text, theirs);
	}
}

static void addresses_are_ordered_as_their_octets(void **state)
{
	uint8_t left[ADDRESS_OCTETS], right[ADDRESS_OCTETS];

	(void)state;
	srandom(9);
	for (int i = 0; i < 100000; i++) {
		struct address a = any_ipv6(), b = random() % 2 ? any_ipv6() : a;
		int order;

		if (random() % 2)
			a = address_v4((uint32_t)random());
		if (random() % 4 == 0)
			b = address_plus(a, (uint64_t)random() % 3);
		address_store(left, a);
		address_store(right, b);
		order = memcmp(left, right, sizeof(left));
		assert_int_equal(address_compare(a, b) > 0, order > 0);
		assert_int_equal(address_compare(a, b) < 0, order < 0);
		assert_int_equal(address_equal(a, b), order == 0);
	}
	assert_true(address_compare(address_v4(UINT32_MAX), address_of("1::")) < 0);
}

static void addresses_are_counted_across_their_halves(void **state)
{
	const struct address last = {5, UINT64_MAX - 1}, next = {6, 3};

	(void)state;
	assert_true(address_equal(address_plus(last, 5), next));
	assert_true(address_minus(next, last) == 5);
	assert_true(address_minus(last, last) == 0);
	assert_true(address_minus(next, (struct address){5, 3}) == UINT64_MAX);
	assert_true(address_minus(next, (struct address){4, 3}) == UINT64_MAX);
	assert_true(address_minus(next, (struct address){5, 4}) == UINT64_MAX);
}

/* A host of a /64 chooses 64 bits. Whichever 16 of them it varies, a table of any size gets about
 * as many full places as with random numbers: 63 % of them. */
static void no_choice_of_addresses_fills_one_place_of_a_table(void **state)
{
	enum { PLACES = 1 << 16 };
	uint8_t *taken = malloc(PLACES);

	(void)state;
	assert_non_null(taken);
	for (unsigned shift = 0; shift <= 48; shift += 4) {
		for (unsigned from = 0; from <= 48; from += 16) {
			unsigned full = 0;

			memset(taken, 0, PLACES);
			for (uint64_t i = 0; i < PLACES; i++) {
				struct address address = {UINT64_C(0x20010db800000007), i << shift};

				taken[address_hash(address, 7) >> from & (PLACES - 1)] = 1;
			}
			for (size_t i = 0; i < PLACES; i++)
				full += taken[i];
			if (full < PLACES / 2)
				fail_msg("bits %u..%u, hash >> %u: %u places", shift, shift + 15,
				         from, full);
		}
	}
	free(taken);
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
	        cmocka_unit_test(an_ipv6_address_is_printed_in_one_spelling),
	        cmocka_unit_test(an_invalid_ipv6_address_is_refused),
	        cmocka_unit_test(any_ipv6_address_survives_text_and_wire),
	        cmocka_unit_test(addresses_are_ordered_as_their_octets),
	        cmocka_unit_test(addresses_are_counted_across_their_halves),
	        cmocka_unit_test(no_choice_of_addresses_fills_one_place_of_a_table),
	        cmocka_unit_test(an_invalid_address_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Prefixes, and the layout of the table over them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arpkeeper/slot.h"
#include "wire/wire.h"

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;
	struct fault fault;

	if (prefix_parse(&prefix, text, &fault) < 0)
		fail_msg("%s", fault.text);
	return prefix;
}

static struct address ip(const char *text)
{
	struct address address;

	assert_int_equal(address_parse(&address, text), 0);
	return address;
}

static void a_prefix_is_parsed_and_printed(void **state)
{
	static const char *const good[] = {"10.0.0.0/16", "0.0.0.0/0", "10.0.3.17/32",
	                                   "128.0.0.0/1", "10.0.3.16/31"};
	char text[PREFIX_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_string_equal(prefix_format(text, prefix_of(good[i])), good[i]);
	assert_string_equal(prefix_format(text, prefix_of("10.0.3.17")), "10.0.3.17/32");
}

static void an_ipv6_prefix_is_parsed_and_printed(void **state)
{
	static const struct {
		const char *given, *printed;
	} known[] = {
	        {"2001:db8:0:7::/64", "2001:db8:0:7::/64"},
	        {"::/0", "::/0"},
	        {"fe80:0::/10", "fe80::/10"},
	        {"2001:db8::1", "2001:db8::1/128"},
	        {"2001:db8::2/127", "2001:db8::2/127"},
	        {"8000::/1", "8000::/1"},
	        {"2001:db8::/65", "2001:db8::/65"},
	};
	char text[PREFIX_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_string_equal(prefix_format(text, prefix_of(known[i].given)),
		                    known[i].printed);
}

static void a_bad_prefix_is_refused_with_the_reason(void **state)
{
	static const struct {
		const char *text, *reason;
	} bad[] = {
	        {"10.0.3.17/16", "did you mean 10.0.0.0/16?"},
	        {"10.0.0.0/33", "from 0 to 32"},
	        {"10.0.0.0/", "from 0 to 32"},
	        {"10.0.0.0/08", "from 0 to 32"},
	        {"10.0.0.0/-1", "from 0 to 32"},
	        {"10.0.0.0/255.255.0.0", "from 0 to 32"},
	        {"10.0.0/16", "is not a prefix"},
	        {"", "is neither an address nor a prefix"},
	        {"2001:db8::g", "is neither an address nor a prefix"},
	        {"/16", "is not a prefix"},
	        {"1000000000000000000000.0.0.0/16", "is not a prefix"},
	        {"2001:db8::1/64", "did you mean 2001:db8::/64?"},
	        {"2001:db8::/129", "from 0 to 128"},
	        {"2001:db8::/064", "from 0 to 128"},
	        {"2001:db8::/", "from 0 to 128"},
	};
	struct prefix prefix;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(prefix_parse(&prefix, bad[i].text, &fault), -EINVAL);
		if (!strstr(fault.text, bad[i].reason) || !strstr(fault.text, bad[i].text))
			fail_msg("'%s': %s", bad[i].text, fault.text);
	}
}

static void what_an_odd_spelling_means_is_said(void **state)
{
	static const struct {
		const char *text, *said;
	} odd[] = {
	        {"fe80::1%eth0", "'fe80::1%eth0' has a zone, which a segment stands for here: "
	                         "write fe80::1"},
	        {"fe80::1%eth0/64", "write fe80::1"},
	        {"[2001:DB8::1]", "'[2001:DB8::1]' is in brackets: write 2001:db8::1"},
	        {"::ffff:10.0.0.1",
	         "'::ffff:10.0.0.1' is an IPv4 address within IPv6: write 10.0.0.1"},
	        {"::ffff:a00:1", "write 10.0.0.1"},
	        {"::ffff:10.0.0.0/120", "write 10.0.0.0"},
	        {"2001:db8::10.0.0.1", "has a part in IPv4's spelling: write 2001:db8::a00:1"},
	        {"2001:db8::1-[2001:db8::9]", "is in brackets: write 2001:db8::9"},
	        {"10.0.0.1-2001:db8::9", "has an IPv4 and an IPv6 address: give two ranges"},
	        {"2001:db8::1-9", "is not a range: write it like"},
	        {"2001:db8::9-2001:db8::1", "ends before it begins"},
	        {"[", "is neither an address nor a prefix"},
	        {"%", "is neither an address nor a prefix"},
	};
	struct address address;
	struct range range;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_int_equal(range_parse(&range, odd[i].text, &fault), -EINVAL);
		if (!strstr(fault.text, odd[i].said))
			fail_msg("'%s': %s", odd[i].text, fault.text);
	}
	assert_int_equal(address_read(&address, "2001:DB8::01", &fault), 0);
	assert_int_equal(address_read(&address, "10.0.3", &fault), -EINVAL);
	assert_string_equal(fault.text,
	                    "'10.0.3' is not an address like 10.0.3.17 or 2001:db8::17");
}

static void a_prefix_contains_its_addresses(void **state)
{
	(void)state;
	assert_true(prefix_contains(prefix_of("10.0.0.0/16"), ip("10.0.255.255")));
	assert_false(prefix_contains(prefix_of("10.0.0.0/16"), ip("10.1.0.0")));
	assert_true(prefix_contains(prefix_of("0.0.0.0/0"), ip("255.255.255.255")));
	assert_false(prefix_contains(prefix_of("10.0.0.1/32"), ip("10.0.0.0")));
	assert_int_equal(prefix_size(prefix_of("10.0.0.0/16")), 65536);
	assert_true(prefix_size(prefix_of("0.0.0.0/0")) == UINT64_C(1) << 32);
	assert_int_equal(prefix_size(prefix_of("10.0.0.1")), 1);
	assert_true(prefix_overlaps(prefix_of("10.0.0.0/8"), prefix_of("10.3.0.0/16")));
	assert_true(prefix_overlaps(prefix_of("10.3.0.0/16"), prefix_of("10.0.0.0/8")));
	assert_false(prefix_overlaps(prefix_of("10.2.0.0/16"), prefix_of("10.3.0.0/16")));
	assert_true(prefix_covers(prefix_of("10.0.0.0/8"), prefix_of("10.3.0.0/16")));
	assert_true(prefix_covers(prefix_of("10.3.0.0/16"), prefix_of("10.3.0.0/16")));
	assert_false(prefix_covers(prefix_of("10.3.0.0/16"), prefix_of("10.0.0.0/8")));
	assert_false(prefix_covers(prefix_of("10.2.0.0/16"), prefix_of("10.3.0.0/16")));
	assert_true(prefix_covers(prefix_of("0.0.0.0/0"), prefix_of("10.3.0.0/16")));
}

static void an_ipv6_prefix_contains_its_addresses_and_no_ipv4(void **state)
{
	(void)state;
	assert_true(prefix_contains(prefix_of("2001:db8::/64"), ip("2001:db8::ffff:1:2:3")));
	assert_false(prefix_contains(prefix_of("2001:db8::/64"), ip("2001:db8:0:1::")));
	assert_true(prefix_contains(prefix_of("2001:db8::/72"), ip("2001:db8::ff:1:2:3")));
	assert_false(prefix_contains(prefix_of("2001:db8::/72"), ip("2001:db8::100:0:0:1")));
	assert_true(prefix_contains(prefix_of("::/0"), ip("ffff::1")));
	assert_false(prefix_contains(prefix_of("::/0"), ip("10.0.0.1")));
	assert_false(prefix_contains(prefix_of("0.0.0.0/0"), ip("2001:db8::1")));
	assert_false(prefix_contains(prefix_of("0.0.0.0/0"), ip("::1")));
	assert_false(prefix_overlaps(prefix_of("::/0"), prefix_of("0.0.0.0/0")));
	assert_false(prefix_covers(prefix_of("::/0"), prefix_of("10.0.0.0/8")));
	assert_false(prefix_covers(prefix_of("0.0.0.0/0"), prefix_of("2001:db8::/64")));
	assert_true(prefix_covers(prefix_of("::/0"), prefix_of("2001:db8::/64")));
	assert_true(prefix_overlaps(prefix_of("2001:db8::/32"), prefix_of("2001:db8:0:7::/64")));
	assert_true(prefix_size(prefix_of("2001:db8::/64")) == UINT64_MAX);
	assert_true(prefix_size(prefix_of("2001:db8::/65")) == UINT64_C(1) << 63);
	assert_int_equal(prefix_size(prefix_of("2001:db8::1")), 1);
	assert_true(prefix_is_valid(prefix_of("2001:db8::/64")));
	assert_false(prefix_is_valid((struct prefix){ip("2001:db8::1"), 64}));
	assert_false(prefix_is_valid((struct prefix){ip("10.0.0.0"), 33}));
	assert_false(prefix_is_valid((struct prefix){ip("2001:db8::"), 129}));
}

static void anycast_and_multicast_addresses_of_ipv6_are_not_hosts(void **state)
{
	(void)state;
	assert_true(prefix_is_host(prefix_of("2001:db8::/64"), ip("2001:db8::1")));
	assert_true(
	        prefix_is_host(prefix_of("2001:db8::/64"), ip("2001:db8::ffff:ffff:ffff:ffff")));
	assert_true(prefix_is_host(prefix_link_local, ip("fe80::1")));
	/* RFC 4291 2.6.1; RFC 6164 */
	assert_false(prefix_is_host(prefix_of("2001:db8::/64"), ip("2001:db8::")));
	assert_true(prefix_is_host(prefix_of("2001:db8::/127"), ip("2001:db8::")));
	assert_true(prefix_is_host(prefix_of("2001:db8::/128"), ip("2001:db8::")));
	assert_false(prefix_is_host(prefix_of("2001:db8::/64"), ip("2001:db8:0:1::1")));
	assert_false(prefix_is_host(prefix_of("::/0"), ip("ff02::1")));
	assert_false(prefix_is_host(prefix_of("::/0"), ip("::1")));
	assert_false(prefix_is_host(prefix_of("::/127"), ip("::")));
	assert_false(prefix_is_host(prefix_of("::/0"), ip("10.0.0.1")));
	assert_true(prefix_is_host(prefix_of("::/0"), ip("2001:db8::1")));
}

static void network_and_broadcast_addresses_are_not_hosts(void **state)
{
	(void)state;
	assert_true(prefix_is_host(prefix_of("10.0.0.0/24"), ip("10.0.0.1")));
	assert_false(prefix_is_host(prefix_of("10.0.0.0/24"), ip("10.0.0.0")));
	assert_false(prefix_is_host(prefix_of("10.0.0.0/24"), ip("10.0.0.255")));
	assert_false(prefix_is_host(prefix_of("10.0.0.0/24"), ip("10.0.1.1")));
	/* RFC 3021 */
	assert_true(prefix_is_host(prefix_of("10.0.0.0/31"), ip("10.0.0.0")));
	assert_true(prefix_is_host(prefix_of("10.0.0.0/31"), ip("10.0.0.1")));
	assert_true(prefix_is_host(prefix_of("10.0.0.0/32"), ip("10.0.0.0")));
	assert_false(prefix_is_host(prefix_of("0.0.0.0/8"), ip("0.1.2.3")));
	assert_false(prefix_is_host(prefix_of("127.0.0.0/8"), ip("127.0.0.1")));
	assert_false(prefix_is_host(prefix_of("224.0.0.0/8"), ip("224.0.0.5")));
	assert_false(prefix_is_host(prefix_of("255.255.255.255/32"), ip("255.255.255.255")));
}

static void slots_follow_one_another_in_the_order_added(void **state)
{
	struct layout layout = {0};

	(void)state;
	assert_int_equal(layout_add(&layout, 0, prefix_of("10.0.0.0/24"), NULL), 0);
	assert_int_equal(layout_add(&layout, 1, prefix_of("192.168.7.0/30"), NULL), 0);
	assert_int_equal(layout_add(&layout, 0, prefix_of("10.0.9.0/24"), NULL), 0);
	assert_int_equal(layout.slots, 256 + 4 + 256);
	assert_int_equal(layout_slot(&layout, 0, ip("10.0.0.17")), 17);
	assert_int_equal(layout_slot(&layout, 1, ip("192.168.7.3")), 259);
	assert_int_equal(layout_slot(&layout, 0, ip("10.0.9.0")), 260);
	assert_int_equal(layout_slot(&layout, 0, ip("10.0.1.0")), -1);
	/* An address belongs to its own segment only. */
	assert_int_equal(layout_slot(&layout, 1, ip("10.0.0.17")), -1);
	assert_int_equal(layout_slot(&layout, 2, ip("10.0.0.17")), -1);
	layout_clear(&layout);
	assert_int_equal(layout.slots, 0);
}

static void an_overlap_is_found_among_many_prefixes_and_in_a_copy(void **state)
{
	struct layout layout = {0}, copy;
	struct fault fault = {""};

	(void)state;
	for (uint32_t i = 0; i < 65536; i += 4)
		assert_int_equal(layout_add(&layout, 1,
		                            (struct prefix){address_plus(ip("10.0.0.0"), i),
		                                            (uint8_t)(30 + i / 4 % 3)},
		                            NULL),
		                 0);
	assert_int_equal(layout_copy(&copy, &layout), 0);
	for (struct layout *each = &layout; each; each = each == &layout ? &copy : NULL) {
		assert_int_equal(layout_add(each, 1, prefix_of("10.0.0.0/16"), &fault), -EEXIST);
		assert_string_equal(fault.text, "prefix 10.0.0.0/16 overlaps 10.0.0.0/30 of the "
		                                "same segment; remove one");
		assert_int_equal(layout_add(each, 1, prefix_of("10.0.0.3/32"), &fault), -EEXIST);
		assert_int_equal(layout_add(each, 1, prefix_of("10.0.255.244/32"), &fault),
		                 -EEXIST);
		assert_int_equal(layout_add(each, 1, prefix_of("10.0.255.244/31"), &fault),
		                 -EEXIST);
		assert_int_equal(layout_add(each, 1, prefix_of("10.0.0.7/32"), &fault), 0);
		assert_int_equal(layout_add(each, 1, prefix_of("10.0.0.7/32"), &fault), -EEXIST);
		assert_int_equal(layout_add(each, 2, prefix_of("10.0.0.0/16"), &fault), 0);
		layout_clear(each);
	}
}

static void each_slot_leads_back_to_its_address(void **state)
{
	struct layout layout = {0};

	(void)state;
	assert_int_equal(layout_add(&layout, 3, prefix_of("10.0.0.0/25"), NULL), 0);
	assert_int_equal(layout_add(&layout, 5, prefix_of("10.9.0.4/32"), NULL), 0);
	assert_int_equal(layout_add(&layout, 3, prefix_of("10.0.2.0/23"), NULL), 0);
	for (uint32_t slot = 0; slot < layout.slots; slot++) {
		const struct layout_range *range = layout_range_of(&layout, slot);
		struct address address;

		assert_non_null(range);
		address = layout_address(range, slot);
		assert_int_equal(layout_slot(&layout, range->segment, address), slot);
		assert_ptr_equal(layout_find(&layout, range->segment, address), range);
	}
	assert_null(layout_range_of(&layout, layout.slots));
	assert_null(layout_range_of(&layout, UINT32_MAX));
	layout_clear(&layout);
}

static void a_prefix_larger_than_a_8_is_refused_with_its_memory(void **state)
{
	struct layout layout = {0};
	struct fault fault;

	(void)state;
	assert_int_equal(layout_add(&layout, 0, prefix_of("10.0.0.0/7"), &fault), -E2BIG);
	assert_non_null(strstr(fault.text, "10.0.0.0/7"));
	assert_non_null(strstr(fault.text, "512 MiB"));
	assert_int_equal(layout_add(&layout, 0, prefix_of("0.0.0.0/0"), &fault), -E2BIG);
	assert_non_null(strstr(fault.text, "65536 MiB"));
	assert_int_equal(layout.slots, 0);
	assert_null(layout.range);
}

static void more_slots_than_the_limit_are_refused_with_their_memory(void **state)
{
	struct layout layout = {0};
	struct fault fault;

	(void)state;
	assert_int_equal(layout_add(&layout, 0, prefix_of("10.0.0.0/8"), &fault), 0);
	assert_int_equal(layout.slots, SLOT_MAX);
	assert_int_equal(layout_add(&layout, 0, prefix_of("192.168.0.0/16"), &fault), -E2BIG);
	assert_non_null(strstr(fault.text, "192.168.0.0/16"));
	assert_non_null(strstr(fault.text, "257 MiB"));
	assert_int_equal(layout.ranges, 1);
	layout_clear(&layout);
}

static void prefixes_that_no_link_has_are_refused(void **state)
{
	static const char *const never[] = {"0.0.0.0/8", "127.0.0.0/16", "224.0.0.0/24",
	                                    "239.255.0.0/16"};
	struct layout layout = {0};
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		assert_int_equal(layout_add(&layout, 0, prefix_of(never[i]), &fault), -EINVAL);
		assert_non_null(strstr(fault.text, never[i]));
	}
	assert_int_equal(layout_add(&layout, 0, prefix_of("126.0.0.0/16"), &fault), 0);
	assert_int_equal(layout_add(&layout, 0, prefix_of("223.255.255.0/24"), &fault), 0);
	assert_int_equal(layout.ranges, 2);
	layout_clear(&layout);
}

static void an_overlap_is_refused_within_a_segment(void **state)
{
	struct layout layout = {0};
	struct fault fault;

	(void)state;
	assert_int_equal(layout_add(&layout, 0, prefix_of("10.0.0.0/16"), &fault), 0);
	assert_int_equal(layout_add(&layout, 0, prefix_of("10.0.3.0/24"), &fault), -EEXIST);
	assert_non_null(strstr(fault.text, "10.0.3.0/24 overlaps 10.0.0.0/16 of the same"));
	assert_int_equal(layout_add(&layout, 0, prefix_of("10.0.0.0/16"), &fault), -EEXIST);
	assert_int_equal(layout.ranges, 1);
	layout_clear(&layout);
}

static void segments_may_have_the_same_addresses_each_in_its_own_slot(void **state)
{
	struct layout layout = {0};

	(void)state;
	assert_int_equal(layout_add(&layout, 0, prefix_of("10.0.0.0/24"), NULL), 0);
	assert_int_equal(layout_add(&layout, 1, prefix_of("10.0.0.0/24"), NULL), 0);
	assert_int_equal(layout_add(&layout, 2, prefix_of("10.0.0.128/25"), NULL), 0);
	assert_int_equal(layout_slot(&layout, 0, address_v4(0x0a000085)), 0x85);
	assert_int_equal(layout_slot(&layout, 1, address_v4(0x0a000085)), 0x185);
	assert_int_equal(layout_slot(&layout, 2, address_v4(0x0a000085)), 0x205);
	assert_int_equal(layout_range_of(&layout, 0x185)->segment, 1);
	assert_int_equal(layout_range_of(&layout, 0x205)->segment, 2);
	layout_clear(&layout);
}

/* An IPv6 prefix has no slots of its own; all share those behind the last. */
static void ipv6_prefixes_share_the_sparse_slots(void **state)
{
	struct layout layout = {0}, copy;
	struct fault fault;

	(void)state;
	assert_int_equal(layout_add(&layout, 0, prefix_of("2001:db8::/64"), NULL), 0);
	assert_int_equal(layout_add(&layout, 0, prefix_of("10.0.0.0/24"), NULL), 0);
	assert_int_equal(layout_add(&layout, 1, prefix_of("2001:db8::/64"), NULL), 0);
	assert_int_equal(layout_add(&layout, 1, prefix_of("fe80::/64"), NULL), 0);
	assert_int_equal(layout_add(&layout, 1, prefix_of("10.0.0.0/30"), NULL), 0);
	assert_int_equal(layout.slots, 256 + 4);
	assert_int_equal(layout_add_sparse(&layout, 1000, NULL), 0);
	assert_int_equal(layout.slots, 256 + 4 + 1000);
	assert_int_equal(layout_sparse_from(&layout), 260);
	assert_int_equal(layout_slot(&layout, 0, ip("10.0.0.17")), 17);
	assert_int_equal(layout_slot(&layout, 1, ip("10.0.0.3")), 259);
	assert_int_equal(layout_slot(&layout, 0, ip("2001:db8::1")), -1);
	assert_int_equal(layout_range_of(&layout, 259)->segment, 1);
	assert_null(layout_range_of(&layout, 260));
	assert_true(prefix_is_v4(layout_range_of(&layout, 0)->prefix));
	assert_ptr_equal(layout_find(&layout, 1, ip("fe80::1")), &layout.range[3]);
	assert_null(layout_find(&layout, 0, ip("fe80::1")));
	assert_int_equal(layout_copy(&copy, &layout), 0);
	assert_true(layout_equal(&copy, &layout));
	copy.sparse--;
	assert_false(layout_equal(&copy, &layout));
	layout_clear(&copy);
	assert_int_equal(layout_add(&layout, 1, prefix_of("2001:db8::/65"), &fault), -EEXIST);
	assert_non_null(strstr(fault.text, "2001:db8::/65 overlaps 2001:db8::/64 of the same"));
	assert_int_equal(layout_add(&layout, 1, prefix_of("ff02::/64"), &fault), -EINVAL);
	assert_int_equal(layout_add(&layout, 1, prefix_of("::/0"), &fault), -EINVAL);
	layout_clear(&layout);
}

static void sparse_slots_are_only_where_they_are_needed_and_fit(void **state)
{
	struct layout layout = {0};
	struct fault fault;

	(void)state;
	assert_int_equal(layout_add(&layout, 0, prefix_of("10.0.0.0/24"), NULL), 0);
	assert_int_equal(layout_add_sparse(&layout, 65536, NULL), 0);
	assert_int_equal(layout.slots, 256);
	layout_clear(&layout);
	assert_int_equal(layout_add(&layout, 0, prefix_of("10.0.0.0/8"), NULL), 0);
	assert_int_equal(layout_add(&layout, 0, prefix_of("2001:db8::/64"), NULL), 0);
	assert_int_equal(layout_add_sparse(&layout, 65536, &fault), -E2BIG);
	assert_non_null(strstr(fault.text, "with neighbours6 the table would have 16842752"));
	layout_clear(&layout);
}

static void layouts_are_equal_when_every_range_is(void **state)
{
	struct layout a = {0}, b = {0};

	(void)state;
	assert_true(layout_equal(&a, &b));
	layout_add(&a, 0, prefix_of("10.0.0.0/24"), NULL);
	layout_add(&a, 0, prefix_of("10.0.1.0/24"), NULL);
	assert_false(layout_equal(&a, &b));
	layout_add(&b, 0, prefix_of("10.0.1.0/24"), NULL);
	layout_add(&b, 0, prefix_of("10.0.0.0/24"), NULL);
	assert_false(layout_equal(&a, &b));
	layout_clear(&b);
	layout_add(&b, 0, prefix_of("10.0.0.0/24"), NULL);
	layout_add(&b, 1, prefix_of("10.0.1.0/24"), NULL);
	assert_false(layout_equal(&a, &b));
	layout_clear(&b);
	layout_add(&b, 0, prefix_of("10.0.0.0/24"), NULL);
	layout_add(&b, 0, prefix_of("10.0.1.0/24"), NULL);
	assert_true(layout_equal(&a, &b));
	layout_name(&a, 0, "red");
	assert_false(layout_equal(&a, &b));
	layout_name(&b, 0, "blue");
	assert_false(layout_equal(&a, &b));
	layout_name(&b, 0, "red");
	assert_true(layout_equal(&a, &b));
	layout_clear(&a);
	layout_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_prefix_is_parsed_and_printed),
	        cmocka_unit_test(an_ipv6_prefix_is_parsed_and_printed),
	        cmocka_unit_test(an_ipv6_prefix_contains_its_addresses_and_no_ipv4),
	        cmocka_unit_test(anycast_and_multicast_addresses_of_ipv6_are_not_hosts),
	        cmocka_unit_test(ipv6_prefixes_share_the_sparse_slots),
	        cmocka_unit_test(sparse_slots_are_only_where_they_are_needed_and_fit),
	        cmocka_unit_test(a_bad_prefix_is_refused_with_the_reason),
	        cmocka_unit_test(what_an_odd_spelling_means_is_said),
	        cmocka_unit_test(a_prefix_contains_its_addresses),
	        cmocka_unit_test(network_and_broadcast_addresses_are_not_hosts),
	        cmocka_unit_test(slots_follow_one_another_in_the_order_added),
	        cmocka_unit_test(each_slot_leads_back_to_its_address),
	        cmocka_unit_test(an_overlap_is_found_among_many_prefixes_and_in_a_copy),
	        cmocka_unit_test(a_prefix_larger_than_a_8_is_refused_with_its_memory),
	        cmocka_unit_test(more_slots_than_the_limit_are_refused_with_their_memory),
	        cmocka_unit_test(prefixes_that_no_link_has_are_refused),
	        cmocka_unit_test(an_overlap_is_refused_within_a_segment),
	        cmocka_unit_test(segments_may_have_the_same_addresses_each_in_its_own_slot),
	        cmocka_unit_test(layouts_are_equal_when_every_range_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

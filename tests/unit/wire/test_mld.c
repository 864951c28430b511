/* SPDX-License-Identifier: MIT */
/* Multicast listener discovery: reports byte for byte as Linux sends them, and queries of a Linux
 * bridge (captured on a veth). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "arpkeeper/frame.h"
#include "wire/wire.h"

static const struct mac one = {{0x02, 0, 0, 0, 0, 0x01}}, two = {{0x02, 0, 0, 0, 0, 0x02}};

static struct address address(const char *text)
{
	struct address parsed;

	assert_int_equal(address_parse(&parsed, text), 0);
	return parsed;
}

static size_t from_hex(uint8_t *bytes, const char *hex)
{
	size_t length = strlen(hex) / 2;

	for (size_t i = 0; i < length; i++) {
		unsigned byte;

		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		bytes[i] = (uint8_t)byte;
	}
	return length;
}

static void assert_report(const struct mld_report *report, size_t length, const char *expected)
{
	uint8_t bytes[256];

	assert_int_equal(length, from_hex(bytes, expected));
	assert_memory_equal(report->frame, bytes, length);
}

static void a_report_is_as_the_kernels(void **state)
{
	struct mld_report report = {
	        .ethernet = {.source = one}, .from = address("fe80::ff:fe00:1"), .mtu = 1500};

	(void)state;
	assert_int_equal(mld_finish(&report), 0);
	mld_add(&report, MLD_TO_EXCLUDE, address("ff02::1:ff00:1"));
	mld_add(&report, MLD_TO_EXCLUDE, address("ff02::6a"));
	assert_report(&report, mld_finish(&report),
	              "333300000016020000000001"
	              "86dd6000000000380001fe80000000000000000000fffe000001"
	              "ff020000000000000000000000000016"
	              "3a00050200000100"
	              "8f006e8500000002"
	              "04000000ff0200000000000000000001ff000001"
	              "04000000ff02000000000000000000000000006a");
}

static void without_an_address_a_report_comes_from_none(void **state)
{
	struct mld_report report = {.ethernet = {.source = two}, .mtu = 1500};

	(void)state;
	mld_add(&report, MLD_TO_EXCLUDE, address("ff02::1:ff00:2"));
	assert_report(&report, mld_finish(&report),
	              "333300000016020000000002"
	              "86dd600000000024000100000000000000000000000000000000"
	              "ff020000000000000000000000000016"
	              "3a00050200000100"
	              "8f006f8800000001"
	              "04000000ff0200000000000000000001ff000002");
}

static void a_report_of_version_1_goes_to_the_group(void **state)
{
	struct mld_report report = {
	        .ethernet = {.source = two}, .from = address("fe80::ff:fe00:2"), .mtu = 1500};

	(void)state;
	assert_report(&report, mld1_build(&report, true, address("ff02::1:ff00:2")),
	              "3333ff000002020000000002"
	              "86dd6000000000200001fe80000000000000000000fffe000002"
	              "ff0200000000000000000001ff000002"
	              "3a00050200000100"
	              "8300831c00000000"
	              "ff0200000000000000000001ff000002");
	assert_true(mld1_build(&report, false, address("ff02::1:ff00:2")) > 0);
	assert_memory_equal(report.frame, "\x33\x33\x00\x00\x00\x02", 6); /* to all routers */
}

static size_t records_that_fit(uint16_t mtu, uint32_t vlan)
{
	struct mld_report report = {.ethernet = {.source = one, .vlan = vlan}, .mtu = mtu};
	size_t records = 0, length;

	while (!mld_is_full(&report)) {
		mld_add(&report, MLD_IS_EXCLUDE, ipv6_solicited_node((struct address){0, records}));
		records++;
	}
	length = mld_finish(&report);
	assert_true(length <= sizeof(report.frame));
	assert_true(length - ETH_HLEN - (vlan ? 4 : 0) - (vlan >> 16 ? 4 : 0) <= mtu);
	return records;
}

static void a_report_is_full_where_the_mtu_ends(void **state)
{
	(void)state;
	assert_int_equal(records_that_fit(1500, 0), 72);
	assert_int_equal(records_that_fit(1500, vlan_key(100, 10)), 72);
	assert_int_equal(records_that_fit(9000, 0), 72);
	assert_int_equal(records_that_fit(1280, 0), 61);
}

#define QUERY1                                                                                     \
	"333300000001020000000001"                                                                 \
	"86dd6000000000200001fe80000000000000a465e0fffeb91b8d"                                     \
	"ff020000000000000000000000000001"                                                         \
	"3a00050200000000"                                                                         \
	"8200b96b27100000"                                                                         \
	"00000000000000000000000000000000"
#define QUERY2                                                                                     \
	"333300000001020000000001"                                                                 \
	"86dd6000000000240001fe80000000000000fce93efffed481d5"                                     \
	"ff020000000000000000000000000001"                                                         \
	"3a00050200000000"                                                                         \
	"820024d39c400000"                                                                         \
	"00000000000000000000000000000000"                                                         \
	"027d0000"

static void a_query_of_each_version_is_parsed(void **state)
{
	uint8_t frame[256];
	struct mld_query query;

	(void)state;
	assert_true(mld_query_parse(&query, 0, frame, from_hex(frame, QUERY1)));
	assert_true(address_equal(query.from, address("fe80::a465:e0ff:feb9:1b8d")));
	assert_true(address_is_none(query.group));
	assert_int_equal(query.delay_ms, 10000);
	assert_int_equal(query.other_version_ms, 260000);
	assert_int_equal(query.vlan, 0);

	assert_true(mld_query_parse(&query, 0, frame, from_hex(frame, QUERY2)));
	assert_true(address_is_none(query.group));
	assert_int_equal(query.delay_ms, (0x1000 | 0xc40) << 4);
	assert_int_equal(query.other_version_ms, 0);
}

/* The alert may be padded in any way that fits. */
static void an_alert_may_come_after_its_padding(void **state)
{
	static const uint8_t padding[][6] = {
	        {5, 2, 0, 0, 1, 0}, {1, 0, 5, 2, 0, 0}, {0, 0, 5, 2, 0, 0}, {0, 5, 2, 0, 0, 0}};
	static const uint8_t without[][6] = {
	        {1, 4, 0, 0, 0, 0}, {1, 4, 5, 2, 0, 0}, {5, 2, 0, 1, 1, 0}};
	uint8_t frame[256];
	struct mld_query query;
	size_t length = from_hex(frame, QUERY1);

	(void)state;
	for (size_t i = 0; i < sizeof(padding) / sizeof(padding[0]); i++) {
		memcpy(frame + ETH_HLEN + 42, padding[i], 6);
		assert_true(mld_query_parse(&query, 0, frame, length));
	}
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		memcpy(frame + ETH_HLEN + 42, without[i], 6);
		assert_false(mld_query_parse(&query, 0, frame, length));
	}
}

/* The tags of a frame, with the one that the kernel took off. */
static void a_query_is_of_its_vlan(void **state)
{
	static const uint8_t tag[4] = {0x81, 0, 0, 20};
	uint8_t frame[256];
	struct mld_query query;
	size_t length = from_hex(frame, QUERY1);

	(void)state;
	assert_true(mld_query_parse(&query, vlan_key(0, 10), frame, length));
	assert_int_equal(query.vlan, 10);
	memmove(frame + 16, frame + 12, length - 12);
	memcpy(frame + 12, tag, sizeof(tag));
	assert_true(mld_query_parse(&query, 0, frame, length + 4));
	assert_int_equal(query.vlan, 20);
	assert_true(mld_query_parse(&query, vlan_key(0, 10), frame, length + 4));
	assert_int_equal(query.vlan, vlan_key(10, 20));
}

/* RFC 3810 5.1.14, 6.2: one octet of a valid query is changed. */
static void what_is_not_valid_is_no_query(void **state)
{
	static const struct {
		unsigned at;
		uint8_t value;
	} change[] = {
	        {21, 2},    /* the hop limit is not 1 */
	        {20, 58},   /* no router alert */
	        {22, 0x20}, /* not from a link-local address */
	        {54, 17},   /* not ICMPv6 */
	        {56, 0x06}, /* another option */
	        {62, 131},  /* a report */
	        {64, 0},    /* its checksum */
	        {66, 0x28}, /* likewise */
	        {70, 0x20}, /* the group is none */
	        {19, 0x1f}, /* too short */
	        {19, 0x21}, /* longer than the frame */
	        {12, 0x08}, /* not IPv6 */
	};
	uint8_t frame[256];
	struct mld_query query;
	size_t length = from_hex(frame, QUERY1);

	(void)state;
	for (size_t i = 0; i < sizeof(change) / sizeof(change[0]); i++) {
		from_hex(frame, QUERY1);
		frame[change[i].at] = change[i].value;
		assert_false(mld_query_parse(&query, 0, frame, length));
	}
	from_hex(frame, QUERY1);
	for (size_t short_of = 0; short_of < length; short_of++)
		assert_false(mld_query_parse(&query, 0, frame, short_of));
	assert_true(mld_query_parse(&query, 0, frame, length));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_report_is_as_the_kernels),
	        cmocka_unit_test(without_an_address_a_report_comes_from_none),
	        cmocka_unit_test(a_report_of_version_1_goes_to_the_group),
	        cmocka_unit_test(a_report_is_full_where_the_mtu_ends),
	        cmocka_unit_test(a_query_of_each_version_is_parsed),
	        cmocka_unit_test(an_alert_may_come_after_its_padding),
	        cmocka_unit_test(a_query_is_of_its_vlan),
	        cmocka_unit_test(what_is_not_valid_is_no_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/* What the XDP program is given of a port's segments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ports/ports.h"
#include "ports/program.h"

struct setting {
	struct config config;
	struct config_segment segment[2];
	struct prefix prefix[2][2];
	struct port_segment place[2];
	struct agent_port port;
	struct ports ports;
	struct layout layout;
	struct port_config out;
	struct fault fault;
};

static struct prefix prefix(const char *text)
{
	struct prefix parsed;
	struct fault fault;

	assert_int_equal(prefix_parse(&parsed, text, &fault), 0);
	return parsed;
}

/* Segment 0, untagged, has both families; segment 1, in VLAN 10, IPv6 alone. */
static struct setting *make(void)
{
	static struct setting setting;

	layout_clear(&setting.layout);
	setting = (struct setting){
	        .config = {.segment = setting.segment, .segments = 2},
	        .prefix = {{prefix("10.0.0.0/24"), prefix("2001:db8::/64")},
	                   {prefix("2001:db8:0:2::/63"), prefix("2001:db8:0:8::1/128")}},
	        .place = {{0, 0}, {1, 10}},
	        .port = {.ports = &setting.ports,
	                 .segment = setting.place,
	                 .segments = 2,
	                 .mac = {{2, 0, 0, 0, 0, 1}}},
	        .ports = {.config = &setting.config, .layout = &setting.layout},
	};
	for (unsigned s = 0; s < 2; s++) {
		setting.segment[s].prefix = setting.prefix[s];
		setting.segment[s].prefixes = 2;
		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(layout_add(&setting.layout, s, setting.prefix[s][i], NULL),
			                 0);
	}
	return &setting;
}

static void each_family_has_its_prefixes_and_ipv6_its_vlans(void **state)
{
	struct setting *setting = make();
	const struct port_config *out = &setting->out;
	uint8_t expected[16];

	(void)state;
	assert_int_equal(program_config(&setting->out, &setting->port, &setting->fault), 0);
	assert_int_equal(out->prefixes, 1);
	assert_int_equal(out->prefix[0].network, 0x0a000000);
	assert_int_equal(out->prefix[0].mask, 0xffffff00);
	assert_int_equal(out->domains, 2);
	assert_int_equal(out->domain[0].vlan, 0);
	assert_int_equal(out->domain[0].segment, 0);
	assert_int_equal(out->domain[1].vlan, 10);
	assert_int_equal(out->domain[1].segment, 1);
	assert_int_equal(out->prefixes6, 3);
	address_store(expected, prefix("2001:db8::/64").network);
	assert_memory_equal(out->prefix6[0].network, expected, 16);
	assert_memory_equal(out->prefix6[0].mask,
	                    "\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0", 16);
	assert_int_equal(out->prefix6[1].mask[7], 0xfe);
	assert_int_equal(out->prefix6[1].vlan, 10);
	assert_int_equal(out->prefix6[1].segment, 1);
	assert_int_equal(out->prefix6[2].mask[15], 0xff);
	assert_int_equal(out->flags, 0);
}

static void without_nd_a_segment_has_ipv4_alone(void **state)
{
	struct setting *setting = make();

	(void)state;
	setting->segment[0].nd = ND_OFF;
	setting->segment[1].ra_guard = true;
	assert_int_equal(program_config(&setting->out, &setting->port, &setting->fault), 0);
	assert_int_equal(setting->out.prefixes, 1);
	assert_int_equal(setting->out.domains, 1);
	assert_int_equal(setting->out.domain[0].segment, 1);
	assert_int_equal(setting->out.prefixes6, 2);
	assert_int_equal(setting->out.flags, PORT_RA_GUARD);
}

static void too_many_prefixes_of_a_family_are_refused(void **state)
{
	struct setting *setting = make();
	char text[PREFIX_TEXT];

	(void)state;
	for (unsigned i = 0; i < PORT_PREFIXES_MAX; i++) {
		snprintf(text, sizeof(text), "2001:db8:%x::/64", i + 1);
		assert_int_equal(layout_add(&setting->layout, 0, prefix(text), NULL), 0);
	}
	assert_int_equal(program_config(&setting->out, &setting->port, &setting->fault), -E2BIG);
	assert_non_null(strstr(setting->fault.text, "more than 16 IPv6 prefixes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_family_has_its_prefixes_and_ipv6_its_vlans),
	        cmocka_unit_test(without_nd_a_segment_has_ipv4_alone),
	        cmocka_unit_test(too_many_prefixes_of_a_family_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

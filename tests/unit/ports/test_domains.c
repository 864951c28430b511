/* SPDX-License-Identifier: MIT */
/* What is reported of a segment as its ports come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ports/domains.h"

/* Two ports of segment 0; the second is segment 1's too. */
struct lan {
	struct config_segment segments[2];
	struct config config;
	struct port_segment of_first[1], of_second[2];
	struct agent_port port[2];
	struct ports ports;
	char told[256];
};

static const struct mac first = {{2, 0, 0, 0, 0, 1}}, second = {{2, 0, 0, 0, 0, 2}};

static void on_link(void *context, unsigned segment, bool up)
{
	struct lan *lan = context;
	size_t length = strlen(lan->told);

	snprintf(lan->told + length, sizeof(lan->told) - length, "%u %s,", segment,
	         up ? "up" : "down");
}

static void on_mac(void *context, unsigned segment, struct mac mac)
{
	struct lan *lan = context;
	size_t length = strlen(lan->told);

	snprintf(lan->told + length, sizeof(lan->told) - length, "%u at %u,", segment,
	         mac.octet[5]);
}

static const struct ports_ops ops = {.link = on_link, .mac = on_mac};

/* The tests only look whether these are NULL. */
static struct offload *const some_offload = (struct offload *)&ops;
static struct offload_port *const attached = (struct offload_port *)&ops;

static int make(void **state)
{
	struct lan *lan = calloc(1, sizeof(*lan));

	lan->config = (struct config){.segment = lan->segments, .segments = 2};
	lan->of_second[1].segment = 1;
	lan->port[0] = (struct agent_port){.segment = lan->of_first,
	                                   .segments = 1,
	                                   .mac = first,
	                                   .up = true,
	                                   .offload = attached};
	lan->port[1] = (struct agent_port){.segment = lan->of_second,
	                                   .segments = 2,
	                                   .mac = second,
	                                   .up = true,
	                                   .offload = attached};
	lan->ports = (struct ports){.port = lan->port,
	                            .count = 2,
	                            .config = &lan->config,
	                            .offload = some_offload,
	                            .ops = &ops,
	                            .context = lan};
	assert_int_equal(domains_init(&lan->ports), 0);
	*state = lan;
	return 0;
}

static int clear(void **state)
{
	struct lan *lan = *state;

	free(lan->ports.domain);
	free(lan);
	return 0;
}

static void assert_told(struct lan *lan, const char *expected)
{
	lan->told[0] = '\0';
	domains_tell(&lan->ports);
	assert_string_equal(lan->told, expected);
}

static void the_start_reports_the_macs_and_no_links_that_are_up(void **state)
{
	assert_told(*state, "0 at 1,1 at 2,");
	assert_told(*state, "");
}

static void a_segment_is_down_when_its_last_link_is(void **state)
{
	struct lan *lan = *state;

	assert_told(lan, "0 at 1,1 at 2,");
	lan->port[1].up = false;
	assert_told(lan, "1 down,");
	lan->port[0].up = false;
	assert_told(lan, "0 down,");
	lan->port[1].up = true;
	assert_told(lan, "0 up,1 up,");
	lan->port[0].up = true;
	assert_told(lan, "");
}

static void a_link_that_nothing_listens_on_does_not_count(void **state)
{
	struct lan *lan = *state;

	lan->port[1].offload = NULL;
	assert_told(lan, "0 at 1,1 down,");
}

static void the_mac_is_that_of_the_first_attached_port(void **state)
{
	struct lan *lan = *state;

	assert_told(lan, "0 at 1,1 at 2,");
	lan->port[0].offload = NULL;
	assert_told(lan, "0 at 2,");
	lan->port[1].offload = NULL;
	assert_told(lan, "0 down,1 down,");
	lan->port[0].offload = attached;
	lan->port[0].mac.octet[5] = 9;
	assert_told(lan, "0 at 9,0 up,");
}

/* Segments 0 and 1 with IPv6; the interface of the first port has an address, and none that is
 * link-local. */
static void who_asks_for_ipv6_addresses_is_the_hosts_own(void **state)
{
	struct lan *lan = *state;
	struct port_address global = {.length = 64, .mac = first};
	struct layout layout = {0};
	struct locals own = {0};
	struct prefix prefix;
	struct fault fault;

	assert_int_equal(prefix_parse(&prefix, "2001:db8::/64", &fault), 0);
	assert_int_equal(layout_add(&layout, 0, prefix, &fault), 0);
	assert_int_equal(address_parse(&global.address, "2001:db8::7"), 0);
	lan->port[0].address = &global;
	lan->port[0].addresses = 1;
	lan->port[0].ifindex = lan->port[1].ifindex = 7;
	assert_int_equal(domains_own(&own, &lan->ports, &layout, true), 0);
	assert_int_equal(own.count, 1); /* fe80::/64 is not on-link */
	assert_int_equal(layout_add(&layout, 0, prefix_link_local, &fault), 0);
	assert_int_equal(domains_own(&own, &lan->ports, &layout, true), 0);
	assert_non_null(locals_find(&own, 0, global.address));
	assert_non_null(locals_find(&own, 0, ipv6_link_local(first)));
	assert_null(locals_find(&own, 1, ipv6_link_local(second)));
	/* The interface gets one of its own. */
	locals_clear(&own);
	assert_int_equal(address_parse(&global.address, "fe80::7"), 0);
	assert_int_equal(domains_own(&own, &lan->ports, &layout, true), 0);
	assert_non_null(locals_find(&own, 0, global.address));
	assert_null(locals_find(&own, 0, ipv6_link_local(first)));
	locals_clear(&own);
	layout_clear(&layout);
}

static void nothing_is_reported_before_the_table_exists(void **state)
{
	struct lan *lan = *state;

	lan->ports.offload = NULL;
	lan->port[0].up = false;
	assert_told(lan, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(the_start_reports_the_macs_and_no_links_that_are_up,
	                                        make, clear),
	        cmocka_unit_test_setup_teardown(a_segment_is_down_when_its_last_link_is, make,
	                                        clear),
	        cmocka_unit_test_setup_teardown(a_link_that_nothing_listens_on_does_not_count, make,
	                                        clear),
	        cmocka_unit_test_setup_teardown(the_mac_is_that_of_the_first_attached_port, make,
	                                        clear),
	        cmocka_unit_test_setup_teardown(who_asks_for_ipv6_addresses_is_the_hosts_own, make,
	                                        clear),
	        cmocka_unit_test_setup_teardown(nothing_is_reported_before_the_table_exists, make,
	                                        clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

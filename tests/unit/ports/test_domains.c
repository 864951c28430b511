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
	        cmocka_unit_test_setup_teardown(nothing_is_reported_before_the_table_exists, make,
	                                        clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The prefixes of segments that take those of their interfaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/prefixes.h"

#define VLAN 10

/* eth0 has the segment "own" untagged, and "tagged" in VLAN 10; both take the interface's prefixes.
 * "named" is configured. */
struct world {
	struct config config;
	struct port_segment segment[2];
	struct port_address address[8];
	struct agent_port port;
	struct ports ports;
};

static struct config_segment *add_segment(struct world *world, const char *name, uint32_t vlan)
{
	struct fault fault = {""};
	struct config_segment *segment = config_add_segment(&world->config, name, &fault);

	assert_non_null(segment);
	segment->vlan = vlan;
	return segment;
}

static int open_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct fault fault = {""};

	if (!world || config_init(&world->config))
		return -1;
	add_segment(world, "own", 0);
	add_segment(world, "tagged", VLAN);
	assert_int_equal(keys_set(&world->config, add_segment(world, "named", 0), "segment",
	                          "prefix", "192.0.2.0/24", &fault),
	                 0);
	world->segment[0] = (struct port_segment){0, 0};
	world->segment[1] = (struct port_segment){1, VLAN};
	world->port = (struct agent_port){
	        .segment = world->segment, .segments = 2, .address = world->address};
	world->ports = (struct ports){.port = &world->port, .count = 1};
	*state = world;
	return 0;
}

static int close_world(void **state)
{
	struct world *world = *state;

	config_clear(&world->config);
	free(world);
	return 0;
}

static void add_address(struct world *world, const char *text, uint8_t length, uint32_t vlan)
{
	struct port_address *address = &world->address[world->port.addresses++];

	assert_int_equal(address_parse(&address->address, text), 0);
	address->length = length;
	address->vlan = vlan;
}

/* "10.0.0.0/24 10.1.0.0/16 " */
static const char *prefixes_of(const struct world *world, size_t segment)
{
	static char list[256];
	size_t used = 0;

	list[0] = '\0';
	for (size_t i = 0; i < world->config.segment[segment].prefixes; i++) {
		char text[PREFIX_TEXT];

		used += (size_t)snprintf(
		        list + used, sizeof(list) - used, "%s ",
		        prefix_format(text, world->config.segment[segment].prefix[i]));
	}
	return list;
}

static void addresses_that_come_bring_their_prefixes(void **state)
{
	struct world *world = *state;
	struct fault fault = {""};

	assert_int_equal(prefixes_fill(&world->config, &world->ports), 0);
	assert_int_equal(prefixes_check(&world->config, &fault), -EADDRNOTAVAIL);
	assert_non_null(strstr(fault.text, "segment 'own'"));
	add_address(world, "10.0.0.1", 24, 0);
	add_address(world, "10.7.0.1", 24, VLAN);
	assert_int_equal(prefixes_fill(&world->config, &world->ports), 2);
	assert_int_equal(prefixes_fill(&world->config, &world->ports), 0);
	add_address(world, "10.0.0.2", 24, 0);
	add_address(world, "10.0.1.1", 24, 0);
	assert_int_equal(prefixes_fill(&world->config, &world->ports), 1);
	assert_string_equal(prefixes_of(world, 0), "10.0.0.0/24 10.0.1.0/24 ");
	assert_string_equal(prefixes_of(world, 1), "10.7.0.0/24 ");
	assert_int_equal(prefixes_check(&world->config, &fault), 0);
}

static void a_configured_segment_takes_none(void **state)
{
	struct world *world = *state;

	world->segment[0].segment = 2;
	add_address(world, "10.0.0.1", 24, 0);
	assert_int_equal(prefixes_fill(&world->config, &world->ports), 0);
	assert_string_equal(prefixes_of(world, 2), "192.0.2.0/24 ");
}

static void an_address_that_goes_leaves_its_prefix(void **state)
{
	struct world *world = *state;

	add_address(world, "10.0.0.1", 24, 0);
	assert_int_equal(prefixes_fill(&world->config, &world->ports), 1);
	world->port.addresses = 0;
	assert_int_equal(prefixes_fill(&world->config, &world->ports), 0);
	assert_string_equal(prefixes_of(world, 0), "10.0.0.0/24 ");
}

/* In whichever order they come. */
static void a_prefix_takes_the_place_of_those_within_it(void **state)
{
	struct world *world = *state;

	add_address(world, "10.0.0.1", 24, 0);
	add_address(world, "10.0.1.1", 24, 0);
	add_address(world, "198.51.100.1", 24, 0);
	assert_int_equal(prefixes_fill(&world->config, &world->ports), 3);
	add_address(world, "10.0.9.9", 16, 0);
	assert_int_equal(prefixes_fill(&world->config, &world->ports), 1);
	assert_string_equal(prefixes_of(world, 0), "198.51.100.0/24 10.0.0.0/16 ");
	add_address(world, "10.0.2.1", 32, 0);
	assert_int_equal(prefixes_fill(&world->config, &world->ports), 0);
}

/* Not a link-local prefix alone, which every interface has, nor what DHCPv6 gives. */
static void global_prefixes_come_with_fe80(void **state)
{
	struct world *world = *state;

	add_address(world, "10.0.0.1", 24, 0);
	add_address(world, "fe80::1", 64, 0);
	add_address(world, "2001:db8:7::1", 128, 0);
	assert_int_equal(prefixes_fill(&world->config, &world->ports), 1);
	assert_string_equal(prefixes_of(world, 0), "10.0.0.0/24 ");
	add_address(world, "2001:db8:7::2", 64, 0);
	assert_int_equal(prefixes_fill(&world->config, &world->ports), 2);
	assert_int_equal(prefixes_fill(&world->config, &world->ports), 0);
	assert_string_equal(prefixes_of(world, 0), "10.0.0.0/24 2001:db8:7::/64 fe80::/64 ");
}

static void neighbour_discovery_that_is_on_brings_fe80_and_that_is_off_does_not(void **state)
{
	static const struct prefix prefix = {{UINT64_C(0x20010db800070000), 0}, 64};
	struct world *world = *state;

	world->config.segment[2].nd = ND_ON;
	assert_int_equal(prefixes_fill(&world->config, &world->ports), 1);
	assert_string_equal(prefixes_of(world, 2), "192.0.2.0/24 fe80::/64 ");
	world->config.segment[0].nd = ND_OFF;
	add_address(world, "10.0.0.1", 24, 0);
	assert_int_equal(config_segment_add_prefix(&world->config.segment[0], prefix), 0);
	add_address(world, "2001:db8:8::1", 64, 0);
	assert_int_equal(prefixes_fill(&world->config, &world->ports), 1);
	assert_string_equal(prefixes_of(world, 0), "2001:db8:7::/64 10.0.0.0/24 ");
}

static void ipv6_addresses_share_the_last_slots(void **state)
{
	struct world *world = *state;
	struct layout layout = {0};
	struct fault fault = {""};

	world->config.neighbours6 = 1000;
	add_address(world, "10.0.0.1", 24, 0);
	add_address(world, "2001:db8:7::2", 64, 0);
	assert_int_equal(prefixes_fill(&world->config, &world->ports), 3);
	assert_int_equal(prefixes_layout(&layout, &world->config, &fault), 0);
	assert_int_equal(layout.ranges, 4);
	assert_int_equal(layout.slots, 1512);
	assert_int_equal(layout_sparse_from(&layout), 512);
	layout_clear(&layout);
}

static void each_segment_has_its_place_in_the_table(void **state)
{
	struct world *world = *state;
	struct layout layout = {0};
	struct fault fault = {""};

	add_address(world, "10.0.0.1", 24, 0);
	assert_int_equal(prefixes_fill(&world->config, &world->ports), 1);
	assert_int_equal(prefixes_layout(&layout, &world->config, &fault), 0);
	assert_int_equal(layout.ranges, 2); /* "tagged" has none yet */
	assert_string_equal(layout.range[0].name, "own");
	assert_string_equal(layout.range[1].name, "named");
	assert_int_equal(layout.range[1].segment, 2);
	assert_int_equal(layout.slots, 512);
	layout_clear(&layout);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        IN_WORLD(addresses_that_come_bring_their_prefixes),
	        IN_WORLD(a_configured_segment_takes_none),
	        IN_WORLD(an_address_that_goes_leaves_its_prefix),
	        IN_WORLD(a_prefix_takes_the_place_of_those_within_it),
	        IN_WORLD(global_prefixes_come_with_fe80),
	        IN_WORLD(neighbour_discovery_that_is_on_brings_fe80_and_that_is_off_does_not),
	        IN_WORLD(ipv6_addresses_share_the_last_slots),
	        IN_WORLD(each_segment_has_its_place_in_the_table),
	};

	return cmocka_run_group_tests_name("prefixes of interfaces", tests, NULL, NULL);
}

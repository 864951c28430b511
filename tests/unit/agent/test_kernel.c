/* SPDX-License-Identifier: MIT */
/* The host's neighbour table: messages read and written, whose an entry is, and what becomes of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "agent/kernel_exchange.h"
#include "agent/kernel_place.h"
#include "agent/kernel_policy.h"

#define ADDRESS 0x0a000032 /* 10.0.0.50 */

static const struct mac here = {{2, 0, 0, 0, 0, 1}};
static const struct mac there = {{2, 0, 0, 0, 0, 2}};

static struct nlmsghdr *message_of(void *buffer, uint16_t type, uint8_t family, uint8_t flags)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct ndmsg *message = mnl_nlmsg_put_extra_header(header, sizeof(*message));

	header->nlmsg_type = type;
	message->ndm_family = family;
	message->ndm_ifindex = 7;
	message->ndm_state = NUD_REACHABLE;
	message->ndm_flags = flags;
	return header;
}

static void messages_of_the_kernel_are_parsed(void **state)
{
	uint32_t buffer[64];
	struct nlmsghdr *header = message_of(buffer, RTM_NEWNEIGH, AF_INET, NTF_EXT_LEARNED);
	struct kernel_neighbour neighbour;

	(void)state;
	mnl_attr_put_u32(header, NDA_DST, htonl(ADDRESS));
	mnl_attr_put(header, NDA_LLADDR, sizeof(here.octet), here.octet);
	mnl_attr_put_u8(header, NDA_PROTOCOL, RTPROT_ZEBRA);
	mnl_attr_put_u32(header, NDA_FLAGS_EXT, NTF_EXT_MANAGED);
	assert_true(kernel_message_parse(&neighbour, header));
	assert_int_equal(neighbour.ifindex, 7);
	assert_int_equal(address_number(neighbour.address), ADDRESS);
	assert_true(mac_equal(neighbour.mac, here));
	assert_int_equal(neighbour.state, NUD_REACHABLE);
	assert_int_equal(neighbour.protocol, RTPROT_ZEBRA);
	assert_true(neighbour.ext_learned);
	assert_true(neighbour.managed);
	assert_false(neighbour.gone);

	header = message_of(buffer, RTM_DELNEIGH, AF_INET, 0);
	mnl_attr_put_u32(header, NDA_DST, htonl(ADDRESS));
	assert_true(kernel_message_parse(&neighbour, header));
	assert_true(neighbour.gone);
	assert_true(mac_is_zero(neighbour.mac));
	assert_false(neighbour.ext_learned || neighbour.managed);
}

static struct address v6(const char *text)
{
	struct address address;

	assert_int_equal(address_parse(&address, text), 0);
	return address;
}

static void messages_about_ipv6_are_parsed(void **state)
{
	uint32_t buffer[64];
	uint8_t octet[ADDRESS_OCTETS];
	struct nlmsghdr *header = message_of(buffer, RTM_NEWNEIGH, AF_INET6, NTF_ROUTER);
	struct kernel_neighbour neighbour;

	(void)state;
	address_store(octet, v6("fe80::1"));
	mnl_attr_put(header, NDA_DST, sizeof(octet), octet);
	mnl_attr_put(header, NDA_LLADDR, sizeof(here.octet), here.octet);
	assert_true(kernel_message_parse(&neighbour, header));
	assert_true(address_equal(neighbour.address, v6("fe80::1")));
	assert_true(neighbour.router);
	assert_false(neighbour.ext_learned);
	/* Sixteen octets that say IPv4 are no IPv6 neighbour. */
	header = message_of(buffer, RTM_NEWNEIGH, AF_INET6, 0);
	address_store(octet, address_v4(ADDRESS));
	mnl_attr_put(header, NDA_DST, sizeof(octet), octet);
	assert_false(kernel_message_parse(&neighbour, header));
}

static void messages_about_other_things_are_ignored(void **state)
{
	uint32_t buffer[64];
	struct nlmsghdr *header;
	struct kernel_neighbour neighbour;

	(void)state;
	/* A bridge's forwarding table speaks in the same messages. */
	header = message_of(buffer, RTM_NEWNEIGH, AF_BRIDGE, NTF_SELF);
	mnl_attr_put(header, NDA_LLADDR, sizeof(here.octet), here.octet);
	assert_false(kernel_message_parse(&neighbour, header));
	header = message_of(buffer, RTM_NEWNEIGH, AF_INET6, 0);
	mnl_attr_put_u32(header, NDA_DST, htonl(ADDRESS));
	assert_false(kernel_message_parse(&neighbour, header));
	header = message_of(buffer, RTM_NEWNEIGH, AF_INET, NTF_PROXY);
	mnl_attr_put_u32(header, NDA_DST, htonl(ADDRESS));
	assert_false(kernel_message_parse(&neighbour, header));
	/* No address, one of the wrong size, and a message that is cut short. */
	header = message_of(buffer, RTM_NEWNEIGH, AF_INET, 0);
	assert_false(kernel_message_parse(&neighbour, header));
	mnl_attr_put_u16(header, NDA_DST, 1);
	assert_false(kernel_message_parse(&neighbour, header));
	header = mnl_nlmsg_put_header(buffer);
	header->nlmsg_type = RTM_NEWNEIGH;
	assert_false(kernel_message_parse(&neighbour, header));
	/* A link-layer address of another kind of interface. */
	header = message_of(buffer, RTM_NEWNEIGH, AF_INET, 0);
	mnl_attr_put_u32(header, NDA_DST, htonl(ADDRESS));
	mnl_attr_put(header, NDA_LLADDR, 4, here.octet);
	assert_true(kernel_message_parse(&neighbour, header));
	assert_true(mac_is_zero(neighbour.mac));
}

static void requests_are_written_as_meant(void **state)
{
	static const struct {
		enum kernel_write write;
		uint16_t type, flags;
	} expected[] = {
	        {KERNEL_CREATE, RTM_NEWNEIGH, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL},
	        {KERNEL_REPLACE, RTM_NEWNEIGH, NLM_F_REQUEST | NLM_F_REPLACE},
	        {KERNEL_REFRESH, RTM_NEWNEIGH, NLM_F_REQUEST},
	        {KERNEL_REMOVE, RTM_DELNEIGH, NLM_F_REQUEST},
	};
	const struct kernel_wish wish = {.wanted = true, .alive = true, .mac = here};
	const struct kernel_neighbour entry = kernel_entry(&wish, 7, address_v4(ADDRESS));
	uint32_t buffer[KERNEL_MESSAGE_MAX / sizeof(uint32_t)];
	const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;
	struct kernel_neighbour read;

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		size_t length = kernel_message_write(buffer, expected[i].write, &entry, 9);

		assert_in_range(length, 1, KERNEL_MESSAGE_MAX);
		assert_int_equal(header->nlmsg_len, length);
		assert_int_equal(header->nlmsg_type, expected[i].type);
		assert_int_equal(header->nlmsg_flags, expected[i].flags);
		assert_int_equal(header->nlmsg_seq, 9);
		/* An error gives the request back: it must be readable again. */
		assert_true(kernel_message_parse(&read, header));
		assert_int_equal(read.ifindex, 7);
		assert_int_equal(address_number(read.address), ADDRESS);
		assert_int_equal(read.state, NUD_REACHABLE);
		assert_int_equal(read.protocol, KERNEL_PROTOCOL);
		assert_true(read.ext_learned);
		if (expected[i].write != KERNEL_REMOVE)
			assert_true(mac_equal(read.mac, here));
	}
}

static void a_router_that_the_kernel_found_stays_one(void **state)
{
	const struct kernel_wish host = {.wanted = true, .alive = true, .mac = here};
	const struct kernel_wish router = {
	        .wanted = true, .alive = true, .router = true, .mac = here};
	struct kernel_neighbour running = {
	        .ifindex = 7, .address = v6("fe80::1"), .mac = here, .router = true};
	struct kernel_neighbour read;
	uint32_t buffer[KERNEL_MESSAGE_MAX / sizeof(uint32_t)];
	const struct kernel_neighbour entry = kernel_entry_for(&host, &running);

	(void)state;
	assert_true(entry.router);
	kernel_message_write(buffer, KERNEL_REFRESH, &entry, 1);
	assert_true(kernel_message_parse(&read, (const struct nlmsghdr *)buffer));
	assert_true(read.router && read.ext_learned);
	assert_true(address_equal(read.address, running.address));
	running.router = false;
	assert_false(kernel_entry_for(&host, &running).router);
	assert_true(kernel_entry_for(&router, &running).router);
}

static void an_asker_is_remembered_as_the_kernel_itself_would(void **state)
{
	const struct kernel_neighbour entry = kernel_asker(here, 7, address_v4(ADDRESS));

	(void)state;
	assert_int_equal(entry.state, NUD_STALE);
	assert_false(entry.ext_learned);
	assert_int_equal(entry.protocol, RTPROT_UNSPEC);
}

static const struct kernel_neighbour ours = {.mac = {{2, 0, 0, 0, 0, 1}},
                                             .state = NUD_REACHABLE,
                                             .protocol = KERNEL_PROTOCOL,
                                             .ext_learned = true};
static const struct kernel_neighbour plain = {.mac = {{2, 0, 0, 0, 0, 1}}, .state = NUD_STALE};

/* Entries of other programs, of every kind. */
static size_t foreign(struct kernel_neighbour out[8])
{
	size_t count = 0;

	out[count] = plain;
	out[count++].state = NUD_PERMANENT;
	out[count] = plain;
	out[count++].state = NUD_NOARP;
	out[count] = plain;
	out[count++].managed = true;
	out[count] = plain;
	out[count++].protocol = RTPROT_STATIC;
	out[count] = ours;
	out[count++].protocol = RTPROT_ZEBRA;
	out[count] = ours;
	out[count++].protocol = RTPROT_UNSPEC;
	/* Once ours, until another program made it permanent. */
	out[count] = ours;
	out[count].ext_learned = false;
	out[count++].state = NUD_PERMANENT;
	return count;
}

static void entries_of_other_programs_are_left_alone(void **state)
{
	const struct kernel_wish wishes[] = {
	        {.wanted = false},
	        {.wanted = true, .alive = true, .mac = here},
	        {.wanted = true, .alive = true, .mac = there},
	        {.wanted = true, .alive = false, .mac = there},
	};
	struct kernel_neighbour running[8];
	size_t count = foreign(running);
	enum kernel_write write;

	(void)state;
	for (size_t i = 0; i < count; i++) {
		assert_false(kernel_is_ours(&running[i]));
		assert_false(kernel_is_plain(&running[i]));
		assert_false(kernel_introduce(there, &running[i]));
		for (size_t w = 0; w < sizeof(wishes) / sizeof(wishes[0]); w++)
			assert_false(kernel_reconcile(&write, &wishes[w], &running[i]));
	}
}

static void missing_entries_are_created_and_surplus_ones_removed(void **state)
{
	const struct kernel_wish none = {0}, alive = {.wanted = true, .alive = true, .mac = here},
	                         stale = {.wanted = true, .mac = here};
	enum kernel_write write;

	(void)state;
	assert_false(kernel_reconcile(&write, &none, NULL));
	assert_true(kernel_reconcile(&write, &alive, NULL));
	assert_int_equal(write, KERNEL_CREATE);
	assert_int_equal(kernel_entry(&alive, 7, address_v4(ADDRESS)).state, NUD_REACHABLE);
	assert_true(kernel_reconcile(&write, &stale, NULL));
	assert_int_equal(write, KERNEL_CREATE);
	assert_int_equal(kernel_entry(&stale, 7, address_v4(ADDRESS)).state, NUD_STALE);
	assert_true(kernel_reconcile(&write, &none, &ours));
	assert_int_equal(write, KERNEL_REMOVE);
	assert_false(kernel_reconcile(&write, &none, &plain));
}

static void live_entries_are_kept_fresh_and_corrected(void **state)
{
	struct kernel_wish wish = {.wanted = true, .alive = true, .mac = here};
	const struct kernel_neighbour incomplete = {.state = NUD_INCOMPLETE};
	enum kernel_write write;

	(void)state;
	assert_true(kernel_reconcile(&write, &wish, &ours));
	assert_int_equal(write, KERNEL_REFRESH);
	assert_true(kernel_reconcile(&write, &wish, &plain)); /* becomes ours */
	assert_int_equal(write, KERNEL_REPLACE);
	assert_true(kernel_reconcile(&write, &wish, &incomplete)); /* it need not ask on */
	assert_int_equal(write, KERNEL_REPLACE);
	wish.mac = there;
	assert_true(kernel_reconcile(&write, &wish, &ours));
	assert_int_equal(write, KERNEL_REPLACE);
	assert_true(kernel_reconcile(&write, &wish, &plain));
	assert_int_equal(write, KERNEL_REPLACE);
}

static void a_stale_binding_changes_nothing(void **state)
{
	struct kernel_wish wish = {.wanted = true, .alive = false, .mac = here};
	enum kernel_write write;

	(void)state;
	for (unsigned round = 0; round < 2; round++, wish.mac = there) {
		assert_false(kernel_reconcile(&write, &wish, &ours));
		assert_false(kernel_reconcile(&write, &wish, &plain));
	}
}

static void only_what_the_kernel_has_just_verified_is_news(void **state)
{
	struct kernel_neighbour running = plain;

	(void)state;
	assert_false(kernel_is_news(&running)); /* STALE */
	running.state = NUD_REACHABLE;
	assert_true(kernel_is_news(&running));
	running.gone = true;
	assert_false(kernel_is_news(&running));
	running.gone = false;
	running.mac = (struct mac){{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	assert_false(kernel_is_news(&running));
	assert_false(kernel_is_news(&ours));
	for (uint16_t state_bit = 1; state_bit <= NUD_PERMANENT; state_bit <<= 1) {
		running = plain;
		running.state = state_bit;
		assert_int_equal(kernel_is_news(&running), state_bit == NUD_REACHABLE);
	}
}

static void an_asker_follows_its_mac_and_no_other_entry_gives_way(void **state)
{
	const struct kernel_neighbour incomplete = {.state = NUD_INCOMPLETE};

	(void)state;
	assert_false(kernel_introduce(here, &plain));
	assert_true(kernel_introduce(there, &plain));
	assert_true(kernel_introduce(there, &incomplete));
	assert_false(kernel_introduce(there, &ours));
}

/* A host with 10.0.0.1/24 on eth0, 10.0.0.2/25 on a bridge upon eth1, and VLAN 10 on eth1.10. */
static void an_address_is_looked_for_where_the_host_would(void **state)
{
	struct port_segment first[] = {{0, 0}}, second[] = {{0, 0}, {1, 10}};
	struct port_address one[] = {{ADDRESS_V4(0x0a000001), 24, 0, 7, {{2}}, true}};
	struct port_address two[] = {{ADDRESS_V4(0x0a000002), 25, 0, 8, {{2}}, true},
	                             {ADDRESS_V4(0x0a010001), 24, 10, 9, {{2}}, false}};
	struct agent_port port[] = {
	        {.segment = first, .segments = 1, .ifindex = 7, .address = one, .addresses = 1},
	        {.segment = second, .segments = 2, .ifindex = 6, .address = two, .addresses = 2},
	};
	struct layout layout = {0};
	struct ports ports = {.port = port, .count = 2, .layout = &layout};
	const struct agent_port *below;
	struct kernel_place place;
	struct fault fault;
	unsigned segment;

	(void)state;
	assert_int_equal(
	        layout_add(&layout, 0, (struct prefix){ADDRESS_V4(0x0a000000), 24}, &fault), 0);
	assert_int_equal(
	        layout_add(&layout, 1, (struct prefix){ADDRESS_V4(0x0a010000), 25}, &fault), 0);

	assert_true(kernel_place(&place, &ports, NULL, 0,
	                         address_v4(0x0a000050))); /* the longer prefix */
	assert_int_equal(place.ifindex, 8);
	assert_true(place.up);
	assert_true(kernel_place(&place, &ports, NULL, 0, address_v4(0x0a0000c8)));
	assert_int_equal(place.ifindex, 7);
	assert_true(kernel_place(&place, &ports, &port[0], 0, address_v4(0x0a000050)));
	assert_int_equal(place.ifindex, 7);
	assert_true(kernel_place(&place, &ports, NULL, 1, address_v4(0x0a010050)));
	assert_int_equal(place.ifindex, 9);
	assert_false(place.up);
	assert_false(
	        kernel_place(&place, &ports, NULL, 1, address_v4(0x0a000050))); /* the other VLAN */
	assert_false(kernel_place(&place, &ports, NULL, 0, address_v4(0x0b000050)));
	assert_false(kernel_place(&place, &ports, NULL, 0,
	                          address_v4(0x0a00007f))); /* broadcast of the /25 */

	assert_true(kernel_place_of(&ports, 9, address_v4(0x0a010050), &segment, &below));
	assert_int_equal(segment, 1);
	assert_ptr_equal(below, &port[1]);
	assert_false(kernel_place_of(&ports, 9, address_v4(0x0a0100c8), &segment,
	                             &below)); /* in no prefix */
	assert_false(kernel_place_of(&ports, 5, address_v4(0x0a000050), &segment, &below));
	assert_true(kernel_place_is_ours(&ports, 6));
	assert_true(kernel_place_is_ours(&ports, 9));
	assert_false(kernel_place_is_ours(&ports, 5));
	layout_clear(&layout);
}

static void a_frozen_binding_is_not_exported(void **state)
{
	struct neighbour_view view = {.state = SLOT_DYNAMIC, .flags = SLOT_ANSWER, .mac = here};
	const struct kernel_neighbour running = {.state = NUD_REACHABLE,
	                                         .protocol = KERNEL_PROTOCOL,
	                                         .ext_learned = true,
	                                         .mac = here};
	struct kernel_wish wish = kernel_wish_of(&view);
	enum kernel_write write;

	(void)state;
	assert_true(wish.wanted && wish.alive);
	view.flags = SLOT_FROZEN;
	wish = kernel_wish_of(&view);
	assert_false(wish.wanted);
	assert_false(kernel_reconcile(&write, &wish, NULL));
	assert_true(kernel_reconcile(&write, &wish, &running));
	assert_int_equal(write, KERNEL_REMOVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(messages_of_the_kernel_are_parsed),
	        cmocka_unit_test(messages_about_ipv6_are_parsed),
	        cmocka_unit_test(messages_about_other_things_are_ignored),
	        cmocka_unit_test(requests_are_written_as_meant),
	        cmocka_unit_test(a_router_that_the_kernel_found_stays_one),
	        cmocka_unit_test(an_asker_is_remembered_as_the_kernel_itself_would),
	        cmocka_unit_test(entries_of_other_programs_are_left_alone),
	        cmocka_unit_test(missing_entries_are_created_and_surplus_ones_removed),
	        cmocka_unit_test(live_entries_are_kept_fresh_and_corrected),
	        cmocka_unit_test(a_stale_binding_changes_nothing),
	        cmocka_unit_test(only_what_the_kernel_has_just_verified_is_news),
	        cmocka_unit_test(an_asker_follows_its_mac_and_no_other_entry_gives_way),
	        cmocka_unit_test(an_address_is_looked_for_where_the_host_would),
	        cmocka_unit_test(a_frozen_binding_is_not_exported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Interfaces upon interfaces, from messages as the kernel sends them: bridges and bonds, VLAN
 * interfaces with one tag and two (8021q need not be in this kernel); and the host's own addresses
 * as sets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>

#include "ports/domains.h"
#include "ports/uppers.h"

enum { ETH0 = 2, ETH1, BR0, BOND0, VLAN10, VLAN20, INNER30, VRF };

struct shape {
	unsigned ifindex;
	const char *name, *kind; /* kind NULL: a plain interface */
	unsigned master, lower;
	uint16_t vlan;
	bool elsewhere; /* the lower one is in another network namespace */
};

/* As rtnl_fill_ifinfo() and vlan_fill_info() lay it out. */
static const struct nlmsghdr *link_told(void *buffer, uint16_t type, const struct shape *shape)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(header, sizeof(*info));
	uint8_t mac[6] = {2, 0, 0, 0, 0, (uint8_t)shape->ifindex};
	struct nlattr *outer, *data;

	header->nlmsg_type = type;
	info->ifi_index = (int)shape->ifindex;
	info->ifi_type = ARPHRD_ETHER;
	info->ifi_flags = IFF_UP | IFF_RUNNING;
	mnl_attr_put_strz(header, IFLA_IFNAME, shape->name);
	mnl_attr_put(header, IFLA_ADDRESS, sizeof(mac), mac);
	if (shape->master)
		mnl_attr_put_u32(header, IFLA_MASTER, shape->master);
	if (shape->lower)
		mnl_attr_put_u32(header, IFLA_LINK, shape->lower);
	if (shape->elsewhere)
		mnl_attr_put_u32(header, IFLA_LINK_NETNSID, 0);
	if (shape->kind) {
		outer = mnl_attr_nest_start(header, IFLA_LINKINFO);
		mnl_attr_put_strz(header, IFLA_INFO_KIND, shape->kind);
		if (shape->vlan) {
			data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
			mnl_attr_put_u16(header, IFLA_VLAN_PROTOCOL, htons(ETH_P_8021Q));
			mnl_attr_put_u16(header, IFLA_VLAN_ID, shape->vlan);
			mnl_attr_nest_end(header, data);
		}
		mnl_attr_nest_end(header, outer);
	}
	return header;
}

static void hear_link(struct uppers *uppers, const struct shape *shape)
{
	uint32_t buffer[256];
	struct link_state link;

	assert_true(link_message_parse(&link, link_told(buffer, RTM_NEWLINK, shape)));
	assert_true(uppers_link(uppers, &link));
}

static void hear_end(struct uppers *uppers, const struct shape *shape)
{
	uint32_t buffer[256];
	struct link_state link;

	assert_true(link_message_parse(&link, link_told(buffer, RTM_DELLINK, shape)));
	assert_true(uppers_link(uppers, &link));
}

/* 10.0.IFINDEX.HOST/24; true: that was news. */
static bool hear_address(struct uppers *uppers, uint16_t type, unsigned ifindex, unsigned host)
{
	uint32_t buffer[64], address = 0x0a000000 + (ifindex << 8) + host;
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct ifaddrmsg *info = mnl_nlmsg_put_extra_header(header, sizeof(*info));
	struct link_address told;

	header->nlmsg_type = type;
	info->ifa_family = AF_INET;
	info->ifa_prefixlen = 24;
	info->ifa_index = ifindex;
	mnl_attr_put_u32(header, IFA_LOCAL, htonl(address));
	assert_true(address_message_parse(&told, header));
	return uppers_address(uppers, &told);
}

static void note(void *context, const struct link_state *upper, const struct link_address *address)
{
	char *text = context;

	assert_int_equal(upper->ifindex, address->ifindex);
	sprintf(text + strlen(text), "%s:%u ", upper->name,
	        address_number(address->address) & 0xff);
}

static const char *at(const struct uppers *uppers, unsigned ifindex, uint32_t vlan)
{
	static char text[256];

	text[0] = '\0';
	uppers_addresses(uppers, ifindex, vlan, note, text);
	return text;
}

static const struct shape eth0 = {ETH0, "eth0", NULL, 0, 0, 0, false};
static const struct shape eth0_in_bridge = {ETH0, "eth0", NULL, BR0, 0, 0, false};
static const struct shape br0 = {BR0, "br0", "bridge", 0, 0, 0, false};

static void an_interface_has_its_own_addresses(void **state)
{
	struct uppers uppers = {0};

	(void)state;
	hear_link(&uppers, &eth0);
	assert_string_equal(at(&uppers, ETH0, 0), "");
	assert_true(hear_address(&uppers, RTM_NEWADDR, ETH0, 1));
	assert_true(hear_address(&uppers, RTM_NEWADDR, ETH0, 2));
	assert_false(hear_address(&uppers, RTM_NEWADDR, ETH0, 1));
	assert_string_equal(at(&uppers, ETH0, 0), "eth0:1 eth0:2 ");
	assert_string_equal(at(&uppers, ETH0, 10), "");
	assert_string_equal(at(&uppers, ETH1, 0), "");
	assert_true(hear_address(&uppers, RTM_DELADDR, ETH0, 1));
	assert_false(hear_address(&uppers, RTM_DELADDR, ETH0, 1));
	assert_string_equal(at(&uppers, ETH0, 0), "eth0:2 ");
	hear_end(&uppers, &eth0);
	assert_string_equal(at(&uppers, ETH0, 0), "");
	hear_link(&uppers, &eth0);
	assert_string_equal(at(&uppers, ETH0, 0), ""); /* its addresses went with it */
	uppers_clear(&uppers);
}

static void a_member_of_a_bridge_has_the_bridges_addresses(void **state)
{
	struct uppers uppers = {0};

	(void)state;
	hear_link(&uppers, &eth0);
	hear_link(&uppers, &br0);
	hear_address(&uppers, RTM_NEWADDR, BR0, 1);
	assert_string_equal(at(&uppers, ETH0, 0), "");
	hear_link(&uppers, &eth0_in_bridge);
	assert_string_equal(at(&uppers, ETH0, 0), "br0:1 ");
	assert_string_equal(at(&uppers, ETH1, 0), "");
	hear_link(&uppers, &eth0);
	assert_string_equal(at(&uppers, ETH0, 0), "");
	uppers_clear(&uppers);
}

static void a_vrf_has_no_part_in_the_segment(void **state)
{
	static const struct shape vrf = {VRF, "blue", "vrf", 0, 0, 0, false},
	                          in_vrf = {ETH0, "eth0", NULL, VRF, 0, 0, false};
	struct uppers uppers = {0};

	(void)state;
	hear_link(&uppers, &in_vrf);
	hear_link(&uppers, &vrf);
	hear_address(&uppers, RTM_NEWADDR, ETH0, 1);
	hear_address(&uppers, RTM_NEWADDR, VRF, 2);
	assert_string_equal(at(&uppers, ETH0, 0), "eth0:1 ");
	uppers_clear(&uppers);
}

static void a_vlan_interface_is_in_its_vlan_and_in_no_other(void **state)
{
	static const struct shape vlan10 = {VLAN10, "eth0.10", "vlan", 0, ETH0, 10, false},
	                          vlan20 = {VLAN20, "eth0.20", "vlan", 0, ETH0, 20, false},
	                          inner30 = {INNER30, "eth0.10.30", "vlan", 0, VLAN10, 30, false};
	struct uppers uppers = {0};

	(void)state;
	hear_link(&uppers, &eth0);
	hear_link(&uppers, &vlan10);
	hear_link(&uppers, &vlan20);
	hear_link(&uppers, &inner30);
	hear_address(&uppers, RTM_NEWADDR, ETH0, 1);
	hear_address(&uppers, RTM_NEWADDR, VLAN10, 2);
	hear_address(&uppers, RTM_NEWADDR, VLAN20, 3);
	hear_address(&uppers, RTM_NEWADDR, INNER30, 4);
	assert_string_equal(at(&uppers, ETH0, 0), "eth0:1 ");
	assert_string_equal(at(&uppers, ETH0, 10), "eth0.10:2 ");
	assert_string_equal(at(&uppers, ETH0, 20), "eth0.20:3 ");
	assert_string_equal(at(&uppers, ETH0, 10 << 16 | 30), "eth0.10.30:4 ");
	assert_string_equal(at(&uppers, ETH0, 30 << 16 | 10), ""); /* the outer one is nearer */
	assert_string_equal(at(&uppers, ETH0, 30), "");
	hear_end(&uppers, &vlan10);
	assert_string_equal(at(&uppers, ETH0, 10), "");
	assert_string_equal(at(&uppers, ETH0, 10 << 16 | 30), "");
	uppers_clear(&uppers);
}

static void a_vlan_on_an_interface_of_another_namespace_is_not_on_ours(void **state)
{
	static const struct shape vlan10 = {VLAN10, "v10", "vlan", 0, ETH0, 10, true};
	struct uppers uppers = {0};

	(void)state;
	hear_link(&uppers, &eth0);
	hear_link(&uppers, &vlan10);
	hear_address(&uppers, RTM_NEWADDR, VLAN10, 2);
	assert_string_equal(at(&uppers, ETH0, 10), "");
	uppers_clear(&uppers);
}

/* eth0 and eth1 in bond0, bond0.10 in br0: as hypervisors have it. */
static void bonds_vlans_and_bridges_can_be_stacked(void **state)
{
	static const struct shape slave0 = {ETH0, "eth0", NULL, BOND0, 0, 0, false},
	                          slave1 = {ETH1, "eth1", NULL, BOND0, 0, 0, false},
	                          bond = {BOND0, "bond0", "bond", 0, 0, 0, false},
	                          vlan = {VLAN10, "bond0.10", "vlan", BR0, BOND0, 10, false};
	struct uppers uppers = {0};

	(void)state;
	hear_link(&uppers, &slave0);
	hear_link(&uppers, &slave1);
	hear_link(&uppers, &bond);
	hear_link(&uppers, &vlan);
	hear_link(&uppers, &br0);
	hear_address(&uppers, RTM_NEWADDR, BOND0, 1);
	hear_address(&uppers, RTM_NEWADDR, BR0, 2);
	assert_string_equal(at(&uppers, ETH0, 0), "bond0:1 ");
	assert_string_equal(at(&uppers, ETH1, 0), "bond0:1 ");
	assert_string_equal(at(&uppers, ETH0, 10), "br0:2 ");
	assert_string_equal(at(&uppers, ETH1, 10), "br0:2 ");
	uppers_clear(&uppers);
}

static void a_circle_of_masters_ends(void **state)
{
	static const struct shape one = {BR0, "br0", "bridge", BOND0, 0, 0, false},
	                          other = {BOND0, "bond0", "bond", BR0, 0, 0, false};
	struct uppers uppers = {0};

	(void)state;
	hear_link(&uppers, &one);
	hear_link(&uppers, &other);
	assert_string_equal(at(&uppers, BR0, 0), "");
	uppers_clear(&uppers);
}

static void a_message_about_something_else_is_ignored(void **state)
{
	uint32_t buffer[256];
	struct nlmsghdr *header = (struct nlmsghdr *)buffer;
	struct ifinfomsg *info;
	struct link_address address;
	struct link_state link;

	(void)state;
	link_told(buffer, RTM_NEWLINK, &eth0);
	info = mnl_nlmsg_get_payload(header);
	info->ifi_family = AF_BRIDGE;
	assert_false(link_message_parse(&link, header));
	header = mnl_nlmsg_put_header(buffer);
	assert_false(link_message_parse(&link, header));
	assert_false(address_message_parse(&address, header));
}

static const struct nlmsghdr *address6_told(uint32_t *buffer, uint32_t flags, const char *own,
                                            const char *peer)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct ifaddrmsg *info = mnl_nlmsg_put_extra_header(header, sizeof(*info));
	uint8_t octet[ADDRESS_OCTETS];
	struct address address;

	header->nlmsg_type = RTM_NEWADDR;
	info->ifa_family = AF_INET6;
	info->ifa_prefixlen = 64;
	info->ifa_index = ETH0;
	if (peer) {
		assert_int_equal(address_parse(&address, own), 0);
		address_store(octet, address);
		mnl_attr_put(header, IFA_LOCAL, sizeof(octet), octet);
	}
	assert_int_equal(address_parse(&address, peer ? peer : own), 0);
	address_store(octet, address);
	mnl_attr_put(header, IFA_ADDRESS, sizeof(octet), octet);
	mnl_attr_put_u32(header, IFA_FLAGS, flags);
	return header;
}

static void an_ipv6_address_counts_when_the_host_may_use_it(void **state)
{
	static const struct {
		uint32_t flags;
		bool gone;
	} expected[] = {
	        {IFA_F_PERMANENT, false},
	        {IFA_F_SECONDARY | IFA_F_MANAGETEMPADDR, false}, /* a privacy address */
	        {IFA_F_PERMANENT | IFA_F_TENTATIVE, true},
	        {IFA_F_TENTATIVE | IFA_F_OPTIMISTIC, true},
	        {IFA_F_PERMANENT | IFA_F_TENTATIVE | IFA_F_DADFAILED, true},
	        {IFA_F_DEPRECATED, false},
	};
	struct link_address address;
	char text[ADDRESS_TEXT];
	uint32_t buffer[64];

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_true(address_message_parse(
		        &address, address6_told(buffer, expected[i].flags, "2001:db8::7", NULL)));
		assert_int_equal(address.gone, expected[i].gone);
		assert_int_equal(address.length, 64);
		assert_string_equal(address_format(text, address.address), "2001:db8::7");
	}
	assert_true(
	        address_message_parse(&address, address6_told(buffer, 0, "fe80::1", "fe80::2")));
	assert_string_equal(address_format(text, address.address), "fe80::1");
}

static void tell(void *context, unsigned segment, struct address address, const struct mac *mac)
{
	char *text = context;

	sprintf(text + strlen(text), "%u:%u%c%u ", segment, address_number(address),
	        mac ? '=' : '-', mac ? mac->octet[5] : 0);
}

static const char *become(struct locals *told, struct locals *fresh)
{
	static char text[256];

	text[0] = '\0';
	locals_become(told, fresh, tell, text);
	assert_int_equal(fresh->count, 0);
	return text;
}

static void only_changes_of_the_own_addresses_are_reported(void **state)
{
	const struct mac one = {{2, 0, 0, 0, 0, 1}}, two = {{2, 0, 0, 0, 0, 2}};
	struct locals told = {0}, fresh = {0};

	(void)state;
	locals_add(&fresh, 1, address_v4(7), one);
	locals_add(&fresh, 0, address_v4(9), one);
	locals_add(&fresh, 0, address_v4(8), one);
	locals_add(&fresh, 0, address_v4(8), two); /* on two interfaces: the first counts */
	assert_string_equal(become(&told, &fresh), "0:8=1 0:9=1 1:7=1 ");
	locals_add(&fresh, 0, address_v4(8), one);
	locals_add(&fresh, 0, address_v4(9), one);
	locals_add(&fresh, 1, address_v4(7), one);
	assert_string_equal(become(&told, &fresh), "");
	locals_add(&fresh, 0, address_v4(8), two);
	locals_add(&fresh, 0, address_v4(10), one);
	locals_add(&fresh, 1, address_v4(7), one);
	assert_string_equal(become(&told, &fresh), "0:8=2 0:9-0 0:10=1 ");
	assert_string_equal(become(&told, &fresh), "0:8-0 0:10-0 1:7-0 ");
	assert_string_equal(become(&told, &fresh), "");
	locals_clear(&told);
	locals_clear(&fresh);
}

/* As inet6_netconf_fill_devconf() lays it out. */
static bool router_heard(struct uppers *uppers, uint8_t family, int ifindex, int forwarding)
{
	char buffer[256];
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct netconfmsg *info = mnl_nlmsg_put_extra_header(header, sizeof(*info));
	struct link_router router;

	header->nlmsg_type = RTM_NEWNETCONF;
	info->ncm_family = family;
	mnl_attr_put_u32(header, NETCONFA_IFINDEX, (uint32_t)ifindex);
	if (forwarding >= 0)
		mnl_attr_put_u32(header, NETCONFA_FORWARDING, (uint32_t)forwarding);
	return router_message_parse(&router, header) && uppers_router(uppers, &router);
}

static void an_interface_on_which_the_host_forwards_ipv6_is_a_routers(void **state)
{
	const struct link_state gone = {.ifindex = ETH1, .gone = true};
	const struct link_state here = {.ifindex = ETH1};
	struct uppers uppers = {0};

	(void)state;
	assert_false(router_heard(&uppers, AF_INET, ETH0, 1));
	assert_false(router_heard(&uppers, AF_INET6, NETCONFA_IFINDEX_ALL, 1));
	assert_false(router_heard(&uppers, AF_INET6, ETH0, -1));
	assert_false(router_heard(&uppers, AF_INET6, ETH0, 0));
	assert_true(uppers_link(&uppers, &here));
	assert_true(router_heard(&uppers, AF_INET6, ETH0, 1));
	assert_true(router_heard(&uppers, AF_INET6, ETH1, 2));
	assert_false(router_heard(&uppers, AF_INET6, ETH1, 1));
	assert_true(uppers_is_router(&uppers, ETH0) && uppers_is_router(&uppers, ETH1));
	assert_true(router_heard(&uppers, AF_INET6, ETH0, 0));
	assert_false(uppers_is_router(&uppers, ETH0));
	assert_true(uppers_link(&uppers, &gone));
	assert_false(uppers_is_router(&uppers, ETH1));
	uppers_clear(&uppers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_interface_has_its_own_addresses),
	        cmocka_unit_test(a_member_of_a_bridge_has_the_bridges_addresses),
	        cmocka_unit_test(a_vrf_has_no_part_in_the_segment),
	        cmocka_unit_test(a_vlan_interface_is_in_its_vlan_and_in_no_other),
	        cmocka_unit_test(a_vlan_on_an_interface_of_another_namespace_is_not_on_ours),
	        cmocka_unit_test(bonds_vlans_and_bridges_can_be_stacked),
	        cmocka_unit_test(a_circle_of_masters_ends),
	        cmocka_unit_test(a_message_about_something_else_is_ignored),
	        cmocka_unit_test(an_ipv6_address_counts_when_the_host_may_use_it),
	        cmocka_unit_test(an_interface_on_which_the_host_forwards_ipv6_is_a_routers),
	        cmocka_unit_test(only_changes_of_the_own_addresses_are_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Lists of neighbours as other programs write them: samples of each, and garbage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "lists/lists.h"

#define A "02:50:2a:16:6d:01"
#define B "02:50:2a:16:6d:02"

static struct list list;
static struct fault fault;
static struct list_options options;

static int set_up(void **state)
{
	(void)state;
	options = (struct list_options){.format = LIST_GUESS};
	fault.text[0] = '\0';
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	list_clear(&list);
	return 0;
}

static int parse(const char *text)
{
	int error;

	list_clear(&list);
	error = list_parse(&list, "sample", text, strlen(text), &options, &fault);
	if (!error)
		list_settle(&list);
	return error;
}

/* Parses, and all of it is right, and of this format. */
static void accept(const char *text, enum list_format format, size_t count)
{
	assert_int_equal(parse(text), 0);
	assert_string_equal(list.problems ? list.problem[0].text : "", "");
	assert_string_equal(list_format_name(list.format), list_format_name(format));
	assert_int_equal(list.count, count);
}

static void expect_item(size_t index, const char *address, const char *mac, enum entry_state state,
                        const char *note)
{
	const struct list_item *item = &list.item[index];
	char text[ADDRESS_TEXT], found[MAC_TEXT];

	assert_true(index < list.count);
	assert_string_equal(address_format(text, item->address), address);
	assert_string_equal(mac_format(found, item->mac), mac);
	assert_int_equal(item->state, state);
	assert_string_equal(item->note ? item->note : "(none)", note ? note : "(none)");
}

/* One line that is not accepted, and why. */
static void expect_problem(uint32_t line, const char *text)
{
	assert_true(list.problems > 0);
	assert_int_equal(list.problem[0].line, line);
	if (!strstr(list.problem[0].text, text))
		fail_msg("'%s' is not in '%s'", text, list.problem[0].text);
}

static void ip_neigh(void **state)
{
	(void)state;
	accept("10.0.0.9 dev eth0 lladdr " B " REACHABLE \n"
	       "10.0.0.2 dev eth0 lladdr " A " extern_learn  STALE proto zebra\n"
	       "10.0.0.3 dev eth0 lladdr " A " router PERMANENT \n"
	       "10.0.0.4 dev eth0  FAILED \n"
	       "10.0.0.5 dev eth0  INCOMPLETE\n"
	       "224.0.0.22 dev eth0 lladdr 01:00:5e:00:00:16 NOARP \n"
	       "127.0.0.1 dev lo lladdr 00:00:00:00:00:00 NOARP \n"
	       "10.0.0.6 dev eth0  proxy\n"
	       "fe80::50:2aff:fe16:6d01 dev eth0 lladdr " A " router STALE \n"
	       "2001:db8::1 dev eth0 FAILED\n"
	       "10.0.0.7 dev eth0 lladdr " B " used 114/107/70 probes 1 DELAY\n"
	       "10.0.0.8 dev eth0 lladdr " B " ref 1 used 1/1/1 probes 4 PROBE",
	       LIST_IP_NEIGH, 6);
	expect_item(0, "10.0.0.2", A, ENTRY_DYNAMIC, NULL);
	expect_item(1, "10.0.0.3", A, ENTRY_STATIC, NULL);
	expect_item(2, "10.0.0.7", B, ENTRY_DYNAMIC, NULL);
	expect_item(4, "10.0.0.9", B, ENTRY_DYNAMIC, NULL);
	expect_item(5, "fe80::50:2aff:fe16:6d01", A, ENTRY_DYNAMIC, NULL);
	assert_int_equal(list.unbound, 6);
}

static void ip_neigh_of_one_device_and_of_a_batch(void **state)
{
	(void)state;
	accept("10.0.0.9 lladdr " B " STALE\n10.0.0.8 FAILED\n", LIST_IP_NEIGH, 1);
	accept("neigh replace 10.0.0.1 lladdr " A " nud permanent dev eth0\n"
	       "neigh add 10.0.0.2 lladdr " B " nud stale dev eth0\n",
	       LIST_IP_NEIGH, 2);
	expect_item(0, "10.0.0.1", A, ENTRY_STATIC, NULL);
	expect_item(1, "10.0.0.2", B, ENTRY_DYNAMIC, NULL);
}

static void ip_neigh_of_ipv6(void **state)
{
	(void)state;
	accept("2001:db8::9 dev eth0 lladdr " B " REACHABLE \n"
	       "2001:db8:0::2 dev eth0 lladdr " A " router PERMANENT \n"
	       "fe80::1%eth0 dev eth0 lladdr " A " router STALE\n"
	       "2001:db8::4 dev eth0  FAILED \n"
	       "ff02::16 dev eth0 lladdr 33:33:00:00:00:16 NOARP \n",
	       LIST_IP_NEIGH, 3);
	expect_item(0, "2001:db8::2", A, ENTRY_STATIC, NULL);
	expect_item(1, "2001:db8::9", B, ENTRY_DYNAMIC, NULL);
	expect_item(2, "fe80::1", A, ENTRY_DYNAMIC, NULL);
	/* Who may be a router, a person says. */
	assert_false(list.item[0].router);
	assert_int_equal(list.unbound, 2);
	accept("neigh replace 2001:db8::1 lladdr " A " router nud permanent dev eth0\n"
	       "neigh replace fe80::2 lladdr " B " nud stale dev eth0\n",
	       LIST_IP_NEIGH, 2);
	expect_item(0, "2001:db8::1", A, ENTRY_STATIC, NULL);
	assert_int_equal(parse("::ffff:10.0.0.1 dev eth0 lladdr " A " STALE\n2001:db8::2 lladdr " A
	                       " STALE\n2001:db8::3 lladdr " B " STALE\n"),
	                 0);
	expect_problem(1, "'::ffff:10.0.0.1' is an IPv4 address within IPv6: write 10.0.0.1");
}

static void ip_neigh_in_json(void **state)
{
	(void)state;
	accept("[{\"dst\":\"10.0.0.9\",\"dev\":\"eth0\",\"lladdr\":\"" B "\",\"state\":"
	       "[\"REACHABLE\"]},{\"dst\":\"10.0.0.2\",\"dev\":\"eth0\",\"lladdr\":\"" A
	       "\",\"router\":null,\"state\":[\"PERMANENT\"]},\n"
	       "{\"dst\":\"fe80::1\",\"dev\":\"eth0\",\"lladdr\":\"" A "\",\"state\":[\"STALE\"]},"
	       "{\"dst\":\"10.0.0.3\",\"dev\":\"eth0\",\"state\":[\"FAILED\"]} ]\n",
	       LIST_JSON, 3);
	expect_item(0, "10.0.0.2", A, ENTRY_STATIC, NULL);
	expect_item(1, "10.0.0.9", B, ENTRY_DYNAMIC, NULL);
	expect_item(2, "fe80::1", A, ENTRY_DYNAMIC, NULL);
	assert_int_equal(list.unbound, 1);
}

static void read_hosts(struct hosts *hosts, const char *text)
{
	char path[] = "/tmp/arpkeeper-hosts-XXXXXX";
	int descriptor = mkstemp(path);

	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
	close(descriptor);
	assert_int_equal(hosts_read(hosts, path, &fault), 0);
	unlink(path);
}

static void ethers(void **state)
{
	struct hosts hosts;
	static const char names[] = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n"
	                            "10.0.0.3\tprinter.example.net printer # the loud one\n"
	                            "10.0.0.4 Printer\nnonsense here\n"
	                            "2001:db8::5 camera both\n2001:db8::6 camera\n"
	                            "10.0.0.5 both\n";

	(void)state;
	read_hosts(&hosts, names);
	options.hosts = &hosts;
	accept("# Ethernet addresses\n"
	       "\n"
	       "2:50:2A:16:6d:1\t10.0.0.1\n"
	       "  02-50-2a-16-6d-02  10.0.0.2   # rack 3\r\n"
	       "02:50:2a:16:6d:02 PRINTER\n" A " 2001:db8::7\n" A " camera\n" B " both\n",
	       LIST_ETHERS, 6);
	expect_item(0, "10.0.0.1", A, ENTRY_STATIC, NULL);
	expect_item(1, "10.0.0.2", B, ENTRY_STATIC, NULL);
	expect_item(2, "10.0.0.3", B, ENTRY_STATIC, "PRINTER");
	expect_item(3, "10.0.0.5", B, ENTRY_STATIC, "both");
	expect_item(4, "2001:db8::5", A, ENTRY_STATIC, "camera");
	expect_item(5, "2001:db8::7", A, ENTRY_STATIC, NULL);

	assert_int_equal(parse(A " 10.0.0.1\n" A " nobody\n"), 0);
	expect_problem(2, "host 'nobody' is not in the hosts file");
	hosts_clear(&hosts);
	assert_int_not_equal(hosts_read(&hosts, "/nonexistent/hosts", &fault), 0);
	assert_non_null(strstr(fault.text, "/nonexistent/hosts"));
	hosts_clear(&hosts);
}

static void arpwatch(void **state)
{
	(void)state;
	accept("2:50:2a:16:6d:1\t10.0.0.1\t1700000000\tgateway\teth0\n"
	       "02:50:2a:16:6d:02\t10.0.0.2\t1700000001\t\teth0\n"
	       "2:50:2a:16:6d:1\t10.0.0.3\t1700000500\n"
	       "2:50:2a:16:6d:2\t10.0.0.3\t1700000400\n",
	       LIST_ARPWATCH, 3);
	expect_item(0, "10.0.0.1", A, ENTRY_DYNAMIC, "gateway");
	expect_item(1, "10.0.0.2", B, ENTRY_DYNAMIC, NULL);
	/* Where it was heard last. */
	expect_item(2, "10.0.0.3", A, ENTRY_DYNAMIC, NULL);
}

static void arp_a(void **state)
{
	(void)state;
	accept("? (10.0.0.1) at 02:50:2a:16:6d:01 [ether] on eth0\n"
	       "printer (10.0.0.2) at 02:50:2a:16:6d:02 [ether] PERM on eth0\n"
	       "? (10.0.0.3) at <incomplete> on eth0\n"
	       "? (10.0.0.4) at 2:50:2a:16:6d:2 on em0 permanent [ethernet]\n"
	       "? (10.0.0.5) at (incomplete) on em0 expired [ethernet]\n"
	       "? (10.0.0.6) at 2:50:2a:16:6d:1 on en0 ifscope [ethernet]\n",
	       LIST_ARP, 4);
	expect_item(0, "10.0.0.1", A, ENTRY_DYNAMIC, NULL);
	expect_item(1, "10.0.0.2", B, ENTRY_STATIC, "printer");
	expect_item(2, "10.0.0.4", B, ENTRY_STATIC, NULL);
	expect_item(3, "10.0.0.6", A, ENTRY_DYNAMIC, NULL);
	assert_int_equal(list.unbound, 2);
}

static void show_ip_arp_of_cisco(void **state)
{
	(void)state;
	accept("router1#show ip arp\n"
	       "Protocol  Address          Age (min)  Hardware Addr   Type   Interface\n"
	       "Internet  10.0.0.1                -   0250.2a16.6d01  ARPA   Vlan10\n"
	       "Internet  10.0.0.2               12   0250.2a16.6d02  ARPA   Vlan10\n"
	       "Internet  10.0.0.3                0   Incomplete      ARPA\n",
	       LIST_SHOW_ARP, 2);
	expect_item(0, "10.0.0.1", A, ENTRY_DYNAMIC, NULL);
	expect_item(1, "10.0.0.2", B, ENTRY_DYNAMIC, NULL);
	assert_int_equal(list.unbound, 1);
	accept("Flags: * - Adjacencies learnt on non-active FHRP router\n"
	       "       D - Static Adjacencies attached to down interface\n\n"
	       "IP ARP Table for context default\nTotal number of entries: 3\n"
	       "Address         Age       MAC Address     Interface       Flags\n"
	       "10.0.0.1        00:01:05  0250.2a16.6d01  Vlan10\n"
	       "10.0.0.2          -       0250.2a16.6d02  Vlan10\n"
	       "10.0.0.3        00:00:12  INCOMPLETE      Vlan10\n",
	       LIST_SHOW_ARP, 2);
	assert_int_equal(list.unbound, 1);
}

static void show_ip_arp_of_arista_and_juniper(void **state)
{
	(void)state;
	accept("Address         Age (sec)  Hardware Addr   Interface\n"
	       "10.0.0.1          0:01:05  0250.2a16.6d01  Vlan10, Ethernet1\n"
	       "10.0.0.2              N/A  0250.2a16.6d02  Vlan10, not learned\n",
	       LIST_SHOW_ARP, 2);
	expect_item(1, "10.0.0.2", B, ENTRY_DYNAMIC, NULL);
	accept("MAC Address       Address         Name          Interface     Flags\n" A
	       " 10.0.0.1        10.0.0.1      ge-0/0/0.0    none\n" B
	       " 10.0.0.2        printer       ge-0/0/0.0    permanent\n"
	       "Total entries: 2\n",
	       LIST_SHOW_ARP, 2);
	expect_item(0, "10.0.0.1", A, ENTRY_DYNAMIC, NULL);
	expect_item(1, "10.0.0.2", B, ENTRY_STATIC, "printer");
	/* show arp no-resolve, with and without its times: an interface is not a name. */
	accept("MAC Address       Address         Interface         Flags    TTE\n" A
	       " 10.0.0.1        ge-0/0/0.0        none     1183\n" B
	       " 10.0.0.2        irb.100 [xe-0/0/1.0] permanent remote\n",
	       LIST_SHOW_ARP, 2);
	expect_item(0, "10.0.0.1", A, ENTRY_DYNAMIC, NULL);
	expect_item(1, "10.0.0.2", B, ENTRY_STATIC, NULL);
	options.format = LIST_SHOW_ARP;
	assert_int_equal(parse("Internet 10.0.0.1 - 0250.2a16 ARPA Vlan10\n"), 0);
	expect_problem(1, "no MAC address in this line");
}

static void show_ipv6_neighbors(void **state)
{
	(void)state;
	accept("router1#show ipv6 neighbors\n"
	       "IPv6 Address                              Age Link-layer Addr State Interface\n"
	       "2001:DB8:0:4::2                             0 0250.2a16.6d01  REACH Vlan10\n"
	       "FE80::250:2AFF:FE16:6D02                   12 0250.2a16.6d02  STALE Vlan10\n"
	       "2001:DB8:0:4::3                             0 -               INCMP Vlan10\n",
	       LIST_SHOW_ARP, 2);
	expect_item(0, "2001:db8:0:4::2", A, ENTRY_DYNAMIC, NULL);
	expect_item(1, "fe80::250:2aff:fe16:6d02", B, ENTRY_DYNAMIC, NULL);
	assert_int_equal(list.unbound, 1);
	accept("IPv6 Address                 Linklayer Address  State       Exp   Rtr  Secure\n"
	       "2001:db8::1                  " A "  reachable   28    yes  no      ge-0/0/0.0\n"
	       "fe80::2                      " B "  stale       546   no   no      ge-0/0/0.0\n",
	       LIST_SHOW_ARP, 2);
	expect_item(0, "2001:db8::1", A, ENTRY_DYNAMIC, NULL);
	accept("Address         Age       MAC Address     Pref Source     Interface\n"
	       "2001:db8::1     00:01:05  0250.2a16.6d01  50   icmpv6     Vlan10\n"
	       "fe80::2            2d03h  0250.2a16.6d02  50   icmpv6     Vlan10\n",
	       LIST_SHOW_ARP, 2);
	expect_item(1, "fe80::2", B, ENTRY_DYNAMIC, NULL);
}

/* As Cisco IOS, Arista EOS, Junos and NX-OS print it. */
static void show_ipv6_neighbors_with_gaps_and_broken_lines(void **state)
{
	(void)state;
	/* Static ones have no age; a point-to-point link has no MAC. */
	accept("IPv6 Address                              Age Link-layer Addr State Interface\n"
	       "2001:DB8:1234:106:793A:F08D:5B3A:EF89      33 0250.2a16.6d01  STALE Vl6\n"
	       "3001:1::45A                                 - 0250.2a16.6d02  REACH Vl6\n"
	       "FE80::9277:EEFF:FE9B:4E00                   - -               REACH Di0\n",
	       LIST_SHOW_ARP, 2);
	expect_item(0, "2001:db8:1234:106:793a:f08d:5b3a:ef89", A, ENTRY_DYNAMIC, NULL);
	expect_item(1, "3001:1::45a", B, ENTRY_STATIC, NULL);
	assert_int_equal(list.unbound, 1);
	accept("IPv6 Address                                  Age Hardware Addr   Interface\n"
	       "fe80::5200:ff:fed7:ee0b                   0:16:51 0250.2a16.6d01  Et1\n"
	       "2001:db8::17                              0:00:24 0250.2a16.6d02  Vl10, Et2\n",
	       LIST_SHOW_ARP, 2);
	expect_item(0, "2001:db8::17", B, ENTRY_DYNAMIC, NULL);
	accept("user@EX-A> show ipv6 neighbors \n"
	       "IPv6 Address                 Linklayer Address  State       Exp Rtr Secure "
	       "Interface\n"
	       "2001:db8:168:2:20c:29ff:fe4f:26c5\n"
	       "                             " A "  stale       1110 no no      vlan.200    \n"
	       "fe80::20c:29ff:fe4f:26c5     " B "  stale       1039 no no      vlan.200\n",
	       LIST_SHOW_ARP, 2);
	expect_item(0, "2001:db8:168:2:20c:29ff:fe4f:26c5", A, ENTRY_DYNAMIC, NULL);
	assert_int_equal(list.item[0].line, 3);
	assert_int_equal(list.item[1].line, 5);
	accept("Flags: # - Adjacencies Throttled for Glean\n\n"
	       "IPv6 Adjacency Table for VRF default\nTotal number of entries: 2\n"
	       "Address         Age       MAC Address     Pref Source     Interface\n"
	       "2001:db8:c18:1::3\n"
	       "                00:01:05  0250.2a16.6d01  50   icmpv6     Ethernet2/1\n"
	       "2001:db8:c18:2::4\r\n"
	       "                1w2d      0250.2a16.6d02  50   static     Ethernet2/1\r\n",
	       LIST_SHOW_ARP, 2);
	expect_item(0, "2001:db8:c18:1::3", A, ENTRY_DYNAMIC, NULL);
	expect_item(1, "2001:db8:c18:2::4", B, ENTRY_STATIC, NULL);
	/* Its rest is missing: the next line is another's. */
	assert_int_equal(parse("2001:db8::1\n  2001:db8::2  5 0250.2a16.6d02  STALE Vl6\n"), 0);
	expect_problem(1, "no MAC address in this line");
	expect_item(0, "2001:db8::2", B, ENTRY_DYNAMIC, NULL);
}

static void show_arp_of_an_asa(void **state)
{
	(void)state;
	accept("ciscoasa# show arp\n"
	       "\tinside 10.1.1.11 0250.2a16.6d01 1204\n"
	       "\tDMZ1 10.1.2.1 0250.2a16.6d02 -\n"
	       "\toutside 10.1.3.2 0250.2a16.6d02 alias\n",
	       LIST_SHOW_ARP, 2);
	expect_item(0, "10.1.1.11", A, ENTRY_DYNAMIC, NULL);
	expect_item(1, "10.1.2.1", B, ENTRY_STATIC, NULL);
	assert_int_equal(list.unbound, 1);
	accept("ciscoasa# show ipv6 neighbor inside\n"
	       "IPv6 Address                              Age Link-layer Addr State Interface\n"
	       "2000:0:0:4::2                               0 0250.2a16.6d01  REACH inside\n"
	       "3001:1::45a                                 - 0250.2a16.6d02  REACH inside\n",
	       LIST_SHOW_ARP, 2);
	expect_item(0, "2000:0:0:4::2", A, ENTRY_DYNAMIC, NULL);
	expect_item(1, "3001:1::45a", B, ENTRY_STATIC, NULL);
}

/* An address by name is in the hosts file, or a problem with its line. */
static void dhcpds_addresses_by_name(void **state)
{
	struct hosts hosts = {0};

	(void)state;
	read_hosts(&hosts, "10.0.0.7 printer.example.net printer\n");
	options.hosts = &hosts;
	assert_int_equal(parse("host p { hardware ethernet " A ";\n fixed-address "
	                       "printer.example.net; }\n"
	                       "host q { hardware ethernet " B "; fixed-address q.example.net, "
	                       "10.0.0.8; }\n"
	                       "host r { fixed-address r.example.net; }\n"),
	                 0);
	assert_int_equal(list.count, 2);
	expect_item(0, "10.0.0.7", A, ENTRY_STATIC, "p");
	expect_item(1, "10.0.0.8", B, ENTRY_STATIC, "q");
	assert_int_equal(list.problems, 1);
	expect_problem(3, "host 'q.example.net' is not in the hosts file");
	assert_int_equal(list.unbound, 1);
	hosts_clear(&hosts);
}

static void dhcpd_leases_and_hosts(void **state)
{
	(void)state;
	accept("# The format of this file is documented in the dhcpd.leases(5) manual page.\n"
	       "authoring-byte-order little-endian;\n\n"
	       "lease 10.0.0.1 {\n  starts 4 2026/11/26 10:00:00;\n"
	       "  binding state active;\n  next binding state free;\n"
	       "  hardware ethernet " B ";\n}\n"
	       "lease 10.0.0.1 {\n  binding state active;\n  hardware ethernet " A ";\n"
	       "  uid \"\\001\\\"\\002};\\\\\";\n  client-hostname \"printer\";\n"
	       "  on expiry or release {\n    set x = \"}\";\n    log (info, \"a;b\");\n  }\n}\n"
	       "lease 10.0.0.2 { binding state active; hardware ethernet " B "; }\n"
	       "lease 10.0.0.2 { binding state free; hardware ethernet " B "; }\n"
	       "lease 10.0.0.3 { binding state abandoned; }\n",
	       LIST_DHCPD, 1);
	expect_item(0, "10.0.0.1", A, ENTRY_DYNAMIC, "printer");
	accept("option domain-name \"x\";\nsubnet 10.0.0.0 netmask 255.255.255.0 {\n"
	       "  range 10.0.0.100 10.0.0.200;\n"
	       "  host gate { hardware ethernet 2:50:2a:16:6d:1; fixed-address 10.0.0.9; }\n}\n"
	       "group { host any { hardware ethernet " B "; } }\n",
	       LIST_DHCPD, 1);
	expect_item(0, "10.0.0.9", A, ENTRY_STATIC, "gate");
	assert_int_equal(list.unbound, 1);
	accept("host two { hardware ethernet " A "; fixed-address 10.0.0.8,10.0.0.9 , 10.0.0.10; }",
	       LIST_DHCPD, 3);
	expect_item(0, "10.0.0.8", A, ENTRY_STATIC, "two");
	expect_item(1, "10.0.0.9", A, ENTRY_STATIC, "two");
	expect_item(2, "10.0.0.10", A, ENTRY_STATIC, "two");
	accept("host six { hardware ethernet " A "; fixed-address 10.0.0.8; "
	       "fixed-address6 2001:db8::8, 2001:db8::9; }",
	       LIST_DHCPD, 3);
	expect_item(1, "2001:db8::8", A, ENTRY_STATIC, "six");
	/* dhcpd6.leases */
	assert_int_equal(
	        parse("server-duid \"\\000\\001\";\n\n"
	              "ia-na \"\\001\\000\\000\\000\\000\\003\\000\\001\\002P*\\026m\\001\" {\n"
	              "  cltt 4 2026/11/26 10:00:00;\n  iaaddr 2001:db8::17 {\n"
	              "    binding state active;\n  }\n}\n"),
	        0);
	assert_int_equal(list.format, LIST_DHCPD);
	assert_int_equal(list.problems, 1);
	expect_problem(3, "names a DUID, and no MAC address");
	options.format = LIST_DHCPD;
	assert_int_equal(parse("\nlease 10.0.0.1 {\n hardware ethernet nonsense;\n}\nhost x"), 0);
	assert_int_equal(list.problems, 2);
	expect_problem(2, "'nonsense' is not a MAC");
	assert_int_equal(parse("lease 10.0.0.1 { binding state active;"), 0);
	expect_problem(1, "the text ends within this lease");
}

static void keas_leases(void **state)
{
	(void)state;
	accept("address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,"
	       "hostname,state,user_context,pool_id\n"
	       "10.0.0.1," B ",,3600,1700003600,1,0,0,old,0,,0\n"
	       "10.0.0.1," A ",01:02,3600,1700007200,1,0,0,printer,0,,0\n"
	       "10.0.0.2," B ",,3600,1700007200,1,0,0,,0,,0\n"
	       "10.0.0.2," B ",,0,1700007200,1,0,0,,0,,0\n"
	       "10.0.0.3," B ",,3600,1700007200,1,0,0,,1,,0\n",
	       LIST_CSV, 1);
	expect_item(0, "10.0.0.1", A, ENTRY_DYNAMIC, "printer");
}

static void keas_leases_of_ipv6(void **state)
{
	(void)state;
	accept("address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,"
	       "prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,"
	       "hwaddr_source,pool_id\n"
	       "2001:db8::1,00:03:00:01:" A ",3600,1700003600,1,2400,0,7,128,0,0,old," B
	       ",0,,1,2,0\n"
	       "2001:db8::1,00:03:00:01:" A ",3600,1700007200,1,2400,0,7,128,0,0,laptop," A
	       ",0,,1,2,0\n"
	       "2001:db8::2,00:04:01:02,3600,1700007200,1,2400,0,7,128,0,0,,,0,,,,0\n"
	       "2001:db8:1::,00:03:00:01:" B ",3600,1700007200,1,2400,2,7,56,0,0,," B ",0,,1,2,0\n"
	       "2001:db8::3,00:03:00:01:" B ",0,1700007200,1,2400,0,7,128,0,0,," B ",0,,1,2,0\n"
	       "2001:db8::4,00:03:00:01:" B ",3600,1700007200,1,2400,0,7,128,0,0,," B ",2,,1,2,0\n"
	       "2001:db8::5,00:03:00:01:" B ",3600,1700007200,1,2400,0,7,128,0,0,," B ",4,,1,2,0\n"
	       /* It may know the client's DUID only. */
	       "2001:db8::6,00:01:00:01:2c:aa:bb:cc:" A ",3600,1700007200,1,2400,0,7,128,0,0,,"
	       ",0,,,,0\n",
	       LIST_CSV, 3);
	expect_item(0, "2001:db8::1", A, ENTRY_DYNAMIC, "laptop");
	expect_item(1, "2001:db8::5", B, ENTRY_DYNAMIC, NULL);
	expect_item(2, "2001:db8::6", A, ENTRY_DYNAMIC, NULL);
	assert_int_equal(list.unbound, 3);
}

static void csv_with_a_header(void **state)
{
	(void)state;
	accept("\xef\xbb\xbf"
	       "Note;IP Address;MAC\r\n\"rack 3; \"\"top\"\"\";10.0.0.1;0250.2a16.6d01\r\n"
	       ";10.0.0.2;02-50-2a-16-6d-02\r\n\r\n",
	       LIST_CSV, 2);
	expect_item(0, "10.0.0.1", A, ENTRY_DYNAMIC, "rack 3; \"top\"");
	expect_item(1, "10.0.0.2", B, ENTRY_DYNAMIC, NULL);
	accept("segment,address,mac,state,since,origin,note\n"
	       "lan,10.0.0.1," A ",static,2026-11-22T10:15:00Z,host/eth0,\"a, b\"\n",
	       LIST_CSV, 1);
	expect_item(0, "10.0.0.1", A, ENTRY_STATIC, "a, b");
	assert_string_equal(list.item[0].origin, "host/eth0");
	assert_true(list.item[0].since > 0);
	/* NetBox' own columns, with a custom field. */
	accept("ID,IP Address,Status,DNS Name,cf_mac\n"
	       "1,10.0.0.1/24,active,printer," A "\n2,10.0.0.2/24,dhcp,," B "\n"
	       "3,10.0.0.3/24,reserved,,\n4,2001:db8::1/64,active,," A "\n"
	       "5,10.0.0.5/24,deprecated,," A "\n6,2001:db8::6/64,slaac,," B "\n",
	       LIST_CSV, 4);
	expect_item(0, "10.0.0.1", A, ENTRY_STATIC, "printer");
	expect_item(1, "10.0.0.2", B, ENTRY_DYNAMIC, NULL);
	expect_item(2, "2001:db8::1", A, ENTRY_STATIC, NULL);
	expect_item(3, "2001:db8::6", B, ENTRY_DYNAMIC, NULL);
	assert_int_equal(list.unbound, 2);
	/* A role of arpkeeper's, and one of NetBox's. */
	accept("ipv6,mac,state,role\nfe80::1," A ",static,router\nfe80::2," B ",static,vip\n",
	       LIST_CSV, 2);
	assert_true(list.item[0].router);
	assert_false(list.item[1].router);
	assert_int_equal(parse("ip,mac,state,role\nfe80::1," A ",dynamic,router\n"), 0);
	expect_problem(2, "a role is for static entries");
	/* Its comments have several lines; a disk of 5" is no quote. */
	accept("address,comments,cf_mac,description\r\n"
	       "10.0.0.1/24,\"moved,\r\n\r\nsee \"\"ticket\"\" 3\"," A ",\"two\r\nlines\"\r\n"
	       "10.0.0.2/24,a disk of 5\"," B ",\r\n",
	       LIST_CSV, 2);
	expect_item(0, "10.0.0.1", A, ENTRY_DYNAMIC, "two lines");
	expect_item(1, "10.0.0.2", B, ENTRY_DYNAMIC, NULL);
	assert_int_equal(list.item[1].line, 6);
	assert_int_equal(parse("ip,note,mac\n10.0.0.1,\"a," A "\n10.0.0.2,\"b\"," B "\n"), 0);
	expect_problem(2, "a quote (\") is not closed");
	assert_int_equal(list.count, 1);
	assert_int_equal(parse("ip,mac\n10.0.0.1,\"" A "\n10.0.0.2," A "\n"), 0);
	expect_problem(2, "a quote (\") is not closed");
	assert_int_equal(list.count, 1);
	options.format = LIST_CSV;
	assert_int_not_equal(parse("10.0.0.1," A "\n"), 0);
	assert_non_null(strstr(fault.text, "names no column 'address'"));
}

static void netbox_in_json(void **state)
{
	(void)state;
	accept("{\"count\": 3, \"next\": null, \"results\": [\n"
	       "{\"id\": 1, \"address\": \"10.0.0.1/24\", \"dns_name\": \"printer\","
	       " \"status\": {\"value\": \"active\", \"label\": \"Active\"},"
	       " \"assigned_object\": {\"name\": \"eth0\", \"mac_address\": \"" A "\"}},\n"
	       "{\"id\": 2, \"address\": \"10.0.0.2/24\", \"dns_name\": \"\","
	       " \"status\": {\"value\": \"dhcp\"}, \"custom_fields\": {\"mac\": \"" B "\"}},\n"
	       "{\"id\": 3, \"address\": \"10.0.0.3/24\", \"status\": {\"value\": \"active\"},"
	       " \"assigned_object\": null}]}\n",
	       LIST_JSON, 2);
	expect_item(0, "10.0.0.1", A, ENTRY_STATIC, "printer");
	expect_item(1, "10.0.0.2", B, ENTRY_DYNAMIC, NULL);
	assert_int_equal(list.unbound, 1);
}

/* Since 4.2 a MAC address is an object; GraphQL has that of an address's interface. */
static void netbox_since_mac_addresses_are_objects(void **state)
{
	(void)state;
	accept("{\"data\": {\"ip_address_list\": [\n"
	       "{\"address\": \"2001:db8::1/64\", \"dns_name\": \"printer\", \"status\": "
	       "\"active\","
	       " \"assigned_object\": {\"primary_mac_address\": {\"mac_address\": \"" A "\"}}},\n"
	       "{\"address\": \"10.0.0.2/24\", \"assigned_object\": {\"primary_mac_address\": null,"
	       " \"mac_addresses\": [{\"mac_address\": \"" B "\"}]}},\n"
	       /* Two, and none is the primary one. */
	       "{\"address\": \"10.0.0.3/24\", \"assigned_object\": {\"mac_addresses\": ["
	       "{\"mac_address\": \"" A "\"}, {\"mac_address\": \"" B "\"}]}},\n"
	       "{\"address\": \"10.0.0.4/24\", \"assigned_object\": null}]}}\n",
	       LIST_JSON, 2);
	expect_item(0, "10.0.0.2", B, ENTRY_DYNAMIC, NULL);
	expect_item(1, "2001:db8::1", A, ENTRY_STATIC, "printer");
	assert_int_equal(list.unbound, 2);
	accept("address,primary_mac_address,status\n2001:db8::1/64," A ",active\n", LIST_CSV, 1);
	expect_item(0, "2001:db8::1", A, ENTRY_STATIC, NULL);
}

static void arp_n(void **state)
{
	(void)state;
	accept("Address                  HWtype  HWaddress           Flags Mask            Iface\n"
	       "10.0.0.1                 ether   02:50:2a:16:6d:01   C                     eth0\n"
	       "10.0.0.2                 ether   02:50:2a:16:6d:02   CM                    eth0\n"
	       "10.0.0.3                         (incomplete)                              eth0\n",
	       LIST_ARP, 2);
	expect_item(0, "10.0.0.1", A, ENTRY_DYNAMIC, NULL);
	expect_item(1, "10.0.0.2", B, ENTRY_STATIC, NULL);
	assert_int_equal(list.unbound, 1);
}

static void proc_net_arp(void **state)
{
	(void)state;
	accept("IP address       HW type     Flags       HW address            Mask     Device\n"
	       "10.0.0.1         0x1         0x2         02:50:2a:16:6d:01     *        eth0\n"
	       "10.0.0.2         0x1         0x6         02:50:2a:16:6d:02     *        eth0\n"
	       "10.0.0.3         0x1         0x0         00:00:00:00:00:00     *        eth0\n",
	       LIST_PROC, 2);
	expect_item(0, "10.0.0.1", A, ENTRY_DYNAMIC, NULL);
	expect_item(1, "10.0.0.2", B, ENTRY_STATIC, NULL);
	assert_int_equal(list.unbound, 1);
}

static void dnsmasq_leases(void **state)
{
	(void)state;
	accept("1700000000 02:50:2a:16:6d:01 10.0.0.1 laptop 01:02:50:2a:16:6d:01\n"
	       "1700000001 02:50:2a:16:6d:02 10.0.0.2 * *\n"
	       "duid 00:01:00:01:2c:aa:bb:cc:02:50:2a:16:6d:01\n"
	       "1700000002 12345 2001:db8::17 laptop 00:01:00:01:2c:aa:bb:cc:02:50:2a:16:6d:02\n"
	       "1700000003 T12346 2001:db8::18 * 00:03:00:01:02:50:2a:16:6d:01\n"
	       /* By a UUID, of another kind of network, of a group, with something behind. */
	       "1700000004 7 2001:db8::19 * 00:04:9f:1c:4e:2a:11:22:33:44:55:66:77:88:99:aa:bb:cc\n"
	       "1700000004 7 2001:db8::1a * 00:03:00:06:02:50:2a:16:6d:01\n"
	       "1700000004 7 2001:db8::1b * 00:03:00:01:03:50:2a:16:6d:01\n"
	       "1700000004 7 2001:db8::1c * 00:03:00:01:02:50:2a:16:6d:01:00\n"
	       "1700000004 7 2001:db8::1d * *\n",
	       LIST_DNSMASQ, 4);
	expect_item(0, "10.0.0.1", A, ENTRY_DYNAMIC, "laptop");
	expect_item(1, "10.0.0.2", B, ENTRY_DYNAMIC, NULL);
	expect_item(2, "2001:db8::17", B, ENTRY_DYNAMIC, "laptop");
	expect_item(3, "2001:db8::18", A, ENTRY_DYNAMIC, NULL);
	assert_int_equal(list.unbound, 5);
	/* A server of IPv6 alone. */
	accept("duid 00:01:00:01:2c:aa:bb:cc:02:50:2a:16:6d:01\n"
	       "1700000002 12345 2001:db8::17 laptop 00:03:00:01:02:50:2a:16:6d:02\n",
	       LIST_DNSMASQ, 1);
}

static void json_of_arpkeeper(void **state)
{
	(void)state;
	accept("{\n  \"time\": \"2026-11-22T10:15:00Z\",\n  \"entries\": [\n"
	       "    {\"segment\": \"lan\", \"address\": \"10.0.0.1\", \"mac\": \"" A
	       "\", \"state\": \"static\", \"since\": \"2026-11-22T10:15:00Z\", "
	       "\"origin\": \"host1/eth0\", \"note\": \"rack \\\"3\\\", {uplink}\", "
	       "\"extra\": [\"x-ticket NET-4711\", \"x-a b\"]},\n"
	       "    {\"address\": \"10.0.0.2\", \"mac\": \"" B "\", \"state\": \"stale\", "
	       "\"note\": null},\n"
	       "    {\"address\": \"10.0.0.3\", \"mac\": null, \"state\": \"pending\"},\n"
	       "    {\"address\": \"10.0.0.4\", \"mac\": \"" B "\", \"state\": \"local\"}\n"
	       "  ],\n  \"ok\": true\n}\n",
	       LIST_JSON, 2);
	expect_item(0, "10.0.0.1", A, ENTRY_STATIC, "rack \"3\", {uplink}");
	assert_int_equal(list.item[0].since, 1795342500);
	assert_string_equal(list.item[0].origin, "host1/eth0");
	assert_string_equal(list.item[0].extra, "x-ticket NET-4711\nx-a b\n");
	expect_item(1, "10.0.0.2", B, ENTRY_DYNAMIC, NULL);
	assert_int_equal(list.unbound, 2);
	accept("{\"entries\": []}", LIST_JSON, 0);
	accept("[]", LIST_JSON, 0);
}

static void invalid_json_is_an_error_with_its_line(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
	        {"{", "line 1: a key"},
	        {"[", "line 1: an object"},
	        {"[\n{\"address\":\"10.0.0.1\",\"mac\":\"" A "\"}\n", "line 3: ',' or ']'"},
	        {"[{}] x", "line 1: the end"},
	        {"[1, 2]", "line 1: an object"},
	        {"{\"entries\": 7}", "\"entries\": [...]"},
	        {"{\"other\": [{\"a\": [1, {\"b\": \"}]\\\"\"}]}]}", "\"entries\": [...]"},
	        {"{\"entries\": [{\"address\": \"", "line 1: ',' or ']'"},
	        {"{\"a\": }", "line 1: a value"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_not_equal(parse(cases[i].text), 0);
		if (!strstr(fault.text, cases[i].says))
			fail_msg("%s: '%s' is not in '%s'", cases[i].text, cases[i].says,
			         fault.text);
	}
}

static void bad_objects_are_problems(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
	        {"[{}]", "no \"address\""},
	        {"[{\"address\": 7}]", "no \"address\""},
	        {"[{\"address\": \"10.0.0.1\"}]", "no \"mac\""},
	        {"[{\"address\": \"10.0.0.256\", \"mac\": \"" A "\"}]", "'10.0.0.256'"},
	        {"[{\"address\": \"10.0.0.1\", \"mac\": \"02:50\"}]", "'02:50'"},
	        {"[{\"address\": \"10.0.0.1\", \"mac\": \"" A "\", \"state\": \"solid\"}]",
	         "'solid'"},
	        {"[{\"address\": \"10.0.0.1\", \"mac\": \"" A "\", \"since\": \"today\"}]",
	         "'today'"},
	        {"[{\"address\": \"10.0.0.1\", \"mac\": \"" A "\", \"note\": \"a\\nb\"}]", "note"},
	        {"[{\"address\": \"10.0.0.1\", \"mac\": \"" A "\", \"extra\": [\"y-a b\"]}]",
	         "extra"},
	        {"[{\"address\": \"10.0.0.1\", \"mac\": \"" A "\", \"extra\": [7]}]", "extra"},
	        {"[{\"address\" \"10.0.0.1\"}]", "not JSON"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(parse(cases[i].text), 0);
		assert_int_equal(list.count, 0);
		expect_problem(1, cases[i].says);
	}
}

static void bad_lines_are_named(void **state)
{
	static const struct {
		enum list_format format;
		const char *text, *says;
	} cases[] = {
	        {LIST_IP_NEIGH, "10.0.0.300 dev eth0 lladdr " A " STALE", "'10.0.0.300'"},
	        {LIST_IP_NEIGH, "10.0.0.01 dev eth0 lladdr " A " STALE", "'10.0.0.01'"},
	        {LIST_IP_NEIGH, "10.0.0.1 dev eth0 lladdr 192.0.2.1 STALE", "'192.0.2.1'"},
	        {LIST_IP_NEIGH, "10.0.0.1 dev eth0 lladdr 01:00:5e:00:00:01 STALE", "group"},
	        {LIST_IP_NEIGH, "10.0.0.1 dev eth0 lladdr 00:00:00:00:00:00 STALE", "zero"},
	        {LIST_IP_NEIGH, "10.0.0.1 dev eth0 lladdr", "too early"},
	        {LIST_IP_NEIGH, "10.0.0.1 dev eth0 STALE", "lladdr"},
	        {LIST_IP_NEIGH, "neigh replace", "no address"},
	        {LIST_ETHERS, A, "MAC address and a host"},
	        {LIST_ETHERS, A " 10.0.0.1 more", "no more"},
	        {LIST_ETHERS, "02:50:2a:16:6d 10.0.0.1", "'02:50:2a:16:6d'"},
	        {LIST_ETHERS, "02:50:2a:16:6d:01:07 10.0.0.1", "02:50:2a:16:6d:01:07"},
	        {LIST_ETHERS, "02:50:2a:16:6d:001 10.0.0.1", "02:50:2a:16:6d:001"},
	        {LIST_ETHERS, A " somewhere", "'somewhere'"},
	        {LIST_ARPWATCH, A " 10.0.0.1 yesterday", "time"},
	        {LIST_ARPWATCH, A, "time"},
	        {LIST_ARP, "? (10.0.0.1) is " A, "'at'"},
	        {LIST_ARP, "? (10.0.0.1000000000000000) at " A, "address"},
	        {LIST_PROC, "10.0.0.1 0x1 7 " A, "flags"},
	        {LIST_DNSMASQ, "soon " A " 10.0.0.1 *", "time"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		options.format = cases[i].format;
		assert_int_equal(parse(cases[i].text), 0);
		assert_int_equal(list.count, 0);
		expect_problem(1, cases[i].says);
	}
}

static void many_bad_lines_are_counted_and_some_kept(void **state)
{
	char text[4096] = "";

	(void)state;
	for (int i = 0; i < 50; i++)
		strcat(text, i % 2 ? A " 10.0.0.1\n" : "nonsense\n");
	assert_int_equal(parse(text), 0);
	assert_int_equal(list.problems, 25);
	assert_int_equal(list.problem[LIST_PROBLEMS - 1].line, 39);
	assert_int_equal(list.count, 1);
}

static void the_same_twice_is_fine_and_the_last_counts(void **state)
{
	(void)state;
	options.note = "moved in";
	accept(A " 10.0.0.2\n" B " 10.0.0.1\n" A " 10.0.0.2\n" A " 10.0.0.2\n", LIST_ETHERS, 2);
	expect_item(0, "10.0.0.1", B, ENTRY_STATIC, "moved in");
	expect_item(1, "10.0.0.2", A, ENTRY_STATIC, "moved in");
	assert_int_equal(list.item[1].line, 4);
}

static void a_contradiction_names_both_lines(void **state)
{
	(void)state;
	assert_int_equal(parse("# list\n" A " 10.0.0.2\n" A " 10.0.0.1\n" B " 10.0.0.2\n"), 0);
	assert_int_equal(list.problems, 1);
	expect_problem(4, "10.0.0.2 is at " B " here, and at " A " in line 2");
	assert_int_equal(list.count, 1);
	expect_item(0, "10.0.0.1", A, ENTRY_STATIC, NULL);
}

static void a_given_state_is_for_all_items(void **state)
{
	(void)state;
	options.with_state = true;
	options.state = ENTRY_STATIC;
	accept("10.0.0.9 dev eth0 lladdr " B " REACHABLE\n", LIST_IP_NEIGH, 1);
	expect_item(0, "10.0.0.9", B, ENTRY_STATIC, NULL);
	options.state = ENTRY_DYNAMIC;
	accept(A " 10.0.0.1\n", LIST_ETHERS, 1);
	expect_item(0, "10.0.0.1", A, ENTRY_DYNAMIC, NULL);
}

static void text_that_is_not_a_list_is_refused(void **state)
{
	static const char *const cases[] = {
	        "",
	        "\n\n# nothing\n",
	        "<html><body>10.0.0.1</body></html>\n",
	        "mac 02:50:2a:16:6d:01\nstate static\n",
	        "\x7f\x45\x4c\x46\x02\x01\x01",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_not_equal(parse(cases[i]), 0);
		assert_non_null(strstr(fault.text, "sample"));
	}
	for (enum list_format format = 0; format < LIST_FORMATS; format++)
		assert_int_equal(list_format_find(list_format_name(format)), format);
	assert_int_equal(list_format_find("xml"), LIST_FORMATS);
}

static void a_line_that_is_not_text_is_a_problem(void **state)
{
	static const char text[] = A " 10.0.0.1\n" A " 10.0.0.\0002\n\xff\xfe\n";
	char *longer = malloc(10001);

	(void)state;
	list_clear(&list);
	assert_int_equal(list_parse(&list, "sample", text, sizeof(text) - 1, &options, &fault), 0);
	assert_int_equal(list.problems, 2);
	expect_problem(2, "zero byte");
	assert_non_null(longer);
	memset(longer, 'x', 10000);
	longer[10000] = '\0';
	options.format = LIST_ETHERS;
	assert_int_equal(parse(longer), 0);
	expect_problem(1, "longer than");
	free(longer);
}

/* Whatever comes: no crash, and what is accepted is a binding. */
static void garbage_does_no_harm(void **state)
{
	static const char alphabet[] = "{}[]\",:\\ \n\t#()0129afx.-@ate";
	char text[600];

	(void)state;
	srandom(20261122);
	for (int round = 0; round < 20000; round++) {
		size_t length = (size_t)random() % sizeof(text);

		for (size_t i = 0; i < length; i++)
			text[i] = round % 4 ? alphabet[(size_t)random() % (sizeof(alphabet) - 1)]
			                    : (char)random();
		options.format = (enum list_format)(round % (LIST_FORMATS + 1));
		list_clear(&list);
		if (list_parse(&list, "garbage", text, length, &options, &fault) == 0)
			list_settle(&list);
		for (size_t i = 0; i < list.count; i++)
			assert_true(mac_is_station(list.item[i].mac));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(ip_neigh),
	        TEST(ip_neigh_of_one_device_and_of_a_batch),
	        TEST(ip_neigh_of_ipv6),
	        TEST(ip_neigh_in_json),
	        TEST(ethers),
	        TEST(arpwatch),
	        TEST(arp_a),
	        TEST(show_ip_arp_of_cisco),
	        TEST(show_ip_arp_of_arista_and_juniper),
	        TEST(show_ipv6_neighbors),
	        TEST(show_ipv6_neighbors_with_gaps_and_broken_lines),
	        TEST(show_arp_of_an_asa),
	        TEST(dhcpds_addresses_by_name),
	        TEST(dhcpd_leases_and_hosts),
	        TEST(keas_leases),
	        TEST(keas_leases_of_ipv6),
	        TEST(csv_with_a_header),
	        TEST(netbox_in_json),
	        TEST(netbox_since_mac_addresses_are_objects),
	        TEST(arp_n),
	        TEST(proc_net_arp),
	        TEST(dnsmasq_leases),
	        TEST(json_of_arpkeeper),
	        TEST(invalid_json_is_an_error_with_its_line),
	        TEST(bad_objects_are_problems),
	        TEST(bad_lines_are_named),
	        TEST(many_bad_lines_are_counted_and_some_kept),
	        TEST(the_same_twice_is_fine_and_the_last_counts),
	        TEST(a_contradiction_names_both_lines),
	        TEST(a_given_state_is_for_all_items),
	        TEST(text_that_is_not_a_list_is_refused),
	        TEST(a_line_that_is_not_text_is_a_problem),
	        TEST(garbage_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The configuration file: what it sets, and which file, line and reason a mistake gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"

static char directory[] = "/tmp/arpkeeper-config-XXXXXX";
static char path[sizeof(directory) + sizeof("/config")];

static int make_directory(void **state)
{
	(void)state;
	/* As main() does; starting it anew for each file costs 15 ms a time under ASan. */
	if (git_libgit2_init() < 0 || !mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/config", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	git_libgit2_shutdown();
	unlink(path);
	return rmdir(directory);
}

static void write_file(const char *text, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static struct config read_good(const char *text)
{
	struct fault fault = {""};
	struct config config;

	write_file(text, strlen(text));
	assert_int_equal(config_init(&config), 0);
	if (config_read(&config, path, NULL, &fault) < 0)
		fail_msg("%s", fault.text);
	return config;
}

static void without_a_file_each_key_has_its_default(void **state)
{
	struct config config;

	(void)state;
	assert_int_equal(config_init(&config), 0);
	assert_string_equal(config.history_path, "/var/lib/arpkeeper/history.git");
	assert_int_equal(config.interval_ms, 200);
	assert_int_equal(config.keep, 0);
	assert_null(config.archive);
	assert_int_equal(config.guard, GUARD_AUTO);
	assert_string_equal(config.instance, "default");
	assert_null(config.node);
	assert_null(config.fleet);
	assert_int_equal(config.remotes, 0);
	assert_string_equal(config.control, "/run/arpkeeper/control.sock");
	assert_null(config.operators);
	assert_null(config.recorder_user);
	assert_null(config.alert_command);
	assert_int_equal(config.silence, 60);
	assert_int_equal(config.mode, MODE_AUTO);
	assert_int_equal(config.neighbours6, 65536);
	assert_int_equal(config.segments, 0);
	config_clear(&config);
}

static void an_empty_file_and_an_empty_segment_have_the_defaults(void **state)
{
	struct config config = read_good("");

	(void)state;
	assert_int_equal(config.segments, 0);
	config_clear(&config);
	config = read_good("[segment \"lan\"]\n");
	assert_int_equal(config.segments, 1);
	assert_string_equal(config.segment[0].name, "lan");
	assert_int_equal(config.segment[0].answer, ANSWER_KNOWN);
	assert_int_equal(config.segment[0].learn, LEARN_VERIFIED);
	assert_int_equal(config.segment[0].share, CONFIG_SHARE_ALL);
	assert_int_equal(config.segment[0].timeout, 300);
	assert_int_equal(config.segment[0].announce, ANNOUNCE_LOCAL);
	assert_int_equal(config.segment[0].announce_every, 0);
	assert_int_equal(config.segment[0].vlan, 0);
	assert_int_equal(config.segment[0].nd, ND_AUTO);
	assert_false(config.segment[0].ra_guard);
	assert_false(config.segment[0].reply_as_target);
	assert_false(config.segment[0].enforce);
	config_clear(&config);
}

static void every_key_is_read(void **state)
{
	struct config config = read_good("[history]\n"
	                                 "\tpath = /srv/arp.git\n"
	                                 "\tinterval = 1500ms ; a comment = [x]\n"
	                                 "\tkeep = 90d\n"
	                                 "\tarchive = /srv/archive.git\n"
	                                 "\tguard = 2500\n"
	                                 "[segment \"Lan.2\"]\n"
	                                 "\tinterface = eth0\n"
	                                 "\tinterface = \"eth1\" # quoted\n"
	                                 "\tvlan = 10\n"
	                                 "\tprefix = 10.0.0.0/16\n"
	                                 "\tprefix = 10.1.0.0/24\n"
	                                 "\tprefix = 2001:db8:0:7::/64\n"
	                                 "\tnd = on\n"
	                                 "\tra-guard = on\n"
	                                 "\tanswer = static\n"
	                                 "\tlearn = off\n"
	                                 "\ttimeout = 2h\n"
	                                 "\thold = 3s\n"
	                                 "\treclaim = 0\n"
	                                 "\tduplicate-moves = 3\n"
	                                 "\tduplicate-time = 1m\n"
	                                 "\tduplicate-hold = 0\n"
	                                 "\tannounce = static\n"
	                                 "\tannounce-every = 30\n"
	                                 "\treply-source = target\n"
	                                 "\tenforce\n"
	                                 "\tsponge = on\n"
	                                 "\tsponge-mac = 02:00:00:00:00:01\n"
	                                 "\tsponge-rate = 100\n"
	                                 "\tmac-limit = 0\n"
	                                 "\tmac-limit-action = refuse\n"
	                                 "\tlearn-rate = 500\n"
	                                 "\tlearn-limit = 5000\n"
	                                 "\tlocal = offload\n"
	                                 "\tvlan-protocol = 802.1ad\n"
	                                 "\tvlan-offload = off\n"
	                                 "\tkernel = both\n"
	                                 "[agent]\n"
	                                 "\tinstance = blue_2\n"
	                                 "\tnode = leaf7.example.net\n"
	                                 "\tcontrol = /run/blue.sock\n"
	                                 "\toperators = netops\n"
	                                 "\trecorder-user = 990\n"
	                                 "\talert-command = /usr/local/sbin/pager\n"
	                                 "\tsilence = 0\n"
	                                 "\tneighbours6 = 4194304\n"
	                                 "\tMode = generic\n");
	const struct config_segment *segment = config.segment;
	char text[PREFIX_TEXT];

	(void)state;
	assert_string_equal(config.history_path, "/srv/arp.git");
	assert_int_equal(config.interval_ms, 1500);
	assert_int_equal(config.keep, 90 * 86400);
	assert_string_equal(config.archive, "/srv/archive.git");
	assert_int_equal(config.guard, 2500);
	assert_string_equal(config.instance, "blue_2");
	assert_string_equal(config.node, "leaf7.example.net");
	assert_string_equal(config.control, "/run/blue.sock");
	assert_string_equal(config.operators, "netops");
	assert_string_equal(config.recorder_user, "990");
	assert_string_equal(config.alert_command, "/usr/local/sbin/pager");
	assert_int_equal(config.silence, 0);
	assert_int_equal(config.mode, MODE_GENERIC);
	assert_int_equal(config.neighbours6, 4194304);
	assert_int_equal(config.segments, 1);
	assert_string_equal(segment->name, "Lan.2");
	assert_int_equal(segment->interfaces, 2);
	assert_string_equal(segment->interface[0], "eth0");
	assert_string_equal(segment->interface[1], "eth1");
	assert_int_equal(segment->vlan, 10);
	assert_int_equal(segment->prefixes, 3);
	assert_string_equal(prefix_format(text, segment->prefix[2]), "2001:db8:0:7::/64");
	assert_int_equal(segment->nd, ND_ON);
	assert_true(segment->ra_guard);
	assert_string_equal(prefix_format(text, segment->prefix[1]), "10.1.0.0/24");
	assert_int_equal(segment->answer, ANSWER_STATIC);
	assert_int_equal(segment->learn, LEARN_OFF);
	assert_true(segment->sponge);
	assert_memory_equal(segment->sponge_mac.octet, "\x02\0\0\0\0\x01", 6);
	assert_int_equal(segment->sponge_rate, 100);
	assert_int_equal(segment->mac_limit, 0);
	assert_true(segment->mac_limit_refuses);
	assert_int_equal(segment->learn_rate, 500);
	assert_int_equal(segment->learn_limit, 5000);
	assert_true(segment->local_offload);
	assert_int_equal(segment->vlan_protocol, 0x88a8);
	assert_true(segment->vlan_offload_off);
	assert_int_equal(segment->kernel, KERNEL_BOTH);
	assert_int_equal(segment->timeout, 7200);
	assert_int_equal(segment->hold, 3);
	assert_int_equal(segment->reclaim, 0);
	assert_int_equal(segment->duplicate_moves, 3);
	assert_int_equal(segment->duplicate_time, 60);
	assert_int_equal(segment->duplicate_hold, 0);
	assert_int_equal(segment->announce, ANNOUNCE_STATIC);
	assert_int_equal(segment->announce_every, 30);
	assert_true(segment->reply_as_target);
	assert_true(segment->enforce);
	config_clear(&config);
}

#define REMOTE "[fleet]\n node = a\n[remote \"h\"]\n url = /x\n"

static void a_fleet_and_its_remotes_are_read(void **state)
{
	struct config config = read_good("[fleet]\n node = leaf7\n"
	                                 "[remote \"hub\"]\n url = ssh://git@hub/arp.git\n"
	                                 "[segment \"lan\"]\n share = static\n"
	                                 "[remote \"site\"]\n fetch = all\n push = relay\n"
	                                 " poll = 500ms\n url = /srv/site.git\n"
	                                 "[remote \"hub\"]\n push = off\n fetch = off\n");
	const struct config_remote *hub = &config.remote[0], *site = &config.remote[1];

	(void)state;
	assert_string_equal(config.fleet, "leaf7");
	assert_int_equal(config.remotes, 2);
	assert_int_equal(config_find_remote(&config, "site"), 1);
	assert_int_equal(config_find_remote(&config, "none"), -1);
	assert_string_equal(hub->name, "hub");
	assert_string_equal(hub->url, "ssh://git@hub/arp.git");
	assert_int_equal(hub->fetch, FETCH_OFF);
	assert_int_equal(hub->push, PUSH_OFF);
	assert_int_equal(hub->poll_ms, 10000);
	assert_int_equal(site->fetch, FETCH_ALL);
	assert_int_equal(site->push, PUSH_RELAY);
	assert_int_equal(site->poll_ms, 500);
	assert_false(site->operators);
	assert_int_equal(config.segment[0].share, CONFIG_SHARE_STATIC);
	config_clear(&config);
	config = read_good(REMOTE " operators\n");
	assert_true(config.remote[0].operators);
	config_clear(&config);
}

static void the_last_of_several_values_wins(void **state)
{
	struct config config = read_good("[segment \"a\"]\n timeout = 1m\n vlan = 5\n"
	                                 "[history]\n path = /one\n path = /two\n"
	                                 "[segment \"b\"]\n"
	                                 "[segment \"a\"]\n timeout = 2m\n");

	(void)state;
	assert_int_equal(config.segments, 2);
	assert_string_equal(config.segment[0].name, "a");
	assert_string_equal(config.segment[1].name, "b");
	assert_int_equal(config.segment[0].timeout, 120);
	assert_int_equal(config.segment[0].vlan, 5);
	assert_string_equal(config.history_path, "/two");
	config_clear(&config);
}

static void history_may_be_kept_in_memory(void **state)
{
	struct config config = read_good("[history]\n path = :memory:\n");

	(void)state;
	assert_string_equal(config.history_path, CONFIG_MEMORY);
	config_clear(&config);
}

static void one_interface_may_carry_segments_of_several_vlans(void **state)
{
	struct config config = read_good("[segment \"a\"]\n interface = eth0\n vlan = 10\n"
	                                 "[segment \"b\"]\n interface = eth0\n vlan = 11\n"
	                                 "[segment \"c\"]\n interface = eth0\n");

	(void)state;
	assert_int_equal(config.segments, 3);
	assert_int_equal(config_find_segment(&config, "b"), 1);
	assert_int_equal(config_find_segment(&config, "d"), -1);
	config_clear(&config);
}

#define SEGMENT "[segment \"lan\"]\n"

static const struct {
	const char *text;
	unsigned line;
	const char *reason;
} mistakes[] = {
        /* sections and keys */
        {"[agnet]\n instance = x\n", 1, "unknown section 'agnet'"},
        {"[agent]\n\n[nothing]\n", 3, "unknown section 'nothing'"},
        {"[agent \"x\"]\n", 1, "section 'agent' takes no name"},
        {"[agent.x]\n instance = y\n", 1, "section 'agent' takes no name"},
        {"[segment]\n vlan = 1\n", 1, "a segment needs a name"},
        {"[segment \"a b\"]\n", 1, "segment 'a b': a name is letters"},
        {"[segment \"\"]\n", 1, "segment '': a name is letters"},
        {"[segment \"x.lock\"]\n", 1, "segment 'x.lock'"},
        {"[segment \"README.md\"]\n", 1, "is not README.md, a file that the agent writes"},
        {"\ninterface = eth0\n" SEGMENT, 2, "a variable outside every section"},
        {"[segmentation \"lan\"]\n", 1, "unknown section 'segmentation.lan'"},
        {"[remote]\n url = /x\n", 1, "a remote needs a name: write [remote \"hub\"]"},
        {"[remote \"a..b\"]\n", 1, "remote 'a..b': a name is letters"},
        {"[remote \"x.lock\"]\n", 1, "remote 'x.lock'"},
        {"[fleet \"x\"]\n", 1, "section 'fleet' takes no name"},
        {"[fleet]\n node = a.\n", 2, "node 'a.': a name is letters"},
        {"[fleet]\n node = -a\n", 2, "node '-a'"},
        {"[fleet]\n node = a\n[remote \"h\"]\n push = own\n", 3, "remote 'h' has no url"},
        {"[fleet]\n node = a\n[remote \"h\"]\n url = x\n", 4,
         "'x' is not a URL that nodes exchange history with"},
        {"[fleet]\n node = a\n[remote \"h\"]\n url = https://a:b@h/x\n", 4,
         "https://h/x: the URL has a password"},
        {"[fleet]\n node = a\n"
         "[remote \"1\"]\n url = /1\n[remote \"2\"]\n url = /2\n[remote \"3\"]\n url = /3\n"
         "[remote \"4\"]\n url = /4\n[remote \"5\"]\n url = /5\n[remote \"6\"]\n url = /6\n"
         "[remote \"7\"]\n url = /7\n[remote \"8\"]\n url = /8\n[remote \"9\"]\n url = /9\n",
         19, "remote '9' is one too many"},
        {"[remote \"h\"]\n url = /x\n", 1, "write node = NAME in [fleet]"},
        {REMOTE " operators = on\n push = off\n", 3, "which push = off does not allow"},
        {REMOTE " operators = on\n[segment \"lan\"]\n interface = e\n share = static\n", 3,
         "segment 'lan' does not share all of it"},
        {REMOTE " fetch = some\n", 5, "fetch = 'some' is not segments, all or off"},
        {REMOTE " push = all\n", 5, "push = 'all' is not own, relay or off"},
        {REMOTE " poll = 10ms\n", 5, "poll = '10ms' is not from 100ms to 1h"},
        {"[fleet]\n node = a\n[segment \"x..y\"]\n", 3, "segment 'x..y' cannot be shared"},
        {SEGMENT " share = none\n", 2, "share = 'none' is not all, static or off"},
        {"[include]\n path = /etc/passwd\n", 1, "other files are not included"},
        {"[agent]\n[includeIf \"gitdir:/\"]\n path = x\n", 2, "other files are not included"},
        {"[history]\n hold = 3\n", 2, "unknown key 'hold' in section 'history'"},
        {SEGMENT " interfaces = eth0\n", 2, "unknown key 'interfaces' in section 'segment'"},
        {"[agent]\n vlan = 3\n", 2, "unknown key 'vlan' in section 'agent'"},
        /* the line: comments, continuations, repeated keys, keys of the same name */
        {"# vlan = 0\n; [x]\n" SEGMENT "# vlan = 0\n vlan = 0\n", 5, "vlan = '0'"},
        {SEGMENT " vlan = 1 # vlan = 0\n vlan = 2 ; \"\n vlan = 5000\n", 4, "vlan = '5000'"},
        {SEGMENT " vlan = 1 ; \\\n vlan = 0\n", 3, "vlan = '0'"},
        {"[segment \"a\"]\n vlan = 1\n" SEGMENT " vlan = 0\n", 4, "vlan = '0'"},
        {SEGMENT " vlan = 1\n[segment \"a\"]\n vlan = 1\n" SEGMENT " vlan = 0\n", 6, "vlan"},
        {"[segment \"LAN\"]\n vlan = 1\n[segment \"l\\\\an\"]\n", 3, "segment 'l\\an'"},
        {"[history]\n path = /a\\\nb\n interval = x\n", 4, "interval = 'x'"},
        {"[history]\n path = \"/a # ; [\\\nb\"\n interval = x\n", 4, "interval = 'x'"},
        {"[history] interval = x\n", 1, "interval = 'x'"},
        {"[history]\r\n\r\n interval = x\r\n", 3, "interval = 'x'"},
        {"\xef\xbb\xbf[history]\n interval = x\n", 2, "interval = 'x'"},
        {"[history]\n INTERVAL = x", 2, "interval = 'x'"},
        /* syntax */
        {"[agent]\n\n[history\n path = /x\n", 3, "missing ']' in section header"},
        {"[agent]\n instance = \"a\n", 2, "a quote (\") is not closed"},
        {"[agent]\n 7up = 3\n", 2, "unknown key '7up'"},
        /* values */
        {"[history]\n path = history.git\n", 2, "'history.git' is not an absolute path"},
        {"[history]\n path\n", 2, "path has no value"},
        {"[history]\n path =\n", 2, "is not an absolute path"},
        {"[history]\n path = :ram:\n", 2, "':ram:' is not an absolute path"},
        {"[history]\n interval = 0\n", 2, "interval = '0' is not from 1ms to 1m"},
        {"[history]\n interval = 2m\n", 2, "interval = '2m' is not from 1ms to 1m"},
        {"[history]\n keep = 0\n", 2, "keep = '0' is not off, or whole seconds from 1h"},
        {"[history]\n guard = many\n", 2, "guard = 'many' is not auto, off, or a number"},
        {"[history]\n keep = forever\n", 2, "keep = 'forever' is not a duration"},
        {"[agent]\n instance = a/b\n", 2, "instance = 'a/b' is not a name"},
        {"[agent]\n node = a/b\n", 2, "node = 'a/b' is not a name"},
        {"[agent]\n node = a..b\n", 2, "node = 'a..b' is not a name"},
        {"[agent]\n node = -a\n", 2, "node = '-a' is not a name"},
        {"[agent]\n instance = ..\n", 2, "instance = '..' is not a name"},
        {"[agent]\n instance = \"\"\n", 2, "instance = '' is not a name"},
        {"[agent]\n control = c.sock\n", 2, "control = 'c.sock' is not an absolute path"},
        {"[agent]\n operators =\n", 2, "operators = '' is not the name or number of a group"},
        {"[agent]\n operators = net ops\n", 2, "operators = 'net ops' is not the name"},
        {"[agent]\n operators = -1\n", 2, "operators = '-1' is not the name"},
        {"[agent]\n operators\n", 2, "operators has no value"},
        {"[agent]\n recorder-user = a/b\n", 2,
         "recorder-user = 'a/b' is not the name or number of a user"},
        {"[agent]\n alert-command = mail root\n", 2,
         "alert-command = 'mail root' is not an absolute path"},
        {"[agent]\n mode = fast\n", 2, "mode = 'fast' is not auto, native or generic"},
        {"[agent]\n silence = 100ms\n", 2, "silence = '100ms' is not 0 (never) or whole"},
        {"[agent]\n silence = 1500ms\n", 2, "silence = '1500ms' is not"},
        {SEGMENT " interface = eth0/1\n", 2, "'eth0/1' is not the name of an interface"},
        {SEGMENT " interface = sixteen-letters-\n", 2, "is not the name of an interface"},
        {SEGMENT " interface =\n", 2, "'' is not the name of an interface"},
        {SEGMENT " vlan = 4095\n", 2, "vlan = '4095' is not a number from 1 to 4094"},
        {SEGMENT " vlan = -1\n", 2, "vlan = '-1'"},
        {SEGMENT " vlan = 10x\n", 2, "vlan = '10x'"},
        {SEGMENT " vlan = 4294967297\n", 2, "vlan = '4294967297'"},
        {SEGMENT " prefix = 10.0.0.1/16\n", 2, "did you mean 10.0.0.0/16?"},
        {SEGMENT " prefix = lan\n", 2, "'lan' is neither an address nor a prefix"},
        {SEGMENT " prefix = 2001:db8::1/64\n", 2, "did you mean 2001:db8::/64?"},
        {SEGMENT " prefix = fe80::/129\n", 2, "its length must be a number from 0 to 128"},
        {SEGMENT " nd = maybe\n", 2, "nd = 'maybe' is not auto, on or off"},
        {SEGMENT " ra-guard = router\n", 2, "ra-guard = 'router' is not on or off"},
        {"[agent]\n neighbours6 = 15\n", 2, "'15' is not a number from 16 to 4194304"},
        {"[agent]\n neighbours6 = 4194305\n", 2, "not a number from 16 to 4194304"},
        {SEGMENT " answer = all\n", 2, "answer = 'all' is not known, static or off"},
        {SEGMENT " learn = on\n", 2, "learn = 'on' is not verified, passive or off"},
        {SEGMENT " timeout = 0\n", 2, "timeout = '0' is not whole seconds from 1s to 30d"},
        {SEGMENT " timeout = 31d\n", 2, "timeout = '31d' is not"},
        {SEGMENT " timeout = 5 m\n", 2, "timeout = '5 m' is not a duration"},
        {SEGMENT " timeout\n", 2, "timeout has no value"},
        {SEGMENT " announce = all\n", 2, "announce = 'all' is not local, static or off"},
        {SEGMENT " announce-every = often\n", 2, "announce-every = 'often' is not a duration"},
        {SEGMENT " reply-source = mac\n", 2, "reply-source = 'mac' is not own or target"},
        {SEGMENT " enforce = maybe\n", 2, "enforce = 'maybe' is not on or off"},
        {SEGMENT " local = kernel\n", 2, "local = 'kernel' is not stack"},
        /* values of single keys */
        {SEGMENT " sponge-mac = 01:00:5e:00:00:01\n", 2, "not a station's MAC"},
        {SEGMENT " sponge-rate = 0\n", 2, "not a number from 1 to 60000"},
        {SEGMENT " mac-limit = many\n", 2, "not a number from 0 to 16777216"},
        {SEGMENT " hold = 2s\n", 2, "hold = '2s' is not whole seconds from 3s to 1h"},
        {SEGMENT " duplicate-moves = 256\n", 2, "not a number from 0 to 255"},
        {SEGMENT " duplicate-time = 0\n", 2, "is not whole seconds from 1s to 30d"},
        {SEGMENT " duplicate-hold = 10ms\n", 2, "is not 0 (until it is set or unset)"},
        {SEGMENT " mac-limit-action = drop\n", 2, "is not alert or refuse"},
        {SEGMENT " learn-rate = 501\n", 2, "not a number from 0 to 500"},
        {SEGMENT " learn-limit = -1\n", 2, "not a number from 0 to 16777216"},
        {SEGMENT " vlan = 100.\n", 2, "OUTER.INNER"},
        {SEGMENT " vlan = 100.5000\n", 2, "OUTER.INNER"},
        {SEGMENT " vlan = 1.2.3\n", 2, "OUTER.INNER"},
        {SEGMENT " vlan-protocol = q\n", 2, "not 802.1q or 802.1ad"},
        {SEGMENT " vlan-offload = on\n", 2, "not report or off"},
        {SEGMENT " kernel = maybe\n", 2, "not off, import, export or both"},
        /* the whole */
        {SEGMENT " prefix = 10.0.0.0/7\n", 2, "would take 512 MiB"},
        {SEGMENT " prefix = 127.0.0.0/24\n", 2, "no host on a link"},
        {SEGMENT " prefix = 10.0.0.0/8\n\n prefix = 11.0.0.0/8\n", 4, "take 512 MiB"},
        {SEGMENT " prefix = 10.0.0.0/16\n prefix = 10.0.3.0/24\n", 3,
         "segment 'lan': prefix 10.0.3.0/24 overlaps 10.0.0.0/16 of the same segment"},
        {SEGMENT " prefix = ff02::/64\n", 2, "no host on a link has an address there"},
        {SEGMENT " prefix = 2001:db8::/32\n prefix = 2001:db8:0:7::/64\n", 3,
         "segment 'lan': prefix 2001:db8:0:7::/64 overlaps 2001:db8::/32 of the same segment"},
        {"[agent]\n neighbours6 = 65536\n" SEGMENT " prefix = 10.0.0.0/8\n prefix = fd00::/64\n", 2,
         "with neighbours6 the table would have 16842752 addresses and take 257 MiB"},
        {SEGMENT " prefix = 10.0.0.0/24\n ra-guard = on\n", 3,
         "segment 'lan': ra-guard needs neighbour discovery: add an IPv6 prefix, or 'nd = on'"},
        {"[segment \"a\"]\n nd = on\n ra-guard\n" SEGMENT " ra-guard\n nd = off\n"
         " prefix = 2001:db8::/64\n",
         5, "segment 'lan': ra-guard needs neighbour discovery: remove 'nd = off'"},
        {SEGMENT " interface = eth0\n vlan = 3.4\n[segment \"b\"]\n vlan = 3.4\n"
                 " interface = eth0\n",
         6, "segment 'b': interface eth0 with this vlan belongs to segment 'lan' already"},
        {SEGMENT " interface = eth0\n interface = eth1\n interface = eth0\n", 4,
         "interface eth0 is listed twice"},
        {SEGMENT " interface = eth0\n vlan = 3\n[segment \"b\"]\n interface = eth1\n"
                 " interface = eth0\n vlan = 3\n",
         6, "segment 'b': interface eth0 with this vlan belongs to segment 'lan' already"},
        {SEGMENT " interface = eth0\n[segment \"b\"]\n interface = eth0\n", 4,
         "interface eth0 without a vlan belongs to segment 'lan' already"},
};

static void a_mistake_is_reported_with_file_line_and_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct fault fault = {""};
		struct config config;
		char where[sizeof(path) + 16];

		write_file(mistakes[i].text, strlen(mistakes[i].text));
		assert_int_equal(config_init(&config), 0);
		if (config_read(&config, path, NULL, &fault) >= 0)
			fail_msg("taken:\n%s", mistakes[i].text);
		snprintf(where, sizeof(where), "%s:%u: ", path, mistakes[i].line);
		if (strncmp(fault.text, where, strlen(where)) != 0 ||
		    !strstr(fault.text, mistakes[i].reason))
			fail_msg("\n%s\nline %u, '%s', but got: %s", mistakes[i].text,
			         mistakes[i].line, mistakes[i].reason, fault.text);
		config_clear(&config);
	}
}

static void all_mistakes_are_found_in_the_order_of_their_lines(void **state)
{
	static const char text[] = "[agent]\n"
	                           " mode = fast\n"
	                           "[include]\n"
	                           " path = /etc/passwd\n"
	                           "[agnet]\n"
	                           " silence = no problem of its own\n"
	                           "[history\n"
	                           " path = nor is this\n"
	                           "[history]\n"
	                           " interval = 0 = \\\n"
	                           "  1\n"
	                           " keep = \"forever\n"
	                           " b@d = 1\n"
	                           "[segment \"lan\"]\n"
	                           " interface = eth0\n"
	                           " interface = eth0\n"
	                           " prefix = 10.0.0.0/16\n"
	                           " prefix = 10.0.3.0/24\n"
	                           " prefix = 10.1.0.0/16\n"
	                           "[segment \"b\"]\n"
	                           " interface = eth1\n"
	                           " interface = eth0\n"
	                           " vlan = 0\n";
	static const struct {
		unsigned line;
		const char *reason;
	} found[] = {
	        {2, "mode = 'fast'"},
	        {3, "other files are not included"},
	        {5, "unknown section 'agnet'"},
	        {7, "missing ']'"},
	        {10, "interval = '0 ="},
	        {12, "a quote"},
	        {13, "invalid"},
	        {16, "interface eth0 is listed twice"},
	        {18, "prefix 10.0.3.0/24 overlaps 10.0.0.0/16"},
	        {22, "interface eth0 without a vlan belongs to segment 'lan'"},
	        {23, "vlan = '0'"},
	};
	struct config_problems problems = {0};
	struct config config;

	(void)state;
	write_file(text, strlen(text));
	assert_int_equal(config_init(&config), 0);
	assert_int_equal(config_read_all(&config, path, &problems), 0);
	for (size_t i = 0; i < problems.items && i < sizeof(found) / sizeof(found[0]); i++)
		if (problems.item[i].line != found[i].line ||
		    !strstr(problems.item[i].reason, found[i].reason))
			fail_msg("line %u, '%s', but got line %u: %s", found[i].line,
			         found[i].reason, problems.item[i].line, problems.item[i].reason);
	assert_int_equal(problems.items, sizeof(found) / sizeof(found[0]));
	assert_int_equal(problems.count, problems.items);
	problems_clear(&problems);
	config_clear(&config);
}

static void of_many_mistakes_the_first_are_kept_and_all_are_counted(void **state)
{
	struct config_problems problems = {0};

	(void)state;
	for (unsigned line = 3 * PROBLEMS_MAX; line > 0; line--)
		problems_add(&problems, line, -EINVAL, "so");
	assert_int_equal(problems.count, 3 * PROBLEMS_MAX);
	assert_int_equal(problems.items, PROBLEMS_MAX);
	for (unsigned i = 0; i < PROBLEMS_MAX; i++)
		assert_int_equal(problems.item[i].line, i + 1);
	problems_clear(&problems);
}

static void more_prefixes_than_a_port_holds_are_refused(void **state)
{
	char text[2048] = "[segment \"lan\"]\n interface = eth0\n";
	struct fault fault = {""};
	struct config config;

	(void)state;
	for (int i = 0; i < 17; i++)
		sprintf(text + strlen(text), " prefix = 10.0.%d.0/24\n", i);
	write_file(text, strlen(text));
	assert_int_equal(config_init(&config), 0);
	assert_int_equal(config_read(&config, path, NULL, &fault), -E2BIG);
	assert_non_null(
	        strstr(fault.text, "interface eth0 has 17 IPv4 prefixes in all; at most 16"));
	config_clear(&config);
}

/* Each family by itself; and each segment with IPv6 has fe80::/64. */
static void a_port_holds_as_many_prefixes_of_each_family(void **state)
{
	char text[2048] = "[segment \"lan\"]\n interface = eth0\n";
	struct fault fault = {""};
	struct config config;

	(void)state;
	for (int i = 0; i < 14; i++)
		sprintf(text + strlen(text), " prefix = 10.0.%d.0/24\n prefix = fd00:0:0:%d::/64\n",
		        i, i);
	strcat(text, "[segment \"b\"]\n interface = eth0\n vlan = 2\n nd = on\n");
	config = read_good(text);
	assert_int_equal(config.segment[0].prefixes, 28);
	assert_true(config_segment_has_nd(&config.segment[0]));
	config_clear(&config);
	strcat(text, " prefix = fd01::/64\n");
	write_file(text, strlen(text));
	assert_int_equal(config_init(&config), 0);
	assert_int_equal(config_read(&config, path, NULL, &fault), -E2BIG);
	assert_non_null(strstr(fault.text, "interface eth0 has 17 IPv6 prefixes in all, fe80::/64 "
	                                   "of each segment included; at most 16 are possible"));
	config_clear(&config);
}

static void neighbour_discovery_is_on_where_an_ipv6_prefix_is(void **state)
{
	static const struct {
		const char *text;
		bool has;
	} known[] = {
	        {"", false},
	        {"prefix = 10.0.0.0/24\n", false},
	        {"prefix = 10.0.0.0/24\n nd = on\n", true},
	        {"prefix = 10.0.0.0/24\n prefix = 2001:db8::/64\n", true},
	        {"prefix = 2001:db8::/64\n nd = auto\n", true},
	        {"prefix = 2001:db8::/64\n nd = off\n", false},
	        {"nd = on\n", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		char text[256] = "[segment \"lan\"]\n";
		struct config config = read_good(strcat(text, known[i].text));

		assert_int_equal(config_segment_has_nd(config.segment), known[i].has);
		config_clear(&config);
	}
}

static void a_missing_or_binary_file_is_refused_by_name(void **state)
{
	static const char nul[] = "[agent]\n\0\n";
	struct fault fault = {""};
	struct config config;

	(void)state;
	assert_int_equal(config_init(&config), 0);
	assert_int_equal(config_read(&config, "/nonexistent/arpkeeper", NULL, &fault), -ENOENT);
	assert_string_equal(fault.text,
	                    "/nonexistent/arpkeeper: cannot be read: No such file or directory");
	assert_int_equal(config_read(&config, "/", NULL, &fault), -EISDIR);
	write_file(nul, sizeof(nul) - 1);
	assert_int_equal(config_read(&config, path, NULL, &fault), -EINVAL);
	assert_non_null(strstr(fault.text, "NUL"));
	config_clear(&config);
}

static void garbage_is_refused_and_never_crashes(void **state)
{
	static const char good[] = "[history]\n path = \"/a\\\nb\" ; x\n[segment \"lan\"]\n"
	                           " interface = eth0\n prefix = 10.0.0.0/16\n enforce\n";
	static const char odd[] = "[]\"\\\n\r\t ;#=.\0x[";
	const unsigned seed = 8261;

	(void)state;
	srandom(seed);
	for (int i = 0; i < 5000; i++) {
		char text[sizeof(good)];
		struct fault fault;
		struct config config;

		memcpy(text, good, sizeof(good));
		for (long flips = random() % 6; flips > 0; flips--)
			text[(size_t)random() % (sizeof(text) - 1)] =
			        random() % 2 ? odd[(size_t)random() % sizeof(odd)] : (char)random();
		write_file(text, sizeof(text) - 1 - (size_t)random() % 8);
		assert_int_equal(config_init(&config), 0);
		if (config_read(&config, path, NULL, &fault) < 0 && !strstr(fault.text, path))
			fail_msg("seed %u, round %d: %s", seed, i, fault.text);
		config_clear(&config);
	}
}

static void segments_can_be_made_without_a_file(void **state)
{
	struct config_segment *segment;
	struct prefix prefix = {.network = ADDRESS_V4(0x0a000000), .length = 16};
	struct fault fault;
	struct config config;

	(void)state;
	assert_int_equal(config_init(&config), 0);
	segment = config_add_segment(&config, "lan", &fault);
	assert_non_null(segment);
	assert_null(config_add_segment(&config, "lan", &fault));
	assert_string_equal(fault.text, "segment 'lan' is there already");
	assert_null(config_add_segment(&config, "../x", &fault));
	assert_int_equal(config_segment_add_interface(segment, "veth0", &fault), 0);
	assert_int_equal(config_segment_add_interface(segment, "..", &fault), -EINVAL);
	assert_int_equal(config_segment_add_prefix(segment, prefix), 0);
	assert_int_equal(config_check(&config, &fault), 0);
	assert_int_equal(config_segment_add_prefix(segment, prefix), 0);
	assert_int_equal(config_check(&config, &fault), -EEXIST);
	config_clear(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(without_a_file_each_key_has_its_default),
	        cmocka_unit_test(an_empty_file_and_an_empty_segment_have_the_defaults),
	        cmocka_unit_test(every_key_is_read),
	        cmocka_unit_test(a_fleet_and_its_remotes_are_read),
	        cmocka_unit_test(the_last_of_several_values_wins),
	        cmocka_unit_test(history_may_be_kept_in_memory),
	        cmocka_unit_test(one_interface_may_carry_segments_of_several_vlans),
	        cmocka_unit_test(a_mistake_is_reported_with_file_line_and_reason),
	        cmocka_unit_test(all_mistakes_are_found_in_the_order_of_their_lines),
	        cmocka_unit_test(of_many_mistakes_the_first_are_kept_and_all_are_counted),
	        cmocka_unit_test(more_prefixes_than_a_port_holds_are_refused),
	        cmocka_unit_test(a_port_holds_as_many_prefixes_of_each_family),
	        cmocka_unit_test(neighbour_discovery_is_on_where_an_ipv6_prefix_is),
	        cmocka_unit_test(a_missing_or_binary_file_is_refused_by_name),
	        cmocka_unit_test(garbage_is_refused_and_never_crashes),
	        cmocka_unit_test(segments_can_be_made_without_a_file),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}

/* SPDX-License-Identifier: MIT */
/* What differs between two configurations, in words; and copies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"

static char said[4096];

static int begin(void **state)
{
	(void)state;
	return git_libgit2_init() < 0;
}

static int end(void **state)
{
	(void)state;
	git_libgit2_shutdown();
	return 0;
}

static void say(void *context, const char *line)
{
	size_t length = strlen(said);

	(void)context;
	snprintf(said + length, sizeof(said) - length, "%s\n", line);
}

static struct config read_text(const char *text)
{
	char path[] = "/tmp/arpkeeper-difference-XXXXXX";
	int descriptor = mkstemp(path);
	struct config config;
	struct fault fault = {""};

	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
	close(descriptor);
	assert_int_equal(config_init(&config), 0);
	if (config_read(&config, path, NULL, &fault))
		fail_msg("%s", fault.text);
	unlink(path);
	return config;
}

static void assert_difference(const char *before, const char *after, enum config_which which,
                              const char *expected)
{
	struct config a = read_text(before), b = read_text(after);

	said[0] = '\0';
	config_compare(&a, &b, which, say, NULL);
	assert_string_equal(said, expected);
	config_clear(&a);
	config_clear(&b);
}

#define LAN "[segment \"lan\"]\ninterface = eth0\nprefix = 10.0.0.0/24\n"

#define FLEET "[fleet]\nnode = a\n[remote \"hub\"]\nurl = /hub.git\n"

static void a_fleet_is_what_an_agent_has(void **state)
{
	(void)state;
	assert_difference(FLEET, FLEET, CONFIG_FIXED, "");
	assert_difference(LAN, LAN FLEET, CONFIG_FIXED,
	                  "fleet.node = a (was -)\nremote hub is added\n");
	assert_difference(FLEET, "[fleet]\nnode = b\n", CONFIG_FIXED,
	                  "fleet.node = b (was a)\nremote hub is removed\n");
	assert_difference(FLEET, FLEET "poll = 1s\nfetch = all\npush = off\nurl = /x\n",
	                  CONFIG_FIXED,
	                  "remote hub: url = /x (was /hub.git)\n"
	                  "remote hub: fetch = all (was segments)\n"
	                  "remote hub: push = off (was own)\n"
	                  "remote hub: poll = 1s (was 10s)\n");
	assert_difference(FLEET, FLEET "operators = on\n", CONFIG_FIXED,
	                  "remote hub: operators = on (was off)\n");
	assert_difference(LAN, LAN "share = off\n", CONFIG_FIXED,
	                  "segment lan: share = off (was all)\n");
	assert_difference(FLEET LAN, LAN "share = off\n", CONFIG_CHANGEABLE, "");
}

static void a_copy_has_its_own_remotes(void **state)
{
	struct config config = read_text(FLEET LAN), copy;

	(void)state;
	assert_int_equal(config_copy(&copy, &config), 0);
	config_clear(&config);
	assert_string_equal(copy.fleet, "a");
	assert_int_equal(copy.remotes, 1);
	assert_string_equal(copy.remote[0].url, "/hub.git");
	config_clear(&copy);
}

static void test_equal(void **state)
{
	(void)state;
	assert_difference(LAN, LAN, CONFIG_CHANGEABLE, "");
	assert_difference(LAN, LAN, CONFIG_FIXED, "");
	/* What is said, and is the default. */
	assert_difference(LAN, LAN "timeout = 300\n[agent]\nsilence = 1m\n", CONFIG_CHANGEABLE, "");
}

static void test_segments(void **state)
{
	(void)state;
	assert_difference(LAN, "[segment \"dmz\"]\ninterface = eth0\n", CONFIG_CHANGEABLE,
	                  "segment lan is removed\nsegment dmz is added\n");
	/* Their order says nothing. */
	assert_difference("[segment \"a\"]\ninterface = eth1\n" LAN,
	                  LAN "[segment \"a\"]\ninterface = eth1\n", CONFIG_CHANGEABLE, "");
}

static void test_prefixes_and_interfaces(void **state)
{
	(void)state;
	assert_difference(LAN, "[segment \"lan\"]\ninterface = eth1\nprefix = 10.0.0.0/16\n",
	                  CONFIG_CHANGEABLE,
	                  "segment lan: interface eth0 is removed\n"
	                  "segment lan: interface eth1 is added\n"
	                  "segment lan: prefix 10.0.0.0/24 grows to 10.0.0.0/16\n");
	assert_difference(LAN "prefix = 192.0.2.0/24\n",
	                  "[segment \"lan\"]\ninterface = eth0\nprefix = 10.0.0.0/25\n"
	                  "prefix = 198.51.100.0/24\n",
	                  CONFIG_CHANGEABLE,
	                  "segment lan: prefix 10.0.0.0/24 shrinks to 10.0.0.0/25\n"
	                  "segment lan: prefix 192.0.2.0/24 is removed\n"
	                  "segment lan: prefix 198.51.100.0/24 is added\n");
}

static void test_values(void **state)
{
	(void)state;
	assert_difference(
	        LAN,
	        LAN "answer = static\nlearn-rate = 7\ntimeout = 90s\nvlan = 10.20\n"
	            "vlan-protocol = 802.1ad\nenforce = on\nlocal = offload\n"
	            "sponge-mac = 02:00:00:00:00:09\n[history]\nkeep = 30d\ninterval = 1500ms\n",
	        CONFIG_CHANGEABLE,
	        "history.interval = 1500ms (was 200ms)\n"
	        "history.keep = 30d (was off)\n"
	        "segment lan: vlan = 10.20 (was -)\n"
	        "segment lan: vlan-protocol = 802.1ad (was -)\n"
	        "segment lan: answer = static (was known)\n"
	        "segment lan: learn-rate = 7 (was 10)\n"
	        "segment lan: timeout = 90s (was 5m)\n"
	        "segment lan: local = offload (was stack)\n"
	        "segment lan: enforce = on (was off)\n"
	        "segment lan: sponge-mac = 02:00:00:00:00:09 (was -)\n");
}

static void test_fixed(void **state)
{
	static const char after[] = LAN "timeout = 1h\n[agent]\ninstance = b\nmode = generic\n"
	                                "operators = staff\n[history]\npath = /srv/h.git\n";

	(void)state;
	assert_difference(LAN, after, CONFIG_FIXED,
	                  "history.path = /srv/h.git (was /var/lib/arpkeeper/history.git)\n"
	                  "agent.instance = b (was default)\n"
	                  "agent.operators = staff (was -)\n"
	                  "agent.mode = generic (was auto)\n");
	assert_difference(LAN, after, CONFIG_CHANGEABLE, "segment lan: timeout = 1h (was 5m)\n");
}

static void test_copy(void **state)
{
	struct config config = read_text(LAN "prefix = 10.1.0.0/24\ntimeout = 9\n[agent]\n"
	                                     "operators = staff\n"),
	              copy;

	(void)state;
	assert_int_equal(config_copy(&copy, &config), 0);
	said[0] = '\0';
	config_compare(&config, &copy, CONFIG_CHANGEABLE, say, NULL);
	config_compare(&config, &copy, CONFIG_FIXED, say, NULL);
	assert_string_equal(said, "");
	config_clear(&config);
	assert_int_equal(copy.segment[0].prefixes, 2);
	assert_string_equal(copy.segment[0].interface[0], "eth0");
	config_clear(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_fleet_is_what_an_agent_has),
	        cmocka_unit_test(a_copy_has_its_own_remotes),
	        cmocka_unit_test(test_equal),
	        cmocka_unit_test(test_segments),
	        cmocka_unit_test(test_prefixes_and_interfaces),
	        cmocka_unit_test(test_values),
	        cmocka_unit_test(test_fixed),
	        cmocka_unit_test(test_copy),
	};

	return cmocka_run_group_tests_name("differences of configurations", tests, begin, end);
}

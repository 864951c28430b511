// SPDX-License-Identifier: MIT
/*
 * What an exchange costs the wire: of a hundred branches, one has changed. In a mount namespace, a
 * script stands for ssh, runs the other side's git here, and counts all that passes. The same is
 * fetched with a wildcard, as `git fetch` would, from the same state.
 */
#include "hub.h"

#include <sched.h>
#include <sys/mount.h>

#define URL "ssh://h.invalid"

static void place_ssh(const struct hub *hub)
{
	char script[128];

	snprintf(script, sizeof(script), "%s/ssh", hub->folder);
	does(hub,
	     "printf '#!/bin/sh\\nfor last; do :; done\\ntee -a '\"$PWD\"'/up | sh -c \"$last\" | "
	     "tee -a '\"$PWD\"'/down\\n' >ssh && chmod +x ssh");
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount(script, "/usr/bin/ssh", NULL, MS_BIND, NULL), 0);
}

static unsigned long count(const struct hub *hub, const char *file)
{
	char text[32];

	output(hub, text, sizeof(text), "wc -c <%s/%s; : >%s/%s", hub->folder, file, hub->folder,
	       file);
	return strtoul(text, NULL, 10);
}

static void one_of_a_hundred_branches_costs_little(void **state)
{
	struct hub *hub = *state;
	unsigned long up, down, list_up, list_down, wild_up, wild_down;
	char url[128];

	place_ssh(hub);
	snprintf(url, sizeof(url), URL "%s/hub.git", hub->folder);
	/* Each branch has five versions of a hundred files. */
	does(hub,
	     "for n in $(seq 100); do for v in 1 2 3 4 5; do printf 'commit "
	     "refs/heads/node/lan/n%%d\\ncommitter x <x> %%d +0000\\ndata 1\\nx\\n' $n $v; if [ $v "
	     "= 1 ]; then for f in $(seq 100); do t=$n.$f; printf 'M 644 inline d/%%d\\ndata "
	     "%%d\\n%%s\\n' $f ${#t} $t; done; else printf 'M 644 inline d/%%d\\ndata 1\\n%%d\\n' "
	     "$v "
	     "$v; fi; done; done | git -C hub.git fast-import --quiet && git init -q --bare "
	     "wild.git "
	     "&& git -C wild.git config remote.hub.url %s && git -C wild.git config "
	     "remote.hub.fetch "
	     "'refs/heads/node/*:refs/fleet/from/hub/*' && git -C wild.git fetch -q hub",
	     url);
	assert_int_equal(exchange_url(hub, url, FETCH_ALL), 0);
	assert_int_equal(hub->report.fetched, 100);
	does(hub, "grow hub.git lan/n42 more && : >up && : >down");
	assert_int_equal(exchange_url(hub, url, FETCH_ALL), 0);
	assert_int_equal(hub->report.fetched, 1);
	up = count(hub, "up");
	down = count(hub, "down");
	assert_fetched(hub, "lan/n42");
	assert_int_equal(exchange_url(hub, url, FETCH_ALL), 0);
	assert_int_equal(hub->report.changed, 0);
	list_up = count(hub, "up");
	list_down = count(hub, "down");
	does(hub, "git -C wild.git fetch -q --no-tags hub");
	wild_up = count(hub, "up");
	wild_down = count(hub, "down");
	print_message("100 branches, one new commit: up %lu, down %lu octets; of these the list up "
	              "%lu, down %lu; with a wildcard up %lu, down %lu\n",
	              up, down, list_up, list_down, wild_up, wild_down);
	/* The list is 60 octets a branch; what is new costs as much however many there are. */
	assert_true(list_down < 100 * 70 + 1000);
	assert_true(up - list_up < 1200);
	assert_true(down - list_down < 2000);
	assert_true(up < wild_up);
	assert_int_equal(umount("/usr/bin/ssh"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(one_of_a_hundred_branches_costs_little, hub_begin,
	                                        hub_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

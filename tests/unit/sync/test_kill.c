// SPDX-License-Identifier: MIT
/*
 * An exchange that is killed before each of its writes, with all that it started. The next one does
 * what is left: nothing is lost, and nothing stays in the way.
 */
#include "hub.h"

#include "../killer.h"

/* `make soak` does not leave any out. */
static unsigned stride(void)
{
	const char *text = getenv("FLEET_KILL_STRIDE");

	return text ? (unsigned)atoi(text) : 13;
}

static void exchanges(void *context)
{
	struct hub *hub = context;

	if (exchange(hub, FETCH_ALL OWN) != 0)
		_exit(1);
}

static void a_kill_before_any_write_leaves_the_rest_for_the_next_exchange(void **state)
{
	struct hub *hub = *state;
	unsigned nth = 0, kills = 0;
	bool killed = true;

	does(hub, "grow hub.git lan/a one && grow hub.git lan/b one && grow hub.git lan/b two && "
	          "grow \"$R\" lan/own mine && mkdir before && cp -a hub.git r.git before");
	for (; killed; nth += stride()) {
		does(hub, "rm -rf hub.git r.git r.git.* && cp -a before/. .");
		killed = killer_run(nth, exchanges, hub);
		kills += killed;
		assert_whole(hub);
		/* A server that dies leaves its locks to its administrator. The node's recorder
		 * goes on, and its next exchange too. */
		does(hub, "find hub.git -name '*.lock' -delete && git -C hub.git fsck --strict");
		assert_int_equal(exchange(hub, FETCH_ALL OWN), 0);
		assert_whole(hub);
		assert_int_equal(hub->report.refusals, 0);
		assert_fetched(hub, "lan/a");
		assert_fetched(hub, "lan/b");
		/* The recorder's upkeep removes the .keep files of the dead. */
		does(hub, "test $(tip hub.git heads/node/lan/own) = "
		          "$(tip \"$R\" heads/node/lan/own)");
		assert_int_equal(exchange(hub, FETCH_ALL OWN), 0);
		assert_int_equal(hub->report.changed, 0);
		assert_int_equal(hub->report.pushed, 0);
	}
	print_message("%u kills, stride %u\n", kills, stride());
	assert_true(kills * stride() > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(
	                a_kill_before_any_write_leaves_the_rest_for_the_next_exchange, hub_begin,
	                hub_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

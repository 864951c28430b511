// SPDX-License-Identifier: MIT
/* What nodes tell a hub of what they have applied, and what is made of that. */
#include "hub.h"

#define SEEN FETCH_ALL OWN ",\"node\":\"own\",\"seen\":true"

static void a_node_tells_what_it_has_and_reads_who_is_behind(void **state)
{
	struct hub *hub = *state;

	does(hub, "grow hub.git lan/a one && git -C \"$R\" fetch -q ../hub.git "
	          "refs/heads/node/lan/a:refs/heads/node/lan/a && grow \"$R\" lan/own one && tip "
	          "\"$R\" heads/node/lan/own >first && grow \"$R\" lan/own two && grow \"$R\" "
	          "lan/own three");
	exchange_well(hub, SEEN);
	assert_true(hub->report.seen);
	assert_int_equal(hub->report.nodes, 0);
	does(hub, "printf 'lan/a %%s\\nlan/own %%s\\n' $(tip \"$R\" heads/node/lan/a) $(tip "
	          "\"$R\" heads/node/lan/own) >told && git -C hub.git cat-file blob "
	          "refs/fleet/seen/own | cmp - told");
	/* Another node has the first commit; a third one all of them. */
	does(hub, "printf 'lan/a x\\nlan/own %%s\\n' $(cat first) | git -C hub.git hash-object -w "
	          "--stdin >id && git -C hub.git update-ref refs/fleet/seen/a $(cat id) && git -C "
	          "hub.git update-ref refs/fleet/seen/b refs/fleet/seen/own");
	exchange_well(hub, SEEN);
	assert_int_equal(hub->report.nodes, 2);
	assert_int_equal(hub->report.behinds, 1);
	assert_string_equal(hub->report.behind[0].node, "a");
	assert_string_equal(hub->report.behind[0].branch, "lan/own");
	assert_int_equal(hub->report.behind[0].commits, 2);
	assert_true(hub->report.behind[0].since > 0);
	/* What has not changed is not written again, and it goes on from there. */
	does(hub, "grow \"$R\" lan/own four && tip hub.git fleet/seen/own >before");
	exchange_well(hub, SEEN);
	does(hub, "test $(tip hub.git fleet/seen/own) != $(cat before) && tip hub.git "
	          "fleet/seen/own >before");
	exchange_well(hub, SEEN);
	does(hub, "test $(tip hub.git fleet/seen/own) = $(cat before)");
	/* Not asked for: nothing is looked at. */
	exchange_well(hub, FETCH_ALL OWN);
	assert_false(hub->report.seen);
}

static void what_is_garbage_or_not_known_is_passed_over(void **state)
{
	struct hub *hub = *state;

	does(hub,
	     "grow \"$R\" lan/own one && put() { git -C hub.git update-ref refs/fleet/seen/$1 "
	     "$(git "
	     "-C hub.git hash-object -w --stdin); }; head -c 300000 /dev/urandom | put big; head "
	     "-c "
	     "200000 /dev/urandom | put noise; echo lan/own "
	     "0123456789012345678901234567890123456789 | put a; echo 'lan/own --output=x' | put b; "
	     "echo lan/other $(tip \"$R\" heads/node/lan/own) | put c; grow hub.git lan/x one; git "
	     "-C "
	     "hub.git update-ref refs/fleet/seen/commit refs/heads/node/lan/x; git -C hub.git "
	     "update-ref refs/fleet/seen/deep/er refs/fleet/seen/a");
	exchange_well(hub, SEEN);
	assert_true(hub->report.seen);
	assert_int_equal(hub->report.nodes, 4);
	assert_int_equal(hub->report.behinds, 0);
	assert_int_equal(hub->report.pushed, 1);
}

static void a_hub_that_does_not_take_it_is_named(void **state)
{
	struct hub *hub = *state;

	does(hub, "grow \"$R\" lan/own one && printf '#!/bin/sh\\ntest $1 != "
	          "refs/fleet/seen/own\\n' >hub.git/hooks/update && chmod +x hub.git/hooks/update");
	exchange_well(hub, SEEN);
	assert_int_equal(hub->report.pushed, 1);
	assert_int_equal(hub->report.refusals, 1);
	assert_string_equal(hub->report.refused[0].name, "seen");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, hub_begin, hub_end)
	        TEST(a_node_tells_what_it_has_and_reads_who_is_behind),
	        TEST(what_is_garbage_or_not_known_is_passed_over),
	        TEST(a_hub_that_does_not_take_it_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

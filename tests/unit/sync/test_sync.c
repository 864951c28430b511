// SPDX-License-Identifier: MIT
/* Exchanges with a hub that does what it should: stock git with a bare repository. */
#include "hub.h"

static void branches_come_and_go(void **state)
{
	struct hub *hub = *state;

	does(hub, "grow hub.git lan/a one && grow hub.git lan/b one && grow \"$R\" lan/own mine");
	exchange_well(hub, FETCH_ALL OWN);
	assert_int_equal(hub->report.listed, 2);
	assert_int_equal(hub->report.fetched, 2);
	assert_int_equal(hub->report.pushed, 1);
	assert_true(hub->report.bytes > 0);
	assert_fetched(hub, "lan/a");
	assert_fetched(hub, "lan/b");
	does(hub, "test $(tip hub.git heads/node/lan/own) = $(tip \"$R\" heads/node/lan/own)");
	/* What it pushed, it need not fetch. */
	exchange_well(hub, FETCH_ALL OWN);
	assert_int_equal(hub->report.listed, 3);
	assert_int_equal(hub->report.changed, 0);
	assert_int_equal(hub->report.pushed, 0);
	assert_int_equal(hub->report.refusals, 0);
	assert_fetched(hub, "lan/own");
	/* Other references stay alone. */
	does(hub, "test -z \"$(git -C \"$R\" for-each-ref refs/heads | grep -v node/lan/own)\"");
}

static void only_what_is_asked_for_is_fetched(void **state)
{
	struct hub *hub = *state;

	does(hub, "grow hub.git lan/a one && grow hub.git wlan/a one && grow hub.git wlan/b one && "
	          "git -C hub.git update-ref refs/heads/node/deep/er/one "
	          "$(tip hub.git heads/node/lan/a) && "
	          "git -C hub.git update-ref refs/heads/main $(tip hub.git heads/node/lan/a)");
	exchange_well(hub, ",\"fetch\":[\"refs/heads/node/lan/*\",\"refs/heads/node/deep/*\"]");
	assert_int_equal(hub->report.fetched, 1);
	does(hub, "test \"$(git -C \"$R\" for-each-ref --format='%%(refname)')\" = "
	          "refs/fleet/from/hub/lan/a");
}

static void branches_of_people_stay_where_they_are(void **state)
{
	struct hub *hub = *state;

	does(hub,
	     "grow hub.git lan/a one && grow \"$R\" lan/own mine && "
	     "git -C \"$R\" update-ref refs/heads/review/x $(tip \"$R\" heads/node/lan/own) && "
	     "git -C hub.git update-ref refs/heads/review/y $(tip hub.git heads/node/lan/a)");
	exchange_well(hub, FETCH_ALL OWN);
	does(hub, "test -z \"$(git -C hub.git for-each-ref refs/heads/review/x)\" && "
	          "test -z \"$(git -C \"$R\" for-each-ref | grep review/y)\"");
}

static void many_branches_come_in_batches(void **state)
{
	struct hub *hub = *state;

	does(hub, "grow hub.git lan/n0 x >/dev/null; for i in $(seq 40); do echo \"create "
	          "refs/heads/node/lan/n$i $(git -C hub.git commit-tree -m $i "
	          "$(tip hub.git heads/node/lan/n0)^{tree})\"; done | git -C hub.git update-ref "
	          "--stdin");
	exchange_well(hub, FETCH_ALL);
	assert_int_equal(hub->report.fetched, 41);
	for (int i = 0; i <= 40; i += 8) {
		char name[32];

		snprintf(name, sizeof(name), "lan/n%d", i);
		assert_fetched(hub, name);
	}
}

static void others_branches_are_relayed_before_own(void **state)
{
	struct hub *hub = *state;

	does(hub, "grow \"$R\" lan/own mine && grow \"$R\" lan/z other && git -C hub.git config "
	          "core.logAllRefUpdates false && printf '#!/bin/sh\\necho $1 >>order\\n' "
	          ">hub.git/hooks/update && chmod +x hub.git/hooks/update");
	exchange_well(hub, FETCH_ALL RELAY OWN);
	assert_int_equal(hub->report.pushed, 2);
	does(hub, "test \"$(tr '\\n' ' ' <hub.git/order)\" = "
	          "'refs/heads/node/lan/z refs/heads/node/lan/own '");
	/* A remote may be ahead. */
	does(hub, "grow hub.git lan/z newer");
	exchange_well(hub, FETCH_ALL RELAY OWN);
	assert_int_equal(hub->report.fetched, 1);
	assert_int_equal(hub->report.pushed, 0);
	assert_int_equal(hub->report.refusals, 0);
}

static void a_key_that_may_write_one_branch_writes_that_one(void **state)
{
	struct hub *hub = *state;

	does(hub, "grow \"$R\" lan/own mine && grow \"$R\" lan/z other && printf '#!/bin/sh\\ntest "
	          "$1 = refs/heads/node/lan/own\\n' >hub.git/hooks/update && chmod +x "
	          "hub.git/hooks/update");
	exchange_well(hub, FETCH_ALL RELAY OWN);
	assert_int_equal(hub->report.pushed, 1);
	assert_int_equal(hub->report.refusals, 1);
	assert_string_equal(hub->report.refused[0].name, "lan/z");
	assert_int_equal(hub->report.refused[0].why, SYNC_REFUSED);
	assert_non_null(strstr(hub->report.refused[0].text, "hook declined"));
	does(hub, "test $(tip hub.git heads/node/lan/own) = $(tip \"$R\" heads/node/lan/own)");
}

static void a_wiped_hub_is_filled_again(void **state)
{
	struct hub *hub = *state;

	does(hub, "grow hub.git lan/a one && grow \"$R\" lan/own mine");
	exchange_well(hub, FETCH_ALL OWN);
	does(hub,
	     "git -C \"$R\" update-ref refs/heads/node/lan/a $(tip hub.git heads/node/lan/a) && "
	     "rm -rf hub.git && git init -q --bare hub.git");
	exchange_well(hub, FETCH_ALL RELAY OWN);
	assert_int_equal(hub->report.listed, 0);
	assert_int_equal(hub->report.pushed, 2);
	assert_int_equal(hub->report.refusals, 0);
	assert_fetched(hub, "lan/a");
	does(hub, "git -C hub.git fsck --strict");
}

static void another_history_of_the_own_branch_is_reported(void **state)
{
	struct hub *hub = *state;

	does(hub, "grow \"$R\" lan/own mine && grow hub.git lan/own foreign");
	exchange_well(hub, FETCH_ALL OWN);
	assert_int_equal(hub->report.pushed, 0);
	assert_int_equal(hub->report.refusals, 1);
	assert_int_equal(hub->report.refused[0].why, SYNC_DIVERGED);
	/* It was fetched, so that one can see whose it is. */
	assert_fetched(hub, "lan/own");
}

static void the_user_s_own_settings_are_read_if_nobody_else_writes_them(void **state)
{
	struct hub *hub = *state;
	char url[128];

	does(hub, "grow hub.git lan/a one && git config -f .gitconfig url.\"$PWD\"/hub.insteadOf "
	          "file:///short && chmod 600 .gitconfig");
	strcpy(url, "file:///short.git");
	assert_int_equal(exchange_url(hub, url, FETCH_ALL), 0);
	assert_fetched(hub, "lan/a");
	does(hub, "chmod g+w .gitconfig");
	assert_int_equal(exchange_url(hub, url, FETCH_ALL), -EPERM);
	assert_non_null(strstr(hub->fault.text, "chmod go-w"));
}

static void a_second_exchange_with_the_same_remote_is_refused(void **state)
{
	struct hub *hub = *state;
	struct quarantine other;

	assert_int_equal(quarantine_make_as(&other, hub->path, "sync-hub", true, &hub->fault), 0);
	assert_int_equal(exchange(hub, FETCH_ALL), -EBUSY);
	quarantine_remove(&other);
	exchange_well(hub, FETCH_ALL);
}

static void invalid_requests_are_refused(void **state)
{
	static const char *const bad[] = {
	        "",
	        "[]",
	        "{\"remote\":\"hub\"}",
	        "{\"url\":\"/x\"}",
	        "{\"remote\":\"../x\",\"url\":\"/x\"}",
	        "{\"remote\":\"a/b\",\"url\":\"/x\"}",
	        "{\"remote\":\"x.lock\",\"url\":\"/x\"}",
	        "{\"remote\":\"hub\",\"url\":\"/x\",\"fetch\":\"refs/heads/node/a/b\"}",
	        "{\"remote\":\"hub\",\"url\":\"/x\",\"fetch\":[1]}",
	        "{\"remote\":\"hub\",\"url\":\"/x\",\"own\":[\"refs/heads/main\"]}",
	        "{\"remote\":\"hub\",\"url\":\"/x\",\"skip\":[]}",
	};
	struct sync_request request;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(syncrequest_read(&request, bad[i], &fault), -EINVAL);
		syncrequest_clear(&request);
	}
	assert_true(syncrequest_name_is_valid("lan/leaf7"));
	assert_false(syncrequest_name_is_valid("lan"));
	assert_false(syncrequest_name_is_valid("lan/a/b"));
	assert_false(syncrequest_name_is_valid("lan/.."));
	assert_false(syncrequest_name_is_valid("lan/a.lock"));
	assert_false(syncrequest_name_is_valid("lan/a."));
	assert_false(syncrequest_name_is_valid("-x/a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(branches_come_and_go, hub_begin, hub_end),
	        cmocka_unit_test_setup_teardown(only_what_is_asked_for_is_fetched, hub_begin,
	                                        hub_end),
	        cmocka_unit_test_setup_teardown(branches_of_people_stay_where_they_are, hub_begin,
	                                        hub_end),
	        cmocka_unit_test_setup_teardown(many_branches_come_in_batches, hub_begin, hub_end),
	        cmocka_unit_test_setup_teardown(others_branches_are_relayed_before_own, hub_begin,
	                                        hub_end),
	        cmocka_unit_test_setup_teardown(a_key_that_may_write_one_branch_writes_that_one,
	                                        hub_begin, hub_end),
	        cmocka_unit_test_setup_teardown(a_wiped_hub_is_filled_again, hub_begin, hub_end),
	        cmocka_unit_test_setup_teardown(another_history_of_the_own_branch_is_reported,
	                                        hub_begin, hub_end),
	        cmocka_unit_test_setup_teardown(
	                the_user_s_own_settings_are_read_if_nobody_else_writes_them, hub_begin,
	                hub_end),
	        cmocka_unit_test_setup_teardown(a_second_exchange_with_the_same_remote_is_refused,
	                                        hub_begin, hub_end),
	        cmocka_unit_test(invalid_requests_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* How many addresses the agent learns, and from which senders. It reports each refusal once. */
#include <errno.h>

#include "fixture.h"

#define FIRST   0x0a020001u /* 10.2.0.1 of a /16: verified */
#define PASSIVE 0x0a000001u /* 10.0.0.1 of a /16 */
#define LAN     2
#define AT_ONCE 512 /* the number that may need proof */

static int set_up(void **state)
{
	*state = world_of("10.0.0.0/16", "10.1.0.0/24", "10.2.0.0/16");
	return 0;
}

static void begin(struct world *world, uint32_t learn_limit, uint32_t mac_limit)
{
	for (unsigned i = 0; i < 3; i++) {
		world->policy[i].learn_limit = learn_limit;
		world->policy[i].mac_limit = mac_limit;
	}
	world_start(world, 3);
}

static void prove(struct world *world, uint32_t address, unsigned number)
{
	hear_proof(world, address, station(number));
}

static void unset(struct world *world, uint32_t address)
{
	assert_int_equal(neighbour_declare(world->neighbour, segment_of(world, address),
	                                   address_at(address), NULL, &world->clock),
	                 0);
}

static uint64_t refused(const struct world *world)
{
	struct neighbour_totals totals;

	neighbour_totals(world->neighbour, &totals);
	return totals.refused;
}

/* Addresses of a segment. */

static void learning_stops_at_the_limit(void **state)
{
	struct world *world = *state;

	begin(world, 100, 0);
	for (uint32_t i = 0; i < 150; i++) {
		prove(world, FIRST + i, 1 + i);
		hear(world, PASSIVE + i, station(1 + i));
	}
	assert_state(world, FIRST + 99, SLOT_DYNAMIC);
	assert_state(world, FIRST + 100, SLOT_EMPTY);
	assert_state(world, PASSIVE + 99, SLOT_DYNAMIC);
	assert_state(world, PASSIVE + 100, SLOT_EMPTY);
	assert_int_equal(world->changed, 200);
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 2); /* one for each segment */
	assert_int_equal(refused(world), 150); /* each: twice there, once here */
	ask_for(world, FIRST + 100);
	assert_state(world, FIRST + 100, SLOT_EMPTY);
	/* Known addresses work as before. */
	hear(world, PASSIVE, station(999));
	assert_mac(world, PASSIVE, station(999));
	pass_ms(world, 301000);
	scan_all(world);
	assert_state(world, FIRST, SLOT_STALE);
	program_hears(world, FIRST);
	live_ms(world, 1);
	assert_state(world, FIRST, SLOT_DYNAMIC);
}

static void the_alert_is_repeated_after_a_while_below_the_limit(void **state)
{
	struct world *world = *state;

	begin(world, 100, 0);
	for (uint32_t i = 0; i < 101; i++)
		hear(world, PASSIVE + i, station(1 + i));
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 1);
	assert_int_equal(address_number(last_alert(world)->address), PASSIVE + 100);
	for (uint32_t i = 0; i < 4; i++) /* 4 %: too few */
		unset(world, PASSIVE + i);
	for (uint32_t i = 0; i < 4; i++)
		hear(world, PASSIVE + i, station(1 + i));
	hear(world, PASSIVE + 200, station(1));
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 1);
	for (uint32_t i = 0; i < 5; i++)
		unset(world, PASSIVE + 10 + i);
	for (uint32_t i = 0; i < 5; i++)
		hear(world, PASSIVE + 10 + i, station(1 + 10 + i));
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 1);
	hear(world, PASSIVE + 200, station(1));
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 2);
}

static void only_learning_obeys_the_limit(void **state)
{
	struct world *world = *state;
	const struct entry entry = {.mac = station(7), .since = 1};

	begin(world, 2, 0);
	for (uint32_t i = 0; i < 5; i++) {
		assert_int_equal(apply(world, FIRST + i, &entry, true), 0);
		assert_int_equal(declare(world, FIRST + 10 + i, ENTRY_DYNAMIC, station(1), NULL),
		                 0);
	}
	assert_int_equal(declare(world, FIRST + 20, ENTRY_STATIC, station(1), NULL), 0);
	assert_int_equal(world->alerted, 0);
	prove(world, FIRST + 30, 1);
	assert_state(world, FIRST + 30, SLOT_EMPTY);
	assert_int_equal(last_alert(world)->kind, ALERT_LEARN_LIMIT);
}

static void an_answer_at_the_limit_is_not_learned(void **state)
{
	struct world *world = *state;

	begin(world, 1, 0);
	ask_for(world, FIRST);
	hear(world, FIRST + 1, station(2));
	hear(world, FIRST + 2, station(3));
	hear_answer(world, FIRST + 2, station(3));
	live_ms(world, 1);
	hear_answer(world, FIRST + 1, station(2));
	hear_answer(world, FIRST, station(1));
	live_ms(world, DECIDE_MS);
	assert_state(world, FIRST + 2, SLOT_DYNAMIC);
	assert_state(world, FIRST + 1, SLOT_EMPTY);
	assert_state(world, FIRST, SLOT_EMPTY);
	assert_int_equal(world->open, 0);
	assert_int_equal(refused(world), 2);
}

static void inherited_bindings_count(void **state)
{
	struct world *world = *state;

	begin(world, 10, 0);
	for (uint32_t i = 0; i < 10; i++)
		hear(world, PASSIVE + i, station(1 + i));
	world_dies(world);
	world_start(world, 4);
	hear(world, PASSIVE + 10, station(1));
	assert_state(world, PASSIVE + 10, SLOT_EMPTY);
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(apply(world, PASSIVE + i, NULL, false), 0);
	hear(world, PASSIVE + 10, station(1));
	assert_state(world, PASSIVE + 10, SLOT_DYNAMIC);
}

/* Addresses that need proof. */

static void too_many_claims_at_once_are_refused(void **state)
{
	struct world *world = *state;
	struct neighbour_totals totals;

	begin(world, 0, 0);
	for (uint32_t i = 0; i < 2000; i++)
		hear(world, FIRST + i, station(1 + i));
	neighbour_totals(world->neighbour, &totals);
	assert_int_equal(totals.resolving, AT_ONCE);
	assert_int_equal(totals.refused, 2000 - AT_ONCE);
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 1);
	/* Not below half: no second report. */
	for (uint32_t i = 0; i < AT_ONCE / 2 - 1; i++)
		hear_answer(world, FIRST + i, station(1 + i));
	live_ms(world, 3 * DECIDE_MS);
	for (uint32_t i = 1000; i < 2000; i++)
		hear(world, FIRST + i, station(1 + i));
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 1);
	live_ms(world, 60000);
	assert_int_equal(world->open, 0);
	for (uint32_t i = 3000; i < 4000; i++)
		hear(world, FIRST + i, station(1 + i));
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 2);
}

static void a_contest_without_room_leaves_the_owner_alone(void **state)
{
	struct world *world = *state;

	begin(world, 0, 0);
	prove(world, FIRST, 1);
	for (uint32_t i = 1; i < 1000; i++)
		hear(world, FIRST + i, station(1 + i));
	hear(world, FIRST, station(2));
	assert_state(world, FIRST, SLOT_DYNAMIC);
	assert_mac(world, FIRST, station(1));
}

/* Addresses of a MAC. */

static void one_mac_with_many_addresses_is_reported_once(void **state)
{
	struct world *world = *state;

	begin(world, 0, 10);
	for (uint32_t i = 0; i < 10; i++)
		prove(world, FIRST + i, 1);
	live_ms(world, 3000);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 0);
	prove(world, FIRST + 10, 1);
	live_ms(world, 1000);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 1);
	assert_memory_equal(last_alert(world)->mac.octet, station(1).octet, 6);
	assert_int_equal(address_number(last_alert(world)->address), FIRST + 10);
	assert_int_equal(last_alert(world)->segment, LAN);
	for (uint32_t i = 11; i < 50; i++) {
		prove(world, FIRST + i, 1);
		live_ms(world, 1000);
	}
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 1);
	/* Below the limit, and above again. */
	for (uint32_t i = 10; i < 50; i++)
		unset(world, FIRST + i);
	live_ms(world, 2000);
	prove(world, FIRST + 10, 1);
	live_ms(world, 2000);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 2);
}

static void a_move_counts_for_the_new_mac(void **state)
{
	struct world *world = *state;

	begin(world, 0, 3);
	for (uint32_t i = 0; i < 4; i++)
		hear(world, PASSIVE + i, station(1 + i));
	for (uint32_t i = 0; i < 3; i++)
		hear(world, PASSIVE + i, station(4));
	live_ms(world, 2000);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 1);
	for (uint32_t i = 0; i < 3; i++)
		hear(world, PASSIVE + i, station(1));
	live_ms(world, 2000);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 1);
}

static void declared_and_local_bindings_do_not_count(void **state)
{
	struct world *world = *state;
	struct mac own = station(1);

	begin(world, 0, 3);
	for (uint32_t i = 0; i < 10; i++) {
		assert_int_equal(declare(world, FIRST + i, ENTRY_STATIC, own, NULL), 0);
		neighbour_local(world->neighbour, LAN, address_at(FIRST + 20 + i), &own,
		                &world->clock);
	}
	for (uint32_t i = 0; i < 3; i++)
		prove(world, FIRST + 40 + i, 1);
	live_ms(world, 5000);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 0);
}

static void each_mac_is_counted_by_itself(void **state)
{
	struct world *world = *state;

	begin(world, 0, 3);
	for (uint32_t i = 0; i < 65000; i++)
		hear(world, PASSIVE + i, station(i));
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 0);
	for (uint32_t i = 0; i < 4; i++)
		hear(world, PASSIVE + 65000 + i, station(65100));
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 1);
	assert_memory_equal(last_alert(world)->mac.octet, station(65100).octet, 6);
	/* Also when most have gone, and those that stay have moved closer together. */
	for (uint32_t i = 0; i < 65000; i++) {
		if (i % 5)
			unset(world, PASSIVE + i);
	}
	for (uint32_t i = 0; i < 65000; i += 5) {
		hear(world, PASSIVE + i + 1, station(i));
		hear(world, PASSIVE + i + 2, station(i));
	}
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 1);
	for (uint32_t i = 0; i < 65000; i += 5)
		hear(world, PASSIVE + i + 3, station(i));
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 1 + 13000);
}

static void each_such_mac_is_reported_once(void **state)
{
	struct world *world = *state;

	begin(world, 0, 2);
	for (uint32_t i = 0; i < 300; i++)
		hear(world, PASSIVE + i, station(1 + i / 3));
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 100);
	for (uint32_t i = 0; i < 300; i++)
		hear(world, PASSIVE + 300 + i, station(1 + i / 3));
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 100);
}

static void what_was_inherited_is_counted_and_reported_with_the_next_address(void **state)
{
	struct world *world = *state;

	begin(world, 0, 3);
	for (uint32_t i = 0; i < 4; i++)
		hear(world, PASSIVE + i, station(1));
	world_dies(world);
	world_start(world, 4);
	for (uint32_t i = 0; i < 4; i++) {
		struct entry *entry =
		        entry_copy(world->history[place_of(world, 0, address_at(PASSIVE + i))]);

		assert_int_equal(apply(world, PASSIVE + i, entry, true), 0);
		entry_free(entry);
	}
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 1);
	hear(world, PASSIVE + 4, station(1));
	hear(world, PASSIVE + 5, station(1));
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 2);
}

static void beyond_the_limit_a_mac_is_refused_if_policy_says_so(void **state)
{
	struct world *world = *state;

	world->policy[0].mac_limit_refuses = world->policy[LAN].mac_limit_refuses = true;
	begin(world, 0, 3);
	for (uint32_t i = 0; i < 5; i++)
		prove(world, FIRST + i, 1);
	assert_state(world, FIRST + 2, SLOT_DYNAMIC);
	assert_state(world, FIRST + 3, SLOT_EMPTY);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 1);
	assert_int_equal(address_number(last_alert(world)->address), FIRST + 3);
	/* Heard, and replied. Its oldest IPv6 address might be silent: that shows when it replied.
	 */
	assert_int_equal(refused(world), of_ipv6 ? 3 : 4);
	/* It does not get another's address either, in a contest or by word alone. */
	prove(world, FIRST + 10, 2);
	hear(world, FIRST + 10, station(1));
	assert_state(world, FIRST + 10, SLOT_DYNAMIC);
	for (uint32_t i = 0; i < 3; i++)
		hear(world, PASSIVE + i, station(1));
	hear(world, PASSIVE + 10, station(2));
	hear(world, PASSIVE + 10, station(1));
	assert_mac(world, PASSIVE + 10, station(2));
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 2); /* one for each segment */
	/* Below the limit it may have one more, and the next refusal is reported. */
	unset(world, FIRST);
	prove(world, FIRST + 3, 1);
	assert_state(world, FIRST + 3, SLOT_DYNAMIC);
	prove(world, FIRST + 4, 1);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 3);
	/* People may give it more. */
	assert_int_equal(declare(world, FIRST + 20, ENTRY_DYNAMIC, station(1), NULL), 0);
	/* A miss is asked for, but its answer is refused. */
	ask_for(world, FIRST + 30);
	hear_answer(world, FIRST + 30, station(1));
	live_ms(world, DECIDE_MS);
	assert_state(world, FIRST + 30, SLOT_EMPTY);
	assert_int_equal(world->open, 0);
}

/* How fast. */

static void begin_at(struct world *world, uint32_t rate, uint32_t learn_limit)
{
	for (unsigned i = 0; i < 3; i++) {
		world->policy[i].learn_rate = rate;
		world->policy[i].learn_limit = learn_limit;
	}
	world_start(world, 3);
}

static void hear_at(struct world *world, uint32_t address, struct mac mac, const char *interface)
{
	hear_what(world, address, (struct neighbour_heard){.mac = mac, .interface = interface});
}

static uint32_t learned(const struct world *world)
{
	struct neighbour_totals totals;

	neighbour_totals(world->neighbour, &totals);
	return totals.state[SLOT_DYNAMIC] + totals.state[SLOT_STALE];
}

static void a_port_learns_a_minutes_worth_at_once_and_then_the_rate(void **state)
{
	struct world *world = *state;
	uint32_t at_once;

	begin_at(world, 10, 0);
	for (uint32_t i = 0; i < 2000; i++)
		hear(world, PASSIVE + i, station(1 + i));
	assert_int_equal(learned(world), 600);
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 1);
	assert_int_equal(refused(world), 1400);
	at_once = learned(world);
	for (uint32_t i = 0; i < 6000; i++) { /* a minute */
		hear(world, PASSIVE + 2000 + i, station(2001 + i));
		pass_ms(world, 10);
	}
	assert_in_range(learned(world) - at_once, 599, 601);
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 1);
	/* After a pause all of it is there again, and so is the alert. */
	pass_ms(world, 60000);
	at_once = learned(world);
	for (uint32_t i = 0; i < 1000; i++)
		hear(world, PASSIVE + 10000 + i, station(10000 + i));
	assert_int_equal(learned(world) - at_once, 600);
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 2);
}

static void one_mac_gets_a_quarter_of_it(void **state)
{
	struct world *world = *state;

	begin_at(world, 10, 0);
	for (uint32_t i = 0; i < 1000; i++)
		hear(world, PASSIVE + i, station(1));
	assert_int_equal(learned(world), 150);
	hear(world, PASSIVE + 1000, station(2));
	assert_state(world, PASSIVE + 1000, SLOT_DYNAMIC);
}

static void each_port_has_a_rate_of_its_own(void **state)
{
	struct world *world = *state;

	begin_at(world, 10, 0);
	for (uint32_t i = 0; i < 1000; i++)
		hear_at(world, PASSIVE + i, station(1 + i), "eth0");
	assert_int_equal(learned(world), 600);
	hear_at(world, PASSIVE + 2000, station(2000), "eth1");
	hear_at(world, PASSIVE + 2001, station(2000), NULL);
	assert_int_equal(learned(world), 602);
	hear_at(world, PASSIVE + 2002, station(2000), "eth0");
	assert_int_equal(learned(world), 602);
}

static void moves_count_and_known_hosts_lose_nothing(void **state)
{
	struct world *world = *state;

	begin_at(world, 10, 0);
	for (uint32_t i = 0; i < 600; i++)
		hear(world, PASSIVE + i % 10, station(1 + i));
	assert_int_equal(world->changed, 600);
	hear(world, PASSIVE, station(9999));
	assert_mac(world, PASSIVE, station(591));
	assert_int_equal(world->changed, 600);
	hear(world, PASSIVE, station(591));
	assert_int_equal(declare(world, PASSIVE + 50, ENTRY_STATIC, station(1), NULL), 0);
	assert_int_equal(declare(world, PASSIVE + 51, ENTRY_DYNAMIC, station(1), NULL), 0);
	assert_int_equal(world->open, 0);
}

/* Room that is kept. */

static void the_last_part_of_the_room_is_for_macs_with_few_addresses(void **state)
{
	struct world *world = *state;

	begin_at(world, 0, 800);
	for (uint32_t i = 0; i < 2000; i++)
		hear(world, PASSIVE + i, station(1 + i % 3));
	assert_int_equal(learned(world), 700);
	for (uint32_t i = 0; i < 200; i++)
		hear(world, PASSIVE + 2000 + i, station(100 + i / 5)); /* four each, not five */
	assert_int_equal(learned(world), 800);
	assert_state(world, PASSIVE + 2003, SLOT_DYNAMIC);
	assert_state(world, PASSIVE + 2004, SLOT_EMPTY);
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 2); /* scarce, and full */
}

static void invented_macs_behind_one_port_leave_room_for_other_ports(void **state)
{
	struct world *world = *state;

	begin_at(world, 0, 800);
	for (uint32_t i = 0; i < 10; i++)
		hear_at(world, PASSIVE + 5000 + i, station(5000 + i), "eth1");
	for (uint32_t i = 0; i < 2000; i++)
		hear_at(world, PASSIVE + i, station(1 + i), "eth0");
	assert_int_equal(learned(world), 700);
	for (uint32_t i = 0; i < 90; i++)
		hear_at(world, PASSIVE + 6000 + i, station(6000 + i), "eth1");
	assert_int_equal(learned(world), 790);
	hear_at(world, PASSIVE + 1999, station(2000), "eth0");
	assert_int_equal(learned(world), 790);
	/* Its own bindings go, and it may have others. */
	for (uint32_t i = 0; i < 300; i++)
		unset(world, PASSIVE + i);
	hear_at(world, PASSIVE + 1999, station(2000), "eth0");
	assert_state(world, PASSIVE + 1999, SLOT_DYNAMIC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)
	        TEST(learning_stops_at_the_limit),
	        TEST(the_alert_is_repeated_after_a_while_below_the_limit),
	        TEST(only_learning_obeys_the_limit),
	        TEST(an_answer_at_the_limit_is_not_learned),
	        TEST(inherited_bindings_count),
	        TEST(too_many_claims_at_once_are_refused),
	        TEST(a_contest_without_room_leaves_the_owner_alone),
	        TEST(one_mac_with_many_addresses_is_reported_once),
	        TEST(a_move_counts_for_the_new_mac),
	        TEST(declared_and_local_bindings_do_not_count),
	        TEST(each_mac_is_counted_by_itself),
	        TEST(each_such_mac_is_reported_once),
	        TEST(what_was_inherited_is_counted_and_reported_with_the_next_address),
	        TEST(beyond_the_limit_a_mac_is_refused_if_policy_says_so),
	        TEST(a_port_learns_a_minutes_worth_at_once_and_then_the_rate),
	        TEST(one_mac_gets_a_quarter_of_it),
	        TEST(each_port_has_a_rate_of_its_own),
	        TEST(moves_count_and_known_hosts_lose_nothing),
	        TEST(the_last_part_of_the_room_is_for_macs_with_few_addresses),
	        TEST(invented_macs_behind_one_port_leave_room_for_other_ports),
	};

	return run_families(tests);
}

// SPDX-License-Identifier: MIT
/* Whether a learned address is a router's: its holder's advertisements say so (RFC 4861 4.4, R). */
#include "fixture.h"

#define HOST   0x0a020011u /* where addresses need proof */
#define LAN    2
#define ROUTES (SLOT_ANSWER | SLOT_ROUTER)

static int begin_at(void **state, bool link_local)
{
	struct world *world;

	of_ipv6 = true;
	of_link_local = link_local;
	world = world_of("10.0.0.0/24", "10.1.0.0/24", "10.2.0.0/24");
	world_start(world, 5);
	*state = world;
	return 0;
}

static int begin(void **state)
{
	return begin_at(state, true);
}

static int begin_global(void **state)
{
	return begin_at(state, false);
}

static int end(void **state)
{
	world_free(*state);
	return 0;
}

static void advertise(struct world *world, struct mac mac, bool router)
{
	hear_what(world, HOST,
	          (struct neighbour_heard){.mac = mac,
	                                   .reply = true,
	                                   .answer = true,
	                                   .advertised = true,
	                                   .router = router,
	                                   .interface = "eth0"});
}

/* It claims the address, replies to the agent, and has it. */
static void learn(struct world *world, struct mac mac, bool router)
{
	hear(world, HOST, mac);
	advertise(world, mac, router);
	live_ms(world, DECIDE_MS);
	assert_int_equal(view_of(world, HOST).state, SLOT_DYNAMIC);
}

static void assert_flags(struct world *world, uint8_t flags)
{
	assert_int_equal(view_of(world, HOST).flags, flags);
	assert_int_equal(binding_of(world, HOST).flags, flags);
}

static void a_learned_router_is_answered_as_one(void **state)
{
	struct world *world = *state;

	learn(world, station(1), true);
	assert_flags(world, ROUTES);
}

static void the_link_local_address_of_a_host_speaks_for_itself(void **state)
{
	struct world *world = *state;

	learn(world, station(1), false);
	assert_flags(world, 0);
}

static void a_global_address_has_what_its_holder_says(void **state)
{
	struct world *world = *state;

	learn(world, station(1), false);
	assert_flags(world, SLOT_ANSWER);
	advertise(world, station(1), true);
	assert_flags(world, ROUTES);
	advertise(world, station(1), false);
	assert_flags(world, SLOT_ANSWER);
}

static void a_host_becomes_a_router_and_ceases_to_be_one(void **state)
{
	struct world *world = *state;
	unsigned changed;

	learn(world, station(1), false);
	changed = world->changed;
	advertise(world, station(1), true);
	assert_flags(world, ROUTES);
	advertise(world, station(1), false);
	assert_flags(world, 0);
	assert_int_equal(world->changed, changed); /* nothing durable */
}

static void only_an_advertisement_says_it(void **state)
{
	struct world *world = *state;

	learn(world, station(1), true);
	hear(world, HOST, station(1)); /* as a solicitation, which has no R */
	assert_flags(world, ROUTES);
}

static void only_the_holders_own_word_counts(void **state)
{
	struct world *world = *state;

	learn(world, station(1), true);
	advertise(world, station(2), false);
	assert_flags(world, ROUTES);
	program_hears(world, HOST);
	live_ms(world, 2000);
	assert_flags(world, ROUTES);
}

static void another_holder_is_a_router_when_it_says_so(void **state)
{
	struct world *world = *state;

	learn(world, station(1), true);
	advertise(world, station(2), false);
	for (unsigned i = 0; i < 8; i++) {
		live_ms(world, 1000);
		advertise(world, station(2), false);
	}
	assert_true(mac_equal(view_of(world, HOST).mac, station(2)));
	assert_flags(world, 0);
}

static void it_stays_known_while_the_address_ages_and_is_verified(void **state)
{
	struct world *world = *state;

	learn(world, station(1), true);
	pass_ms(world, 301000);
	scan_all(world);
	assert_int_equal(view_of(world, HOST).state, SLOT_STALE);
	assert_flags(world, ROUTES);
	pass_ms(world, 1000);
	program_hears(world, HOST);
	live_ms(world, 1000);
	scan_all(world);
	assert_int_equal(view_of(world, HOST).state, SLOT_DYNAMIC);
	assert_flags(world, ROUTES);
}

static void it_survives_a_restart_with_the_slot(void **state)
{
	struct world *world = *state;
	const struct entry entry = {.mac = station(1), .since = world->clock.wall};

	learn(world, station(1), true);
	world_dies(world);
	world_start(world, 6);
	assert_flags(world, ROUTES);
	assert_true(apply(world, HOST, &entry, APPLY_VERIFY) >= 0);
	assert_flags(world, ROUTES);
}

static void what_history_alone_knows_speaks_for_itself(void **state)
{
	struct world *world = *state;
	const struct entry entry = {.mac = station(1), .since = world->clock.wall};

	assert_int_equal(apply(world, HOST, &entry, APPLY_VERIFY), 0);
	assert_flags(world, 0);
	advertise(world, station(1), true); /* asked, it says so */
	assert_flags(world, ROUTES);
}

static void a_declared_one_is_what_the_operator_says(void **state)
{
	struct world *world = *state;

	learn(world, station(1), true);
	declare(world, HOST, ENTRY_STATIC, station(1), NULL);
	assert_flags(world, SLOT_ANSWER | SLOT_OVERRIDE);
	advertise(world, station(1), true);
	assert_flags(world, SLOT_ANSWER | SLOT_OVERRIDE);
}

static void another_learned_binding_is_no_routers_yet(void **state)
{
	struct world *world = *state;

	learn(world, station(1), true);
	declare(world, HOST, ENTRY_DYNAMIC, station(2), NULL);
	assert_flags(world, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_learned_router_is_answered_as_one, begin, end),
	        cmocka_unit_test_setup_teardown(the_link_local_address_of_a_host_speaks_for_itself,
	                                        begin, end),
	        cmocka_unit_test_setup_teardown(a_global_address_has_what_its_holder_says,
	                                        begin_global, end),
	        cmocka_unit_test_setup_teardown(a_host_becomes_a_router_and_ceases_to_be_one, begin,
	                                        end),
	        cmocka_unit_test_setup_teardown(only_an_advertisement_says_it, begin, end),
	        cmocka_unit_test_setup_teardown(only_the_holders_own_word_counts, begin, end),
	        cmocka_unit_test_setup_teardown(another_holder_is_a_router_when_it_says_so, begin,
	                                        end),
	        cmocka_unit_test_setup_teardown(
	                it_stays_known_while_the_address_ages_and_is_verified, begin, end),
	        cmocka_unit_test_setup_teardown(it_survives_a_restart_with_the_slot, begin, end),
	        cmocka_unit_test_setup_teardown(what_history_alone_knows_speaks_for_itself, begin,
	                                        end),
	        cmocka_unit_test_setup_teardown(a_declared_one_is_what_the_operator_says, begin,
	                                        end),
	        cmocka_unit_test_setup_teardown(another_learned_binding_is_no_routers_yet, begin,
	                                        end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

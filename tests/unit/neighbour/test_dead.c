/* SPDX-License-Identifier: MIT */
/* Dead addresses: how long the agent remembers the silence, when the sponge answers, and which
 * hosts it corrects afterwards. Also the link: without it, silence proves nothing. */
#include <errno.h>

#include "fixture.h"

#define HOST    0x0a020011u /* 10.2.0.17 of a /19: verified, with a sponge */
#define PASSIVE 0x0a000011u /* 10.0.0.17 */
#define LAN     2
#define HOLDERS 4096 /* the number that the agent remembers */
#define ASKER   0x0a021001u

static int set_up(void **state)
{
	struct world *world = world_of("10.0.0.0/24", "10.1.0.0/24", "10.2.0.0/19");

	world_start(world, 7);
	*state = world;
	return 0;
}

static void make_dead(struct world *world, uint32_t address)
{
	ask_for(world, address);
	assert_state(world, address, SLOT_PENDING);
	live_ms(world, 6100);
	assert_state(world, address, SLOT_DEAD);
}

/* How long the address stays dead after a miss. Asking takes 3 to 6 seconds. */
static uint32_t dead_for(struct world *world)
{
	uint32_t begin;

	make_dead(world, HOST);
	begin = world->clock.now;
	while (view_of(world, HOST).state == SLOT_DEAD) {
		pass_ms(world, 1000);
		scan_all(world);
		assert_true(world->clock.now - begin < 700);
	}
	assert_state(world, HOST, SLOT_EMPTY);
	return world->clock.now - begin;
}

static void assert_dead_for(struct world *world, uint32_t seconds)
{
	assert_in_range(dead_for(world), seconds - 4, seconds);
}

static bool is_sponged(struct world *world, uint32_t address)
{
	struct neighbour_view view = view_of(world, address);

	if (!(view.flags & SLOT_SPONGE))
		return false;
	assert_int_equal(view.state, SLOT_DEAD);
	assert_int_equal(view.flags, SLOT_ANSWER | SLOT_SPONGE);
	return true;
}

static void make_sponged(struct world *world, uint32_t address)
{
	make_dead(world, address);
	program_is_asked(world, address, SPONGE_RATE);
	scan_all(world);
	assert_true(is_sponged(world, address));
}

static void make_known(struct world *world, uint32_t address, unsigned number)
{
	hear_proof(world, address, station(number));
	assert_state(world, address, SLOT_DYNAMIC);
}

/* Back-off. */

static void each_failure_is_remembered_for_longer(void **state)
{
	static const uint32_t seconds[] = {30, 60, 120, 240, 480, 600, 600, 600};
	struct world *world = *state;

	for (unsigned i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++)
		assert_dead_for(world, seconds[i]);
	assert_int_equal(world->changed + world->open, 0);
}

static void hearing_the_address_restarts_the_back_off(void **state)
{
	struct world *world = *state;

	assert_dead_for(world, 30);
	assert_dead_for(world, 60);
	hear(world, HOST, station(1)); /* but does not answer */
	live_ms(world, 6100);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_dead_for(world, 30);
}

static void storing_an_entry_restarts_the_back_off(void **state)
{
	struct world *world = *state;

	assert_dead_for(world, 30);
	assert_dead_for(world, 60);
	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(1), NULL), 0);
	assert_int_equal(
	        neighbour_declare(world->neighbour, LAN, address_at(HOST), NULL, &world->clock), 0);
	assert_dead_for(world, 30);
}

static void a_pause_longer_than_any_back_off_restarts_it(void **state)
{
	struct world *world = *state;

	assert_dead_for(world, 30);
	pass_ms(world, 590000);
	assert_dead_for(world, 60);
	pass_ms(world, 601000);
	assert_dead_for(world, 30);
}

static void any_sign_of_life_ends_the_back_off_at_once(void **state)
{
	struct world *world = *state;

	make_dead(world, HOST);
	hear(world, HOST, station(1));
	assert_state(world, HOST, SLOT_PENDING);
	assert_true(world->asks[world->asked - 1].unicast);
	hear_answer(world, HOST, station(1));
	live_ms(world, DECIDE_MS);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(last_change(world)->kind, TASK_LEARN);
	make_dead(world, PASSIVE);
	hear(world, PASSIVE, station(1));
	assert_state(world, PASSIVE, SLOT_DYNAMIC);
	make_dead(world, HOST + 1);
	hear_answer(world, HOST + 1, station(1)); /* late or unrequested: a claim */
	assert_state(world, HOST + 1, SLOT_PENDING);
}

static void the_memory_of_silence_is_not_a_record(void **state)
{
	struct world *world = *state;
	struct neighbour_view view;
	uint32_t cursor = 0;
	unsigned seen = 0;

	assert_dead_for(world, 30);
	make_dead(world, HOST + 1);
	ask_for(world, HOST);
	assert_state(world, HOST, SLOT_PENDING);
	while (neighbour_next(world->neighbour, &cursor, UINT32_MAX, &view)) {
		assert_null(view.entry);
		seen++;
	}
	assert_int_equal(seen, 2);
	make_known(world, HOST, 1); /* replaces the silence */
	make_known(world, HOST + 1, 2);
}

/* The sponge. */

static void the_sponge_answers_for_a_dead_address_under_heavy_load(void **state)
{
	struct world *world = *state;
	struct neighbour_totals totals;

	make_dead(world, HOST);
	assert_int_equal(world->slots[slot_of(world, HOST)].seen, 0);
	program_is_asked(world, HOST, SPONGE_RATE - 1);
	scan_all(world);
	assert_false(is_sponged(world, HOST));
	assert_int_equal(view_of(world, HOST).seen, 0); /* a count, not a time */
	program_is_asked(world, HOST, 1);
	scan_all(world);
	assert_true(is_sponged(world, HOST));
	assert_mac(world, HOST, sponge_mac);
	assert_int_equal(world->sponges, 1);
	neighbour_totals(world->neighbour, &totals);
	assert_int_equal(totals.sponged, 1);
	assert_int_equal(totals.state[SLOT_DEAD], 1);
	assert_int_equal(world->changed + world->open, 0); /* never durable */
	assert_null(view_of(world, HOST).entry);
}

static void the_sponge_needs_a_rate_a_minute(void **state)
{
	struct world *world = *state;

	for (unsigned i = 0; i < 3; i++)
		(void)dead_for(world);
	make_dead(world, HOST); /* 240 s this time */
	for (unsigned i = 0; i < 220; i++) {
		/* 28 a minute are too few, for any number of minutes. */
		if (i % 2 && i % 30 != 1)
			program_is_asked(world, HOST, 1);
		pass_ms(world, 1000);
		scan_all(world);
		assert_state(world, HOST, SLOT_DEAD);
		assert_false(is_sponged(world, HOST));
	}
}

static void the_minute_begins_with_each_failure(void **state)
{
	struct world *world = *state;

	for (unsigned i = 0; i < 3; i++)
		(void)dead_for(world); /* the last one lasts two minutes */
	make_dead(world, HOST);
	program_is_asked(world, HOST, SPONGE_RATE - 1);
	scan_all(world);
	program_is_asked(world, HOST, 1);
	scan_all(world);
	assert_true(is_sponged(world, HOST));
}

static void without_a_sponge_or_its_mac_no_dead_address_is_answered(void **state)
{
	struct world *world = *state;

	make_dead(world, PASSIVE);
	program_is_asked(world, PASSIVE, 100 * SPONGE_RATE);
	neighbour_sponge_at(world->neighbour, LAN, (struct mac){{0}});
	make_dead(world, HOST);
	program_is_asked(world, HOST, 100 * SPONGE_RATE);
	scan_all(world);
	assert_int_equal(world->sponges, 0);
	neighbour_sponge_at(world->neighbour, LAN, station(5));
	scan_all(world);
	assert_true(is_sponged(world, HOST));
	assert_mac(world, HOST, station(5));
}

static void a_sponged_address_is_asked_for_again_and_answered_meanwhile(void **state)
{
	struct world *world = *state;
	unsigned asked;

	make_sponged(world, HOST);
	asked = world->asked;
	pass_ms(world, 20000);
	program_is_asked(world, HOST, 1);
	pass_ms(world, 11000);
	scan_all(world);
	assert_true(is_sponged(world, HOST));
	assert_int_equal(world->asked, asked + 1);
	assert_false(world->asks[asked].unicast);
	assert_int_equal(world->task_kind[world->begun], TASK_RESOLVE);
	scan_all(world);
	assert_int_equal(world->open, 1);
	live_ms(world, 6100);
	assert_true(is_sponged(world, HOST));
	assert_int_equal(world->open, 0);
	/* 60 s this time. */
	program_is_asked(world, HOST, 1);
	pass_ms(world, 53000);
	scan_all(world);
	assert_int_equal(world->open, 0);
	pass_ms(world, 7000);
	scan_all(world);
	assert_int_equal(world->open, 1);
	hear_answer(world, HOST, station(1));
	assert_state(world, HOST, SLOT_PENDING);
	assert_int_equal(world->sponged, 0);
	live_ms(world, DECIDE_MS);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(last_change(world)->kind, TASK_RESOLVE);
	assert_int_equal(last_change(world)->task, world->begun);
	assert_int_equal(world->open + world->sponged, 0);
}

static void the_sponge_ends_when_requests_end(void **state)
{
	struct world *world = *state;

	make_sponged(world, HOST);
	world->slots[slot_of(world, HOST)].used = world->clock.now - 20; /* before it was dead */
	pass_ms(world, 31000);
	scan_all(world);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(world->sponged + world->open, 0);
}

static void a_sign_of_life_ends_the_sponge_at_once(void **state)
{
	struct world *world = *state;

	make_sponged(world, HOST);
	hear(world, HOST, station(1));
	assert_state(world, HOST, SLOT_PENDING);
	assert_int_equal(view_of(world, HOST).flags, 0);
	assert_mac(world, HOST, (struct mac){{0}});
	assert_int_equal(world->sponged, 0);
	assert_int_equal(world->sponges, 1);
	live_ms(world, 6100);
	assert_state(world, HOST, SLOT_EMPTY);
}

static void the_sponges_mac_is_not_a_sign_of_life(void **state)
{
	struct world *world = *state;

	make_sponged(world, HOST);
	hear(world, HOST, sponge_mac);
	assert_true(is_sponged(world, HOST));
}

static void a_new_mac_is_answered_at_once(void **state)
{
	struct world *world = *state;

	make_sponged(world, HOST);
	make_dead(world, HOST + 1);
	neighbour_sponge_at(world->neighbour, LAN, station(5));
	assert_true(is_sponged(world, HOST));
	assert_mac(world, HOST, station(5));
	assert_false(is_sponged(world, HOST + 1));
	assert_int_equal(world->sponges, 1);
	pass_ms(world, 10000);
	program_is_asked(world, HOST, 1);
	pass_ms(world, 15000);
	scan_all(world);
	assert_int_equal(world->open, 1);
	neighbour_sponge_at(world->neighbour, LAN, (struct mac){{0}});
	assert_state(world, HOST, SLOT_DEAD);
	assert_int_equal(view_of(world, HOST).flags, 0);
	assert_int_equal(world->sponged + world->open, 0);
	neighbour_sponge_at(world->neighbour, 99, station(5));
}

/* The hosts that hold the sponge's MAC. */

static void give(struct world *world, uint32_t address, unsigned holder)
{
	neighbour_sponged(world->neighbour, slot_of(world, address), address_at(ASKER + holder),
	                  station(1000 + holder), &world->clock);
}

static void holders_are_corrected_when_the_address_is_back(void **state)
{
	struct world *world = *state;

	make_sponged(world, HOST);
	make_sponged(world, HOST + 1);
	give(world, HOST, 1);
	give(world, HOST, 2);
	give(world, HOST, 1); /* once is enough */
	give(world, HOST + 1, 1);
	hear(world, HOST, station(9));
	assert_int_equal(world->corrections, 0); /* not before the proof */
	hear_answer(world, HOST, station(9));
	live_ms(world, DECIDE_MS);
	assert_int_equal(world->corrections, 2);
	for (unsigned i = 0; i < 2; i++) {
		const struct correct_note *note = &world->corrected[i];

		assert_int_equal(note->address, HOST);
		assert_memory_equal(note->mac.octet, station(9).octet, 6);
		assert_int_equal(note->holder, ASKER + 1 + i);
		assert_memory_equal(note->holder_mac.octet, station(1001 + i).octet, 6);
	}
	assert_int_equal(
	        neighbour_declare(world->neighbour, LAN, address_at(HOST), NULL, &world->clock), 0);
	make_known(world, HOST, 9); /* and not twice */
	assert_int_equal(world->corrections, 2);
}

static void a_miss_of_a_static_or_local_binding_is_reported_too(void **state)
{
	struct world *world = *state;
	struct mac own = station(9);

	make_sponged(world, HOST);
	make_sponged(world, HOST + 1);
	give(world, HOST, 1);
	give(world, HOST + 1, 2);
	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(3), NULL), 0);
	assert_int_equal(world->corrections, 1);
	neighbour_local(world->neighbour, LAN, address_at(HOST + 1), &own, &world->clock);
	assert_int_equal(world->corrections, 2);
	assert_memory_equal(world->corrected[1].mac.octet, own.octet, 6);
}

static void holders_are_remembered_when_the_sponge_has_ended(void **state)
{
	struct world *world = *state;

	make_sponged(world, HOST);
	give(world, HOST, 1);
	hear(world, HOST, station(3)); /* but does not answer */
	live_ms(world, 6100);
	assert_state(world, HOST, SLOT_EMPTY);
	make_dead(world, HOST);
	make_known(world, HOST, 9);
	assert_int_equal(world->corrections, 1);
}

static void a_late_asker_is_corrected_at_once(void **state)
{
	struct world *world = *state;

	make_known(world, HOST, 9);
	give(world, HOST, 1);
	assert_int_equal(world->corrections, 1);
	assert_memory_equal(world->corrected[0].mac.octet, station(9).octet, 6);
	/* A host without an address or a MAC holds nothing. */
	neighbour_sponged(world->neighbour, slot_of(world, HOST), (struct address){0}, station(1),
	                  &world->clock);
	neighbour_sponged(world->neighbour, slot_of(world, HOST), address_at(ASKER),
	                  (struct mac){{0}}, &world->clock);
	neighbour_sponged(world->neighbour, UINT32_MAX, address_at(ASKER), station(1),
	                  &world->clock);
	assert_int_equal(world->corrections, 1);
}

static void the_oldest_holders_are_forgotten_and_the_correction_is_broadcast(void **state)
{
	static const struct mac broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	struct world *world = *state;

	make_sponged(world, HOST);
	make_sponged(world, HOST + 1);
	give(world, HOST, 0);
	give(world, HOST, 1);
	for (unsigned i = 0; i < HOLDERS - 1; i++)
		give(world, HOST + 1, 10 + i);
	give(world, HOST, 1);               /* the newest one */
	give(world, HOST + 1, HOLDERS + 9); /* evicts the first of the other address */
	make_known(world, HOST, 9);
	assert_int_equal(world->corrections, 2);
	assert_int_equal(world->corrected[0].holder, ASKER + 1);
	assert_int_equal(world->corrected[1].holder, 0);
	assert_memory_equal(world->corrected[1].holder_mac.octet, broadcast.octet, 6);
	assert_memory_equal(world->corrected[1].mac.octet, station(9).octet, 6);
	make_known(world, HOST + 1, 8);
	assert_int_equal(world->corrections, 2 + HOLDERS);
	for (unsigned i = 2; i < 1 + HOLDERS; i++)
		assert_in_range(world->corrected[i].holder, ASKER + 11, ASKER + HOLDERS + 9);
	assert_int_equal(world->corrected[1 + HOLDERS].holder, 0);
}

/* The link. */

static void a_query_proves_nothing_when_the_link_goes_down(void **state)
{
	struct world *world = *state;

	make_known(world, HOST, 1); /* for a contest */
	make_known(world, HOST + 1, 2);
	make_sponged(world, HOST + 2);
	pass_ms(world, 20000);
	program_is_asked(world, HOST + 2, 1);
	world->slots[slot_of(world, HOST + 1)].seen -= 301; /* due for verification */
	pass_ms(world, 10000);
	scan_all(world);
	hear(world, HOST, station(3));
	hear(world, HOST + 3, station(4));
	ask_for(world, HOST + 4);
	assert_int_equal(world->open, 5);
	link_is(world, LAN, false);
	assert_int_equal(world->open, 0);
	assert_state(world, HOST, SLOT_STALE);
	assert_state(world, HOST + 1, SLOT_STALE);
	assert_true(is_sponged(world, HOST + 2));
	assert_state(world, HOST + 3, SLOT_EMPTY);
	assert_state(world, HOST + 4, SLOT_EMPTY);
	assert_int_equal(world->changed_by[TASK_EXPIRE], 0);
}

static void while_the_link_is_down_no_address_is_asked_or_ages(void **state)
{
	struct world *world = *state;
	unsigned asked;

	make_known(world, HOST, 1);
	make_dead(world, HOST + 1);
	hear(world, PASSIVE, station(1));
	asked = world->asked;
	link_is(world, LAN, false);
	for (unsigned i = 0; i < 10; i++) {
		ask_for(world, HOST + 2);
		hear(world, HOST + 3, station(4));
		hear(world, HOST, station(5));
		pass_ms(world, 100000);
		scan_all(world);
		live_ms(world, 10);
	}
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_state(world, HOST + 1, SLOT_DEAD);
	assert_state(world, HOST + 2, SLOT_EMPTY);
	assert_state(world, HOST + 3, SLOT_EMPTY);
	assert_state(world, PASSIVE, SLOT_EMPTY); /* another segment's address has expired */
	for (; asked < world->asked; asked++)
		assert_int_equal(world->asks[asked].address, PASSIVE);
	hear(world, HOST + 1, station(6)); /* a sign of life counts even now */
	assert_state(world, HOST + 1, SLOT_EMPTY);
	needs_slot();
	write_slot(world, HOST + 5, SLOT_STATIC, station(7));
	scan_all(world); /* the scan finds outsiders' writes */
	assert_state(world, HOST + 5, SLOT_STATIC);
}

static void when_the_link_is_up_older_bindings_are_verified(void **state)
{
	struct world *world = *state;

	for (unsigned i = 0; i < 1000; i++)
		make_known(world, HOST + i, 1 + i);
	pass_ms(world, 5000);
	link_is(world, LAN, false);
	pass_ms(world, 5000);
	link_is(world, LAN, true);
	link_is(world, LAN, true); /* repeated */
	make_known(world, HOST + 2000, 9);
	world->asked = 0;
	scan_all(world);
	assert_state(world, HOST, SLOT_STALE);
	assert_int_equal(view_of(world, HOST).flags, SLOT_ANSWER);
	assert_state(world, HOST + 999, SLOT_DYNAMIC); /* waits for its turn: 512 at once */
	assert_state(world, HOST + 2000, SLOT_DYNAMIC);
	/* All answer, so none is lost. */
	for (unsigned second = 0; second < 10; second++) {
		for (unsigned i = 0; i < world->asked; i++)
			program_hears(world, world->asks[i].address);
		live_ms(world, 1000);
		scan_all(world);
	}
	for (unsigned i = 0; i < 1000; i++) {
		assert_state(world, HOST + i, SLOT_DYNAMIC);
		assert_true(view_of(world, HOST + i).seen >= world->clock.now - 11);
	}
	assert_int_equal(world->asked, 1000);
	assert_int_equal(world->changed_by[TASK_EXPIRE], 0);
}

static void a_host_that_is_silent_after_link_up_expires(void **state)
{
	struct world *world = *state;

	make_known(world, HOST, 1);
	link_is(world, LAN, false);
	pass_ms(world, 1000);
	link_is(world, LAN, true);
	scan_all(world);
	live_ms(world, 6100);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(last_change(world)->kind, TASK_EXPIRE);
	neighbour_link(world->neighbour, 99, false, &world->clock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)
	        TEST(each_failure_is_remembered_for_longer),
	        TEST(hearing_the_address_restarts_the_back_off),
	        TEST(storing_an_entry_restarts_the_back_off),
	        TEST(a_pause_longer_than_any_back_off_restarts_it),
	        TEST(any_sign_of_life_ends_the_back_off_at_once),
	        TEST(the_memory_of_silence_is_not_a_record),
	        TEST(the_sponge_answers_for_a_dead_address_under_heavy_load),
	        TEST(the_sponge_needs_a_rate_a_minute),
	        TEST(the_minute_begins_with_each_failure),
	        TEST(without_a_sponge_or_its_mac_no_dead_address_is_answered),
	        TEST(a_sponged_address_is_asked_for_again_and_answered_meanwhile),
	        TEST(the_sponge_ends_when_requests_end),
	        TEST(a_sign_of_life_ends_the_sponge_at_once),
	        TEST(the_sponges_mac_is_not_a_sign_of_life),
	        TEST(a_new_mac_is_answered_at_once),
	        TEST(holders_are_corrected_when_the_address_is_back),
	        TEST(a_miss_of_a_static_or_local_binding_is_reported_too),
	        TEST(holders_are_remembered_when_the_sponge_has_ended),
	        TEST(a_late_asker_is_corrected_at_once),
	        TEST(the_oldest_holders_are_forgotten_and_the_correction_is_broadcast),
	        TEST(a_query_proves_nothing_when_the_link_goes_down),
	        TEST(while_the_link_is_down_no_address_is_asked_or_ages),
	        TEST(when_the_link_is_up_older_bindings_are_verified),
	        TEST(a_host_that_is_silent_after_link_up_expires),
	};

	return run_families(tests);
}

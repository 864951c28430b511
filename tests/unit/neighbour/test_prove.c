/* SPDX-License-Identifier: MIT */
/* A free address: who speaks first does not have it for that. Every host is asked before one is
 * learned, and of two that reply neither is. */
#include <errno.h>

#include "fixture.h"

#define HOST 0x0a020011u /* 10.2.0.17, where addresses need proof */

static int set_up(void **state)
{
	struct world *world = world_of("10.0.0.0/24", "10.1.0.0/24", "10.2.0.0/19");

	world_start(world, 7);
	*state = world;
	return 0;
}

static void assert_asks(const struct asked_note *note, struct mac to)
{
	assert_true(note->unicast);
	assert_memory_equal(note->to.octet, to.octet, 6);
}

static void assert_alert(struct world *world, struct mac mac, struct mac other)
{
	assert_int_equal(last_alert(world)->kind, ALERT_CONFLICT);
	assert_memory_equal(last_alert(world)->mac.octet, mac.octet, 6);
	assert_memory_equal(last_alert(world)->other.octet, other.octet, 6);
}

/* A thief claims the address and replies, and so does the owner, when all hosts are asked. */
static void make_conflict(struct world *world, uint32_t address)
{
	hear(world, address, station(2));
	hear_answer(world, address, station(2));
	live_ms(world, 5);
	hear_answer(world, address, station(1));
	assert_state(world, address, SLOT_PENDING);
	assert_alert(world, station(1), station(2));
}

static void every_host_is_asked_before_a_claimant_is_learned(void **state)
{
	struct world *world = *state;
	uint32_t heard;

	hear(world, HOST, station(1));
	hear_answer(world, HOST, station(1));
	assert_int_equal(world->asked, 2);
	assert_asks(&world->asks[0], station(1));
	assert_false(world->asks[1].unicast);
	heard = world->clock.now;
	live_ms(world, DECIDE_MS - 1);
	assert_state(world, HOST, SLOT_PENDING);
	assert_int_equal(world->changed + world->alerted, 0);
	live_ms(world, 1);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(view_of(world, HOST).seen, heard);
	assert_mac(world, HOST, station(1));
	assert_int_equal(world->asked, 2); /* once */
	assert_int_equal(last_change(world)->kind, TASK_LEARN);
	assert_int_equal(last_alert(world)->kind, ALERT_NEW_STATION);
	assert_int_equal(world->open, 0);
}

static void a_sender_that_does_not_reply_costs_no_broadcast(void **state)
{
	struct world *world = *state;

	for (uint32_t i = 0; i < 200; i++)
		hear(world, HOST + i, station(100 + i));
	live_ms(world, 10000);
	assert_int_equal(world->asked, 200 * RESOLVE_TRIES);
	for (unsigned i = 0; i < world->asked; i++)
		assert_true(world->asks[i].unicast);
}

static void a_quiet_owner_is_not_robbed_by_a_claimant_that_speaks_first(void **state)
{
	struct world *world = *state;

	make_conflict(world, HOST);
	assert_int_equal(world->asked, 2);
	live_ms(world, 994); /* a second after the broadcast */
	assert_int_equal(world->asked, 2);
	live_ms(world, 1);
	assert_int_equal(world->asked, 4);
	assert_asks(&world->asks[2], station(2));
	assert_asks(&world->asks[3], station(1));
	hear_answer(world, HOST, station(2));
	assert_state(world, HOST, SLOT_PENDING);
	hear_answer(world, HOST, station(1));
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(world->changed + world->open, 0);
	assert_int_equal(world->alerted, 1);
}

static void a_miss_is_not_decided_by_the_first_reply_either(void **state)
{
	struct world *world = *state;

	ask_for(world, HOST);
	hear_answer(world, HOST, station(2));
	live_ms(world, DECIDE_MS - 1);
	assert_state(world, HOST, SLOT_PENDING);
	assert_int_equal(world->asked, 1);
	hear_answer(world, HOST, station(1));
	assert_alert(world, station(1), station(2));
	live_ms(world, 1);
	hear_answer(world, HOST, station(2));
	hear_answer(world, HOST, station(1));
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(world->changed + world->open, 0);
}

/* A proxy that answers for a host that has gone, say. */
static void of_two_that_replied_the_one_that_replies_again_is_learned(void **state)
{
	struct world *world = *state;

	for (unsigned winner = 1; winner <= 2; winner++) {
		uint32_t address = HOST + winner;

		make_conflict(world, address);
		live_ms(world, 1500);
		hear_answer(world, address, station(winner));
		live_ms(world, 2600);
		assert_state(world, address, SLOT_DYNAMIC);
		assert_mac(world, address, station(winner));
		assert_int_equal(last_change(world)->kind, TASK_LEARN);
		assert_string_equal(last_change(world)->trigger, "reply");
		assert_string_equal(last_change(world)->interface, "eth1");
	}
	assert_int_equal(world->asked, 2 * (2 + 6));
	assert_int_equal(world->open, 0);
}

static void when_both_fall_silent_the_address_is_free_and_not_dead(void **state)
{
	struct world *world = *state;

	ask_for(world, HOST);
	hear_answer(world, HOST, station(2));
	hear_answer(world, HOST, station(1));
	live_ms(world, 4000);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(world->asked, 1 + 6);
	assert_int_equal(world->changed + world->open, 0);
}

static void a_third_host_changes_nothing(void **state)
{
	struct world *world = *state;

	make_conflict(world, HOST);
	hear_answer(world, HOST, station(3));
	live_ms(world, 1500);
	hear_answer(world, HOST, station(3));
	hear_answer(world, HOST, station(1));
	live_ms(world, 2600);
	assert_mac(world, HOST, station(1));
	assert_int_equal(world->alerted_by[ALERT_CONFLICT], 1);
}

static void another_sender_is_asked_and_its_reply_is_a_conflict(void **state)
{
	struct world *world = *state;

	hear(world, HOST, station(2));
	hear_answer(world, HOST, station(2));
	hear(world, HOST, station(1)); /* an announcement, not a reply */
	assert_int_equal(world->asked, 3);
	assert_asks(&world->asks[2], station(1));
	hear_answer(world, HOST, station(1));
	assert_alert(world, station(1), station(2));
}

/* Both claimants have replied: no host has the address, and it rests. */
static void begin_rest(struct world *world)
{
	make_conflict(world, HOST);
	live_ms(world, 1000);
	hear_answer(world, HOST, station(2));
	hear_answer(world, HOST, station(1));
	assert_state(world, HOST, SLOT_EMPTY);
}

static void after_a_conflict_the_address_rests_and_then_the_last_claimant_has_its_turn(void **state)
{
	struct world *world = *state;
	unsigned asked;

	begin_rest(world);
	asked = world->asked;
	for (unsigned i = 0; i < 900; i++) {
		hear(world, HOST, station(3));
		hear(world, HOST, station(1));
		ask_for(world, HOST);
		live_ms(world, 10);
	}
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(world->asked, asked);
	live_ms(world, 2000);
	assert_int_equal(world->asked, asked + 1);
	assert_asks(&world->asks[asked], station(1));
	hear_answer(world, HOST, station(1)); /* the other has gone */
	live_ms(world, DECIDE_MS);
	assert_mac(world, HOST, station(1));
	assert_int_equal(world->alerted_by[ALERT_CONFLICT], 1);
}

/* In IPv6 the scan would give the slot back, and the claim would go with it. */
static void a_scan_before_its_turn_leaves_the_last_claimant_its_turn(void **state)
{
	struct world *world = *state;
	unsigned asked;

	begin_rest(world);
	hear(world, HOST, station(1));
	asked = world->asked;
	pass_ms(world, 10000);
	scan_all(world);
	live_ms(world, 1000);
	assert_int_equal(world->asked, asked + 1);
	assert_asks(&world->asks[asked], station(1));
}

/* Blind replies: they hit the agent before it has asked. */
static void a_reply_that_comes_before_the_request_does_not_count(void **state)
{
	struct world *world = *state;

	for (uint32_t i = 0; i < 400; i++) {
		hear_answer(world, HOST + i, station(2));
		hear_answer(world, HOST + i, station(2));
	}
	for (unsigned i = 0; i < world->asked; i++)
		assert_true(world->asks[i].address < HOST + 400);
	assert_in_range(world->asked, 250, 350); /* the rate; the rest waits */
	live_ms(world, DECIDE_MS - 1);
	assert_int_equal(world->changed, 0);
	assert_state(world, HOST + 399, SLOT_PENDING);
	live_ms(world, 10000);
	assert_state(world, HOST + 399, SLOT_EMPTY);
	assert_int_equal(world->open, 0);
}

static void the_link_ends_the_question(void **state)
{
	struct world *world = *state;

	make_conflict(world, HOST);
	hear(world, HOST + 1, station(1));
	hear_answer(world, HOST + 1, station(1));
	link_is(world, 2, false);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_state(world, HOST + 1, SLOT_EMPTY);
	assert_int_equal(world->open + world->changed, 0);
}

static void what_a_person_says_ends_the_question(void **state)
{
	struct world *world = *state;

	make_conflict(world, HOST);
	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(9), NULL), 0);
	live_ms(world, 5000);
	assert_state(world, HOST, SLOT_STATIC);
	assert_mac(world, HOST, station(9));
	assert_int_equal(world->open, 0);
	assert_int_equal(world->asked, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)
	        TEST(every_host_is_asked_before_a_claimant_is_learned),
	        TEST(a_sender_that_does_not_reply_costs_no_broadcast),
	        TEST(a_quiet_owner_is_not_robbed_by_a_claimant_that_speaks_first),
	        TEST(a_miss_is_not_decided_by_the_first_reply_either),
	        TEST(of_two_that_replied_the_one_that_replies_again_is_learned),
	        TEST(when_both_fall_silent_the_address_is_free_and_not_dead),
	        TEST(a_third_host_changes_nothing),
	        TEST(another_sender_is_asked_and_its_reply_is_a_conflict),
	        TEST(after_a_conflict_the_address_rests_and_then_the_last_claimant_has_its_turn),
	        TEST(a_scan_before_its_turn_leaves_the_last_claimant_its_turn),
	        TEST(a_reply_that_comes_before_the_request_does_not_count),
	        TEST(the_link_ends_the_question),
	        TEST(what_a_person_says_ends_the_question),
	};

	return run_families(tests);
}

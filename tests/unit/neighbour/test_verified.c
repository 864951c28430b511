/* SPDX-License-Identifier: MIT */
/* learn = verified: the agent needs proof for every claim, and a living host keeps its address. */
#include <errno.h>

#include "fixture.h"

#define HOST    0x0a020011u /* 10.2.0.17, where addresses need proof */
#define NETWORK 0x0a020000u
#define LAST    0x0a0200ffu
#define QUIET   0x0a010011u /* 10.1.0.17, in the segment without learning */
#define LAN     2

static int set_up(void **state)
{
	struct world *world = world_of("10.0.0.0/24", "10.1.0.0/24", "10.2.0.0/24");

	world_start(world, 7);
	*state = world;
	return 0;
}

static const struct asked_note *last_asked(const struct world *world)
{
	assert_true(world->asked > 0);
	return &world->asks[world->asked - 1];
}

static void assert_asks(const struct asked_note *note, struct mac to)
{
	assert_true(note->unicast);
	assert_memory_equal(note->to.octet, to.octet, 6);
}

static void make_known(struct world *world, unsigned number)
{
	hear_proof(world, HOST, station(number));
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_mac(world, HOST, station(number));
	world->asked = world->changed = world->alerted = 0;
}

/* A contest between the station that has the address and another that claims it. */
static void make_contested(struct world *world)
{
	make_known(world, 1);
	pass_ms(world, 5000);
	hear(world, HOST, station(2));
	assert_state(world, HOST, SLOT_STALE);
	assert_mac(world, HOST, station(1));
}

/* Claims. */

static void a_sender_is_asked_before_it_is_learned(void **state)
{
	struct world *world = *state;

	hear(world, HOST, station(1));
	assert_state(world, HOST, SLOT_PENDING);
	assert_int_equal(world->task_kind[1], TASK_LEARN);
	assert_int_equal(world->asked, 1);
	assert_asks(last_asked(world), station(1));
	assert_int_equal(world->changed + world->alerted, 0);
	pass_ms(world, 5);
	hear_answer(world, HOST, station(1));
	live_ms(world, DECIDE_MS);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_mac(world, HOST, station(1));
	assert_int_equal(view_of(world, HOST).flags, SLOT_ANSWER);
	assert_int_equal(last_change(world)->kind, TASK_LEARN);
	assert_int_equal(last_change(world)->task, 1);
	assert_string_equal(last_change(world)->interface, "eth1");
	assert_string_equal(view_of(world, HOST).entry->origin, "host1/eth1");
	assert_int_equal(last_alert(world)->kind, ALERT_NEW_STATION);
	assert_int_equal(world->open, 0);
}

static void the_trigger_is_that_of_the_claim(void **state)
{
	struct neighbour_heard heard = {.mac = station(1)};
	struct world *world = *state;

	hear_what(world, HOST, heard);
	hear_answer(world, HOST, station(1));
	live_ms(world, DECIDE_MS);
	assert_string_equal(last_change(world)->trigger, "request");
	heard.trigger = "kernel";
	heard.answer = true;
	hear_what(world, HOST + 1, heard);
	hear_answer(world, HOST + 1, station(1));
	live_ms(world, DECIDE_MS);
	assert_string_equal(last_change(world)->trigger, "kernel");
}

static void a_claimant_that_does_not_reply_leaves_nothing(void **state)
{
	struct world *world = *state;
	uint64_t begin = world->clock.now_ms;

	hear(world, HOST, station(1));
	live_ms(world, 6100);
	assert_state(world, HOST, SLOT_EMPTY); /* not DEAD */
	assert_int_equal(world->asked, RESOLVE_TRIES);
	for (unsigned i = 0; i < world->asked; i++) {
		assert_asks(&world->asks[i], station(1));
		assert_true(world->asks[i].at_ms >= begin + i * 1000);
	}
	assert_int_equal(world->changed + world->alerted + world->open, 0);
	ask_for(world, HOST); /* a request for its owner may follow at once */
	assert_state(world, HOST, SLOT_PENDING);
	assert_false(last_asked(world)->unicast);
}

static void repeating_a_claim_changes_nothing(void **state)
{
	struct world *world = *state;

	for (unsigned i = 0; i < 1000; i++)
		hear(world, HOST, station(1));
	assert_state(world, HOST, SLOT_PENDING);
	assert_int_equal(world->asked, 1);
	assert_int_equal(world->begun, 1);
}

static void a_reply_that_was_not_asked_for_is_a_claim(void **state)
{
	struct world *world = *state;

	hear_answer(world, HOST, station(1));
	assert_state(world, HOST, SLOT_PENDING);
	assert_asks(last_asked(world), station(1));
	live_ms(world, 6100);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(world->changed, 0);
}

static void an_answer_to_a_miss_is_learned_as_resolved(void **state)
{
	struct world *world = *state;

	ask_for(world, HOST);
	assert_false(last_asked(world)->unicast);
	hear_answer(world, HOST, station(1));
	live_ms(world, DECIDE_MS);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(last_change(world)->kind, TASK_RESOLVE);
	assert_int_equal(last_change(world)->task, 1);
	assert_string_equal(last_change(world)->trigger, "request");
	assert_int_equal(world->open, 0);
}

static void any_station_may_answer_for_a_pending_address(void **state)
{
	struct world *world = *state;

	hear(world, HOST, station(1));
	hear_answer(world, HOST, station(2));
	live_ms(world, DECIDE_MS);
	assert_mac(world, HOST, station(2));
	assert_int_equal(last_change(world)->kind, TASK_LEARN);
	ask_for(world, HOST + 1);
	hear_answer(world, HOST + 1, station(3));
	live_ms(world, DECIDE_MS);
	assert_mac(world, HOST + 1, station(3));
}

static void a_missed_host_that_speaks_is_asked_once_a_second(void **state)
{
	struct world *world = *state;

	ask_for(world, HOST);
	pass_ms(world, 100);
	for (unsigned i = 0; i < 100; i++)
		hear(world, HOST, station(1 + i));
	assert_state(world, HOST, SLOT_PENDING); /* a claim, not an answer */
	assert_int_equal(world->asked, 2);
	assert_asks(last_asked(world), station(1));
	pass_ms(world, 999);
	hear(world, HOST, station(1));
	assert_int_equal(world->asked, 2);
	pass_ms(world, 1);
	hear(world, HOST, station(1));
	assert_int_equal(world->asked, 3);
	assert_asks(last_asked(world), station(1));
	hear_answer(world, HOST, station(1));
	live_ms(world, DECIDE_MS);
	assert_int_equal(last_change(world)->kind, TASK_RESOLVE);
}

static void another_claimant_is_asked_once_a_second_too(void **state)
{
	struct world *world = *state;

	hear(world, HOST, station(1));
	hear(world, HOST, station(2));
	hear(world, HOST, station(3));
	assert_int_equal(world->asked, 2);
	assert_asks(last_asked(world), station(2));
	assert_state(world, HOST, SLOT_PENDING);
	live_ms(world, 6100);
	assert_state(world, HOST, SLOT_EMPTY);
}

static void set_ends_a_claim_and_a_contest(void **state)
{
	struct world *world = *state;

	hear(world, HOST + 1, station(1));
	assert_int_equal(declare(world, HOST + 1, ENTRY_STATIC, station(3), NULL), 0);
	make_contested(world);
	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(3), NULL), 0);
	assert_int_equal(world->open, 0);
	hear(world, HOST + 2, station(1));
	write_slot(world, HOST + 2, SLOT_EMPTY, (struct mac){{0}});
	live_ms(world, 7000);
	assert_int_equal(world->open, 0);
	assert_mac(world, HOST, station(3));
}

/* Contests. */

static void both_are_asked_three_times_a_second_apart(void **state)
{
	struct world *world = *state;
	uint64_t begin;

	make_contested(world);
	begin = world->clock.now_ms;
	assert_int_equal(view_of(world, HOST).flags, SLOT_ANSWER); /* still answered */
	live_ms(world, 2999);
	assert_state(world, HOST, SLOT_STALE);
	live_ms(world, 1);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(world->asked, 6);
	for (unsigned i = 0; i < 6; i++) {
		assert_asks(&world->asks[i], station(1 + i % 2));
		assert_true(world->asks[i].at_ms == begin + i / 2 * 1000);
	}
}

static void an_owner_that_speaks_keeps_its_address(void **state)
{
	struct world *world = *state;

	make_contested(world);
	live_ms(world, 1500);
	hear_answer(world, HOST, station(2)); /* the claimant lives, too */
	program_hears(world, HOST);
	live_ms(world, 1);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_mac(world, HOST, station(1));
	assert_int_equal(world->changed, 0);
	assert_int_equal(world->alerted, 1);
	assert_int_equal(last_alert(world)->kind, ALERT_CONFLICT);
	assert_memory_equal(last_alert(world)->mac.octet, station(2).octet, 6);
	assert_memory_equal(last_alert(world)->other.octet, station(1).octet, 6);
	assert_string_equal(world->alert_interface, "eth1");
	assert_int_equal(world->open, 0);
}

static void an_owner_that_spoke_in_that_very_second_is_noticed_when_it_speaks_again(void **state)
{
	struct world *world = *state;

	make_known(world, 1); /* seen now */
	hear(world, HOST, station(2));
	live_ms(world, 1); /* and that was before the contest */
	assert_state(world, HOST, SLOT_STALE);
	program_hears(world, HOST);
	live_ms(world, 1);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_mac(world, HOST, station(1));
	assert_int_equal(last_alert(world)->kind, ALERT_CONFLICT);
}

static void an_owner_that_the_agent_hears_keeps_its_address(void **state)
{
	struct world *world = *state;

	make_contested(world);
	hear(world, HOST, station(1));
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(last_alert(world)->kind, ALERT_CONFLICT);
	assert_int_equal(world->open, 0);
}

static void a_scan_does_not_take_an_older_frame_for_a_reply(void **state)
{
	struct world *world = *state;

	make_contested(world); /* the owner was seen 5 s ago: well within the timeout */
	scan_all(world);
	assert_state(world, HOST, SLOT_STALE);
	assert_int_equal(world->alerted, 0);
}

static void a_silent_owner_loses_its_address_to_a_claimant_that_replies(void **state)
{
	struct world *world = *state;

	make_contested(world);
	live_ms(world, 10);
	hear_answer(world, HOST, station(2));
	live_ms(world, 2980);
	assert_mac(world, HOST, station(1)); /* the owner has until the end */
	live_ms(world, 20);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_mac(world, HOST, station(2));
	assert_int_equal(world->changed, 1);
	assert_int_equal(last_change(world)->kind, TASK_MOVE);
	assert_int_equal(world->task_kind[last_change(world)->task], TASK_MOVE);
	assert_string_equal(last_change(world)->trigger, "reply");
	assert_string_equal(last_change(world)->interface, "eth1");
	assert_int_equal(last_alert(world)->kind, ALERT_MOVED);
	assert_memory_equal(last_alert(world)->other.octet, station(1).octet, 6);
	assert_string_equal(view_of(world, HOST).entry->origin, "host1/eth1");
	assert_int_equal(view_of(world, HOST).seen, world->clock.now);
	assert_int_equal(world->open, 0);
}

static void a_move_back_is_a_flip_flop(void **state)
{
	struct world *world = *state;

	make_contested(world);
	hear_answer(world, HOST, station(2));
	live_ms(world, 3000);
	hear(world, HOST, station(1));
	hear_answer(world, HOST, station(1));
	live_ms(world, 3000);
	assert_mac(world, HOST, station(1));
	assert_int_equal(last_alert(world)->kind, ALERT_FLIP_FLOP);
}

static void when_both_are_silent_the_binding_expires(void **state)
{
	struct world *world = *state;

	make_contested(world);
	live_ms(world, 3000);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(last_change(world)->kind, TASK_EXPIRE);
	assert_int_equal(last_change(world)->task, 0);
	assert_string_equal(last_change(world)->trigger, "silence");
	assert_int_equal(world->alerted, 0);
	assert_int_equal(world->open, 0);
}

static void the_reply_that_began_the_contest_does_not_count(void **state)
{
	struct world *world = *state;

	make_known(world, 1);
	hear_answer(world, HOST, station(2));
	assert_state(world, HOST, SLOT_STALE);
	live_ms(world, 3000);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(last_change(world)->kind, TASK_EXPIRE);
}

static void a_third_party_changes_nothing_and_has_its_turn_later(void **state)
{
	struct world *world = *state;

	make_contested(world);
	hear(world, HOST, station(3));
	hear_answer(world, HOST, station(3));
	hear_answer(world, HOST, station(2));
	live_ms(world, 3000);
	assert_mac(world, HOST, station(2));
	assert_int_equal(world->asked, 6);
	hear(world, HOST, station(3));
	hear_answer(world, HOST, station(3));
	live_ms(world, 3000);
	assert_mac(world, HOST, station(3));
}

static void no_number_of_frames_takes_an_address_from_a_living_host(void **state)
{
	struct world *world = *state;
	unsigned answered = 0;

	make_known(world, 1);
	for (unsigned ms = 0; ms < 120000; ms += 10) {
		for (unsigned i = 0; i < 10; i++)
			hear(world, HOST, station(2 + i % 3));
		hear_answer(world, HOST, station(2));
		/* The owner answers only the requests that it gets. */
		for (; answered < world->asked; answered++) {
			if (!memcmp(world->asks[answered].to.octet, station(1).octet, 6))
				program_hears(world, HOST);
		}
		live_ms(world, 10);
		assert_mac(world, HOST, station(1));
		assert_true(view_of(world, HOST).flags & SLOT_ANSWER);
	}
	assert_int_equal(world->changed, 0);
	/* One contest in ten seconds: two requests and an alert each. The thirteenth has just
	 * begun. */
	assert_int_equal(world->alerted_by[ALERT_CONFLICT], 12);
	assert_int_equal(world->asked, 26);
}

static void after_a_conflict_there_is_a_rest_unless_the_owner_falls_silent(void **state)
{
	struct world *world = *state;

	make_contested(world);
	program_hears(world, HOST);
	live_ms(world, 1);
	assert_state(world, HOST, SLOT_DYNAMIC);
	pass_ms(world, 8000);
	hear(world, HOST, station(2));
	assert_state(world, HOST, SLOT_DYNAMIC);
	pass_ms(world, 2000);
	hear(world, HOST, station(2));
	assert_state(world, HOST, SLOT_STALE);
	program_hears(world, HOST);
	live_ms(world, 1);
	world->slots[slot_of(world, HOST)].seen -= 301; /* silent, in the scan's view */
	scan_all(world);
	assert_state(world, HOST, SLOT_STALE);
	hear(world, HOST, station(2));
	assert_int_equal(kind_in_flight(world, HOST), TASK_MOVE);
}

/* A failover that announces itself once, just after another host's false claim. */
static void a_claimant_during_the_rest_gets_its_turn_when_it_is_over(void **state)
{
	struct world *world = *state;

	make_contested(world);
	program_hears(world, HOST);
	live_ms(world, 3000);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(world->alerted_by[ALERT_CONFLICT], 1);
	hear(world, HOST, station(4));
	hear(world, HOST, station(3));
	live_ms(world, 6000);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(world->asked, 2);
	live_ms(world, 2000);
	assert_state(world, HOST, SLOT_STALE);
	assert_true(view_of(world, HOST).flags & SLOT_ANSWER);
	hear_answer(world, HOST, station(3));
	live_ms(world, 4000);
	assert_mac(world, HOST, station(3));
	assert_int_equal(world->changed_by[TASK_MOVE], 1);
}

static void a_turn_after_the_rest_takes_nothing_from_an_owner_that_speaks(void **state)
{
	struct world *world = *state;

	make_contested(world);
	program_hears(world, HOST);
	live_ms(world, 3000);
	hear(world, HOST, station(2));
	live_ms(world, 8000);
	assert_state(world, HOST, SLOT_STALE);
	program_hears(world, HOST);
	live_ms(world, 1);
	assert_mac(world, HOST, station(1));
	assert_int_equal(world->alerted_by[ALERT_CONFLICT], 2);
	/* No host spoke since, so no more follows. */
	live_ms(world, 30000);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(world->alerted_by[ALERT_CONFLICT], 2);
}

static void changes_during_the_rest_count(void **state)
{
	struct world *world = *state;

	make_contested(world);
	program_hears(world, HOST);
	live_ms(world, 3000);
	hear(world, HOST, station(2));
	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(9), NULL), 0);
	live_ms(world, 12000);
	assert_state(world, HOST, SLOT_STATIC);
	assert_mac(world, HOST, station(9));
	assert_int_equal(world->asked, 2);
}

static void a_contest_takes_over_from_verifying(void **state)
{
	struct world *world = *state;

	make_known(world, 1);
	pass_ms(world, 301000);
	scan_all(world);
	assert_state(world, HOST, SLOT_STALE);
	assert_int_equal(world->asked, 1);
	live_ms(world, 400);
	hear(world, HOST, station(2));
	assert_int_equal(world->open, 1);
	assert_int_equal(kind_in_flight(world, HOST), TASK_MOVE);
	live_ms(world, 599); /* at most once a second */
	assert_int_equal(world->asked, 1);
	live_ms(world, 1);
	assert_int_equal(world->asked, 3);
	hear_answer(world, HOST, station(2));
	live_ms(world, 3000);
	assert_mac(world, HOST, station(2));
}

static void a_reply_from_before_the_request_does_not_count(void **state)
{
	struct world *world = *state;

	make_known(world, 1);
	pass_ms(world, 301000);
	scan_all(world); /* the owner's second: the agent asks both after it */
	live_ms(world, 400);
	hear(world, HOST, station(2));
	hear_answer(world, HOST, station(2));
	assert_int_equal(world->asked, 1);
	live_ms(world, 4000);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(world->changed_by[TASK_MOVE], 0);
}

static void a_loaded_binding_that_is_claimed_is_contested(void **state)
{
	struct world *world = *state;
	const struct entry entry = {.mac = station(1), .since = 1000};

	assert_int_equal(apply(world, HOST, &entry, true), 0);
	hear(world, HOST, station(2));
	live_ms(world, 1);
	hear_answer(world, HOST, station(2));
	live_ms(world, 3000);
	assert_mac(world, HOST, station(2));
	assert_int_equal(last_change(world)->kind, TASK_MOVE);
}

/* Addresses that the agent never displaces, and frames that it never learns. */

static void static_and_local_bindings_are_never_displaced(void **state)
{
	struct world *world = *state;
	struct mac own = station(9);

	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(1), NULL), 0);
	neighbour_local(world->neighbour, LAN, address_at(HOST + 1), &own, &world->clock);
	for (unsigned i = 0; i < 100; i++) {
		hear(world, HOST, station(2));
		hear_answer(world, HOST, station(2));
		hear(world, HOST + 1, station(2));
		hear_answer(world, HOST + 1, station(2));
		live_ms(world, 1000);
	}
	assert_mac(world, HOST, station(1));
	assert_state(world, HOST, SLOT_STATIC);
	assert_mac(world, HOST + 1, own);
	assert_state(world, HOST + 1, SLOT_LOCAL);
	assert_int_equal(world->asked, 0);
	assert_int_equal(world->changed, 1);
	assert_int_equal(world->alerted_by[ALERT_CONFLICT], 400);
}

static void a_local_address_is_answered_if_policy_says_so(void **state)
{
	struct world *world = *state;
	struct mac own = station(9);

	neighbour_local(world->neighbour, LAN, address_at(HOST), &own, &world->clock);
	assert_int_equal(view_of(world, HOST).flags, declared_flags(SLOT_ANSWER));
}

static void a_binding_is_defended_once_in_ten_seconds(void **state)
{
	struct world *world = *state;
	struct mac own = station(9);

	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(1), NULL), 0);
	neighbour_local(world->neighbour, LAN, address_at(HOST + 1), &own, &world->clock);
	for (unsigned i = 0; i < 100; i++) { /* 9.9 s */
		hear(world, HOST, station(2));
		hear(world, HOST + 1, station(2));
		pass_ms(world, i < 99 ? 100 : 0);
	}
	assert_int_equal(world->defences, 2);
	assert_int_equal(world->defended[0].address, HOST);
	assert_memory_equal(world->defended[0].mac.octet, station(1).octet, 6);
	assert_memory_equal(world->defended[1].mac.octet, own.octet, 6);
	pass_ms(world, 1000);
	hear(world, HOST, station(2));
	assert_int_equal(world->defences, 3);
	hear(world, HOST, station(1)); /* itself */
	assert_int_equal(world->defences, 3);
}

static void a_binding_that_is_not_answered_is_not_defended(void **state)
{
	struct world *world = *state;
	struct mac own = station(9);

	world->policy[LAN].answer_static = world->policy[LAN].answer_local = false;
	world_start(world, 1);
	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(1), NULL), 0);
	neighbour_local(world->neighbour, LAN, address_at(HOST + 1), &own, &world->clock);
	hear(world, HOST, station(2));
	assert_int_equal(world->defences, 0);
	assert_int_equal(world->alerted_by[ALERT_CONFLICT], 1);
	hear(world, HOST + 1, station(2)); /* the host's own address is, for every claimant */
	assert_int_equal(world->defences, 1);
}

static void defences_in_ten_seconds_are_limited(void **state)
{
	struct world *world = *state;
	struct mac own = station(9);

	for (uint32_t round = 0; round < 3; round++) {
		for (uint32_t i = 1; i < 255; i++) {
			uint32_t address = (round == 0   ? 0x0a000000u
			                    : round == 1 ? 0x0a010000u
			                                 : 0x0a020000u) +
			                   i;

			neighbour_local(world->neighbour, segment_of(world, address),
			                address_at(address), &own, &world->clock);
			hear(world, address, station(2));
		}
	}
	assert_int_equal(world->alerted_by[ALERT_CONFLICT], 3 * 254);
	assert_int_equal(world->defences, 512);
	pass_ms(world, 10000);
	hear(world, 0x0a0200feu, station(2));
	assert_int_equal(world->defences, 513);
}

static void without_learning_conflicts_are_reported_and_history_ages(void **state)
{
	struct world *world = *state;
	const struct entry entry = {.mac = station(1), .since = 1000};

	assert_int_equal(apply(world, QUIET, &entry, false), 0);
	assert_int_equal(declare(world, QUIET + 1, ENTRY_STATIC, station(1), NULL), 0);
	hear(world, QUIET, station(2));
	hear_answer(world, QUIET, station(2));
	hear(world, QUIET + 2, station(2));
	assert_state(world, QUIET, SLOT_DYNAMIC);
	assert_state(world, QUIET + 2, SLOT_EMPTY);
	assert_int_equal(world->asked + world->alerted, 0);
	hear(world, QUIET + 1, station(2));
	assert_int_equal(last_alert(world)->kind, ALERT_CONFLICT);
	assert_int_equal(world->defences, 1);
	pass_ms(world, 61000);
	scan_all(world);
	assert_state(world, QUIET, SLOT_STALE);
	hear(world, QUIET, station(2));
	live_ms(world, 6100);
	assert_state(world, QUIET, SLOT_EMPTY);
	assert_int_equal(last_change(world)->kind, TASK_EXPIRE);
}

static void garbage_is_neither_learned_nor_asked(void **state)
{
	static const struct mac garbage[] = {
	        {{0}}, {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}, {{0x01, 0, 0x5e, 0, 0, 1}}};
	struct world *world = *state;

	for (unsigned i = 0; i < 3; i++) {
		hear(world, HOST, garbage[i]);
		hear_answer(world, HOST, garbage[i]);
	}
	hear(world, NETWORK, station(1));
	if (!of_ipv6) /* which has no broadcast */
		hear_answer(world, LAST, station(1));
	/* A probe's sender, and a sender in no prefix: they have no slot. */
	neighbour_heard(world->neighbour,
	                &(struct neighbour_heard){.slot = UINT32_MAX, .mac = station(1)},
	                &world->clock);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(world->changed + world->alerted + world->asked + world->begun, 0);
	make_known(world, 1);
	for (unsigned i = 0; i < 3; i++) {
		hear(world, HOST, garbage[i]);
		hear_answer(world, HOST, garbage[i]);
	}
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(world->asked, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)
	        TEST(a_sender_is_asked_before_it_is_learned),
	        TEST(the_trigger_is_that_of_the_claim),
	        TEST(a_claimant_that_does_not_reply_leaves_nothing),
	        TEST(repeating_a_claim_changes_nothing),
	        TEST(a_reply_that_was_not_asked_for_is_a_claim),
	        TEST(an_answer_to_a_miss_is_learned_as_resolved),
	        TEST(any_station_may_answer_for_a_pending_address),
	        TEST(a_missed_host_that_speaks_is_asked_once_a_second),
	        TEST(another_claimant_is_asked_once_a_second_too),
	        TEST(set_ends_a_claim_and_a_contest),
	        TEST(both_are_asked_three_times_a_second_apart),
	        TEST(an_owner_that_speaks_keeps_its_address),
	        TEST(an_owner_that_spoke_in_that_very_second_is_noticed_when_it_speaks_again),
	        TEST(an_owner_that_the_agent_hears_keeps_its_address),
	        TEST(a_scan_does_not_take_an_older_frame_for_a_reply),
	        TEST(a_silent_owner_loses_its_address_to_a_claimant_that_replies),
	        TEST(a_move_back_is_a_flip_flop),
	        TEST(when_both_are_silent_the_binding_expires),
	        TEST(the_reply_that_began_the_contest_does_not_count),
	        TEST(a_third_party_changes_nothing_and_has_its_turn_later),
	        TEST(no_number_of_frames_takes_an_address_from_a_living_host),
	        TEST(after_a_conflict_there_is_a_rest_unless_the_owner_falls_silent),
	        TEST(a_claimant_during_the_rest_gets_its_turn_when_it_is_over),
	        TEST(a_turn_after_the_rest_takes_nothing_from_an_owner_that_speaks),
	        TEST(changes_during_the_rest_count),
	        TEST(a_contest_takes_over_from_verifying),
	        TEST(a_reply_from_before_the_request_does_not_count),
	        TEST(a_loaded_binding_that_is_claimed_is_contested),
	        TEST(static_and_local_bindings_are_never_displaced),
	        TEST(a_local_address_is_answered_if_policy_says_so),
	        TEST(a_binding_is_defended_once_in_ten_seconds),
	        TEST(a_binding_that_is_not_answered_is_not_defended),
	        TEST(defences_in_ten_seconds_are_limited),
	        TEST(without_learning_conflicts_are_reported_and_history_ages),
	        TEST(garbage_is_neither_learned_nor_asked),
	};

	return run_families(tests);
}

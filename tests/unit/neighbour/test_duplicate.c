/* SPDX-License-Identifier: MIT */
/* An address that moves too often is frozen, until a person or time releases it (RFC 9161 3.7). */
#include <errno.h>

#include "fixture.h"

#define HOST    0x0a020011u /* 10.2.0.17, where addresses need proof */
#define PASSIVE 0x0a000011u /* 10.0.0.17 */
#define MOVES   5
#define TIME    180 /* seconds */
#define HOLD    540 /* seconds */

static const struct mac no_mac;

static void begin(struct world *world, uint32_t moves, uint32_t hold)
{
	for (unsigned i = 0; i < 3; i++) {
		world->policy[i].duplicate_moves = moves;
		world->policy[i].duplicate_time = TIME;
		world->policy[i].duplicate_hold = hold;
	}
	world_start(world, 7);
}

static int set_up(void **state)
{
	struct world *world = world_of("10.0.0.0/24", "10.1.0.0/24", "10.2.0.0/24");

	begin(world, MOVES, HOLD);
	*state = world;
	return 0;
}

static uint32_t frozen(const struct world *world)
{
	struct neighbour_totals totals;

	neighbour_totals(world->neighbour, &totals);
	return totals.frozen;
}

static void assert_frozen(struct world *world, uint32_t address)
{
	union binding binding = {.word = world->slots[slot_of(world, address)].binding};

	assert_int_equal(binding.flags, SLOT_FROZEN);
	assert_int_equal(view_of(world, address).flags, SLOT_FROZEN);
	assert_int_equal(frozen(world), 1);
}

static void assert_free(struct world *world, uint32_t address)
{
	struct neighbour_view view = view_of(world, address);
	bool is_static = view.state == SLOT_STATIC;

	assert_int_equal(view.flags, is_static ? declared_flags(SLOT_ANSWER) : SLOT_ANSWER);
	assert_int_equal(frozen(world), 0);
}

/* Two hosts take the address from each other by turns: so many moves, so many seconds apart. */
static void quarrel(struct world *world, unsigned moves, uint32_t seconds)
{
	hear(world, PASSIVE, station(1));
	for (unsigned i = 0; i < moves; i++) {
		pass_ms(world, seconds * 1000);
		hear(world, PASSIVE, station(2 - i % 2));
	}
}

static void so_many_moves_in_that_time_freeze_the_address(void **state)
{
	struct world *world = *state;

	quarrel(world, MOVES - 1, TIME / (MOVES - 1));
	assert_free(world, PASSIVE);
	assert_int_equal(world->alerted_by[ALERT_DUPLICATE], 0);
	hear(world, PASSIVE, station(2));
	assert_frozen(world, PASSIVE);
	assert_mac(world, PASSIVE, station(2));
	assert_state(world, PASSIVE, SLOT_DYNAMIC);
	assert_int_equal(world->changed_by[TASK_MOVE], MOVES);
	assert_int_equal(world->alerted_by[ALERT_DUPLICATE], 1);
	assert_memory_equal(last_alert(world)->mac.octet, station(2).octet, 6);
	assert_memory_equal(last_alert(world)->other.octet, station(1).octet, 6);
}

static void slower_moves_do_not(void **state)
{
	struct world *world = *state;

	quarrel(world, 10 * MOVES, TIME / (MOVES - 1) + 1);
	assert_free(world, PASSIVE);
	assert_int_equal(world->alerted_by[ALERT_DUPLICATE], 0);
}

static void no_frame_moves_it_any_longer(void **state)
{
	struct world *world = *state;
	unsigned changed;

	quarrel(world, MOVES, 1);
	changed = world->changed;
	for (unsigned i = 0; i < 100; i++) {
		hear(world, PASSIVE, station(1 + i % 5));
		hear_answer(world, PASSIVE, station(3));
		live_ms(world, 1000);
		scan_all(world);
	}
	assert_frozen(world, PASSIVE);
	assert_mac(world, PASSIVE, station(2));
	assert_int_equal(world->changed, changed);
	assert_int_equal(world->asked, 0);
	assert_int_equal(world->alerted_by[ALERT_DUPLICATE], 1);
	hear(world, PASSIVE, station(2));
	assert_int_equal(view_of(world, PASSIVE).seen, world->clock.now);
}

/* Each falls silent for three seconds, and the other contests the address. */
static void contests_count(void **state)
{
	struct world *world = *state;

	hear_proof(world, HOST, station(1));
	for (unsigned i = 0; i < MOVES; i++) {
		assert_free(world, HOST);
		hear(world, HOST, station(2 - i % 2));
		live_ms(world, 5);
		hear_answer(world, HOST, station(2 - i % 2));
		live_ms(world, 3000);
		assert_mac(world, HOST, station(2 - i % 2));
	}
	assert_frozen(world, HOST);
	hear(world, HOST, station(1));
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(world->open, 0);
}

/* A claimant that waits for its turn after a conflict does not get it when the address is frozen
 * meanwhile: here by the return of the owner before. */
static void a_claim_from_before_does_not_move_it(void **state)
{
	struct world *world = *state;
	unsigned asked;

	world->policy[2].reclaim = HOLD;
	begin(world, 2, HOLD);
	hear_proof(world, HOST, station(1));
	pass_ms(world, 60000);
	hear(world, HOST, station(2));
	live_ms(world, 5);
	hear_answer(world, HOST, station(2));
	live_ms(world, 3000);
	assert_mac(world, HOST, station(2));
	hear(world, HOST, station(3));
	hear(world, HOST, station(2)); /* a conflict */
	hear(world, HOST, station(3)); /* kept */
	hear(world, HOST, station(1));
	hear_answer(world, HOST, station(1));
	assert_mac(world, HOST, station(1));
	assert_frozen(world, HOST);
	asked = world->asked;
	live_ms(world, 12000);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(world->asked, asked);
}

static void after_a_short_hold_the_moves_count_from_the_beginning(void **state)
{
	struct world *world = *state;

	begin(world, MOVES, 20);
	quarrel(world, MOVES, 1);
	assert_frozen(world, PASSIVE);
	pass_ms(world, 20000);
	scan_all(world);
	assert_free(world, PASSIVE);
	for (unsigned i = 0; i < MOVES - 1; i++)
		hear(world, PASSIVE, station(3 + i));
	assert_free(world, PASSIVE);
	hear(world, PASSIVE, station(9));
	assert_frozen(world, PASSIVE);
}

static void time_releases_it(void **state)
{
	struct world *world = *state;

	quarrel(world, MOVES, 1);
	pass_ms(world, (HOLD - 1) * 1000);
	program_hears(world, PASSIVE);
	scan_all(world);
	assert_frozen(world, PASSIVE);
	pass_ms(world, 1000);
	scan_all(world);
	assert_free(world, PASSIVE);
	assert_mac(world, PASSIVE, station(2));
	/* The moves count from the beginning. */
	for (unsigned i = 0; i < MOVES - 1; i++)
		hear(world, PASSIVE, station(3 + i));
	assert_free(world, PASSIVE);
	hear(world, PASSIVE, station(9));
	assert_frozen(world, PASSIVE);
	assert_int_equal(world->alerted_by[ALERT_DUPLICATE], 2);
}

static void a_person_releases_it(void **state)
{
	struct world *world = *state;

	quarrel(world, MOVES, 1);
	assert_int_equal(declare(world, PASSIVE, ENTRY_DYNAMIC, station(2), (char *)"it is"), 0);
	assert_free(world, PASSIVE);
	hear(world, PASSIVE, station(1));
	assert_mac(world, PASSIVE, station(1));
	quarrel(world, MOVES, 1);
	assert_int_equal(declare(world, PASSIVE, ENTRY_STATIC, station(1), NULL), 0);
	assert_free(world, PASSIVE);
	assert_int_equal(
	        neighbour_declare(world->neighbour, 0, address_at(PASSIVE), NULL, &world->clock),
	        0);
	quarrel(world, MOVES, 1);
	assert_frozen(world, PASSIVE);
	assert_int_equal(
	        neighbour_declare(world->neighbour, 0, address_at(PASSIVE), NULL, &world->clock),
	        0);
	assert_int_equal(frozen(world), 0);
	hear(world, PASSIVE, station(1));
	assert_free(world, PASSIVE);
}

static void what_is_merged_at_that_mac_does_not(void **state)
{
	struct world *world = *state;
	struct entry entry = {.mac = station(2), .since = 17};

	quarrel(world, MOVES, 1);
	assert_int_equal(apply(world, PASSIVE, &entry, true), 0);
	assert_frozen(world, PASSIVE);
	entry.mac = station(1);
	assert_int_equal(apply(world, PASSIVE, &entry, false), 0);
	assert_free(world, PASSIVE);
}

static void a_restart_does_not(void **state)
{
	struct world *world = *state;
	struct entry *entry;

	quarrel(world, MOVES, 1);
	pass_ms(world, (HOLD - 10) * 1000);
	program_hears(world, PASSIVE);
	world_dies(world);
	world_start(world, 8);
	assert_int_equal(frozen(world), 1);
	entry = entry_copy(world->history[place_of(world, 0, address_at(PASSIVE))]);
	assert_int_equal(apply(world, PASSIVE, entry, true), 0);
	entry_free(entry);
	assert_frozen(world, PASSIVE);
	hear(world, PASSIVE, station(1));
	assert_mac(world, PASSIVE, station(2));
	/* Its time begins again: when it was frozen is not known. */
	pass_ms(world, 20000);
	scan_all(world);
	assert_frozen(world, PASSIVE);
	pass_ms(world, HOLD * 1000);
	program_hears(world, PASSIVE);
	scan_all(world);
	assert_free(world, PASSIVE);
}

static void it_is_verified_and_expires_as_any_other(void **state)
{
	struct world *world = *state;

	quarrel(world, MOVES, 1);
	pass_ms(world, 301000);
	scan_all(world);
	assert_state(world, PASSIVE, SLOT_STALE);
	assert_frozen(world, PASSIVE);
	assert_int_equal(world->asked, 1);
	hear(world, PASSIVE, station(1));
	assert_mac(world, PASSIVE, station(2));
	live_ms(world, 6100);
	assert_state(world, PASSIVE, SLOT_EMPTY);
	assert_int_equal(frozen(world), 0);
	assert_int_equal(last_change(world)->kind, TASK_EXPIRE);
}

static void without_a_hold_only_a_person_does(void **state)
{
	struct world *world = *state;

	begin(world, MOVES, 0);
	quarrel(world, MOVES, 1);
	for (unsigned i = 0; i < 100; i++) {
		pass_ms(world, 100000);
		program_hears(world, PASSIVE);
		scan_all(world);
	}
	assert_frozen(world, PASSIVE);
}

static void zero_moves_are_never_too_many(void **state)
{
	struct world *world = *state;

	begin(world, 0, HOLD);
	quarrel(world, 1000, 1);
	assert_free(world, PASSIVE);
}

static void an_outsider_cannot_freeze_or_release(void **state)
{
	struct world *world = *state;
	struct neigh_slot *slot;
	union binding binding;

	hear(world, PASSIVE, station(1));
	slot = &world->slots[slot_of(world, PASSIVE)];
	binding.word = slot->binding;
	binding.flags = SLOT_FROZEN;
	slot->binding = binding.word;
	scan_all(world);
	assert_free(world, PASSIVE);
	quarrel(world, MOVES, 1);
	binding.word = slot->binding;
	binding.flags = SLOT_ANSWER;
	slot->binding = binding.word;
	scan_all(world);
	assert_frozen(world, PASSIVE);
	/* A write of another MAC is a person's word, as always. */
	write_slot(world, PASSIVE, SLOT_DYNAMIC, station(7));
	scan_all(world);
	assert_free(world, PASSIVE);
	assert_mac(world, PASSIVE, station(7));
	write_slot(world, PASSIVE, SLOT_EMPTY, no_mac);
	scan_all(world);
	assert_int_equal(frozen(world), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)
	        TEST(so_many_moves_in_that_time_freeze_the_address),
	        TEST(slower_moves_do_not),
	        TEST(no_frame_moves_it_any_longer),
	        TEST(contests_count),
	        TEST(a_claim_from_before_does_not_move_it),
	        TEST(after_a_short_hold_the_moves_count_from_the_beginning),
	        TEST(time_releases_it),
	        TEST(a_person_releases_it),
	        TEST(what_is_merged_at_that_mac_does_not),
	        TEST(a_restart_does_not),
	        TEST(it_is_verified_and_expires_as_any_other),
	        TEST(without_a_hold_only_a_person_does),
	        TEST(zero_moves_are_never_too_many),
	        TEST(an_outsider_cannot_freeze_or_release),
	};

	return run_families(tests);
}

/* SPDX-License-Identifier: MIT */
/* Another node's entries, in a fleet: answered, not aged, contested as any; and what becomes of an
 * address that its node has given up, and whose host is heard here. */
#include <errno.h>

#include "fixture.h"

#define HOST    0x0a020011u /* 10.2.0.17, where addresses need proof */
#define PASSIVE 0x0a000011u
#define UNTOLD  0x0a010011u /* where nothing is learned */
#define LAN     2
#define HOLD    30 /* seconds */

static int set_up(void **state)
{
	struct world *world = world_of("10.0.0.0/24", "10.1.0.0/24", "10.2.0.0/24");

	world->policy[LAN].hold = HOLD;
	world->policy[LAN].reclaim = 600;
	world_start(world, 7);
	*state = world;
	return 0;
}

static char leaf[] = "leaf2/eth0";

static struct entry entry_at(const struct world *world, unsigned number, enum entry_state state)
{
	return (struct entry){.mac = station(number),
	                      .state = state,
	                      .since = world->clock.wall - 60,
	                      .origin = leaf};
}

/* Another node has the address at station 1. */
static void make_foreign(struct world *world, uint32_t address, enum entry_state state)
{
	const struct entry entry = entry_at(world, 1, state);

	assert_int_equal(apply(world, address, &entry, APPLY_VERIFY | APPLY_FOREIGN), 0);
	assert_true(view_of(world, address).foreign);
}

static int give_up(struct world *world, uint32_t address)
{
	return apply(world, address, NULL, APPLY_VERIFY | APPLY_FOREIGN);
}

/* STALE, without an entry. */
static void assert_kept(struct world *world, uint32_t address)
{
	struct neighbour_view view = view_of(world, address);

	assert_state(world, address, SLOT_STALE);
	assert_mac(world, address, station(1));
	assert_null(view.entry);
	assert_false(view.foreign);
	assert_int_equal(world->changed, 0);
}

static void it_is_answered_and_not_aged(void **state)
{
	struct world *world = *state;

	make_foreign(world, HOST, ENTRY_DYNAMIC);
	make_foreign(world, PASSIVE, ENTRY_DYNAMIC);
	make_foreign(world, UNTOLD, ENTRY_DYNAMIC);
	for (unsigned i = 0; i < 20; i++) {
		pass_ms(world, 100000);
		scan_all(world);
		live_ms(world, 5000);
	}
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_true(view_of(world, HOST).flags & SLOT_ANSWER);
	assert_int_equal(view_of(world, HOST).seen, 0); /* never heard here */
	assert_state(world, PASSIVE, SLOT_DYNAMIC);
	assert_state(world, UNTOLD, SLOT_DYNAMIC);
	assert_int_equal(world->asked, 0);
	assert_int_equal(world->changed, 0);
	/* Also when it was heard, and is silent since. */
	hear(world, HOST, station(1));
	assert_int_equal(view_of(world, HOST).seen, world->clock.now);
	pass_ms(world, 1000000);
	scan_all(world);
	live_ms(world, 10000);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_true(view_of(world, HOST).foreign);
	assert_int_equal(world->asked, 0);
}

static void whose_it_is_is_kept_beside_every_field(void **state)
{
	struct world *world = *state;
	static char note[] = "rack 3", extra[] = "x-room 12\n";
	struct entry entry = entry_at(world, 1, ENTRY_STATIC);

	for (unsigned fields = 0; fields < 16; fields++)
		for (unsigned foreign = 0; foreign < 2; foreign++) {
			struct neighbour_view view;

			entry.since = fields & 1 ? INT64_C(253402300799) : 1;
			entry.origin = fields & 2 ? leaf : NULL;
			entry.note = fields & 4 ? note : NULL;
			entry.extra = fields & 8 ? extra : NULL;
			assert_int_equal(apply(world, HOST, &entry, foreign ? APPLY_FOREIGN : 0),
			                 0);
			view = view_of(world, HOST);
			assert_int_equal(view.foreign, foreign);
			assert_true(entry_equal(view.entry, &entry));
			assert_int_equal(apply(world, HOST, &entry, foreign ? APPLY_FOREIGN : 0),
			                 1);
		}
}

static void a_claimant_that_replies_has_it_and_it_is_ours(void **state)
{
	struct world *world = *state;

	make_foreign(world, HOST, ENTRY_DYNAMIC);
	hear(world, HOST, station(2));
	assert_state(world, HOST, SLOT_STALE);
	assert_true(view_of(world, HOST).foreign);
	for (unsigned i = 0; i < 4; i++) {
		live_ms(world, 1000);
		hear_answer(world, HOST, station(2));
	}
	assert_mac(world, HOST, station(2));
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_false(view_of(world, HOST).foreign);
	assert_int_equal(last_change(world)->kind, TASK_MOVE);
	assert_int_equal(last_alert(world)->kind, ALERT_MOVED);
}

static void if_its_host_speaks_it_stays_anothers(void **state)
{
	struct world *world = *state;

	make_foreign(world, HOST, ENTRY_DYNAMIC);
	hear(world, HOST, station(2));
	hear_answer(world, HOST, station(1));
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_mac(world, HOST, station(1));
	assert_true(view_of(world, HOST).foreign);
	assert_int_equal(last_alert(world)->kind, ALERT_CONFLICT);
	assert_int_equal(world->changed, 0);
}

/* Its host may be out of earshot here. */
static void two_silent_hosts_do_not_expire_it(void **state)
{
	struct world *world = *state;

	make_foreign(world, HOST, ENTRY_DYNAMIC);
	hear(world, HOST, station(2));
	assert_state(world, HOST, SLOT_STALE);
	live_ms(world, HOLD * 1000 + 5000);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_mac(world, HOST, station(1));
	assert_true(view_of(world, HOST).foreign);
	assert_int_equal(world->changed, 0);
	assert_int_equal(world->alerted, 0);
	assert_int_equal(world->open, 0);
}

static void a_contest_that_the_link_ends_leaves_it_as_it_was(void **state)
{
	struct world *world = *state;

	make_foreign(world, HOST, ENTRY_DYNAMIC);
	hear(world, HOST, station(2));
	link_is(world, LAN, false);
	live_ms(world, 60000);
	assert_state(world, HOST, SLOT_STALE);
	link_is(world, LAN, true);
	world->asked = 0;
	scan_all(world);
	live_ms(world, 10000);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(world->asked, 0);
	assert_int_equal(world->changed, 0);
}

static void passive_learning_moves_it(void **state)
{
	struct world *world = *state;

	make_foreign(world, PASSIVE, ENTRY_DYNAMIC);
	hear(world, PASSIVE, station(2));
	assert_mac(world, PASSIVE, station(2));
	assert_false(view_of(world, PASSIVE).foreign);
	assert_int_equal(last_change(world)->kind, TASK_MOVE);
}

static void what_is_declared_here_is_ours(void **state)
{
	struct world *world = *state;

	make_foreign(world, HOST, ENTRY_DYNAMIC);
	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(1), NULL), 0);
	assert_false(view_of(world, HOST).foreign);
	assert_int_equal(last_change(world)->kind, TASK_OPERATOR);
	/* The same word again says nothing new, and the other node's stands. */
	make_foreign(world, PASSIVE, ENTRY_STATIC);
	assert_int_equal(declare(world, PASSIVE, ENTRY_STATIC, station(1), NULL), 1);
	assert_true(view_of(world, PASSIVE).foreign);
}

static void what_is_unset_here_is_not_kept(void **state)
{
	struct world *world = *state;

	make_foreign(world, HOST, ENTRY_DYNAMIC);
	program_hears(world, HOST);
	assert_int_equal(
	        neighbour_declare(world->neighbour, LAN, address_at(HOST), NULL, &world->clock), 0);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(last_change(world)->kind, TASK_OPERATOR);
}

static void a_host_that_is_heard_is_learned_when_its_node_gives_it_up(void **state)
{
	static const enum entry_state states[] = {ENTRY_DYNAMIC, ENTRY_STATIC};
	struct world *world = *state;

	for (unsigned i = 0; i < 2; i++) {
		make_foreign(world, HOST, states[i]);
		program_hears(world, HOST);
		pass_ms(world, 299000);
		world->changed = world->asked = 0;
		assert_int_equal(give_up(world, HOST), 0);
		assert_kept(world, HOST);
		assert_true(view_of(world, HOST).flags & SLOT_ANSWER);
		/* What it said before does not count. */
		scan_all(world);
		live_ms(world, 1500);
		assert_kept(world, HOST);
		assert_true(world->asked > 0 && world->asks[0].unicast);
		assert_memory_equal(world->asks[0].to.octet, station(1).octet, 6);
		hear_answer(world, HOST, station(1));
		assert_state(world, HOST, SLOT_DYNAMIC);
		assert_int_equal(world->changed, 1);
		assert_int_equal(last_change(world)->kind, TASK_LEARN);
		assert_false(last_change(world)->had);
		assert_string_equal(last_change(world)->interface, "eth1");
		assert_int_equal(view_of(world, HOST).entry->since, world->clock.wall);
		assert_string_equal(view_of(world, HOST).entry->origin, "host1/eth1");
		assert_int_equal(world->alerted, 0);
		assert_int_equal(world->open, 0);
		/* It is ours, and ages. */
		pass_ms(world, 301000);
		scan_all(world);
		live_ms(world, 10000);
		assert_state(world, HOST, SLOT_EMPTY);
		assert_int_equal(last_change(world)->kind, TASK_EXPIRE);
	}
}

static void the_program_hears_it_too(void **state)
{
	struct world *world = *state;

	make_foreign(world, PASSIVE, ENTRY_DYNAMIC);
	program_hears(world, PASSIVE);
	assert_int_equal(give_up(world, PASSIVE), 0);
	scan_all(world);
	pass_ms(world, 500);
	program_hears(world, PASSIVE);
	live_ms(world, 1);
	assert_state(world, PASSIVE, SLOT_DYNAMIC);
	assert_string_equal(last_change(world)->trigger, "verified");
	assert_string_equal(view_of(world, PASSIVE).entry->origin, "host1");
}

static void one_that_is_silent_then_is_gone_without_a_word(void **state)
{
	struct world *world = *state;

	make_foreign(world, HOST, ENTRY_DYNAMIC);
	program_hears(world, HOST);
	assert_int_equal(give_up(world, HOST), 0);
	scan_all(world);
	live_ms(world, 10000);
	assert_int_equal(world->asked, 3);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(world->changed, 0);
	assert_int_equal(world->open, 0);
}

static void one_that_is_not_heard_here_goes_at_once(void **state)
{
	struct world *world = *state;
	const struct entry ours = entry_at(world, 1, ENTRY_DYNAMIC);

	/* Never. */
	make_foreign(world, HOST, ENTRY_DYNAMIC);
	assert_int_equal(give_up(world, HOST), 0);
	assert_state(world, HOST, SLOT_EMPTY);
	/* Not since the machine began, a moment ago. */
	world->clock.now = 100;
	make_foreign(world, HOST, ENTRY_DYNAMIC);
	assert_int_equal(give_up(world, HOST), 0);
	assert_state(world, HOST, SLOT_EMPTY);
	world->clock.now = 20000;
	/* Too long ago. */
	make_foreign(world, HOST, ENTRY_DYNAMIC);
	program_hears(world, HOST);
	pass_ms(world, 301000);
	assert_int_equal(give_up(world, HOST), 0);
	assert_state(world, HOST, SLOT_EMPTY);
	/* At another MAC. */
	make_foreign(world, HOST, ENTRY_DYNAMIC);
	program_hears(world, HOST);
	make_foreign(world, HOST, ENTRY_STATIC);
	{
		const struct entry moved = entry_at(world, 3, ENTRY_DYNAMIC);

		assert_int_equal(apply(world, HOST, &moved, APPLY_FOREIGN), 0);
	}
	assert_int_equal(give_up(world, HOST), 0);
	assert_state(world, HOST, SLOT_EMPTY);
	/* Nothing is learned there. */
	make_foreign(world, UNTOLD, ENTRY_DYNAMIC);
	program_hears(world, UNTOLD);
	assert_int_equal(give_up(world, UNTOLD), 0);
	assert_state(world, UNTOLD, SLOT_EMPTY);
	/* It is ours, or no other node says so. */
	assert_int_equal(apply(world, HOST, &ours, 0), 0);
	program_hears(world, HOST);
	assert_int_equal(give_up(world, HOST), 0);
	assert_state(world, HOST, SLOT_EMPTY);
	make_foreign(world, HOST, ENTRY_DYNAMIC);
	program_hears(world, HOST);
	assert_int_equal(apply(world, HOST, NULL, APPLY_VERIFY), 0);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(world->changed, 0);
}

/* Two hosts have it: neither's frames say whose it is. */
static void a_frozen_one_is_not_kept(void **state)
{
	struct world *world = *state;

	world->policy[0].duplicate_moves = 2;
	world->policy[0].duplicate_time = 180;
	world_start(world, 7);
	hear(world, PASSIVE, station(1));
	hear(world, PASSIVE, station(2));
	hear(world, PASSIVE, station(1));
	assert_true(view_of(world, PASSIVE).flags & SLOT_FROZEN);
	make_foreign(world, PASSIVE, ENTRY_DYNAMIC);
	assert_true(view_of(world, PASSIVE).flags & SLOT_FROZEN);
	program_hears(world, PASSIVE);
	assert_int_equal(give_up(world, PASSIVE), 0);
	assert_state(world, PASSIVE, SLOT_EMPTY);
}

static void until_a_kept_one_speaks_no_other_is_learned(void **state)
{
	struct world *world = *state;

	make_foreign(world, HOST, ENTRY_DYNAMIC);
	make_foreign(world, PASSIVE, ENTRY_DYNAMIC);
	program_hears(world, HOST);
	program_hears(world, PASSIVE);
	give_up(world, HOST);
	give_up(world, PASSIVE);
	hear(world, HOST, station(2));
	hear_answer(world, HOST, station(2));
	hear(world, PASSIVE, station(2));
	assert_kept(world, HOST);
	assert_kept(world, PASSIVE);
}

static void a_kept_one_may_be_said_anew(void **state)
{
	struct world *world = *state;

	/* A person unsets what no history has. */
	make_foreign(world, HOST, ENTRY_DYNAMIC);
	program_hears(world, HOST);
	give_up(world, HOST);
	scan_all(world);
	assert_int_equal(
	        neighbour_declare(world->neighbour, LAN, address_at(HOST), NULL, &world->clock),
	        -ENOENT);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(world->open, 0);
	/* Or sets it. */
	make_foreign(world, HOST, ENTRY_DYNAMIC);
	program_hears(world, HOST);
	give_up(world, HOST);
	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(2), NULL), 0);
	assert_false(last_change(world)->had);
	assert_state(world, HOST, SLOT_STATIC);
	/* Or the other node has it again. */
	make_foreign(world, HOST, ENTRY_DYNAMIC);
	program_hears(world, HOST);
	give_up(world, HOST);
	scan_all(world);
	make_foreign(world, HOST, ENTRY_DYNAMIC);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(world->open, 0);
	/* Or it is given up twice. */
	program_hears(world, HOST);
	give_up(world, HOST);
	assert_int_equal(give_up(world, HOST), 1);
	assert_state(world, HOST, SLOT_EMPTY);
}

static void the_same_entry_may_change_its_node(void **state)
{
	struct world *world = *state;
	const struct entry entry = entry_at(world, 1, ENTRY_DYNAMIC);

	/* Ours, and being verified: now its node does that. */
	assert_int_equal(apply(world, HOST, &entry, APPLY_VERIFY), 0);
	scan_all(world);
	assert_int_equal(world->open, 1);
	assert_int_equal(apply(world, HOST, &entry, APPLY_VERIFY | APPLY_FOREIGN), 0);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(world->open, 0);
	/* Ours again, and not heard here: verified. */
	assert_int_equal(apply(world, HOST, &entry, APPLY_VERIFY), 0);
	assert_state(world, HOST, SLOT_STALE);
	assert_false(view_of(world, HOST).foreign);
	/* And heard here: not. */
	assert_int_equal(apply(world, HOST, &entry, APPLY_FOREIGN), 0);
	program_hears(world, HOST);
	assert_int_equal(apply(world, HOST, &entry, APPLY_VERIFY), 0);
	assert_state(world, HOST, SLOT_DYNAMIC);
}

static void a_restart_forgets_neither_whose_it_is_nor_that_it_was_heard(void **state)
{
	struct world *world = *state;
	const struct entry entry = entry_at(world, 1, ENTRY_DYNAMIC);

	make_foreign(world, HOST, ENTRY_DYNAMIC);
	program_hears(world, HOST);
	world_dies(world);
	world_start(world, 8);
	assert_int_equal(apply(world, HOST, &entry, APPLY_VERIFY | APPLY_FOREIGN), 0);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_true(view_of(world, HOST).foreign);
	assert_int_equal(give_up(world, HOST), 0);
	assert_kept(world, HOST);
}

static void the_hosts_own_address_is_not_another_nodes(void **state)
{
	struct world *world = *state;
	const struct entry entry = entry_at(world, 1, ENTRY_DYNAMIC);
	const struct mac own = station(9);

	neighbour_local(world->neighbour, LAN, address_at(HOST), &own, &world->clock);
	assert_int_equal(apply(world, HOST, &entry, APPLY_VERIFY | APPLY_FOREIGN), -EBUSY);
	assert_state(world, HOST, SLOT_LOCAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)
	        TEST(it_is_answered_and_not_aged),
	        TEST(whose_it_is_is_kept_beside_every_field),
	        TEST(a_claimant_that_replies_has_it_and_it_is_ours),
	        TEST(if_its_host_speaks_it_stays_anothers),
	        TEST(two_silent_hosts_do_not_expire_it),
	        TEST(a_contest_that_the_link_ends_leaves_it_as_it_was),
	        TEST(passive_learning_moves_it),
	        TEST(what_is_declared_here_is_ours),
	        TEST(what_is_unset_here_is_not_kept),
	        TEST(a_host_that_is_heard_is_learned_when_its_node_gives_it_up),
	        TEST(the_program_hears_it_too),
	        TEST(one_that_is_silent_then_is_gone_without_a_word),
	        TEST(one_that_is_not_heard_here_goes_at_once),
	        TEST(a_frozen_one_is_not_kept),
	        TEST(until_a_kept_one_speaks_no_other_is_learned),
	        TEST(a_kept_one_may_be_said_anew),
	        TEST(the_same_entry_may_change_its_node),
	        TEST(a_restart_forgets_neither_whose_it_is_nor_that_it_was_heard),
	        TEST(the_hosts_own_address_is_not_another_nodes),
	};

	return run_families(tests);
}

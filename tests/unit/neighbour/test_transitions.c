/* SPDX-License-Identifier: MIT */
/* Every transition of one address, by name. The order is that of the table in docs/neighbour.md. */
#include <errno.h>

#include "fixture.h"

#define HOST    0x0a000011u /* 10.0.0.17 */
#define NETWORK 0x0a000000u
#define LAST    0x0a0000ffu /* broadcast */
#define QUIET   0x0a010011u /* 10.1.0.17, in the segment without learning */

static int set_up(void **state)
{
	struct world *world = world_new("10.0.0.0/24", "10.1.0.0/24");

	world_start(world, 7);
	*state = world;
	return 0;
}

static void make_stale(struct world *world)
{
	hear(world, HOST, station(1));
	pass_ms(world, 301000);
	scan_all(world);
	assert_state(world, HOST, SLOT_STALE);
}

static void make_pending(struct world *world)
{
	ask_for(world, HOST);
	assert_state(world, HOST, SLOT_PENDING);
}

static void make_dead(struct world *world)
{
	make_pending(world);
	live_ms(world, 6100);
	assert_state(world, HOST, SLOT_DEAD);
}

/* Frames from a sender. */

static void an_unknown_sender_is_learned(void **state)
{
	struct world *world = *state;

	hear(world, HOST, station(1));
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_mac(world, HOST, station(1));
	assert_int_equal(view_of(world, HOST).flags, SLOT_ANSWER);
	assert_int_equal(view_of(world, HOST).seen, world->clock.now);
	assert_int_equal(world->changed, 1);
	assert_int_equal(last_change(world)->kind, TASK_LEARN);
	assert_int_equal(last_change(world)->task, 0);
	assert_string_equal(last_change(world)->trigger, "reply");
	assert_string_equal(last_change(world)->interface, "eth0");
	assert_int_equal(last_alert(world)->kind, ALERT_NEW_STATION);

	const struct entry *entry = view_of(world, HOST).entry;

	assert_string_equal(entry->origin, "host1/eth0");
	assert_int_equal(entry->since, world->clock.wall);
	assert_int_equal(entry->state, ENTRY_DYNAMIC);
}

static void a_dead_address_that_speaks_is_learned(void **state)
{
	struct world *world = *state;

	make_dead(world);
	hear(world, HOST, station(1));
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(last_change(world)->kind, TASK_LEARN);
}

static void a_known_sender_is_seen_and_changes_nothing(void **state)
{
	struct world *world = *state;

	hear(world, HOST, station(1));
	pass_ms(world, 5000);
	hear(world, HOST, station(1));
	assert_int_equal(view_of(world, HOST).seen, world->clock.now);
	assert_int_equal(world->changed, 1);
}

static void another_mac_moves_a_learned_binding(void **state)
{
	struct world *world = *state;

	hear(world, HOST, station(1));
	pass_ms(world, 5000);
	hear(world, HOST, station(2));
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_mac(world, HOST, station(2));
	assert_int_equal(last_change(world)->kind, TASK_MOVE);
	assert_memory_equal(last_change(world)->before.octet, station(1).octet, 6);
	assert_int_equal(view_of(world, HOST).entry->since, world->clock.wall);
	assert_int_equal(last_alert(world)->kind, ALERT_MOVED);
	assert_memory_equal(last_alert(world)->other.octet, station(1).octet, 6);
}

static void a_move_back_is_a_flip_flop_for_an_hour(void **state)
{
	struct world *world = *state;

	hear(world, HOST, station(1));
	hear(world, HOST, station(2));
	pass_ms(world, 3600000);
	hear(world, HOST, station(1));
	assert_int_equal(last_alert(world)->kind, ALERT_FLIP_FLOP);
	pass_ms(world, 3601000);
	hear(world, HOST, station(2));
	assert_int_equal(last_alert(world)->kind, ALERT_MOVED);
	assert_int_equal(world->changed, 4);
}

static void a_move_keeps_what_a_person_wrote(void **state)
{
	struct world *world = *state;

	assert_int_equal(declare(world, HOST, ENTRY_DYNAMIC, station(1), "rack 3"), 0);
	hear(world, HOST, station(2));
	assert_string_equal(view_of(world, HOST).entry->note, "rack 3");
}

static void a_stale_binding_whose_host_speaks_revives_without_a_change(void **state)
{
	struct world *world = *state;

	make_stale(world);
	hear(world, HOST, station(1));
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(world->changed, 1);
	assert_int_equal(world->begun, 1);
	assert_int_equal(world->open, 0);
}

static void a_stale_binding_can_move(void **state)
{
	struct world *world = *state;

	make_stale(world);
	hear(world, HOST, station(2));
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(last_change(world)->kind, TASK_MOVE);
	assert_int_equal(last_change(world)->task, 0);
	assert_int_equal(world->open, 0);
}

static void a_sender_that_contradicts_a_static_binding_is_a_conflict(void **state)
{
	struct world *world = *state;

	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(1), NULL), 0);
	hear(world, HOST, station(2));
	assert_mac(world, HOST, station(1));
	assert_int_equal(world->changed, 1);
	assert_int_equal(last_alert(world)->kind, ALERT_CONFLICT);
	assert_memory_equal(last_alert(world)->mac.octet, station(2).octet, 6);
	assert_memory_equal(last_alert(world)->other.octet, station(1).octet, 6);
}

static void a_sender_that_contradicts_a_local_address_is_a_conflict(void **state)
{
	struct world *world = *state;
	struct mac own = station(9);

	neighbour_local(world->neighbour, 0, address_at(HOST), &own, &world->clock);
	hear(world, HOST, station(2));
	assert_state(world, HOST, SLOT_LOCAL);
	assert_int_equal(last_alert(world)->kind, ALERT_CONFLICT);
	hear(world, HOST, own);
	assert_int_equal(world->alerted, 1);
	assert_int_equal(world->changed, 0);
}

static void garbage_is_never_learned(void **state)
{
	struct world *world = *state;

	hear(world, HOST, (struct mac){{0}});
	hear(world, HOST, (struct mac){{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}});
	hear(world, HOST, (struct mac){{0x01, 0, 0x5e, 0, 0, 1}});
	hear(world, NETWORK, station(1));
	if (!of_ipv6) /* which has no broadcast */
		hear(world, LAST, station(1));
	neighbour_heard(world->neighbour,
	                &(struct neighbour_heard){.slot = 100000, .mac = station(1)},
	                &world->clock);
	neighbour_asked(world->neighbour, 100000, &world->clock);
	assert_int_equal(world->changed + world->alerted, 0);
}

static void without_learning_the_agent_learns_and_asks_nothing(void **state)
{
	struct world *world = *state;

	hear(world, QUIET, station(1));
	ask_for(world, QUIET);
	live_ms(world, 10000);
	assert_state(world, QUIET, SLOT_EMPTY);
	assert_int_equal(world->changed + world->begun + world->asked, 0);
	assert_int_equal(declare(world, QUIET, ENTRY_DYNAMIC, station(1), NULL), 0);
	hear(world, QUIET, station(2));
	assert_mac(world, QUIET, station(1));
}

/* Requests for an address. */

static void a_miss_begins_a_task_and_asks_by_broadcast(void **state)
{
	struct world *world = *state;

	make_pending(world);
	assert_int_equal(world->begun, 1);
	assert_int_equal(world->task_kind[1], TASK_RESOLVE);
	assert_int_equal(world->asked, 1);
	assert_false(world->asks[0].unicast);
	assert_int_equal(world->asks[0].address, HOST);
	ask_for(world, HOST);
	assert_int_equal(world->begun, 1);
	hear(world, HOST, station(1));
}

static void an_answer_ends_resolving_with_its_task(void **state)
{
	struct world *world = *state;

	make_pending(world);
	pass_ms(world, 3);
	hear(world, HOST, station(1));
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(last_change(world)->kind, TASK_RESOLVE);
	assert_int_equal(last_change(world)->task, 1);
	assert_string_equal(last_change(world)->trigger, "request");
	assert_int_equal(world->open, 0);
	live_ms(world, 10000);
	assert_int_equal(world->asked, 1);
}

static void silence_makes_an_address_dead_and_later_forgotten(void **state)
{
	struct world *world = *state;

	make_dead(world);
	assert_int_equal(world->asked, 3);
	assert_int_equal(world->open, 0);
	assert_int_equal(world->changed, 0);
	ask_for(world, HOST); /* remembered: costs no request */
	assert_state(world, HOST, SLOT_DEAD);
	pass_ms(world, 20000);
	scan_all(world);
	assert_state(world, HOST, SLOT_DEAD);
	pass_ms(world, 11000);
	scan_all(world);
	assert_state(world, HOST, SLOT_EMPTY);
	make_pending(world);
	hear(world, HOST, station(1));
}

static void network_and_broadcast_are_not_asked_for(void **state)
{
	struct world *world = *state;

	ask_for(world, NETWORK);
	if (!of_ipv6)
		ask_for(world, LAST);
	assert_int_equal(world->begun + world->asked, 0);
}

/* Ageing. */

static void silence_makes_a_binding_stale_and_asks_its_mac(void **state)
{
	struct world *world = *state;

	hear(world, HOST, station(1));
	pass_ms(world, 300000);
	scan_all(world);
	assert_state(world, HOST, SLOT_DYNAMIC);
	pass_ms(world, 1000);
	scan_all(world);
	assert_state(world, HOST, SLOT_STALE);
	assert_int_equal(view_of(world, HOST).flags, SLOT_ANSWER);
	assert_int_equal(world->task_kind[1], TASK_EXPIRE);
	assert_int_equal(world->asked, 1);
	assert_true(world->asks[0].unicast);
	assert_memory_equal(world->asks[0].to.octet, station(1).octet, 6);
	hear(world, HOST, station(1));
}

static void an_answer_noticed_by_the_program_revives(void **state)
{
	struct world *world = *state;

	make_stale(world);
	world->slots[slot_of(world, HOST)].seen = world->clock.now; /* as XDP does: same second */
	neighbour_tick(world->neighbour, &world->clock);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(world->open, 0);
	assert_int_equal(world->changed, 1);
}

static void a_binding_that_stays_silent_is_removed(void **state)
{
	struct world *world = *state;

	make_stale(world);
	live_ms(world, 2900);
	assert_state(world, HOST, SLOT_STALE);
	live_ms(world, 3200);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(world->asked, 3);
	assert_int_equal(last_change(world)->kind, TASK_EXPIRE);
	assert_int_equal(last_change(world)->task, 1);
	assert_string_equal(last_change(world)->trigger, "silence");
	assert_false(last_change(world)->has);
	assert_int_equal(world->open, 0);
	assert_int_equal(view_of(world, HOST).seen, 0);
}

static void a_time_from_the_future_is_ignored(void **state)
{
	struct world *world = *state;

	hear(world, HOST, station(1));
	world->slots[slot_of(world, HOST)].seen = world->clock.now + 100000;
	scan_all(world);
	assert_state(world, HOST, SLOT_STALE);
	live_ms(world, 6100);
	assert_state(world, HOST, SLOT_EMPTY);
}

static void declared_and_local_bindings_do_not_age(void **state)
{
	struct world *world = *state;
	struct mac own = station(9);

	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(1), NULL), 0);
	neighbour_local(world->neighbour, 0, address_at(HOST + 1), &own, &world->clock);
	pass_ms(world, 1000000);
	scan_all(world);
	assert_state(world, HOST, SLOT_STATIC);
	assert_state(world, HOST + 1, SLOT_LOCAL);
	assert_int_equal(world->begun, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)
	        TEST(an_unknown_sender_is_learned),
	        TEST(a_dead_address_that_speaks_is_learned),
	        TEST(a_known_sender_is_seen_and_changes_nothing),
	        TEST(another_mac_moves_a_learned_binding),
	        TEST(a_move_back_is_a_flip_flop_for_an_hour),
	        TEST(a_move_keeps_what_a_person_wrote),
	        TEST(a_stale_binding_whose_host_speaks_revives_without_a_change),
	        TEST(a_stale_binding_can_move),
	        TEST(a_sender_that_contradicts_a_static_binding_is_a_conflict),
	        TEST(a_sender_that_contradicts_a_local_address_is_a_conflict),
	        TEST(garbage_is_never_learned),
	        TEST(without_learning_the_agent_learns_and_asks_nothing),
	        TEST(a_miss_begins_a_task_and_asks_by_broadcast),
	        TEST(an_answer_ends_resolving_with_its_task),
	        TEST(silence_makes_an_address_dead_and_later_forgotten),
	        TEST(network_and_broadcast_are_not_asked_for),
	        TEST(silence_makes_a_binding_stale_and_asks_its_mac),
	        TEST(an_answer_noticed_by_the_program_revives),
	        TEST(a_binding_that_stays_silent_is_removed),
	        TEST(a_time_from_the_future_is_ignored),
	        TEST(declared_and_local_bindings_do_not_age),
	};

	return run_families(tests);
}

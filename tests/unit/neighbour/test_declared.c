/* SPDX-License-Identifier: MIT */
/* Declared bindings and other sources: an operator, history, the host, an outsider that writes the
 * map, and the map of a previous agent. */
#include <errno.h>

#include "fixture.h"

#define HOST     0x0a000011u /* 10.0.0.17 */
#define NO_HOST  0x0a000000u /* no host may have it */
#define QUIET    0x0a010011u /* 10.1.0.17: protects declared bindings */
#define OFF_LINK 0x0a020011u

static int set_up(void **state)
{
	struct world *world = world_new("10.0.0.0/24", "10.1.0.0/24");

	world_start(world, 7);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	assert_history_agrees(world);
	assert_int_equal(world->open, 0);
	world_free(world);
	return 0;
}

static const struct entry dynamic = {.mac = {{2, 0, 0, 0, 0, 1}}, .since = 1000};
static const struct entry fixed = {
        .mac = {{2, 0, 0, 0, 0, 1}},
        .state = ENTRY_STATIC,
        .since = 1000,
        .after = 900,
        .origin = "host7/eth3",
        .note = "rack 3",
        .extra = "x-vendor acme\n",
};

static int unset(struct world *world, uint32_t address)
{
	return neighbour_declare(world->neighbour, 0, address_at(address), NULL, &world->clock);
}

static void make_stale(struct world *world)
{
	hear(world, HOST, station(1));
	pass_ms(world, 301000);
	scan_all(world);
	assert_state(world, HOST, SLOT_STALE);
	assert_int_equal(world->open, 1);
}

static void make_local(struct world *world, uint32_t address, unsigned number)
{
	struct mac own = station(number);

	neighbour_local(world->neighbour, segment_of(world, address), address_at(address), &own,
	                &world->clock);
}

/* Operators. */

static void set_stores_the_entry_as_given_and_declares_it(void **state)
{
	struct world *world = *state;

	assert_int_equal(
	        neighbour_declare(world->neighbour, 0, address_at(HOST), &fixed, &world->clock), 0);
	assert_state(world, HOST, SLOT_STATIC);
	assert_true(entry_equal(view_of(world, HOST).entry, &fixed));
	assert_int_equal(view_of(world, HOST).seen, 0);
	assert_int_equal(last_change(world)->kind, TASK_OPERATOR);
	assert_int_equal(world->declarations, 1);
	assert_false(world->declared[0].local);
	assert_memory_equal(world->declared[0].mac.octet, station(1).octet, 6);
}

static void an_entry_keeps_the_unset_that_it_came_after(void **state)
{
	struct entry later = dynamic;
	struct world *world = *state;

	later.after = 900;
	assert_int_equal(apply(world, HOST, &later, false), 0);
	assert_true(entry_equal(view_of(world, HOST).entry, &later));
}

static void setting_the_same_entry_again_changes_nothing(void **state)
{
	struct world *world = *state;

	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(1), "a"), 0);
	pass_ms(world, 9000);
	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(1), "a"), 1);
	assert_int_equal(world->changed, 1);
	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(1), "b"), 0);
	assert_int_equal(world->declarations, 1); /* a note needs no announcement */
	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(2), "b"), 0);
	assert_int_equal(world->declarations, 2);
}

static void flags_follow_policy(void **state)
{
	struct world *world = *state;

	declare(world, HOST, ENTRY_STATIC, station(1), NULL);
	declare(world, QUIET, ENTRY_STATIC, station(1), NULL);
	declare(world, QUIET + 1, ENTRY_DYNAMIC, station(1), NULL);
	make_local(world, HOST + 2, 9);
	make_local(world, QUIET + 2, 9);
	assert_int_equal(view_of(world, HOST).flags, declared_flags(SLOT_ANSWER));
	assert_int_equal(view_of(world, QUIET).flags, declared_flags(SLOT_ANSWER | SLOT_PROTECT));
	assert_int_equal(view_of(world, QUIET + 1).flags, 0);
	assert_int_equal(view_of(world, HOST + 2).flags, declared_flags(0));
	assert_int_equal(view_of(world, QUIET + 2).flags, declared_flags(SLOT_PROTECT));
}

static void errors_name_the_fault(void **state)
{
	struct world *world = *state;
	struct entry bad = fixed;

	bad.mac = (struct mac){{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	assert_int_equal(
	        neighbour_declare(world->neighbour, 0, address_at(OFF_LINK), &fixed, &world->clock),
	        -ERANGE);
	assert_int_equal(
	        neighbour_declare(world->neighbour, 1, address_at(HOST), &fixed, &world->clock),
	        -ERANGE);
	assert_int_equal(
	        neighbour_declare(world->neighbour, 0, address_at(NO_HOST), &fixed, &world->clock),
	        -EADDRNOTAVAIL);
	assert_int_equal(
	        neighbour_declare(world->neighbour, 0, address_at(HOST), &bad, &world->clock),
	        -EINVAL);
	assert_int_equal(unset(world, HOST), -ENOENT);
	ask_for(world, HOST + 1);
	assert_int_equal(unset(world, HOST + 1), -ENOENT);
	assert_state(world, HOST + 1, SLOT_PENDING);
	hear(world, HOST + 1, station(1));
	make_local(world, HOST, 9);
	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(1), NULL), -EBUSY);
	assert_int_equal(unset(world, HOST), -EBUSY);
	assert_int_equal(apply(world, HOST, &fixed, false), -EBUSY);
	assert_int_equal(apply(world, NO_HOST, &fixed, false), -EADDRNOTAVAIL);
	assert_int_equal(apply(world, HOST, NULL, false), 1);
	assert_int_equal(apply(world, HOST + 2, NULL, false), 1);
}

static void unset_removes_any_binding(void **state)
{
	struct world *world = *state;

	declare(world, HOST, ENTRY_STATIC, station(1), NULL);
	assert_int_equal(unset(world, HOST), 0);
	assert_state(world, HOST, SLOT_EMPTY);
	hear(world, HOST, station(1));
	assert_int_equal(unset(world, HOST), 0);
	make_stale(world);
	assert_int_equal(unset(world, HOST), 0);
	assert_int_equal(last_change(world)->kind, TASK_OPERATOR);
	assert_int_equal(last_change(world)->task, 0);
}

static void set_ends_a_query(void **state)
{
	struct world *world = *state;

	ask_for(world, HOST + 1);
	assert_int_equal(declare(world, HOST + 1, ENTRY_STATIC, station(3), NULL), 0);
	make_stale(world);
	assert_int_equal(declare(world, HOST, ENTRY_STATIC, station(1), NULL), 0);
	assert_int_equal(world->open, 0);
	live_ms(world, 10000);
	assert_state(world, HOST, SLOT_STATIC);
	assert_state(world, HOST + 1, SLOT_STATIC);
}

/* History. */

static void applying_records_no_history(void **state)
{
	struct world *world = *state;

	assert_int_equal(apply(world, HOST, &fixed, true), 0);
	assert_int_equal(apply(world, HOST, &fixed, true), 1);
	assert_int_equal(apply(world, HOST + 1, &dynamic, false), 0);
	assert_state(world, HOST + 1, SLOT_DYNAMIC);
	assert_int_equal(view_of(world, HOST + 1).seen, world->clock.now);
	assert_int_equal(apply(world, HOST, NULL, false), 0);
	assert_int_equal(apply(world, HOST + 1, NULL, false), 0);
	assert_int_equal(world->changed, 0);
	assert_int_equal(world->declarations, 1);
}

static void the_scan_verifies_a_dynamic_binding_that_was_loaded(void **state)
{
	struct world *world = *state;

	assert_int_equal(apply(world, HOST, &dynamic, true), 0);
	assert_int_equal(apply(world, HOST + 1, &dynamic, true), 0);
	assert_state(world, HOST, SLOT_STALE);
	assert_int_equal(world->begun, 0);
	scan_all(world);
	scan_all(world);
	assert_int_equal(world->begun, 2);
	assert_int_equal(world->asked, 2);
	assert_true(world->asks[0].unicast);
	world->slots[slot_of(world, HOST)].seen = world->clock.now;
	live_ms(world, 6100);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_state(world, HOST + 1, SLOT_EMPTY);
	assert_int_equal(world->changed, 1);
}

static void applying_ends_a_query(void **state)
{
	struct world *world = *state;

	make_stale(world);
	assert_int_equal(apply(world, HOST, &fixed, true), 0);
	ask_for(world, HOST + 1);
	assert_int_equal(apply(world, HOST + 1, &dynamic, true), 0);
	assert_int_equal(world->open, 0);
	assert_state(world, HOST, SLOT_STATIC);
	assert_state(world, HOST + 1, SLOT_STALE);
}

static void a_host_that_is_heard_needs_no_verification(void **state)
{
	struct world *world = *state;

	hear(world, HOST, station(1));
	assert_int_equal(apply(world, HOST, &dynamic, true), 0);
	assert_state(world, HOST, SLOT_DYNAMIC);
}

/* The host's own addresses. */

static void a_local_address_is_never_durable(void **state)
{
	struct world *world = *state;

	hear(world, HOST, station(1));
	make_local(world, HOST, 9);
	assert_state(world, HOST, SLOT_LOCAL);
	assert_null(view_of(world, HOST).entry);
	assert_int_equal(last_change(world)->kind, TASK_EXTERNAL);
	assert_string_equal(last_change(world)->trigger, "own address");
	assert_true(world->declared[0].local);
	make_local(world, HOST, 9); /* repeated: no news */
	assert_int_equal(world->declarations, 1);
	make_local(world, HOST, 10);
	assert_mac(world, HOST, station(10));
	assert_int_equal(world->declarations, 2);
	neighbour_local(world->neighbour, 0, address_at(HOST), NULL, &world->clock);
	assert_state(world, HOST, SLOT_EMPTY);
	neighbour_local(world->neighbour, 0, address_at(HOST), NULL, &world->clock);
	assert_int_equal(world->changed, 2);
}

static void a_static_binding_elsewhere_stands_against_a_local_one(void **state)
{
	struct world *world = *state;

	declare(world, HOST, ENTRY_STATIC, station(1), NULL);
	make_local(world, HOST, 9);
	assert_state(world, HOST, SLOT_STATIC);
	assert_int_equal(last_alert(world)->kind, ALERT_CONFLICT);
	make_local(world, HOST, 1);
	assert_state(world, HOST, SLOT_LOCAL);
	assert_false(last_change(world)->has);
}

static void becoming_local_ends_a_query(void **state)
{
	struct world *world = *state;

	ask_for(world, HOST + 1);
	make_local(world, HOST + 1, 9);
	make_stale(world);
	make_local(world, HOST, 9);
	assert_int_equal(world->open, 0);
	make_local(world, NO_HOST, 9);
	assert_state(world, NO_HOST, SLOT_EMPTY);
	neighbour_local(world->neighbour, 0, address_at(OFF_LINK), NULL, &world->clock);
}

/* Outsiders. */

static void an_outsiders_write_is_recorded(void **state)
{
	struct world *world = *state;

	needs_slot();
	write_slot(world, HOST, SLOT_STATIC, station(5));
	write_slot(world, HOST + 1, SLOT_DYNAMIC, station(6));
	scan_all(world);
	assert_state(world, HOST, SLOT_STATIC);
	assert_state(world, HOST + 1, SLOT_DYNAMIC);
	assert_int_equal(world->changed, 2);
	assert_int_equal(last_change(world)->kind, TASK_EXTERNAL);
	assert_string_equal(last_change(world)->trigger, "bpf map");
	assert_int_equal(world->declarations, 1);

	union binding binding = binding_of(world, HOST);

	assert_int_equal(binding.flags, SLOT_ANSWER);
	pass_ms(world, 250000);
	scan_all(world); /* its time begins when the scan finds it */
	assert_state(world, HOST + 1, SLOT_DYNAMIC);
}

static void an_outsiders_write_keeps_what_a_person_wrote(void **state)
{
	struct world *world = *state;

	assert_int_equal(apply(world, HOST, &fixed, false), 0);
	write_slot(world, HOST, SLOT_DYNAMIC, station(5));
	scan_all(world);
	assert_string_equal(view_of(world, HOST).entry->note, "rack 3");
	assert_string_equal(view_of(world, HOST).entry->extra, "x-vendor acme\n");
	assert_string_equal(view_of(world, HOST).entry->origin, "host1");
	assert_int_equal(view_of(world, HOST).entry->since, world->clock.wall);
}

static void a_slot_that_an_outsider_empties_is_removed(void **state)
{
	struct world *world = *state;

	declare(world, HOST, ENTRY_STATIC, station(1), "a");
	write_slot(world, HOST, SLOT_EMPTY, (struct mac){{0}});
	scan_all(world);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(last_change(world)->kind, TASK_EXTERNAL);
	ask_for(world, HOST);
	write_slot(world, HOST, SLOT_EMPTY, (struct mac){{0}});
	live_ms(world, 100);
	scan_all(world);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(world->changed, 2);
}

static void an_event_finds_an_outsiders_write_first(void **state)
{
	struct world *world = *state;

	needs_slot();
	write_slot(world, HOST, SLOT_DYNAMIC, station(5));
	hear(world, HOST, station(6));
	assert_int_equal(world->changed, 2);
	assert_int_equal(world->changes[0].kind, TASK_EXTERNAL);
	assert_int_equal(world->changes[1].kind, TASK_MOVE);
	write_slot(world, HOST, SLOT_STATIC, station(7));
	assert_int_equal(unset(world, HOST), 0);
	assert_int_equal(world->changed, 4);
}

static void an_outsider_ends_a_query(void **state)
{
	struct world *world = *state;

	make_stale(world);
	write_slot(world, HOST, SLOT_STATIC, station(1));
	ask_for(world, HOST + 1);
	write_slot(world, HOST + 1, SLOT_DYNAMIC, station(5));
	live_ms(world, 7000); /* without a scan: found after the last request */
	assert_state(world, HOST, SLOT_STATIC);
	assert_state(world, HOST + 1, SLOT_DYNAMIC);
}

static void an_outsider_can_revive_a_stale_binding(void **state)
{
	struct world *world = *state;

	make_stale(world);
	write_slot(world, HOST, SLOT_DYNAMIC, station(1));
	scan_all(world);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_int_equal(world->changed, 1);
}

static void an_outsiders_flags_are_undone_silently(void **state)
{
	struct world *world = *state;
	union binding binding;
	uint32_t slot;

	hear(world, HOST, station(1));
	slot = slot_of(world, HOST);
	binding.word = world->slots[slot].binding;
	binding.flags = 0xff;
	world->slots[slot].binding = binding.word;
	scan_all(world);
	binding.word = world->slots[slot].binding;
	assert_int_equal(binding.flags, SLOT_ANSWER);
	assert_int_equal(world->changed, 1);
	assert_int_equal(world->alerted, 1);
}

static void an_invalid_write_is_undone_with_an_alert(void **state)
{
	static const struct {
		uint32_t address;
		unsigned state;
		struct mac mac;
	} nonsense[] = {
	        {HOST, SLOT_STALE, {{2, 0, 0, 0, 0, 7}}},
	        {HOST, SLOT_PENDING, {{0}}},
	        {HOST, SLOT_DEAD, {{0}}},
	        {HOST, SLOT_LOCAL, {{2, 0, 0, 0, 0, 7}}},
	        {HOST, 7, {{2, 0, 0, 0, 0, 7}}},
	        {HOST, 255, {{2, 0, 0, 0, 0, 7}}},
	        {HOST, SLOT_STATIC, {{1, 0, 0x5e, 0, 0, 7}}},
	        {HOST, SLOT_DYNAMIC, {{0}}},
	        {HOST, SLOT_EMPTY, {{2, 0, 0, 0, 0, 7}}},
	        {NO_HOST, SLOT_STATIC, {{2, 0, 0, 0, 0, 7}}},
	        {HOST + 1, SLOT_STATIC, {{2, 0, 0, 0, 0, 7}}}, /* over a local one */
	        {HOST + 1, SLOT_EMPTY, {{0}}},
	};
	struct world *world = *state;

	needs_slot();
	declare(world, HOST, ENTRY_STATIC, station(1), NULL);
	make_local(world, HOST + 1, 9);
	for (unsigned i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		uint32_t slot = slot_of(world, nonsense[i].address);
		uint64_t before = world->slots[slot].binding;

		write_slot(world, nonsense[i].address, nonsense[i].state, nonsense[i].mac);
		scan_all(world);
		assert_int_equal(world->alerted, i + 1);
		assert_int_equal(last_alert(world)->kind, ALERT_EXTERNAL_INVALID);
		assert_true(world->slots[slot].binding == before);
	}
	assert_int_equal(world->changed, 1);
}

/* The map of a previous agent. */

static void history_claims_inherited_bindings(void **state)
{
	struct world *world = *state;
	enum entry_state said;
	struct mac mac;

	needs_slot();
	hear(world, HOST, station(1));
	hear(world, HOST + 1, station(2));
	pass_ms(world, 301000);
	scan_all(world);
	hear(world, HOST + 2, station(3));
	declare(world, HOST + 3, ENTRY_STATIC, station(4), NULL);
	ask_for(world, HOST + 4);
	make_local(world, HOST + 5, 9);
	world_dies(world);
	world->changed = 0;
	world->declarations = 0;
	world_start(world, 8);

	assert_true(neighbour_inherited(world->neighbour, slot_of(world, HOST), &mac, &said));
	assert_int_equal(said, ENTRY_DYNAMIC);
	assert_memory_equal(mac.octet, station(1).octet, 6);
	assert_true(neighbour_inherited(world->neighbour, slot_of(world, HOST + 3), &mac, &said));
	assert_int_equal(said, ENTRY_STATIC);
	assert_false(neighbour_inherited(world->neighbour, slot_of(world, HOST + 4), &mac, &said));
	assert_false(neighbour_inherited(world->neighbour, slot_of(world, HOST + 5), &mac, &said));
	assert_state(world, HOST + 4, SLOT_EMPTY);
	assert_state(world, HOST + 5, SLOT_EMPTY);

	for (unsigned i = 0; i < 4; i++) {
		struct entry *entry =
		        entry_copy(world->history[place_of(world, 0, address_at(HOST + i))]);

		assert_int_equal(apply(world, HOST + i, entry, true), 0);
		assert_false(neighbour_inherited(world->neighbour, slot_of(world, HOST + i), &mac,
		                                 &said));
		entry_free(entry);
	}
	assert_int_equal(world->changed, 0);
	assert_int_equal(world->declarations, 1);
	scan_all(world);
	/* The slot says that it spoke lately, so the agent does not ask it. It asks the others. */
	assert_state(world, HOST + 2, SLOT_DYNAMIC);
	assert_int_equal(world->open, 2);
	hear(world, HOST, station(1));
	hear(world, HOST + 1, station(2));
}

static void an_inherited_binding_that_history_denies_goes(void **state)
{
	struct world *world = *state;

	needs_slot();
	write_slot(world, HOST, SLOT_STATIC, station(1));
	world_start(world, 8);
	assert_int_equal(apply(world, HOST, NULL, true), 0);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_int_equal(world->changed, 0);
}

static void an_unclaimed_inherited_binding_is_recorded_as_recovered(void **state)
{
	struct world *world = *state;
	uint32_t next = HOST + 1;

	needs_slot();
	write_slot(world, HOST, SLOT_STATIC, station(1));
	write_slot(world, next, SLOT_DYNAMIC, station(2));
	world_start(world, 8);
	hear(world, next, station(3)); /* records the old binding, then the new one */
	assert_int_equal(world->changes[0].kind, TASK_RECOVER);
	assert_int_equal(world->changes[1].kind, TASK_MOVE);
	scan_all(world);
	assert_int_equal(last_change(world)->kind, TASK_RECOVER);
	assert_int_equal(world->changed, 3);
	scan_all(world);
	assert_int_equal(world->changed, 3);
}

static void names_match_the_contract(void **state)
{
	(void)state;
	assert_string_equal(task_kind_name(TASK_LEARN), "learn");
	assert_string_equal(task_kind_name(TASK_SYNC), "sync");
	assert_string_equal(task_kind_name(TASK_KINDS), "unknown");
	assert_string_equal(alert_kind_name(ALERT_FLIP_FLOP), "flip-flop");
	assert_string_equal(alert_kind_name(ALERT_KINDS), "unknown");
	for (unsigned i = 0; i < TASK_KINDS; i++)
		assert_non_null(task_kind_name((enum task_kind)i));
	for (unsigned i = 0; i < ALERT_KINDS; i++)
		assert_non_null(alert_kind_name((enum alert_kind)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	        TEST(set_stores_the_entry_as_given_and_declares_it),
	        TEST(setting_the_same_entry_again_changes_nothing),
	        TEST(an_entry_keeps_the_unset_that_it_came_after),
	        TEST(flags_follow_policy),
	        TEST(errors_name_the_fault),
	        TEST(unset_removes_any_binding),
	        TEST(set_ends_a_query),
	        TEST(applying_records_no_history),
	        TEST(the_scan_verifies_a_dynamic_binding_that_was_loaded),
	        TEST(applying_ends_a_query),
	        TEST(a_host_that_is_heard_needs_no_verification),
	        TEST(a_local_address_is_never_durable),
	        TEST(a_static_binding_elsewhere_stands_against_a_local_one),
	        TEST(becoming_local_ends_a_query),
	        TEST(an_outsiders_write_is_recorded),
	        TEST(an_outsiders_write_keeps_what_a_person_wrote),
	        TEST(a_slot_that_an_outsider_empties_is_removed),
	        TEST(an_event_finds_an_outsiders_write_first),
	        TEST(an_outsider_ends_a_query),
	        TEST(an_outsider_can_revive_a_stale_binding),
	        TEST(an_outsiders_flags_are_undone_silently),
	        TEST(an_invalid_write_is_undone_with_an_alert),
	        TEST(history_claims_inherited_bindings),
	        TEST(an_inherited_binding_that_history_denies_goes),
	        TEST(an_unclaimed_inherited_binding_is_recorded_as_recovered),
	        TEST(names_match_the_contract),
	};

	return run_families(tests);
}

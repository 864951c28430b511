/* SPDX-License-Identifier: MIT */
/* The costs, printed for information. The tests assert only that the work was done. */
#include <malloc.h>
#include <time.h>

#include "fixture.h"

static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double scan_ms(struct world *world)
{
	double best = 1e9;

	for (unsigned round = 0; round < 5; round++) {
		double begin = milliseconds();

		scan_all(world);
		if (milliseconds() - begin < best)
			best = milliseconds() - begin;
	}
	return best;
}

/* Applies an entry for each address; returns the bytes on the heap. */
static size_t fill(struct world *world, unsigned how)
{
	size_t before = mallinfo2().uordblks;
	double begin = milliseconds();

	for (uint32_t i = 1; i < 65535; i++) {
		char origin[] = "host1/eth0";
		const struct entry entry = {.mac = station(i), .since = 1, .origin = origin};

		assert_int_equal(neighbour_apply(world->neighbour, 0, address_at(0x0a000000u + i),
		                                 &entry, how, &world->clock),
		                 0);
	}
	printf("65,534 entries applied in %.1f ms\n", milliseconds() - begin);
	return mallinfo2().uordblks - before;
}

static void a_full_slash_16(void **state)
{
	struct world *world = world_new("10.0.0.0/16", "10.1.0.0/24");
	struct neighbour_totals totals;
	size_t bytes;

	(void)state;
	world_start(world, 1);
	printf("65,792 slots, empty: a pass takes %.3f ms\n", scan_ms(world));
	bytes = fill(world, 0);
	/* With AddressSanitizer's allocator this is 0. */
	printf("%zu bytes each on the heap, and 16 beside the slot\n", bytes / 65534);
	printf("65,792 slots, full: a pass takes %.3f ms\n", scan_ms(world));
	neighbour_totals(world->neighbour, &totals);
	assert_int_equal(totals.state[SLOT_DYNAMIC], 65534);
	world_free(world);
}

/* Of another node, and not heard here: none ages. */
static void a_full_slash_16_of_another_node(void **state)
{
	struct world *world = world_new("10.0.0.0/16", "10.1.0.0/24");
	struct neighbour_totals totals;
	size_t ours, foreign;

	(void)state;
	world_start(world, 1);
	ours = fill(world, 0);
	world_start(world, 1);
	foreign = fill(world, APPLY_VERIFY | APPLY_FOREIGN);
	assert_true(foreign <= ours);
	printf("65,792 slots, full of another node's: a pass takes %.3f ms\n", scan_ms(world));
	neighbour_totals(world->neighbour, &totals);
	assert_int_equal(totals.state[SLOT_DYNAMIC], 65534);
	assert_int_equal(world->asked, 0);
	world_free(world);
}

/* A scan of a network without hosts. The sponge checks each address. */
static void a_dead_slash_16(void **state)
{
	struct world *world = world_of("10.0.0.0/24", "10.1.0.0/24", "10.2.0.0/16");
	struct neighbour_totals totals;
	unsigned seconds = 0;

	(void)state;
	world_start(world, 1);
	do { /* as many as the agent may ask for at once */
		for (uint32_t i = 1; i < 2000; i++)
			ask_for(world, 0x0a020000u + i);
		live_ms(world, 1000);
		neighbour_totals(world->neighbour, &totals);
		assert_true(++seconds < 60);
	} while (totals.state[SLOT_DEAD] < 1999);
	printf("66,048 slots, 1,999 dead, after %u s: a pass takes %.3f ms\n", seconds,
	       scan_ms(world));
	world_free(world);
}

/* More origins than the table shares, all years up to the last, and some texts. */
static void every_field_of_an_entry_is_kept(void **state)
{
	static const int64_t since[] = {0, 1763800000, 253402300799};
	struct world *world = world_new("10.0.0.0/16", "10.1.0.0/24");
	char origin[32], note[32], extra[32];

	(void)state;
	world_start(world, 1);
	for (uint32_t round = 0; round < 6000; round++) {
		uint32_t i = 1 + round % 3000;
		struct entry entry = {.mac = station(round),
		                      .state = round % 3 ? ENTRY_DYNAMIC : ENTRY_STATIC,
		                      .since = since[round % 3],
		                      .origin = i % 5 ? origin : NULL,
		                      .note = round % 7 ? NULL : note,
		                      .extra = round % 11 ? NULL : extra};
		struct neighbour_view view;

		snprintf(origin, sizeof(origin), "host%u/eth0", round % 2000);
		snprintf(note, sizeof(note), "rack %u", round);
		snprintf(extra, sizeof(extra), "x-rack %u\n", round);
		assert_int_equal(neighbour_apply(world->neighbour, 0, address_at(0x0a000000u + i),
		                                 &entry, false, &world->clock),
		                 0);
		assert_true(neighbour_view(world->neighbour, 0,
		                           address_at(0x0a000000u + 1 + round / 2), &view));
		assert_true(
		        neighbour_view(world->neighbour, 0, address_at(0x0a000000u + i), &view));
		assert_true(entry_equal(view.entry, &entry));
	}
	for (uint32_t round = 3000; round < 6000; round++) {
		struct neighbour_view view;

		snprintf(origin, sizeof(origin), "host%u/eth0", round % 2000);
		snprintf(note, sizeof(note), "rack %u", round);
		neighbour_view(world->neighbour, 0, address_at(0x0a000000u + 1 + round % 3000),
		               &view);
		assert_int_equal(view.entry->since, since[round % 3]);
		if ((1 + round % 3000) % 5)
			assert_string_equal(view.entry->origin, origin);
		else
			assert_null(view.entry->origin);
		if (round % 7 == 0)
			assert_string_equal(view.entry->note, note);
	}
	world_free(world);
}

static void an_empty_slash_8(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct prefix prefix = {.network = ADDRESS_V4(0x0a000000u), .length = 8};
	struct neighbour_totals totals;
	double begin;

	(void)state;
	assert_int_equal(layout_add(&world->layout, 0, prefix, NULL), 0);
	world->segments = 2;
	world->slots = calloc(world->layout.slots, sizeof(*world->slots));
	world->policy[0].learn = NEIGHBOUR_PASSIVE;
	world->policy[0].timeout = 300;
	world->clock.now = 5000;
	begin = milliseconds();
	world_start(world, 1);
	printf("%u slots, empty: begun in %.1f ms", world->layout.slots, milliseconds() - begin);
	printf(", a pass takes %.1f ms\n", scan_ms(world));
	neighbour_totals(world->neighbour, &totals);
	assert_int_equal(totals.state[SLOT_EMPTY], 1u << 24);
	neighbour_free(world->neighbour);
	layout_clear(&world->layout);
	free(world->slots);
	free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_full_slash_16),
	        cmocka_unit_test(a_full_slash_16_of_another_node),
	        cmocka_unit_test(a_dead_slash_16),
	        cmocka_unit_test(every_field_of_an_entry_is_kept),
	        cmocka_unit_test(an_empty_slash_8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

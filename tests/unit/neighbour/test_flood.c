/* SPDX-License-Identifier: MIT */
/* Floods: a million invented senders, and a network where a flood claims every address. Queues,
 * requests and memory stay within limits, and the agent misses no real host. */
#include <malloc.h>
#include <time.h>

#include "fixture.h"

#define FIRST  0x0a020001u /* 10.2.0.1 of a /16: verified */
#define LAN    2
#define EVENTS 1000000
#define RATE   5000 /* events a second: what the XDP program lets through */
#define SEED   20261122u

static int set_up(void **state)
{
	struct world *world = world_of("10.0.0.0/24", "10.1.0.0/24", "10.2.0.0/16");

	printf("seed %u\n", SEED);
	srand(SEED);
	world->policy[LAN].mac_limit = 64;
	world_start(world, 3);
	*state = world;
	return 0;
}

static double seconds_used(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct mac random_mac(void)
{
	struct mac mac = {{0x06}};

	for (unsigned i = 1; i < 6; i++)
		mac.octet[i] = (uint8_t)(rand() >> 7);
	return mac;
}

/* In every second at most the agreed number. */
static void check_rate(const struct world *world, unsigned from)
{
	for (unsigned i = from; i < world->asked; i++) {
		if (i >= RESOLVE_PER_SECOND)
			assert_true(
			        world->asks[i % NOTES_MAX].at_ms -
			                world->asks[(i - RESOLVE_PER_SECOND) % NOTES_MAX].at_ms >=
			        1000);
	}
}

static void check_bounds(struct world *world)
{
	struct neighbour_totals totals;

	neighbour_totals(world->neighbour, &totals);
	assert_true(totals.resolving <= RESOLVE_AT_ONCE + 512 + 512);
	assert_true(totals.state[SLOT_PENDING] <= RESOLVE_AT_ONCE + 512);
	assert_int_equal(world->open, totals.resolving);
}

/* One address in 64 of the upper half of the network has a real host. It answers every request. */
static bool is_real(uint32_t address)
{
	return (address & 0xffffu) >= 0x8000u && (address & 63) == 17;
}

static struct mac mac_of(uint32_t address)
{
	return station(address & 0xffffu);
}

/* Handles the wire since `from`: real hosts answer, and the program notes a binding's answer. */
static unsigned answer(struct world *world, unsigned from)
{
	check_rate(world, from);
	for (; from < world->asked; from++) {
		const struct asked_note note = world->asks[from % NOTES_MAX];
		struct mac real = mac_of(note.address);
		struct neighbour_view view = view_of(world, note.address);

		if (!is_real(note.address) || (note.unicast && !mac_equal(note.to, real)))
			continue;
		if (view.state == SLOT_PENDING)
			hear_answer(world, note.address, real);
		else if (mac_equal(view.mac, real))
			program_hears(world, note.address);
	}
	return from;
}

static void a_million_invented_senders(void **state)
{
	struct world *world = *state;
	struct neighbour_totals totals;
	unsigned read = 0, real = 0;
	double used = 0;
	size_t heap = mallinfo2().uordblks;

	for (unsigned event = 0; event < EVENTS;) {
		double begin = seconds_used();

		for (unsigned i = 0; i < RATE / 100; i++, event++)
			hear(world, FIRST + (uint32_t)rand() % 65534, random_mac());
		neighbour_tick(world->neighbour, &world->clock);
		used += seconds_used() - begin;
		/* During the flood, five requests a second miss a real host. */
		if (event % 1000 == 0) {
			ask_for(world, 0x0a028000u + 17 + 64 * (real % 512));
			real++;
		}
		read = answer(world, read);
		if (event % 10000 == 0)
			check_bounds(world);
		pass_ms(world, 10);
	}
	neighbour_totals(world->neighbour, &totals);
	printf("%u events in %u s: %.2f us each, %u requests, %u tasks, %lu refused\n", EVENTS,
	       EVENTS / RATE, used / EVENTS * 1e6, world->asked, world->begun,
	       (unsigned long)totals.refused);
	/* The agent found all missed hosts, and no others. */
	assert_int_equal(totals.state[SLOT_DYNAMIC] + totals.state[SLOT_STALE], 512);
	for (uint32_t i = 0; i < 512; i++)
		assert_mac(world, 0x0a028000u + 17 + 64 * i, mac_of(0x0a028000u + 17 + 64 * i));
	assert_true(totals.refused > EVENTS / 2);
	assert_in_range(world->alerted_by[ALERT_LEARN_LIMIT], 1, 3);
	/*
	 * With AddressSanitizer's allocator both are 0. The module needs no more memory than that.
	 */
	assert_true(mallinfo2().uordblks - heap < 200000);
	live_ms(world, 10000);
	assert_int_equal(world->open, 0);
}

/* Every real host is known, and a flood claims all of them, with misses in it. */
static void no_host_loses_its_address(void **state)
{
	struct world *world = *state;
	unsigned read = 0, stale = 0;

	for (uint32_t i = 0; i < 512; i++) {
		uint32_t address = 0x0a028000u + 17 + 64 * i;

		hear(world, address, mac_of(address));
		read = answer(world, read);
		pass_ms(world, 10);
	}
	live_ms(world, DECIDE_MS);
	world->changed = 0;
	for (unsigned event = 0; event < EVENTS / 2; event++) {
		uint32_t address = 0x0a028000u + 17 + 64 * ((uint32_t)rand() % 512);

		hear(world, address, random_mac());
		if (event % 10)
			continue;
		if (event % 100 == 0)
			neighbour_scan(world->neighbour, 8192, &world->clock);
		neighbour_tick(world->neighbour, &world->clock);
		read = answer(world, read);
		stale += view_of(world, address).state == SLOT_STALE;
		pass_ms(world, 2);
	}
	assert_int_equal(world->changed, 0);
	assert_true(stale > 0);
	for (uint32_t i = 0; i < 512; i++) {
		uint32_t address = 0x0a028000u + 17 + 64 * i;

		assert_mac(world, address, mac_of(address));
		assert_int_equal(view_of(world, address).flags, SLOT_ANSWER);
		assert_true(world->clock.now - view_of(world, address).seen < 300);
	}
	check_bounds(world);
	printf("%u conflicts, %u requests\n", world->alerted_by[ALERT_CONFLICT], world->asked);
}

/* During the flood, the agent verifies a silent host, finds a missed one, and learns one that
 * claims and answers. Each happens in good time. */
static void no_kind_of_request_starves(void **state)
{
	struct world *world = *state;
	unsigned read = 0, missed = 0, verified = 0;

	for (unsigned step = 0; step < 6000; step++) { /* a minute */
		uint32_t known = FIRST + 1 + step / 10;
		const struct entry entry = {.mac = station(1), .since = 1};

		for (unsigned i = 0; i < 50; i++) {
			hear(world, FIRST + 0x1000 + (uint32_t)rand() % 0x6000, random_mac());
			ask_for(world, FIRST + 0x1000 + (uint32_t)rand() % 0x6000);
		}
		if (step % 10 == 0) /* silent: takes three requests */
			assert_int_equal(apply(world, known, &entry, true), 0);
		neighbour_scan(world->neighbour, 16384, &world->clock);
		neighbour_tick(world->neighbour, &world->clock);
		check_rate(world, read);
		for (; read < world->asked; read++) {
			const struct asked_note *note = &world->asks[read % NOTES_MAX];

			missed += !note->unicast;
			verified += note->unicast && note->address < FIRST + 0x1000;
		}
		pass_ms(world, 10);
	}
	printf("a second: %u missed, %u verified, %u claimed\n", missed / 60, verified / 60,
	       (world->asked - missed - verified) / 60);
	assert_true(missed / 60 >= 95);
	assert_in_range(verified, 3 * 580, 3 * 600); /* all of them */
	assert_true((world->asked - missed - verified) / 60 >= 95);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)
	        TEST(a_million_invented_senders),
	        TEST(no_host_loses_its_address),
	        TEST(no_kind_of_request_starves),
	};

	return run_families(tests);
}

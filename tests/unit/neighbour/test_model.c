/* SPDX-License-Identifier: MIT */
/*
 * Random events, against a model that says what an address must be after each: written
 * anew, plainly, and slowly, from docs/neighbour.md. After every event: state, MAC and flags of
 * every slot are the model's; the durable part is what history was told (invariant 1); every
 * task in flight belongs to a query; the totals are what counting gives.
 *
 * NEIGHBOUR_SEED in the environment repeats a run.
 */
#include <errno.h>
#include <time.h>

#include "fixture.h"

#define EVENTS 200000
#define SLOTS  24 /* 10.0.0.0/28 and 10.1.0.0/29 */

struct expected {
	enum slot_state state;
	struct mac mac;
	uint32_t dead; /* coarse seconds */
	bool asking;
	unsigned asks;
	uint64_t last_ask;
	uint32_t seen; /* the slot's, when asking began */
};

struct model {
	struct world *world;
	struct expected slot[SLOTS], before[SLOTS]; /* before: at the end of the last event */
	uint32_t cursor;
	unsigned alerts, asks_read;
	uint32_t random;
};

static const struct mac nobody;

static uint32_t pick(struct model *model, uint32_t below)
{
	model->random = model->random * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(model->random >> 4) * below >> 28);
}

static uint32_t address_of(uint32_t slot)
{
	return slot < 16 ? 0x0a000000u + slot : 0x0a010000u + slot - 16;
}

static bool is_host(uint32_t slot)
{
	return slot != 0 && slot != 15 && slot != 16 && slot != 23;
}

static bool learns(uint32_t slot)
{
	return slot < 16;
}

static uint32_t timeout_of(uint32_t slot)
{
	return slot < 16 ? 300 : 60;
}

static uint8_t flags_of(uint32_t slot, enum slot_state state)
{
	if (slot < 16)
		return state == SLOT_DYNAMIC || state == SLOT_STALE || state == SLOT_STATIC
		               ? SLOT_ANSWER
		               : 0;
	if (state == SLOT_STATIC)
		return SLOT_ANSWER | SLOT_PROTECT;
	return state == SLOT_LOCAL ? SLOT_PROTECT : 0;
}

static bool durable(enum slot_state state)
{
	return state == SLOT_DYNAMIC || state == SLOT_STALE || state == SLOT_STATIC;
}

static bool same_mac(struct mac a, struct mac b)
{
	return memcmp(a.octet, b.octet, 6) == 0;
}

static void becomes(struct expected *expected, enum slot_state state, struct mac mac)
{
	*expected = (struct expected){.state = state, .mac = mac};
}

static void begins_asking(struct model *model, uint32_t slot)
{
	model->slot[slot].asking = true;
	model->slot[slot].seen = model->world->slots[slot].seen;
}

/* Reads the requests that left since last time: are they what they should be? */
static void check_asks(struct model *model)
{
	struct world *world = model->world;

	for (; model->asks_read < world->asked; model->asks_read++) {
		const struct asked_note *note = &world->asks[model->asks_read % NOTES_MAX];
		uint32_t slot = slot_of(world, note->address);
		struct expected *expected = &model->slot[slot];

		/* What begins sends what else is due: also for one that this same scan ends. */
		if (!expected->asking)
			expected = &model->before[slot];
		assert_true(expected->asking);
		assert_int_equal(note->unicast, expected->state == SLOT_STALE);
		if (note->unicast)
			assert_true(same_mac(note->to, expected->mac));
		if (expected->asks)
			assert_true(note->at_ms - expected->last_ask >= RESOLVE_MIN_MS);
		expected->last_ask = note->at_ms;
		assert_true(++expected->asks <= RESOLVE_TRIES);
	}
}

static void check_all(struct model *model)
{
	struct world *world = model->world;
	struct neighbour_totals totals;
	uint32_t count[SLOT_STATES] = {0}, asking = 0;

	for (uint32_t slot = 0; slot < SLOTS; slot++) {
		const struct expected *expected = &model->slot[slot];
		struct neighbour_view view;
		union binding binding = {.word = world->slots[slot].binding};

		assert_true(neighbour_view(world->neighbour, slot >= 16, address_of(slot), &view));
		assert_int_equal(view.state, expected->state);
		assert_true(same_mac(view.mac, expected->mac));
		assert_int_equal(view.flags, flags_of(slot, expected->state));
		assert_int_equal(binding.state, view.state);
		assert_int_equal(binding.flags, view.flags);
		assert_memory_equal(binding.mac, view.mac.octet, 6);
		count[expected->state]++;
		asking += expected->asking;
	}
	assert_history_agrees(world);
	neighbour_totals(world->neighbour, &totals);
	assert_memory_equal(totals.state, count, sizeof(count));
	assert_int_equal(totals.resolving, asking);
	assert_int_equal(world->open, asking);
	assert_int_equal(world->alerted, model->alerts);
}

static struct mac some_mac(struct model *model)
{
	switch (pick(model, 24)) {
	case 0:
		return nobody;
	case 1:
		return (struct mac){{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	default:
		return station(1 + pick(model, 4));
	}
}

static bool valid(struct mac mac)
{
	return !same_mac(mac, nobody) && !(mac.octet[0] & 1);
}

static void do_hear(struct model *model, uint32_t slot)
{
	struct expected *expected = &model->slot[slot];
	struct mac mac = some_mac(model);

	hear(model->world, address_of(slot), mac);
	if (!valid(mac))
		return;
	switch (expected->state) {
	case SLOT_STATIC:
	case SLOT_LOCAL:
		model->alerts += !same_mac(expected->mac, mac);
		break;
	case SLOT_DYNAMIC:
	case SLOT_STALE:
		if (same_mac(expected->mac, mac)) {
			becomes(expected, SLOT_DYNAMIC, mac);
			assert_int_equal(model->world->slots[slot].seen, model->world->clock.now);
			break;
		}
		/* fallthrough */
	default:
		if (learns(slot) && is_host(slot)) {
			becomes(expected, SLOT_DYNAMIC, mac);
			model->alerts++;
		}
	}
}

static void do_ask(struct model *model, uint32_t slot)
{
	ask_for(model->world, address_of(slot));
	if (model->slot[slot].state == SLOT_EMPTY && learns(slot) && is_host(slot)) {
		becomes(&model->slot[slot], SLOT_PENDING, nobody);
		begins_asking(model, slot);
	}
}

/* What a tick may, and what it must do to an address that is being asked for. */
static void expect_tick(struct model *model, uint32_t slot)
{
	struct world *world = model->world;
	struct expected *expected = &model->slot[slot];
	enum slot_state is = view_of(world, address_of(slot)).state;
	uint32_t seen = world->slots[slot].seen;
	uint64_t silent;

	if (!expected->asking)
		return;
	if (expected->state == SLOT_STALE && seen && seen != expected->seen) {
		becomes(expected, SLOT_DYNAMIC, expected->mac);
		return;
	}
	silent = world->clock.now_ms - expected->last_ask;
	if (expected->asks < RESOLVE_TRIES || silent < RESOLVE_MIN_MS)
		return;
	if (silent < RESOLVE_MAX_MS && is == expected->state)
		return;
	if (expected->state == SLOT_PENDING) {
		becomes(expected, SLOT_DEAD, nobody);
		expected->dead = world->clock.now;
	} else {
		becomes(expected, SLOT_EMPTY, nobody);
	}
}

static void do_tick(struct model *model)
{
	check_asks(model);
	neighbour_tick(model->world->neighbour, &model->world->clock);
	for (uint32_t slot = 0; slot < SLOTS; slot++)
		expect_tick(model, slot);
}

static void do_scan(struct model *model, uint32_t count)
{
	struct world *world = model->world;

	for (uint32_t i = 0; i < count && i < SLOTS; i++) {
		uint32_t slot = model->cursor;
		struct expected *expected = &model->slot[slot];
		uint32_t seen = world->slots[slot].seen, now = world->clock.now;
		bool quiet = !seen || now - seen > timeout_of(slot);

		model->cursor = (slot + 1) % SLOTS;
		if (expected->state == SLOT_DEAD && now - expected->dead >= DEAD_SECONDS)
			becomes(expected, SLOT_EMPTY, nobody);
		if (expected->state == SLOT_STALE && !quiet)
			becomes(expected, SLOT_DYNAMIC, expected->mac);
		if ((expected->state == SLOT_DYNAMIC && quiet) ||
		    (expected->state == SLOT_STALE && !expected->asking)) {
			becomes(expected, SLOT_STALE, expected->mac);
			begins_asking(model, slot);
		}
	}
	neighbour_scan(world->neighbour, count, &world->clock);
}

static void do_declare(struct model *model, uint32_t slot)
{
	struct world *world = model->world;
	struct expected *expected = &model->slot[slot];
	struct entry *entry = world->history[slot];
	enum entry_state state = pick(model, 3) ? ENTRY_STATIC : ENTRY_DYNAMIC;
	struct mac mac = some_mac(model);
	char *note = pick(model, 2) ? "rack 3" : NULL;
	bool same = entry && same_mac(entry->mac, mac) && entry->state == state &&
	            !entry->note == !note;
	int error = declare(world, address_of(slot), state, mac, note);

	if (!is_host(slot)) {
		assert_int_equal(error, -EADDRNOTAVAIL);
	} else if (!valid(mac)) {
		assert_int_equal(error, -EINVAL);
	} else if (expected->state == SLOT_LOCAL) {
		assert_int_equal(error, -EBUSY);
	} else if (same) {
		assert_int_equal(error, 1);
	} else {
		assert_int_equal(error, 0);
		becomes(expected, state == ENTRY_STATIC ? SLOT_STATIC : SLOT_DYNAMIC, mac);
	}
}

static void do_unset(struct model *model, uint32_t slot)
{
	struct expected *expected = &model->slot[slot];
	int error = neighbour_declare(model->world->neighbour, slot >= 16, address_of(slot), NULL,
	                              &model->world->clock);

	if (!is_host(slot)) {
		assert_int_equal(error, -EADDRNOTAVAIL);
	} else if (expected->state == SLOT_LOCAL) {
		assert_int_equal(error, -EBUSY);
	} else if (!durable(expected->state)) {
		assert_int_equal(error, -ENOENT);
	} else {
		assert_int_equal(error, 0);
		becomes(expected, SLOT_EMPTY, nobody);
	}
}

static void do_apply(struct model *model, uint32_t slot)
{
	static char origin[] = "host9/eth9";
	struct world *world = model->world;
	struct expected *expected = &model->slot[slot];
	bool verify = pick(model, 2), remove = !pick(model, 3);
	const struct entry entry = {
	        .mac = some_mac(model),
	        .state = pick(model, 2) ? ENTRY_STATIC : ENTRY_DYNAMIC,
	        .since = pick(model, 3),
	        .origin = pick(model, 2) ? origin : NULL,
	};
	bool same = !remove && entry_equal(&entry, world->history[slot]);
	unsigned changed = world->changed;
	int error = apply(world, address_of(slot), remove ? NULL : &entry, verify);

	assert_int_equal(world->changed, changed);
	if (!is_host(slot)) {
		assert_int_equal(error, -EADDRNOTAVAIL);
	} else if (remove) {
		assert_int_equal(error, durable(expected->state) ? 0 : 1);
		if (!error)
			becomes(expected, SLOT_EMPTY, nobody);
	} else if (!valid(entry.mac)) {
		assert_int_equal(error, -EINVAL);
	} else if (expected->state == SLOT_LOCAL) {
		assert_int_equal(error, -EBUSY);
	} else if (same) {
		assert_int_equal(error, 1);
	} else {
		bool heard = expected->state == SLOT_DYNAMIC && same_mac(expected->mac, entry.mac);

		assert_int_equal(error, 0);
		becomes(expected,
		        entry.state == ENTRY_STATIC ? SLOT_STATIC
		        : verify && !heard          ? SLOT_STALE
		                                    : SLOT_DYNAMIC,
		        entry.mac);
	}
}

static void do_local(struct model *model, uint32_t slot)
{
	struct world *world = model->world;
	struct expected *expected = &model->slot[slot];
	struct mac mac = some_mac(model);
	bool gone = pick(model, 2);

	neighbour_local(world->neighbour, slot >= 16, address_of(slot), gone ? NULL : &mac,
	                &world->clock);
	if (!is_host(slot))
		return;
	if (gone) {
		if (expected->state == SLOT_LOCAL)
			becomes(expected, SLOT_EMPTY, nobody);
	} else if (!valid(mac)) {
		return;
	} else if (expected->state == SLOT_STATIC && !same_mac(expected->mac, mac)) {
		model->alerts++;
	} else {
		becomes(expected, SLOT_LOCAL, mac);
	}
}

/* An outsider writes; a scan of everything, or the next event there, finds it. */
static void do_write(struct model *model, uint32_t slot)
{
	struct world *world = model->world;
	struct expected *expected = &model->slot[slot];
	unsigned state = pick(model, SLOT_STATES + 2);
	struct mac mac = state == SLOT_EMPTY && pick(model, 4) ? nobody : some_mac(model);
	bool meant = expected->state != SLOT_LOCAL;

	write_slot(world, address_of(slot), (enum slot_state)state, mac);
	if (state == expected->state && same_mac(mac, expected->mac)) {
		/* the same, but for flags and times */
	} else if (meant && state == SLOT_EMPTY && same_mac(mac, nobody)) {
		becomes(expected, SLOT_EMPTY, nobody);
	} else if (meant && (state == SLOT_DYNAMIC || state == SLOT_STATIC) && valid(mac) &&
	           is_host(slot)) {
		becomes(expected, (enum slot_state)state, mac);
		world->slots[slot].seen = world->clock.now; /* as an honest writer would */
	} else {
		model->alerts++;
	}
	if (pick(model, 2)) {
		uint32_t before = model->cursor;

		/* In the model, scanning follows the outsider's write, which is done. */
		do_scan(model, SLOTS);
		assert_int_equal(model->cursor, before);
	} else if (pick(model, 2)) {
		do_hear(model, slot);
		/* Frames of no station are not looked at: nor is the slot, then. */
		do_ask(model, slot);
	} else {
		do_ask(model, slot);
	}
}

static void do_refresh(struct model *model, uint32_t slot)
{
	if (durable(model->slot[slot].state)) /* XDP: the binding's own MAC spoke */
		model->world->slots[slot].seen = model->world->clock.now;
}

/* The agent dies, and another one takes over: history says what is durable. */
static void do_restart(struct model *model)
{
	struct world *world = model->world;

	check_asks(model);
	for (unsigned task = 1; task <= world->begun; task++)
		world->task[task] = 2;
	world->open = 0;
	world_start(world, pick(model, 1u << 28));
	for (uint32_t slot = 0; slot < SLOTS; slot++) {
		struct entry *entry = entry_copy(world->history[slot]);
		struct expected *expected = &model->slot[slot];

		if (is_host(slot))
			assert_int_equal(apply(world, address_of(slot), entry, true), !entry);
		entry_free(entry);
		if (!durable(expected->state))
			becomes(expected, SLOT_EMPTY, nobody);
		else if (expected->state != SLOT_STATIC)
			becomes(expected, SLOT_STALE, expected->mac);
	}
	model->cursor = 0;
}

static void do_something(struct model *model)
{
	uint32_t slot = pick(model, SLOTS), dice = pick(model, 1000);

	if (dice < 200)
		do_hear(model, slot);
	else if (dice < 350)
		do_ask(model, slot);
	else if (dice < 500)
		do_tick(model);
	else if (dice < 620)
		do_scan(model, pick(model, SLOTS + 4));
	else if (dice < 660)
		do_declare(model, slot);
	else if (dice < 690)
		do_unset(model, slot);
	else if (dice < 730)
		do_apply(model, slot);
	else if (dice < 760)
		do_local(model, slot);
	else if (dice < 800)
		do_write(model, slot);
	else if (dice < 850)
		do_refresh(model, slot);
	else if (dice < 990)
		pass_ms(model->world, pick(model, 3000));
	else if (dice < 995)
		pass_ms(model->world, 20000 + pick(model, 20000));
	else if (dice < 999)
		pass_ms(model->world, 50000 + pick(model, 300000));
	else
		do_restart(model);
}

static uint32_t seed_of_this_run(void)
{
	const char *seed = getenv("NEIGHBOUR_SEED");

	return seed ? (uint32_t)strtoul(seed, NULL, 10) : (uint32_t)time(NULL);
}

static void random_events_agree_with_the_model(void **state)
{
	struct model *model = calloc(1, sizeof(*model));
	struct world *world = world_new("10.0.0.0/28", "10.1.0.0/29");
	unsigned reached = 0;

	(void)state;
	model->random = seed_of_this_run();
	model->world = world;
	printf("NEIGHBOUR_SEED=%u\n", model->random);
	world_start(world, model->random);
	for (unsigned event = 0; event < EVENTS; event++) {
		do_something(model);
		check_asks(model);
		check_all(model);
		memcpy(model->before, model->slot, sizeof(model->before));
		for (uint32_t slot = 0; slot < SLOTS; slot++)
			reached |= 1u << model->slot[slot].state;
	}
	assert_int_equal(reached, (1u << SLOT_STATES) - 1);

	/* Left alone, everything in flight ends: every task begun was ended once. */
	live_ms(world, 7000);
	assert_int_equal(world->open, 0);
	for (unsigned task = 1; task <= world->begun; task++)
		assert_int_equal(world->task[task], 2);
	printf("%u tasks, %u changes, %u requests, %u alerts\n", world->begun, world->changed,
	       world->asked, world->alerted);
	world_free(world);
	free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(random_events_agree_with_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

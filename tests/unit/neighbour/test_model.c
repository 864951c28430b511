/* SPDX-License-Identifier: MIT */
/*
 * Random events, compared with a model: a plain and slow rewrite of docs/neighbour.md. After every
 * event, the test compares state, MAC and flags of every slot with the model. It also checks that
 * history got the durable part (invariant 1), that every task in flight belongs to a query, and
 * that the totals match a count.
 *
 * NEIGHBOUR_SEED in the environment repeats a run.
 */
#include <errno.h>
#include <time.h>

#include "model.h"
#include "model_check.h"
#include "model_rules.h"

#define EVENTS 200000
#define HOLDER 0x0a020101u

static struct mac some_mac(struct model *model)
{
	switch (pick(model, 24)) {
	case 0:
		return no_mac;
	case 1:
		return (struct mac){{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	case 2:
		return sponge_mac;
	default:
		return station(1 + pick(model, 4));
	}
}

static void hear_from(struct model *model, uint32_t slot, struct mac mac, bool answer)
{
	struct world *world = model->world;
	unsigned asked = world->asked;

	if (expect_hear(model, slot, mac, answer))
		model->asks_read++; /* checked here */
	if (answer)
		hear_answer(world, address_of(slot), mac);
	else
		hear(world, address_of(slot), mac);
	if (model->asks_read > asked) {
		assert_int_equal(world->asked, asked + 1);
		assert_int_equal(world->asks[asked % NOTES_MAX].address, address_of(slot));
		assert_true(world->asks[asked % NOTES_MAX].unicast);
		assert_true(same_mac(world->asks[asked % NOTES_MAX].to, mac));
	}
	if (valid(mac) && durable(model->slot[slot].state) && same_mac(model->slot[slot].mac, mac))
		assert_int_equal(slot_at(model, slot)->seen, world->clock.now);
}

static void do_hear(struct model *model, uint32_t slot)
{
	struct mac mac = some_mac(model);

	hear_from(model, slot, mac, !pick(model, 3));
}

/* Claimants reply, and owners that lost their address come back: by chance it is seldom. */
static void do_persist(struct model *model)
{
	for (uint32_t slot = 24; slot < SLOTS; slot++) {
		const struct expected *expected = &model->slot[slot];
		bool contest = expected->asking == CONTEST || expected->asking == RECLAIM;

		if (contest && pick(model, 2))
			hear_from(model, slot, expected->claimant, true);
		else if (expected->owed && !expected->frozen && expected->state == SLOT_DYNAMIC &&
		         !pick(model, 3))
			hear_from(model, slot, expected->previous, false);
		else
			continue;
		check_asks(model);
	}
}

static void do_ask(struct model *model, uint32_t slot)
{
	if (model->slot[slot].state == SLOT_EMPTY && learns(slot) && is_host(slot) &&
	    is_up(model, slot) && !rests(model, &model->slot[slot])) {
		becomes(model, &model->slot[slot], SLOT_PENDING, no_mac);
		begins_asking(model, slot, MISS);
	}
	ask_for(model->world, address_of(slot));
}

/* XDP: requests for the next dead address are counted or answered. */
static void do_request(struct model *model, uint32_t slot)
{
	unsigned times = 1 + pick(model, 40);

	for (unsigned i = 0; i < SLOTS; i++, slot = (slot + 1) % SLOTS) {
		struct expected *expected = &model->slot[slot];

		if (expected->state != SLOT_DEAD)
			continue;
		program_is_asked(model->world, address_of(slot), times);
		expected->requests += expected->sponged ? 0 : times;
		return;
	}
}

static void do_sponged(struct model *model, uint32_t slot)
{
	unsigned holder = pick(model, 3);
	int64_t where = slot_if_any(model->world, address_of(slot));

	if (where < 0)
		return; /* what is answered has a slot */
	neighbour_sponged(model->world->neighbour, (uint32_t)where, address_at(HOLDER + holder),
	                  station(100 + holder), &model->world->clock);
	if (silent(model->slot[slot].state))
		model->slot[slot].holders |= 1u << holder;
	else
		model->corrections++;
}

static void do_sponge_at(struct model *model)
{
	struct mac mac = pick(model, 3) ? station(200 + pick(model, 2)) : no_mac;

	mac = pick(model, 2) ? sponge_mac : mac;
	model->sponge = mac;
	for (uint32_t slot = 0; slot < SLOTS; slot++) {
		struct expected *expected = &model->slot[slot];

		if (!expected->sponged)
			continue;
		expected->mac = mac;
		expected->sponged = valid(mac);
		if (!expected->sponged)
			stops_asking(expected);
		expected->requests = 0;
	}
	neighbour_sponge_at(model->world->neighbour, 2, mac);
}

static void do_link(struct model *model)
{
	unsigned segment = pick(model, 3);
	bool up = model->down[segment];

	if (!pick(model, 8)) { /* repeated: no change */
		link_is(model->world, segment, !up);
		return;
	}
	model->down[segment] = !up;
	if (up)
		model->up_since[segment] = model->world->clock.now;
	for (uint32_t slot = 0; slot < SLOTS; slot++) {
		struct expected *expected = &model->slot[slot];

		if (up || segment_at(slot) != segment || !expected->asking)
			continue;
		stops_asking(expected);
		if (expected->state == SLOT_PENDING)
			becomes(model, expected, SLOT_EMPTY, no_mac);
	}
	link_is(model->world, segment, up);
}

static void do_tick(struct model *model)
{
	uint32_t seen[SLOTS];
	uint64_t task[SLOTS];

	check_asks(model);
	for (uint32_t slot = 0; slot < SLOTS; slot++) {
		seen[slot] = slot_at(model, slot)->seen;
		task[slot] = model->world->open_at[slot];
	}
	neighbour_tick(model->world->neighbour, &model->world->clock);
	for (uint32_t slot = 0; slot < SLOTS; slot++)
		expect_tick(model, slot, seen[slot], task[slot]);
	/* A move in the same tick has set `seen`. A contest sets it back by one at most, once. */
	for (uint32_t slot = 0; slot < SLOTS; slot++)
		expect_turn(model, slot, slot_at(model, slot)->seen);
}

/* Of the address that has the slot; -1: none. */
static int64_t number_at(const struct model *model, uint32_t slot)
{
	struct address address;
	unsigned segment;

	if (!neighbour_place(model->world->neighbour, slot, &segment, &address))
		return -1;
	return place_of(model->world, segment, address);
}

static void do_scan(struct model *model, uint32_t count)
{
	for (uint32_t i = 0; i < count && i < SLOTS; i++) {
		int64_t slot = number_at(model, model->cursor);

		if (slot >= 0)
			expect_look(model, (uint32_t)slot);
		model->cursor = (model->cursor + 1) % SLOTS;
	}
	neighbour_scan(model->world->neighbour, count, &model->world->clock);
	if (count >= SLOTS)
		check_given_back(model);
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
		is_stored(model, expected, state == ENTRY_STATIC ? SLOT_STATIC : SLOT_DYNAMIC, mac,
		          world->clock.wall);
	}
}

static void do_unset(struct model *model, uint32_t slot)
{
	struct expected *expected = &model->slot[slot];
	int error = neighbour_declare(model->world->neighbour, segment_at(slot),
	                              address_at(address_of(slot)), NULL, &model->world->clock);

	if (!is_host(slot)) {
		assert_int_equal(error, -EADDRNOTAVAIL);
	} else if (expected->state == SLOT_LOCAL) {
		assert_int_equal(error, -EBUSY);
	} else if (!durable(expected->state)) {
		assert_int_equal(error, -ENOENT);
	} else {
		assert_int_equal(error, expected->kept ? -ENOENT : 0);
		becomes(model, expected, SLOT_EMPTY, no_mac);
	}
}

static void do_apply(struct model *model, uint32_t slot)
{
	static char origin[] = "host9/eth9";
	struct world *world = model->world;
	struct expected *expected = &model->slot[slot];
	bool verify = pick(model, 2), remove = !pick(model, 3),
	     foreign = model->fleet && pick(model, 2);
	const struct entry entry = {
	        .mac = some_mac(model),
	        .state = pick(model, 2) ? ENTRY_STATIC : ENTRY_DYNAMIC,
	        .since = pick(model, 3),
	        .origin = pick(model, 2) ? origin : NULL,
	};
	bool same = !remove && entry_equal(&entry, world->history[slot]) &&
	            foreign == expected->foreign;
	unsigned changed = world->changed,
	         how = (verify ? APPLY_VERIFY : 0) | (foreign ? APPLY_FOREIGN : 0);
	uint32_t seen = slot_at(model, slot)->seen;
	bool heard = seen && world->clock.now - seen <= (segment_at(slot) == 1 ? 60 : 300);
	int error = apply(world, address_of(slot), remove ? NULL : &entry, how);

	assert_int_equal(world->changed, changed);
	if (!is_host(slot)) {
		assert_int_equal(error, -EADDRNOTAVAIL);
	} else if (remove) {
		assert_int_equal(error, durable(expected->state) && !expected->kept ? 0 : 1);
		if (durable(expected->state))
			is_taken_away(model, slot, foreign, heard);
	} else if (!valid(entry.mac)) {
		assert_int_equal(error, -EINVAL);
	} else if (expected->state == SLOT_LOCAL) {
		assert_int_equal(error, -EBUSY);
	} else if (same) {
		assert_int_equal(error, 1);
	} else {
		bool frozen, proved = expected->state == SLOT_DYNAMIC &&
		                      same_mac(expected->mac, entry.mac) &&
		                      (heard || !expected->foreign);

		assert_int_equal(error, 0);
		frozen = expected->frozen && same_mac(expected->mac, entry.mac) &&
		         entry.state != ENTRY_STATIC;
		is_stored(model, expected,
		          entry.state == ENTRY_STATIC     ? SLOT_STATIC
		          : verify && !foreign && !proved ? SLOT_STALE
		                                          : SLOT_DYNAMIC,
		          entry.mac, entry.since);
		expected->frozen = frozen;
		expected->count = frozen;
		expected->foreign = foreign;
	}
}

static void do_local(struct model *model, uint32_t slot)
{
	struct world *world = model->world;
	struct expected *expected = &model->slot[slot];
	struct mac mac = some_mac(model);
	bool gone = pick(model, 2);

	neighbour_local(world->neighbour, segment_at(slot), address_at(address_of(slot)),
	                gone ? NULL : &mac, &world->clock);
	if (!is_host(slot))
		return;
	if (gone) {
		if (expected->state == SLOT_LOCAL)
			becomes(model, expected, SLOT_EMPTY, no_mac);
	} else if (!valid(mac)) {
		return;
	} else if (expected->state == SLOT_STATIC && !same_mac(expected->mac, mac)) {
		model->conflicts++;
	} else {
		becomes(model, expected, SLOT_LOCAL, mac);
	}
}

/* An outsider writes. A full scan, or the next event there, finds it. */
static void do_write(struct model *model, uint32_t slot)
{
	struct world *world = model->world;
	struct expected *expected = &model->slot[slot];
	unsigned state = pick(model, SLOT_STATES + 2);
	struct mac mac = state == SLOT_EMPTY && pick(model, 4) ? no_mac : some_mac(model);
	bool meant = expected->state != SLOT_LOCAL;

	if (slot_if_any(world, address_of(slot)) < 0)
		return;
	write_slot(world, address_of(slot), (enum slot_state)state, mac);
	expected->requests = 0; /* the write replaces the whole slot */
	if (state == expected->state && same_mac(mac, expected->mac)) {
		/* equal except for flags and times */
	} else if (meant && state == SLOT_EMPTY && same_mac(mac, no_mac)) {
		becomes(model, expected, SLOT_EMPTY, no_mac);
	} else if (meant && (state == SLOT_DYNAMIC || state == SLOT_STATIC) && valid(mac) &&
	           is_host(slot)) {
		if (expected->state == SLOT_STALE && state == SLOT_DYNAMIC &&
		    same_mac(mac, expected->mac))
			speaks(model, expected, world->clock.now); /* the write claims so */
		else
			is_stored(model, expected, (enum slot_state)state, mac, world->clock.wall);
		slot_at(model, slot)->seen = world->clock.now; /* as a correct writer would */
	} else {
		model->invalid++;
	}
	if (pick(model, 2)) {
		uint32_t before = model->cursor;

		/* In the model, scanning follows the outsider's write, which is done. */
		do_scan(model, SLOTS);
		assert_int_equal(model->cursor, before);
	} else if (pick(model, 2)) {
		do_hear(model, slot);
		/* The agent ignores frames with an invalid MAC, and so ignores the slot. */
		do_ask(model, slot);
	} else {
		do_ask(model, slot);
	}
}

static void do_refresh(struct model *model, uint32_t slot)
{
	if (durable(model->slot[slot].state)) /* XDP: the binding's own MAC spoke */
		slot_at(model, slot)->seen = model->world->clock.now;
}

/* The agent dies, and another one takes over. History has the durable bindings. */
static void do_restart(struct model *model)
{
	struct world *world = model->world;

	check_asks(model);
	world_dies(world);
	memset(model->down, 0, sizeof(model->down));
	memset(model->up_since, 0, sizeof(model->up_since));
	model->sponge = sponge_mac;
	world_start(world, pick(model, 1u << 28));
	for (uint32_t slot = 0; slot < SLOTS; slot++) {
		struct entry *entry = entry_copy(world->history[slot]);
		struct expected *expected = &model->slot[slot];

		bool foreign = expected->foreign;

		if (is_host(slot))
			assert_int_equal(apply(world, address_of(slot), entry,
			                       APPLY_VERIFY | (foreign ? APPLY_FOREIGN : 0)),
			                 !entry && !expected->kept);
		entry_free(entry);
		expected->fought = expected->defended = false;
		expected->unheard = expected->previous = no_mac;
		expected->owed = 0;
		expected->count = expected->frozen;
		expected->moved = world->clock.now;
		expected->failures = expected->holders = 0;
		expected->sponged = false;
		if (!durable(expected->state) || expected->kept)
			becomes(model, expected, SLOT_EMPTY, no_mac);
		else if (expected->state != SLOT_STATIC)
			becomes(model, expected, foreign ? SLOT_DYNAMIC : SLOT_STALE,
			        expected->mac);
		else
			becomes(model, expected, SLOT_STATIC, expected->mac);
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
	else if (dice < 840)
		do_refresh(model, slot);
	else if (dice < 855)
		do_request(model, slot);
	else if (dice < 862)
		do_sponged(model, slot);
	else if (dice < 900)
		do_persist(model);
	else if (dice < 902)
		do_sponge_at(model);
	else if (dice < 905)
		do_link(model);
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

static void agrees_with(uint32_t seed, bool fleet)
{
	struct model *model = calloc(1, sizeof(*model));
	struct world *world = world_of("10.0.0.0/28", "10.1.0.0/29", "10.2.0.0/28");
	unsigned reached = 0;

	model->random = seed;
	model->fleet = fleet;
	model->world = world;
	model->sponge = sponge_mac;
	world->policy[2].hold = HOLD_S;
	world->policy[2].reclaim = RECLAIM_S;
	for (unsigned i = 0; i < 3; i++) {
		world->policy[i].duplicate_moves = 5;
		world->policy[i].duplicate_time = 180;
		world->policy[i].duplicate_hold = FROZEN_S;
	}
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

	assert_true(world->sponges > 10 && world->corrections > 10 && world->defences > 10);
	assert_true(model->reclaims > 10 && model->duplicates > 10);
	assert_true(!model->fleet || model->kept > 0); /* about 20 */
	assert_true(model->changed[TASK_LEARN] > 10 && model->changed[TASK_MOVE] > 10);

	/* Without events every query ends, and every task ended exactly once. */
	live_ms(world, HOLD_S * 1000 + 7000);
	assert_int_equal(world->open, 0);
	for (unsigned task = 1; task <= world->begun; task++)
		assert_int_equal(world->task[task], 2);
	printf("%u tasks, %u changes, %u requests, %u alerts, %u sponged, %u corrected\n",
	       world->begun, world->changed, world->asked, world->alerted, world->sponges,
	       world->corrections);
	world_free(world);
	free(model);
}

static void random_events_agree_with_the_model(void **state)
{
	(void)state;
	agrees_with(seed_of_this_run(), true);
}

/* Of two rests of one address the older one was taken. */
static void events_that_once_disagreed_agree(void **state)
{
	(void)state;
	agrees_with(1579558026, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(events_that_once_disagreed_agree),
	        cmocka_unit_test(random_events_agree_with_the_model),
	};

	return run_families(tests);
}

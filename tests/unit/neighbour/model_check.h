/* SPDX-License-Identifier: MIT */
/* What must agree after every event: the table with the model, history with the table, and each
 * request with the query that it is for. */
#ifndef TESTS_NEIGHBOUR_MODEL_CHECK_H
#define TESTS_NEIGHBOUR_MODEL_CHECK_H

#include "model.h"

static inline void check_claim(struct expected *expected, const struct asked_note *note)
{
	if (same_mac(expected->first, no_mac)) {
		assert_true(note->unicast && same_mac(note->to, expected->claimant));
		return;
	}
	assert_false(note->unicast || expected->all_asked);
	expected->all_asked = true;
	expected->last_ask = 0; /* another question: it may follow at once */
}

static inline void check_two(const struct expected *expected, const struct asked_note *note,
                             bool round)
{
	struct mac owner = expected->both ? expected->first : expected->mac;

	assert_true(note->unicast);
	assert_true(same_mac(note->to, round ? owner : expected->claimant));
}

/* Checks the requests sent since the last time. */
static inline void check_asks(struct model *model)
{
	struct world *world = model->world;

	for (; model->asks_read < world->asked; model->asks_read++) {
		const struct asked_note *note = &world->asks[model->asks_read % NOTES_MAX];
		uint32_t slot = place_of(world, segment_of(world, note->address),
		                         address_at(note->address));
		struct expected *expected = &model->slot[slot];
		bool round = true; /* one second must separate this from the one before */

		/* A new query sends all due requests, also for a query that this scan ends. */
		if (!expected->asking)
			expected = &model->before[slot];
		if (asks_two(expected)) {
			round = expected->asks % 2 == 0;
			if (expected->asks && round)
				assert_true(note->at_ms - expected->last_ask >= expected->round_ms);
			check_two(expected, note, round);
		} else if (expected->asking == RECLAIM) {
			assert_true(note->unicast && same_mac(note->to, expected->claimant));
		} else if (expected->asking == MISS || expected->asking == AGAIN) {
			assert_false(note->unicast);
			assert_true(same_mac(expected->first, no_mac));
		} else if (expected->asking == VERIFY) {
			assert_true(note->unicast && same_mac(note->to, expected->mac));
		} else if (expected->asking == CLAIM) {
			check_claim(expected, note);
		} else {
			fail_msg("slot %u is not asked for", slot);
		}
		if (expected->last_ask && round)
			assert_true(note->at_ms - expected->last_ask >= RESOLVE_MIN_MS);
		expected->last_ask = note->at_ms;
		assert_true(++expected->asks <=
		            (asks_two(expected) ? 2u : 1u) * RESOLVE_TRIES + expected->all_asked);
	}
}

static inline void check_task(const struct model *model, uint32_t slot)
{
	static const enum task_kind kind[] = {
	        [MISS] = TASK_RESOLVE, [VERIFY] = TASK_EXPIRE, [CLAIM] = TASK_LEARN,
	        [CONTEST] = TASK_MOVE, [RECLAIM] = TASK_MOVE,  [AGAIN] = TASK_RESOLVE};
	enum asking asking = model->slot[slot].asking;
	uint64_t task = model->world->open_at[slot];

	assert_int_equal(task != 0, asking != NOT);
	if (task)
		assert_int_equal(model->world->task_kind[task], kind[asking]);
}

static inline void check_history(const struct model *model)
{
	const struct world *world = model->world;

	assert_int_equal(world->alerted_by[ALERT_NEW_STATION], model->stations);
	assert_int_equal(world->alerted_by[ALERT_MOVED] + world->alerted_by[ALERT_FLIP_FLOP] +
	                         world->alerted_by[ALERT_RECLAIMED],
	                 model->moves);
	assert_int_equal(world->alerted_by[ALERT_RECLAIMED], model->reclaims);
	assert_int_equal(world->alerted_by[ALERT_CONFLICT], model->conflicts);
	assert_int_equal(world->alerted_by[ALERT_EXTERNAL_INVALID], model->invalid);
	assert_int_equal(world->alerted_by[ALERT_DUPLICATE], model->duplicates);
	assert_int_equal(world->alerted, model->stations + model->moves + model->duplicates +
	                                         model->conflicts + model->invalid);
	assert_int_equal(world->changed_by[TASK_LEARN], model->changed[TASK_LEARN]);
	assert_int_equal(world->changed_by[TASK_MOVE], model->changed[TASK_MOVE]);
	assert_int_equal(world->changed_by[TASK_RESOLVE], model->changed[TASK_RESOLVE]);
	assert_int_equal(world->changed_by[TASK_EXPIRE], model->changed[TASK_EXPIRE]);
	assert_int_equal(world->defences, model->defences);
	assert_int_equal(world->corrections, model->corrections);
}

/* EMPTY, but a rule may still need what is known of it. */
static inline bool is_remembered(const struct model *model, const struct expected *expected)
{
	uint32_t now = model->world->clock.now;

	return expected->holders ||
	       (expected->failures && now - expected->dead <= back_off(expected->failures) + 600) ||
	       (expected->fought && now - expected->fought_at < 10) ||
	       !same_mac(expected->unheard, no_mac);
}

/* An IPv6 address has a slot while it is not EMPTY, or remembered. That it was defended belongs to
 * the slot. */
static inline void check_slot(struct model *model, uint32_t slot)
{
	struct expected *expected = &model->slot[slot];

	if (slot_if_any(model->world, address_of(slot)) >= 0)
		return;
	assert_int_equal(expected->state, SLOT_EMPTY);
	assert_false(is_remembered(model, expected));
	expected->defended = false;
}

/* After a scan of all slots: no IPv6 address has one for nothing. */
static inline void check_given_back(const struct model *model)
{
	for (uint32_t slot = 0; of_ipv6 && slot < SLOTS; slot++)
		if (slot_if_any(model->world, address_of(slot)) >= 0)
			assert_true(model->slot[slot].state != SLOT_EMPTY ||
			            is_remembered(model, &model->slot[slot]));
}

static inline void check_all(struct model *model)
{
	struct world *world = model->world;
	struct neighbour_totals totals;
	uint32_t count[SLOT_STATES] = {0}, asking = 0, sponged = 0;

	for (uint32_t slot = 0; slot < SLOTS; slot++) {
		const struct expected *expected = &model->slot[slot];
		struct neighbour_view view;
		bool entry = durable(expected->state) && !expected->kept;
		union binding binding = {.word = slot_at(model, slot)->binding};

		assert_true(neighbour_view(world->neighbour, segment_at(slot),
		                           address_at(address_of(slot)), &view));
		assert_int_equal(view.state, expected->state);
		assert_true(same_mac(view.mac, expected->mac));
		assert_int_equal(view.flags, flags_of(slot, expected));
		assert_int_equal(view.entry != NULL, entry);
		assert_int_equal(view.foreign, expected->foreign);
		assert_int_equal(binding.state, view.state);
		assert_int_equal(binding.flags, view.flags);
		assert_memory_equal(binding.mac, view.mac.octet, 6);
		assert_true(view.seen == (silent(view.state) ? 0 : slot_at(model, slot)->seen));
		if (view.state == SLOT_DEAD && !expected->sponged)
			assert_int_equal(slot_at(model, slot)->seen, expected->requests);
		check_task(model, slot);
		check_slot(model, slot);
		count[expected->state]++;
		asking += expected->asking != NOT;
		sponged += expected->sponged;
	}
	assert_history_agrees(world);
	neighbour_totals(world->neighbour, &totals);
	assert_memory_equal(totals.state, count, sizeof(count));
	assert_int_equal(totals.resolving, asking);
	assert_int_equal(totals.sponged, sponged);
	assert_int_equal(totals.refused, 0);
	assert_int_equal(world->sponged, sponged);
	assert_int_equal(world->open, asking);
	check_history(model);
}

#endif

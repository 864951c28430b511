// SPDX-License-Identifier: MIT
/* Which older states of main stay, and under which names. Writes nothing: branches.c does, with the
 * other references. */
#include "store/anchors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const folder[ANCHOR_KINDS] = {ANCHOR_REFS "seen/", ANCHOR_REFS "step/"};

static void set_name(struct ref_change *change, int kind, uint64_t number)
{
	snprintf(change->name, sizeof(change->name), "%s%012" PRIu64, folder[kind], number);
}

/* Its reference is removed with the next that are written, if it was written. Without memory for
 * that, after the next start. */
static void drop(struct anchor_list *list, size_t at)
{
	if (list->item[at].written &&
	    !array_reserve(&list->gone, &list->gone_room, list->gone_count + 1))
		list->gone[list->gone_count++] = list->item[at].number;
	list->count--;
	memmove(&list->item[at], &list->item[at + 1], (list->count - at) * sizeof(list->item[0]));
}

/* Without an anchor, its readers push from the one before it. That costs the distance; it counts
 * the less the older they are. The first and the last stay. */
static size_t cheapest(const struct anchor_list *list, uint64_t number)
{
	size_t best = 1;
	double least = 0;

	for (size_t i = 1; i + 1 < list->count; i++) {
		const struct anchor *anchor = &list->item[i];
		double distance = (double)(anchor->number - anchor[-1].number);
		double cost = distance / (double)(number - anchor->number + 1);

		if (i > 1 && cost >= least)
			continue;
		best = i;
		least = cost;
	}
	return best;
}

static void add(struct anchors *anchors, enum anchor_kind kind, const struct anchor *anchor)
{
	struct anchor_list *list = &anchors->list[kind];
	size_t at = list->count++;

	for (; at > 0 && list->item[at - 1].number > anchor->number; at--)
		list->item[at] = list->item[at - 1];
	list->item[at] = *anchor;
	if (anchors->number < anchor->number)
		anchors->number = anchor->number;
	if (list->count > ANCHORS_MAX)
		drop(list, cheapest(list, anchors->number));
}

/* Under the next free number. */
static void note(struct anchors *anchors, enum anchor_kind kind, const git_oid *id)
{
	const struct anchor_list *list = &anchors->list[kind];
	struct anchor anchor = {.number = anchors->number, .id = *id};

	for (size_t i = 0; i < list->count; i++)
		if (git_oid_equal(&list->item[i].id, id))
			return;
	if (list->count > 0 && list->item[list->count - 1].number >= anchor.number)
		anchor.number = list->item[list->count - 1].number + 1;
	add(anchors, kind, &anchor);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Leaves alone what other programs call otherwise. */
static int take(void *context, const char *name, const git_oid *id)
{
	struct anchors *anchors = context;
	struct anchor anchor = {.id = *id, .written = true};
	struct ref_change same = {.present = true};

	for (int kind = 0; kind < ANCHOR_KINDS; kind++) {
		size_t length = strlen(folder[kind]);

		if (strncmp(name, folder[kind], length) != 0)
			continue;
		anchor.number = strtoull(name + length, NULL, 10);
		set_name(&same, kind, anchor.number);
		if (!strcmp(same.name, name))
			add(anchors, (enum anchor_kind)kind, &anchor);
	}
	return 0;
}

int anchors_load(struct anchors *anchors, git_repository *repository, struct fault *fault)
{
	*anchors = (struct anchors){0};
	return refs_each(repository, ANCHOR_REFS, take, anchors, fault);
}

void anchors_clear(struct anchors *anchors)
{
	for (int kind = 0; kind < ANCHOR_KINDS; kind++)
		free(anchors->list[kind].gone);
	*anchors = (struct anchors){0};
}

/* --- noting ----------------------------------------------------------------------------------- */

void anchors_leave(struct anchors *anchors, const git_oid *id)
{
	const struct anchor_list *steps = &anchors->list[ANCHOR_STEPS];

	if (steps->count == 0 ||
	    anchors->number >= steps->item[steps->count - 1].number + ANCHOR_STEP)
		note(anchors, ANCHOR_STEPS, id);
}

void anchors_move(struct anchors *anchors, const git_oid *id, uint64_t commits, uint64_t now)
{
	struct anchor_past *past = anchors->past;
	struct anchor_past before = anchors->now;

	if (before.known && git_oid_equal(&before.id, id))
		return;
	anchors->now = (struct anchor_past){.id = *id, .since = now, .known = true};
	if (!before.known)
		return;
	if (!past[1].known || before.since - past[1].since >= ANCHOR_CALM_MS) {
		past[0] = past[1];
		past[1] = before;
	}
	anchors->number += commits;
}

void anchors_read(struct anchors *anchors, const git_oid *id, uint64_t now)
{
	const struct anchor_past *past = anchors->past;

	anchors_move(anchors, id, 1, now);
	if (now - anchors->now.since < ANCHOR_CALM_MS && past[1].known) {
		past += now - past[1].since >= ANCHOR_CALM_MS || !past[0].known;
		note(anchors, ANCHOR_SEEN, &past->id);
	}
	note(anchors, ANCHOR_SEEN, id);
}

void anchors_pushed(struct anchors *anchors, const git_oid *id)
{
	note(anchors, ANCHOR_SEEN, id);
}

/* --- writing ---------------------------------------------------------------------------------- */

bool anchors_wait(const struct anchors *anchors)
{
	for (int kind = 0; kind < ANCHOR_KINDS; kind++) {
		const struct anchor_list *list = &anchors->list[kind];

		for (size_t i = 0; i < list->count; i++)
			if (!list->item[i].written)
				return true;
	}
	return false;
}

size_t anchors_most(const struct anchors *anchors)
{
	size_t most = 0;

	for (int kind = 0; kind < ANCHOR_KINDS; kind++)
		most += anchors->list[kind].count + anchors->list[kind].gone_count;
	return most;
}

size_t anchors_plan(const struct anchors *anchors, struct ref_change *change)
{
	size_t count = 0;

	for (int kind = 0; kind < ANCHOR_KINDS; kind++) {
		const struct anchor_list *list = &anchors->list[kind];

		for (size_t i = 0; i < list->gone_count; i++) {
			change[count] = (struct ref_change){.present = false};
			set_name(&change[count++], kind, list->gone[i]);
		}
		for (size_t i = 0; i < list->count; i++) {
			if (list->item[i].written)
				continue;
			change[count] =
			        (struct ref_change){.present = true, .id = list->item[i].id};
			set_name(&change[count++], kind, list->item[i].number);
		}
	}
	return count;
}

void anchors_written(struct anchors *anchors)
{
	for (int kind = 0; kind < ANCHOR_KINDS; kind++) {
		struct anchor_list *list = &anchors->list[kind];

		list->gone_count = 0;
		for (size_t i = 0; i < list->count; i++)
			list->item[i].written = true;
	}
}

/* SPDX-License-Identifier: MIT */
/* Changes wait in two queues, for the first and the second time; walks go from a segment's last
 * group to its first. A timer runs while anything waits. */
#include "ports/turns.h"

#include <errno.h>
#include <string.h>

#include "ports/reports.h"
#include "ports/send.h"

#define UNSOLICITED_MS 1000  /* RFC 3810 9.11 */
#define WALKS          2     /* of what was joined: RFC 3810 9.1, robustness */
#define CHANGES_MAX    65536 /* beyond, joins are reported with all others, leaves not at all */
#define RECORDS_BATCH  720   /* changes each PORTS_PACE_MS: ten frames for each place */
#define FRAMES_BATCH   20    /* likewise, where each is a frame */
#define FRAMES_MAX     40    /* of a walk, each PORTS_PACE_MS: 2000 a second */
#define GROUPS_A_FRAME 61    /* at least, with IPv6's least MTU */
#define DELAY_MAX_MS   10000 /* RFC 3810 9.3; Linux's bridge codes longer ones wrongly */

bool turns_version1(const struct hearing *hearing, const struct hearing_place *place)
{
	return place->version1_until_ms > uv_now(hearing->loop);
}

/* Up to `place->frames` more of the walk, from the last group to the first: groups.h. */
static void walk(struct hearing *hearing, const struct agent_port *port,
                 struct hearing_place *place)
{
	const struct groups *groups = &hearing->groups[place->segment];
	struct reports reports;

	if (!place->walks || place->next_ms > uv_now(hearing->loop))
		return;
	if (!place->walking || place->left > groups->count)
		place->left = (uint32_t)groups->count;
	place->walking = true;
	reports_begin(&reports, port, place->segment, turns_version1(hearing, place));
	while (place->left && reports.frames < place->frames)
		reports_put(&reports, place->record, groups->item[--place->left].suffix);
	reports_end(&reports);
	if (place->left)
		return;
	place->walks--;
	place->walking = false;
	place->next_ms = uv_now(hearing->loop) + UNSOLICITED_MS;
}

static int changes_push(struct hearing_changes *changes, const struct hearing_change *change)
{
	if (changes->count == CHANGES_MAX)
		return -ENOSPC;
	if (changes->first > changes->count) {
		memmove(changes->item, changes->item + changes->first,
		        changes->count * sizeof(*changes->item));
		changes->first = 0;
	}
	if (array_reserve(&changes->item, &changes->room, changes->first + changes->count + 1))
		return -ENOMEM;
	changes->item[changes->first + changes->count++] = *change;
	return 0;
}

/* Of the changes that are due, how many go out now. */
static size_t batch_of(const struct hearing *hearing, const struct hearing_changes *changes)
{
	size_t most = RECORDS_BATCH, count = 0;

	for (const struct hearing_port *here = hearing->first; here; here = here->next)
		for (size_t p = 0; p < here->places; p++)
			if (turns_version1(hearing, &here->place[p]))
				most = FRAMES_BATCH;
	while (count < changes->count && count < most &&
	       changes->item[changes->first + count].due_ms <= uv_now(hearing->loop))
		count++;
	return count;
}

/* What was said of a group must still be so: it may have come and gone meanwhile. */
static bool is_so(const struct hearing *hearing, const struct hearing_change *change)
{
	return groups_has(&hearing->groups[change->segment], change->suffix) ==
	       (change->record != MLD_TO_INCLUDE);
}

static void send_changes(struct hearing *hearing, const struct agent_port *port,
                         const struct hearing_place *place, const struct hearing_change *change,
                         size_t count)
{
	struct reports reports;

	reports_begin(&reports, port, place->segment, turns_version1(hearing, place));
	for (size_t i = 0; i < count; i++)
		if (change[i].segment == place->segment &&
		    (!change[i].ifindex || change[i].ifindex == port->ifindex) &&
		    is_so(hearing, &change[i]))
			reports_put(&reports, change[i].record, change[i].suffix);
	reports_end(&reports);
}

/* Only on ports that are up. */
static void send_round(struct hearing *hearing, unsigned round)
{
	struct hearing_changes *changes = &hearing->changes[round];
	const size_t count = batch_of(hearing, changes);
	const struct hearing_change *batch = changes->item + changes->first;

	for (const struct hearing_port *here = hearing->first; count && here; here = here->next) {
		const struct agent_port *port = ports_find(hearing->ports, here->ifindex);

		for (size_t p = 0; port && port->up && p < here->places; p++)
			send_changes(hearing, port, &here->place[p], batch, count);
	}
	changes->first += count;
	changes->count -= count;
	for (size_t i = 0; round == 0 && i < count; i++) {
		struct hearing_change again = batch[i];

		again.due_ms = uv_now(hearing->loop) + UNSOLICITED_MS;
		/* Where it does not fit, once is enough. */
		if (again.record != MLD_IS_EXCLUDE && is_so(hearing, &again))
			(void)changes_push(&hearing->changes[1], &again);
	}
}

static bool is_idle(const struct hearing *hearing)
{
	for (const struct hearing_port *here = hearing->first; here; here = here->next)
		for (size_t p = 0; p < here->places; p++)
			if (here->place[p].walks)
				return false;
	return !hearing->changes[0].count && !hearing->changes[1].count;
}

static void stop(struct hearing_place *place)
{
	place->walks = 0;
	place->walking = false;
}

static void on_timer(uv_timer_t *timer)
{
	struct hearing *hearing = timer->data;

	send_round(hearing, 0);
	send_round(hearing, 1);
	for (struct hearing_port *here = hearing->first; here; here = here->next) {
		const struct agent_port *port = ports_find(hearing->ports, here->ifindex);

		for (size_t p = 0; p < here->places; p++) {
			if (port && port->up)
				walk(hearing, port, &here->place[p]);
			else
				stop(&here->place[p]); /* hearing_ready() follows */
		}
	}
	if (is_idle(hearing))
		uv_timer_stop(timer);
}

static void run(struct hearing *hearing)
{
	if (!uv_is_active((uv_handle_t *)&hearing->timer))
		uv_timer_start(&hearing->timer, on_timer, 0, PORTS_PACE_MS);
}

static uint32_t below(uint32_t limit)
{
	uint32_t value = 0;

	(void)uv_random(NULL, NULL, &value, sizeof(value), 0, NULL);
	return limit ? value % limit : 0;
}

/* Answers are spread over the time that the querier gives (RFC 3810 6.2): they begin at random in
 * its first half, and end before its last quarter. */
static void answer_all(struct hearing *hearing, struct hearing_place *place, uint32_t delay_ms)
{
	const size_t count = hearing->groups[place->segment].count;
	const size_t frames = turns_version1(hearing, place)
	                              ? count
	                              : (count + GROUPS_A_FRAME - 1) / GROUPS_A_FRAME;
	const size_t turns = delay_ms / 4 / PORTS_PACE_MS + 1;
	const uint64_t due = uv_now(hearing->loop) + below(delay_ms / 2);
	unsigned each = (unsigned)((frames + turns - 1) / turns);

	if (each > FRAMES_MAX)
		each = FRAMES_MAX;
	if (!place->walks) {
		place->walks = 1;
		place->record = MLD_IS_EXCLUDE;
		place->frames = 1;
		place->next_ms = due;
	}
	/* One that is under way, or begins soon, is an answer, too. */
	if (place->next_ms > due)
		place->next_ms = due;
	if (place->frames < each)
		place->frames = each;
}

void turns_answer(struct hearing *hearing, const struct hearing_port *port,
                  struct hearing_place *place, const struct mld_query *query)
{
	const uint32_t suffix = group_suffix(query->group);
	const uint64_t now = uv_now(hearing->loop);

	place->querier = query->from;
	place->queried_ms = now;
	if (query->other_version_ms)
		place->version1_until_ms = now + query->other_version_ms;
	if (address_is_none(query->group)) {
		answer_all(hearing, place,
		           query->delay_ms < DELAY_MAX_MS ? query->delay_ms : DELAY_MAX_MS);
	} else if (address_equal(query->group, group_address(suffix)) &&
	           groups_has(&hearing->groups[place->segment], suffix)) {
		const struct hearing_change change = {now, place->segment, port->ifindex, suffix,
		                                      MLD_IS_EXCLUDE};

		/* Too many at a time: the switch asks again, or hears the next general answer. */
		(void)changes_push(&hearing->changes[0], &change);
	}
	run(hearing);
}

int turns_change(struct hearing *hearing, unsigned segment, uint32_t suffix, enum mld_record record)
{
	const struct hearing_change change = {uv_now(hearing->loop), segment, 0, suffix, record};
	int error = changes_push(&hearing->changes[0], &change);

	if (!error)
		run(hearing);
	return error;
}

void turns_join(struct hearing *hearing, struct hearing_place *place)
{
	/* A walk under way goes on: begun anew at each join, it would never end. */
	place->walking = place->walking && place->record == MLD_TO_EXCLUDE;
	place->walks = WALKS + place->walking;
	place->record = MLD_TO_EXCLUDE;
	place->frames = PORTS_PACE_FRAMES;
	place->next_ms = uv_now(hearing->loop);
	run(hearing);
}

/* SPDX-License-Identifier: MIT */
/*
 * Actions that change an address's durable binding: learn, move, store, expire, become the host's
 * own. The slot changes first and the owner is notified afterwards, so that it finds the change in
 * the map. Decides only what becomes of the record; machine.c and contest.c decide whether.
 */
#include "neighbour/bind.h"

#include <errno.h>

#include "neighbour/dead.h"
#include "neighbour/duplicate.h"
#include "neighbour/keep.h"
#include "neighbour/limits.h"
#include "neighbour/notify.h"
#include "neighbour/queries.h"
#include "neighbour/record.h"
#include "neighbour/slots.h"
#include "neighbour/table.h"

/* The record of a heard binding; note and x- lines come from `kept`, if any. */
static struct record heard_record(const struct cause *cause, char text[ORIGIN_TEXT],
                                  const struct entry *kept)
{
	return (struct record){
	        .entry = {
	                .mac = cause->mac,
	                .state = ENTRY_DYNAMIC,
	                .since = cause->clock->wall,
	                .origin = record_origin(text, cause->policy, cause->interface),
	                .note = kept ? kept->note : NULL,
	                .extra = kept ? kept->extra : NULL,
	        }};
}

static void bind_heard(struct neighbour *neighbour, const struct cause *cause, uint64_t made)
{
	table_set_seen(neighbour, cause->slot, cause->heard ? cause->heard : cause->clock->now);
	table_put(neighbour, cause, SLOT_DYNAMIC, cause->mac);
	record_attach(neighbour, cause->slot, made);
}

/* There is no room for the sender. The address lives all the same, so DEAD and its back-off go. */
static int unlearned(struct neighbour *neighbour, const struct cause *cause)
{
	query_cancel(neighbour, cause->slot);
	dead_forget(neighbour, cause->slot);
	if (table_binding(neighbour, cause->slot).state != SLOT_EMPTY)
		table_put(neighbour, cause, SLOT_EMPTY, cause->mac);
	return 0;
}

int bind_learn(struct neighbour *neighbour, const struct cause *cause)
{
	struct cause begun_by = *cause;
	char text[ORIGIN_TEXT];
	struct record record;
	struct query begun;
	uint64_t made;

	if (!cause->host)
		return 0;
	if (!limits_may_learn(neighbour, cause))
		return unlearned(neighbour, cause);
	record = heard_record(cause, text, NULL);
	if (record_make(neighbour, &made, &record) < 0)
		return -ENOMEM;
	/* The state says where the query is, so it is taken first; its task ends last. A resolved
	 * address is learned in the task that asked for it. */
	begun = query_take(neighbour, cause->slot);
	if (begun.task)
		begun_by.trigger = begun.claim.trigger;
	bind_heard(neighbour, cause, made);
	limits_learned(neighbour, cause);
	notify_change(neighbour, &begun_by, begun.task ? begun.kind : TASK_LEARN, begun.task, NULL,
	              &record.entry);
	notify_alert(neighbour, cause, ALERT_NEW_STATION, (struct mac){0});
	notify_end(neighbour, begun.task);
	return 0;
}

/* A host that was silent only for a while gets its address back: for as long as it had it, within
 * bounds. One that lost it to a word alone (passive) says a word. */
static uint32_t what_is_owed(const struct cause *cause, const struct record *before)
{
	uint32_t age = record_age(before, cause->clock->wall);

	if (cause->what == HEARD_OTHER)
		return 0;
	return age < cause->policy->reclaim ? age : cause->policy->reclaim;
}

int bind_move(struct neighbour *neighbour, const struct cause *cause)
{
	struct mac left = table_mac(neighbour, cause->slot);
	struct record before, after;
	char text[ORIGIN_TEXT];
	const struct query *query;
	struct query begun;
	uint64_t made, old;
	bool back, reclaimed, often;

	if (!record_read(neighbour, cause->slot, &before))
		return 0;
	if (cause->what == HEARD_OTHER && !limits_may_move(neighbour, cause))
		return 0;
	back = mac_equal(before.previous, cause->mac) &&
	       table_age(before.moved, cause->clock->now) <= FLIP_FLOP_SECONDS;
	query = query_find(neighbour, cause->slot);
	reclaimed = query && query->reclaim;
	after = heard_record(cause, text, &before.entry);
	after.previous = left;
	after.moved = cause->clock->now;
	/* Nor has the host a claim that gives it back. */
	after.owed = reclaimed ? 0 : what_is_owed(cause, &before);
	often = duplicate_count(cause, &before, &after);
	if (record_make(neighbour, &made, &after) < 0)
		return -ENOMEM;
	begun = query_take(neighbour, cause->slot);
	old = record_detach(neighbour, cause->slot);
	bind_heard(neighbour, cause, made);
	if (often)
		table_freeze(neighbour, cause, true);
	limits_learned(neighbour, cause);
	notify_change(neighbour, cause, TASK_MOVE, begun.kind == TASK_MOVE ? begun.task : 0,
	              &before.entry, &after.entry);
	notify_alert(neighbour, cause,
	             reclaimed ? ALERT_RECLAIMED
	             : back    ? ALERT_FLIP_FLOP
	                       : ALERT_MOVED,
	             left);
	if (often)
		notify_alert(neighbour, cause, ALERT_DUPLICATE, left);
	notify_end(neighbour, begun.task);
	record_release(old);
	return 0;
}

/* Removes the durable entry, and puts the slot into a state without one. */
static void unbind(struct neighbour *neighbour, const struct cause *cause, enum task_kind kind,
                   enum slot_state state)
{
	struct query begun = query_take(neighbour, cause->slot);
	struct record before;
	bool durable = record_read(neighbour, cause->slot, &before);
	uint64_t old;

	old = record_detach(neighbour, cause->slot);
	table_put(neighbour, cause, state, cause->mac);
	if (durable && !cause->quiet)
		notify_change(neighbour, cause, kind, kind == begun.kind ? begun.task : 0,
		              &before.entry, NULL);
	notify_end(neighbour, begun.task);
	record_release(old);
}

int bind_expire(struct neighbour *neighbour, const struct cause *cause)
{
	struct cause silence = *cause;

	silence.trigger = "silence";
	unbind(neighbour, &silence, TASK_EXPIRE, SLOT_EMPTY);
	return 0;
}

/* As silence does, but for another address's sake. */
int bind_evict(struct neighbour *neighbour, const struct cause *cause)
{
	struct cause room = *cause;

	room.trigger = "no room";
	unbind(neighbour, &room, TASK_EXPIRE, SLOT_EMPTY);
	return 0;
}

int bind_drop(struct neighbour *neighbour, const struct cause *cause)
{
	bool kept = table_binding(neighbour, cause->slot).state == SLOT_STALE;
	struct record record;

	if (record_read(neighbour, cause->slot, &record)) {
		kept = false;
		if (keep_may(neighbour, cause, &record))
			return keep_begin(neighbour, cause);
	}
	unbind(neighbour, cause, cause->kind, SLOT_EMPTY);
	return kept ? -ENOENT : 0; /* it had no entry */
}

/* Whether it was not heard at its MAC lately: another node's entry was not, unless `seen` says so.
 */
static bool is_unproved(const struct neighbour *neighbour, const struct cause *cause, bool moves)
{
	if (moves || table_binding(neighbour, cause->slot).state != SLOT_DYNAMIC)
		return true;
	return record_is_foreign(neighbour, cause->slot) && !keep_is_heard(neighbour, cause);
}

static enum slot_state state_to_store(const struct neighbour *neighbour, const struct cause *cause,
                                      bool moves)
{
	if (cause->entry->state == ENTRY_STATIC)
		return SLOT_STATIC;
	/* A host that is heard at that MAC needs no verification, nor does another node's. */
	if (cause->verify && !cause->foreign && is_unproved(neighbour, cause, moves))
		return SLOT_STALE;
	return SLOT_DYNAMIC;
}

/* What is loaded or merged for a frozen address, at the same MAC, releases it not: only a person's
 * word does. */
static bool stays_frozen(const struct cause *cause, union binding current, bool moves,
                         bool inherited)
{
	return current.flags & SLOT_FROZEN && !moves && (cause->quiet || inherited) &&
	       cause->entry->state == ENTRY_DYNAMIC;
}

int bind_store(struct neighbour *neighbour, const struct cause *cause)
{
	union binding current = table_binding(neighbour, cause->slot);
	bool inherited = (neighbour->shadow[cause->slot] ^ current.word) != 0;
	bool bound = current.state == SLOT_DYNAMIC || current.state == SLOT_STALE ||
	             current.state == SLOT_STATIC;
	bool moves = !bound || !mac_equal(binding_mac(current), cause->entry->mac);
	enum slot_state state = state_to_store(neighbour, cause, moves || inherited);
	struct record before, after = {.entry = *cause->entry, .foreign = cause->foreign};
	bool fresh = !record_read(neighbour, cause->slot, &before);
	uint64_t made, old;
	bool frozen = stays_frozen(cause, current, moves, inherited);
	uint32_t seen;

	if (!fresh && !moves) {
		after.previous = before.previous;
		after.moved = before.moved;
	}
	if (frozen) {
		after.moves = 1; /* only that it has moved counts now */
		after.moved = fresh ? cause->clock->now : before.moved;
	}
	if (record_make(neighbour, &made, &after) < 0)
		return -ENOMEM;
	query_cancel(neighbour, cause->slot);

	seen = moves ? 0 : table_seen(neighbour, cause->slot);
	if (table_age(seen, cause->clock->now) == UINT32_MAX)
		seen = 0;
	/* Not heard yet, but assumed present: its time begins now. */
	if (!seen && state == SLOT_DYNAMIC && !cause->foreign)
		seen = cause->clock->now;
	table_set_seen(neighbour, cause->slot, seen);

	old = record_detach(neighbour, cause->slot);
	table_put(neighbour, cause, state, after.entry.mac);
	record_attach(neighbour, cause->slot, made);
	if (!frozen && duplicate_is_frozen(neighbour, cause->slot))
		table_freeze(neighbour, cause, false);
	if (!cause->quiet)
		notify_change(neighbour, cause, cause->kind, 0, fresh ? NULL : &before.entry,
		              &after.entry);
	if (state == SLOT_STATIC && (moves || inherited || current.state != SLOT_STATIC))
		neighbour->ops->declared(neighbour->context, cause->segment, cause->address,
		                         after.entry.mac, false);
	record_release(old);
	return 0;
}

/* The host's own addresses are never durable: a durable entry goes, and is recorded as gone. */
int bind_own(struct neighbour *neighbour, const struct cause *cause)
{
	struct cause gone = *cause;

	gone.trigger = "own address";
	unbind(neighbour, &gone, TASK_EXTERNAL, SLOT_LOCAL);
	table_set_seen(neighbour, cause->slot, 0);
	neighbour->ops->declared(neighbour->context, cause->segment, cause->address, cause->mac,
	                         true);
	return 0;
}

/* A person declared another MAC: that stands, with an alert. */
int bind_own_static(struct neighbour *neighbour, const struct cause *cause)
{
	if (mac_equal(table_mac(neighbour, cause->slot), cause->mac))
		return bind_own(neighbour, cause);
	notify_alert(neighbour, cause, ALERT_CONFLICT, table_mac(neighbour, cause->slot));
	return 0;
}

int bind_own_again(struct neighbour *neighbour, const struct cause *cause)
{
	if (mac_equal(table_mac(neighbour, cause->slot), cause->mac)) {
		table_put(neighbour, cause, SLOT_LOCAL, cause->mac); /* it may be a router's now */
		return 0;
	}
	return bind_own(neighbour, cause);
}

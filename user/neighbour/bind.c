/* SPDX-License-Identifier: MIT */
/*
 * What changes an address's durable binding: learning, moving, storing what is said, expiring, and
 * becoming the host's own. The slot changes first, and then it is told, so that whoever hears of
 * a change finds it in the map. Decides only what becomes of the record; whether is machine.c's
 * and contest.c's.
 */
#include <errno.h>
#include <string.h>

#include "neighbour/internal.h"

/* The record of a binding that was heard; `kept` is what stays of the entry before. */
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
	table_set_seen(neighbour, cause->slot, cause->clock->now);
	table_put(neighbour, cause, SLOT_DYNAMIC, cause->mac);
	record_attach(neighbour, cause->slot, made);
}

/* There is no room for what was heard. It lives, all the same: nothing that says otherwise stays.
 */
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
	struct cause told = *cause;
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
	/* The query hangs on the state, so it is taken first; its task ends last. What was asked
	 * for is learned as the task that asked. */
	begun = query_take(neighbour, cause->slot);
	if (begun.task)
		told.trigger = begun.claim.trigger;
	bind_heard(neighbour, cause, made);
	tell_change(neighbour, &told, begun.task ? begun.kind : TASK_LEARN, begun.task, NULL,
	            &record.entry);
	tell_alert(neighbour, cause, ALERT_NEW_STATION, (struct mac){0});
	tell_end(neighbour, begun.task);
	return 0;
}

int bind_move(struct neighbour *neighbour, const struct cause *cause)
{
	struct mac left = table_mac(neighbour, cause->slot);
	struct record before, after;
	char text[ORIGIN_TEXT];
	struct query begun;
	uint64_t made, old;
	bool back;

	if (!record_read(neighbour, cause->slot, &before))
		return 0;
	back = mac_equal(before.previous, cause->mac) &&
	       table_age(before.moved, cause->clock->now) <= FLIP_FLOP_SECONDS;
	after = heard_record(cause, text, &before.entry);
	after.previous = left;
	after.moved = cause->clock->now;
	if (record_make(neighbour, &made, &after) < 0)
		return -ENOMEM;
	begun = query_take(neighbour, cause->slot);
	old = record_detach(neighbour, cause->slot);
	bind_heard(neighbour, cause, made);
	tell_change(neighbour, cause, TASK_MOVE, begun.kind == TASK_MOVE ? begun.task : 0,
	            &before.entry, &after.entry);
	tell_alert(neighbour, cause, back ? ALERT_FLIP_FLOP : ALERT_MOVED, left);
	tell_end(neighbour, begun.task);
	record_release(old);
	return 0;
}

/* Takes the durable entry away, and puts the slot into a state that has none. */
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
		tell_change(neighbour, cause, kind, kind == begun.kind ? begun.task : 0,
		            &before.entry, NULL);
	tell_end(neighbour, begun.task);
	record_release(old);
}

int bind_expire(struct neighbour *neighbour, const struct cause *cause)
{
	struct cause silence = *cause;

	silence.trigger = "silence";
	unbind(neighbour, &silence, TASK_EXPIRE, SLOT_EMPTY);
	return 0;
}

int bind_drop(struct neighbour *neighbour, const struct cause *cause)
{
	unbind(neighbour, cause, cause->kind, SLOT_EMPTY);
	return 0;
}

static enum slot_state state_to_store(const struct cause *cause, union binding current, bool moves)
{
	if (cause->entry->state == ENTRY_STATIC)
		return SLOT_STATIC;
	/* Whoever is being heard at that MAC already needs no verifying. */
	if (cause->verify && (moves || current.state != SLOT_DYNAMIC))
		return SLOT_STALE;
	return SLOT_DYNAMIC;
}

int bind_store(struct neighbour *neighbour, const struct cause *cause)
{
	union binding current = table_binding(neighbour, cause->slot);
	bool inherited = (neighbour->shadow[cause->slot] ^ current.word) != 0;
	bool bound = current.state == SLOT_DYNAMIC || current.state == SLOT_STALE ||
	             current.state == SLOT_STATIC;
	bool moves = !bound || !mac_equal(binding_mac(current), cause->entry->mac);
	enum slot_state state = state_to_store(cause, current, moves || inherited);
	struct record before, after = {.entry = *cause->entry};
	bool fresh = !record_read(neighbour, cause->slot, &before);
	uint64_t made, old;
	uint32_t seen;

	if (!fresh && !moves) {
		after.previous = before.previous;
		after.moved = before.moved;
	}
	if (record_make(neighbour, &made, &after) < 0)
		return -ENOMEM;
	query_cancel(neighbour, cause->slot);

	seen = moves ? 0 : table_seen(neighbour, cause->slot);
	if (table_age(seen, cause->clock->now) == UINT32_MAX)
		seen = 0;
	/* Not heard yet, but taken for present: its time begins now. */
	if (!seen && state == SLOT_DYNAMIC)
		seen = cause->clock->now;
	table_set_seen(neighbour, cause->slot, seen);

	old = record_detach(neighbour, cause->slot);
	table_put(neighbour, cause, state, after.entry.mac);
	record_attach(neighbour, cause->slot, made);
	if (!cause->quiet)
		tell_change(neighbour, cause, cause->kind, 0, fresh ? NULL : &before.entry,
		            &after.entry);
	if (state == SLOT_STATIC && (moves || inherited || current.state != SLOT_STATIC))
		neighbour->ops->declared(neighbour->context, cause->segment, cause->address,
		                         after.entry.mac, false);
	record_release(old);
	return 0;
}

/* A local address is never durable (history is for what is not said by the host itself), so
 * what was durable goes, and is recorded as gone. */
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

/* A person declared that somebody else has it: that stands, and is loud. */
int bind_own_static(struct neighbour *neighbour, const struct cause *cause)
{
	if (mac_equal(table_mac(neighbour, cause->slot), cause->mac))
		return bind_own(neighbour, cause);
	tell_alert(neighbour, cause, ALERT_CONFLICT, table_mac(neighbour, cause->slot));
	return 0;
}

int bind_own_again(struct neighbour *neighbour, const struct cause *cause)
{
	if (mac_equal(table_mac(neighbour, cause->slot), cause->mac))
		return 0;
	return bind_own(neighbour, cause);
}

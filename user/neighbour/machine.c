/* SPDX-License-Identifier: MIT */
/*
 * The state machine of one address: what can happen to it, in which state, and what then
 * becomes of it: one table, at the end, with a cell for everything. docs/neighbour.md is
 * the same table in words. Actions change the slot first and tell of it afterwards, so that
 * whoever hears of a change finds it in the map. Never waits, and reads no clock.
 */
#include <errno.h>
#include <string.h>

#include "neighbour/internal.h"

typedef int action(struct neighbour *neighbour, const struct cause *cause);

static void tell_change(struct neighbour *neighbour, const struct cause *cause, enum task_kind kind,
                        uint64_t task, const struct entry *before, const struct entry *after)
{
	const struct neighbour_change change = {
	        .kind = kind,
	        .task = task,
	        .segment = cause->segment,
	        .address = cause->address,
	        .before = before,
	        .after = after,
	        .interface = cause->interface,
	        .trigger = cause->trigger,
	};

	neighbour->ops->changed(neighbour->context, &change);
}

static void tell_alert(struct neighbour *neighbour, const struct cause *cause, enum alert_kind kind,
                       struct mac other)
{
	const struct neighbour_alert alert = {
	        .kind = kind,
	        .segment = cause->segment,
	        .address = cause->address,
	        .mac = cause->mac,
	        .other = other,
	        .interface = cause->interface,
	};

	neighbour->ops->alert(neighbour->context, &alert);
}

static struct mac current_mac(const struct neighbour *neighbour, const struct cause *cause)
{
	return binding_mac(table_binding(neighbour, cause->slot));
}

static int ignore(struct neighbour *neighbour, const struct cause *cause)
{
	(void)neighbour;
	(void)cause;
	return 0;
}

static int nothing(struct neighbour *neighbour, const struct cause *cause)
{
	(void)neighbour;
	(void)cause;
	return 1;
}

static int absent(struct neighbour *neighbour, const struct cause *cause)
{
	(void)neighbour;
	(void)cause;
	return -ENOENT;
}

static int busy(struct neighbour *neighbour, const struct cause *cause)
{
	(void)neighbour;
	(void)cause;
	return -EBUSY;
}

static int refresh(struct neighbour *neighbour, const struct cause *cause)
{
	table_set_seen(neighbour, cause->slot, cause->clock->now);
	return 0;
}

/* A STALE one speaks: as if it had never been silent. Nothing durable changed. */
static int revive(struct neighbour *neighbour, const struct cause *cause)
{
	if (cause->what == HEARD_SAME)
		table_set_seen(neighbour, cause->slot, cause->clock->now);
	query_cancel(neighbour, cause->slot);
	table_put(neighbour, cause, SLOT_DYNAMIC, current_mac(neighbour, cause));
	return 0;
}

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

static int learn_as(struct neighbour *neighbour, const struct cause *cause, enum task_kind kind)
{
	char text[ORIGIN_TEXT];
	struct record record;
	uint64_t task, made;

	if (cause->policy->learn == NEIGHBOUR_UNTAUGHT || !cause->host)
		return 0;
	record = heard_record(cause, text, NULL);
	if (record_make(neighbour, &made, &record) < 0)
		return -ENOMEM;
	/* The query hangs on the state, so it is taken first; its task ends last. */
	task = query_take(neighbour, cause->slot);
	bind_heard(neighbour, cause, made);
	tell_change(neighbour, cause, kind, task, NULL, &record.entry);
	tell_alert(neighbour, cause, ALERT_NEW_STATION, (struct mac){0});
	if (task)
		neighbour->ops->task_end(neighbour->context, task);
	return 0;
}

static int learn(struct neighbour *neighbour, const struct cause *cause)
{
	return learn_as(neighbour, cause, TASK_LEARN);
}

static int resolved(struct neighbour *neighbour, const struct cause *cause)
{
	struct cause asked = *cause;

	asked.trigger = "request"; /* what the task began with */
	return learn_as(neighbour, &asked, TASK_RESOLVE);
}

static int move(struct neighbour *neighbour, const struct cause *cause)
{
	struct mac left = current_mac(neighbour, cause);
	struct record before, after;
	char text[ORIGIN_TEXT];
	uint64_t made, old;
	bool back;

	if (cause->policy->learn == NEIGHBOUR_UNTAUGHT ||
	    !record_read(neighbour, cause->slot, &before))
		return 0;
	back = mac_equal(before.previous, cause->mac) &&
	       table_age(before.moved, cause->clock->now) <= FLIP_FLOP_SECONDS;
	after = heard_record(cause, text, &before.entry);
	after.previous = left;
	after.moved = cause->clock->now;
	if (record_make(neighbour, &made, &after) < 0)
		return -ENOMEM;
	query_cancel(neighbour, cause->slot);
	old = record_detach(neighbour, cause->slot);
	bind_heard(neighbour, cause, made);
	tell_change(neighbour, cause, TASK_MOVE, 0, &before.entry, &after.entry);
	tell_alert(neighbour, cause, back ? ALERT_FLIP_FLOP : ALERT_MOVED, left);
	record_release(old);
	return 0;
}

static int conflict(struct neighbour *neighbour, const struct cause *cause)
{
	tell_alert(neighbour, cause, ALERT_CONFLICT, current_mac(neighbour, cause));
	return 0;
}

static int resolve(struct neighbour *neighbour, const struct cause *cause)
{
	if (cause->policy->learn == NEIGHBOUR_UNTAUGHT || !cause->host ||
	    !queries_have_room(neighbour, QUEUE_RESOLVE))
		return 0;
	table_put(neighbour, cause, SLOT_PENDING, cause->mac);
	query_begin(neighbour, cause, QUEUE_RESOLVE, TASK_RESOLVE);
	return 0;
}

/* No room: it stays as it is, is answered as before, and has its turn in a later round. */
static int verify(struct neighbour *neighbour, const struct cause *cause)
{
	if (!queries_have_room(neighbour, QUEUE_VERIFY) || query_find(neighbour, cause->slot))
		return 0;
	table_put(neighbour, cause, SLOT_STALE, current_mac(neighbour, cause));
	query_begin(neighbour, cause, QUEUE_VERIFY, TASK_EXPIRE);
	return 0;
}

static int give_up(struct neighbour *neighbour, const struct cause *cause)
{
	query_cancel(neighbour, cause->slot);
	table_put(neighbour, cause, SLOT_DEAD, cause->mac);
	return 0;
}

static int empty(struct neighbour *neighbour, const struct cause *cause)
{
	query_cancel(neighbour, cause->slot);
	table_put(neighbour, cause, SLOT_EMPTY, cause->mac);
	return 0;
}

/* Takes the durable entry away, and puts the slot into a state that has none. */
static void unbind(struct neighbour *neighbour, const struct cause *cause, enum task_kind kind,
                   enum slot_state state)
{
	uint64_t task = query_take(neighbour, cause->slot), old;
	struct record before;
	bool durable = record_read(neighbour, cause->slot, &before);

	old = record_detach(neighbour, cause->slot);
	table_put(neighbour, cause, state, cause->mac);
	if (durable && !cause->quiet)
		tell_change(neighbour, cause, kind, kind == TASK_EXPIRE ? task : 0, &before.entry,
		            NULL);
	if (task)
		neighbour->ops->task_end(neighbour->context, task);
	record_release(old);
}

static int expire(struct neighbour *neighbour, const struct cause *cause)
{
	struct cause silence = *cause;

	silence.trigger = "silence";
	unbind(neighbour, &silence, TASK_EXPIRE, SLOT_EMPTY);
	return 0;
}

static int drop(struct neighbour *neighbour, const struct cause *cause)
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

static int store(struct neighbour *neighbour, const struct cause *cause)
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
static int own(struct neighbour *neighbour, const struct cause *cause)
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
static int own_static(struct neighbour *neighbour, const struct cause *cause)
{
	if (mac_equal(current_mac(neighbour, cause), cause->mac))
		return own(neighbour, cause);
	return conflict(neighbour, cause);
}

static int own_again(struct neighbour *neighbour, const struct cause *cause)
{
	if (mac_equal(current_mac(neighbour, cause), cause->mac))
		return 0;
	return own(neighbour, cause);
}

#define STATES(empty, dynamic, static_, local, stale, pending, dead)                               \
	{                                                                                          \
		[SLOT_EMPTY] = (empty), [SLOT_DYNAMIC] = (dynamic), [SLOT_STATIC] = (static_),     \
		[SLOT_LOCAL] = (local), [SLOT_STALE] = (stale), [SLOT_PENDING] = (pending),        \
		[SLOT_DEAD] = (dead)                                                               \
	}

/* clang-format off */
static action *const transition[HAPPENINGS][SLOT_STATES] = {
	/*                     EMPTY    DYNAMIC  STATIC      LOCAL      STALE   PENDING   DEAD */
	[HEARD_SAME]  = STATES(ignore,  refresh, refresh,    ignore,    revive, ignore,   ignore),
	[HEARD_OTHER] = STATES(learn,   move,    conflict,   conflict,  move,   resolved, learn),
	[ASKED]       = STATES(resolve, ignore,  ignore,     ignore,    ignore, ignore,   ignore),
	[AGED]        = STATES(ignore,  verify,  ignore,     ignore,    verify, ignore,   ignore),
	[SPOKE]       = STATES(ignore,  ignore,  ignore,     ignore,    revive, ignore,   ignore),
	[SILENT]      = STATES(ignore,  ignore,  ignore,     ignore,    expire, give_up,  ignore),
	[REMEMBERED]  = STATES(ignore,  ignore,  ignore,     ignore,    ignore, ignore,   empty),
	[STORED]      = STATES(store,   store,   store,      busy,      store,  store,    store),
	[REMOVED]     = STATES(absent,  drop,    drop,       busy,      drop,   absent,   absent),
	[EMPTIED]     = STATES(nothing, drop,    drop,       busy,      drop,   empty,    empty),
	[LOCAL_BEGUN] = STATES(own,     own,     own_static, own_again, own,    own,      own),
	[LOCAL_ENDED] = STATES(ignore,  ignore,  ignore,     empty,     ignore, ignore,   ignore),
};
/* clang-format on */

int machine_happen(struct neighbour *neighbour, const struct cause *cause)
{
	return transition[cause->what][table_binding(neighbour, cause->slot).state](neighbour,
	                                                                            cause);
}

static const char *heard_trigger(const struct neighbour_heard *heard)
{
	if (heard->trigger)
		return heard->trigger;
	if (heard->gratuitous)
		return "announcement";
	return heard->reply ? "reply" : "request";
}

void neighbour_heard(struct neighbour *neighbour, const struct neighbour_heard *heard,
                     const struct neighbour_clock *clock)
{
	struct cause cause;

	if (heard->slot >= neighbour->layout.slots || !mac_is_station(heard->mac))
		return;
	scan_reconcile(neighbour, heard->slot, clock);
	table_cause(neighbour, &cause, HEARD_OTHER, heard->slot, clock);
	cause.mac = heard->mac;
	if (mac_equal(current_mac(neighbour, &cause), heard->mac))
		cause.what = HEARD_SAME;
	cause.interface = heard->interface;
	cause.trigger = heard_trigger(heard);
	(void)machine_happen(neighbour, &cause);
}

void neighbour_asked(struct neighbour *neighbour, uint32_t slot,
                     const struct neighbour_clock *clock)
{
	struct cause cause;

	if (slot >= neighbour->layout.slots)
		return;
	scan_reconcile(neighbour, slot, clock);
	table_cause(neighbour, &cause, ASKED, slot, clock);
	(void)machine_happen(neighbour, &cause);
}

/* SPDX-License-Identifier: MIT */
/*
 * A slot that does not say what this room wrote there was written by another program. The write is
 * first taken back, and then, if it is valid, repeated here as any change would be: so there is one
 * way into the table. Decides only whether a write is valid; what becomes of the address is
 * machine.c's.
 */
#include "neighbour/reconcile.h"

#include "neighbour/machine.h"
#include "neighbour/notify.h"
#include "neighbour/record.h"
#include "neighbour/slots.h"
#include "neighbour/table.h"

/* Same MAC and state. Flags follow from policy, and prove nothing. */
static bool same_binding(union binding a, union binding b)
{
	return a.state == b.state && mac_equal(binding_mac(a), binding_mac(b));
}

/* An inherited binding of which neighbour_apply() said nothing: recorded as it is. */
static void adopt(struct neighbour *neighbour, uint32_t slot, const struct neighbour_clock *clock)
{
	union binding binding = table_binding(neighbour, slot);
	struct entry entry = {
	        .mac = binding_mac(binding),
	        .state = binding.state == SLOT_STATIC ? ENTRY_STATIC : ENTRY_DYNAMIC,
	        .since = clock->wall,
	};
	char text[ORIGIN_TEXT];
	struct cause cause;

	table_cause(neighbour, &cause, STORED, slot, clock);
	entry.origin = record_origin(text, cause.policy, NULL);
	cause.entry = &entry;
	cause.kind = TASK_RECOVER;
	cause.trigger = "restart";
	(void)machine_happen(neighbour, &cause);
}

static bool is_valid(const struct cause *cause, union binding ours, union binding theirs)
{
	if (ours.state == SLOT_LOCAL)
		return false;
	if (theirs.state == SLOT_EMPTY)
		return mac_is_zero(binding_mac(theirs));
	return (theirs.state == SLOT_DYNAMIC || theirs.state == SLOT_STATIC) && cause->host &&
	       mac_is_station(binding_mac(theirs));
}

static void accept(struct neighbour *neighbour, struct cause *cause, union binding ours,
                   union binding theirs)
{
	struct record record;
	char text[ORIGIN_TEXT];
	struct entry entry = {
	        .mac = binding_mac(theirs),
	        .state = theirs.state == SLOT_STATIC ? ENTRY_STATIC : ENTRY_DYNAMIC,
	        .since = cause->clock->wall,
	        .origin = record_origin(text, cause->policy, NULL),
	};

	cause->kind = TASK_EXTERNAL;
	cause->trigger = "bpf map";
	if (theirs.state == SLOT_EMPTY) {
		cause->what = EMPTIED;
	} else if (ours.state == SLOT_STALE && theirs.state == SLOT_DYNAMIC &&
	           mac_equal(binding_mac(ours), entry.mac)) {
		cause->what = HEARD_SAME; /* the station is there: nothing durable changes */
	} else {
		cause->what = STORED;
		cause->entry = &entry;
		/* A person's remarks on the address outlive its binding. */
		if (record_read(neighbour, cause->slot, &record)) {
			entry.note = record.entry.note;
			entry.extra = record.entry.extra;
		}
	}
	(void)machine_happen(neighbour, cause);
	cause->entry = NULL;
}

void reconcile_slot(struct neighbour *neighbour, uint32_t slot, const struct neighbour_clock *clock)
{
	union binding ours, theirs = {.word = table_load(neighbour, slot)};
	struct cause cause;

	if (theirs.word == neighbour->shadow[slot])
		return;
	ours = table_binding(neighbour, slot);
	if (ours.word != neighbour->shadow[slot]) {
		adopt(neighbour, slot, clock);
		theirs.word = table_load(neighbour, slot);
		ours = table_binding(neighbour, slot);
		if (theirs.word == ours.word)
			return;
	}
	if (!table_restore(neighbour, slot, theirs.word))
		return; /* still being written: the next round sees what stays */
	if (same_binding(ours, theirs))
		return;
	table_cause(neighbour, &cause, STORED, slot, clock);
	cause.mac = binding_mac(theirs);
	if (is_valid(&cause, ours, theirs))
		accept(neighbour, &cause, ours, theirs);
	else
		notify_alert(neighbour, &cause, ALERT_EXTERNAL_INVALID, binding_mac(ours));
}

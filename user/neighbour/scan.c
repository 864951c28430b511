/* SPDX-License-Identifier: MIT */
/*
 * The scan: goes round the table looking for what time did (ageing, the end of DEAD) and for
 * what others did (slots that do not say what we wrote there). The ordinary case, nothing to
 * do, is two loads and a comparison a slot. Decides only whether an outsider's word can be
 * meant; what then becomes of the address is machine.c.
 *
 * What an outsider wrote is first taken back, and then, if it is valid, done by us as
 * anybody's change would be. So there is one way into the table.
 */
#include <string.h>

#include "neighbour/internal.h"

/* MAC and state of a word; flags are ours to set, and prove nothing. */
static bool same_binding(union binding a, union binding b)
{
	return a.state == b.state && mac_equal(binding_mac(a), binding_mac(b));
}

/* The slot held this before us, and neighbour_apply() said nothing about it: recorded as it is. */
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

static bool can_be_meant(const struct cause *cause, union binding ours, union binding theirs)
{
	if (ours.state == SLOT_LOCAL)
		return false;
	if (theirs.state == SLOT_EMPTY)
		return mac_is_zero(binding_mac(theirs));
	return (theirs.state == SLOT_DYNAMIC || theirs.state == SLOT_STATIC) && cause->host &&
	       mac_is_station(binding_mac(theirs));
}

static void refuse(struct neighbour *neighbour, const struct cause *cause, union binding ours,
                   union binding theirs)
{
	const struct neighbour_alert alert = {
	        .kind = ALERT_EXTERNAL_INVALID,
	        .segment = cause->segment,
	        .address = cause->address,
	        .mac = binding_mac(theirs),
	        .other = binding_mac(ours),
	};

	neighbour->ops->alert(neighbour->context, &alert);
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
		cause->what = HEARD_SAME; /* they say that it is there: nothing durable changes */
	} else {
		cause->what = STORED;
		cause->entry = &entry;
		/* What a person wrote about the address outlives its binding. */
		if (record_read(neighbour, cause->slot, &record)) {
			entry.note = record.entry.note;
			entry.extra = record.entry.extra;
		}
	}
	(void)machine_happen(neighbour, cause);
	cause->entry = NULL;
}

void scan_reconcile(struct neighbour *neighbour, uint32_t slot, const struct neighbour_clock *clock)
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
		return; /* they are at it: the next round sees what stays */
	if (same_binding(ours, theirs))
		return;
	table_cause(neighbour, &cause, STORED, slot, clock);
	if (can_be_meant(&cause, ours, theirs))
		accept(neighbour, &cause, ours, theirs);
	else
		refuse(neighbour, &cause, ours, theirs);
}

/* STALE, and its owner and somebody else are being asked: the query says what comes of it. */
static bool is_contested(const struct neighbour *neighbour, uint32_t slot)
{
	const struct query *query = query_find(neighbour, slot);

	return query && query->contest;
}

/* What time did to an address. */
static void look(struct neighbour *neighbour, uint32_t slot, uint32_t timeout,
                 const struct neighbour_clock *clock)
{
	uint32_t seen = table_seen(neighbour, slot);

	switch (table_binding(neighbour, slot).state) {
	case SLOT_DYNAMIC:
		if (table_age(seen, clock->now) > timeout)
			machine_pass(neighbour, AGED, slot, clock);
		break;
	case SLOT_STALE: /* its query is under way, or it was loaded so: then it may have spoken
	                    to the XDP program while there was no agent, and need not be asked */
		if (seen && table_age(seen, clock->now) <= timeout) {
			if (!is_contested(neighbour, slot))
				machine_pass(neighbour, SPOKE, slot, clock);
		} else if (queries_have_room(neighbour, QUEUE_VERIFY)) {
			machine_pass(neighbour, AGED, slot, clock);
		}
		break;
	case SLOT_DEAD:
		dead_look(neighbour, slot, clock);
		break;
	default:
		break;
	}
}

static void scan_span(struct neighbour *neighbour, uint32_t from, uint32_t to, unsigned number,
                      const struct neighbour_clock *clock)
{
	const struct segment *segment = &neighbour->segment[number];
	uint32_t timeout = neighbour->policy[number].timeout;
	bool down = segment->down;

	/* What was last seen before the link came up is as good as silent since. */
	if (clock->now - segment->up_since < timeout)
		timeout = clock->now - segment->up_since;
	for (uint32_t slot = from; slot < to; slot++) {
		uint64_t word = table_load(neighbour, slot);

		if (word != neighbour->shadow[slot])
			scan_reconcile(neighbour, slot, clock);
		else if (!word)
			continue;
		if (!down)
			look(neighbour, slot, timeout, clock);
	}
}

void neighbour_scan(struct neighbour *neighbour, uint32_t count,
                    const struct neighbour_clock *clock)
{
	uint32_t slots = neighbour->layout.slots;

	if (count > slots)
		count = slots;
	while (count) {
		uint32_t from = neighbour->cursor;
		const struct layout_range *range = layout_range_of(&neighbour->layout, from);
		uint32_t end = range->base + (uint32_t)prefix_size(range->prefix);
		uint32_t span = end - from < count ? end - from : count;

		scan_span(neighbour, from, from + span, range->segment, clock);
		count -= span;
		neighbour->cursor = from + span < slots ? from + span : 0;
	}
}

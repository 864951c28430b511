/* SPDX-License-Identifier: MIT */
/* Kept addresses. Their query is that of any STALE one, and time.c begins it. */
#include "neighbour/keep.h"

#include <errno.h>

#include "neighbour/duplicate.h"
#include "neighbour/notify.h"
#include "neighbour/queries.h"
#include "neighbour/record.h"
#include "neighbour/slots.h"
#include "neighbour/table.h"

bool keep_is_heard(const struct neighbour *neighbour, const struct cause *cause)
{
	uint32_t seen = table_seen(neighbour, cause->slot);

	return seen && table_age(seen, cause->clock->now) <= cause->policy->timeout;
}

bool keep_may(const struct neighbour *neighbour, const struct cause *cause,
              const struct record *record)
{
	return cause->foreign && record->foreign && cause->policy->learn != NEIGHBOUR_UNTAUGHT &&
	       !duplicate_is_frozen(neighbour, cause->slot) && keep_is_heard(neighbour, cause);
}

/* What was heard counts no longer: the host must speak again. */
int keep_begin(struct neighbour *neighbour, const struct cause *cause)
{
	uint64_t old;

	query_cancel(neighbour, cause->slot);
	old = record_detach(neighbour, cause->slot);
	table_put(neighbour, cause, SLOT_STALE, table_mac(neighbour, cause->slot));
	table_set_seen(neighbour, cause->slot, 0);
	record_release(old);
	return 0;
}

/* It spoke, and is this node's. */
int keep_end(struct neighbour *neighbour, const struct cause *cause)
{
	struct cause by = *cause;
	struct mac mac = table_mac(neighbour, cause->slot);
	char text[ORIGIN_TEXT];
	const struct record record = {
	        .entry = {.mac = mac,
	                  .state = ENTRY_DYNAMIC,
	                  .since = cause->clock->wall,
	                  .origin = record_origin(text, cause->policy, cause->interface)}};
	struct query begun;
	uint64_t made;

	if (record_make(neighbour, &made, &record) < 0)
		return -ENOMEM; /* and the next scan tries again */
	begun = query_take(neighbour, cause->slot);
	table_put(neighbour, cause, SLOT_DYNAMIC, mac);
	record_attach(neighbour, cause->slot, made);
	if (!by.trigger)
		by.trigger = "verified";
	notify_change(neighbour, &by, TASK_LEARN, 0, NULL, &record.entry);
	notify_end(neighbour, begun.task);
	return 0;
}

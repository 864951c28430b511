/* SPDX-License-Identifier: MIT */
/* Passes what happened to an address to the owner's operations. Decides nothing. */
#include "neighbour/notify.h"

void notify_change(struct neighbour *neighbour, const struct cause *cause, enum task_kind kind,
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

	neighbour->segment[cause->segment].changed[kind]++;
	neighbour->ops->changed(neighbour->context, &change);
}

void notify_alert(struct neighbour *neighbour, const struct cause *cause, enum alert_kind kind,
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

void notify_end(struct neighbour *neighbour, uint64_t task)
{
	if (task)
		neighbour->ops->task_end(neighbour->context, task);
}

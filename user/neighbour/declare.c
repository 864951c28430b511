/* SPDX-License-Identifier: MIT */
/*
 * What is said of an address, rather than heard from it: by an operator, by history, by the host
 * itself. Checks that it is valid; the rest is machine.c's.
 */
#include "neighbour/declare.h"

#include <errno.h>
#include <string.h>

#include "neighbour/machine.h"
#include "neighbour/reconcile.h"
#include "neighbour/record.h"
#include "neighbour/slots.h"
#include "neighbour/sparse.h"
#include "neighbour/table.h"

/* Finds the slot and checks it. */
static int prepare(struct neighbour *neighbour, struct cause *cause, unsigned segment,
                   struct address address, const struct entry *entry,
                   const struct neighbour_clock *clock)
{
	const struct layout_range *range = layout_find(&neighbour->layout, segment, address);
	int64_t slot;

	if (!range)
		return -ERANGE;
	if (!prefix_is_host(range->prefix, address))
		return -EADDRNOTAVAIL;
	if (entry && !mac_is_station(entry->mac))
		return -EINVAL;
	slot = entry ? sparse_take(neighbour, range, address, clock)
	             : sparse_slot(neighbour, range, address);
	if (slot < 0)
		return entry ? -ENOSPC : -ENOENT;
	table_cause(neighbour, cause, entry ? STORED : REMOVED, (uint32_t)slot, clock);
	cause->entry = entry;
	return 0;
}

static bool says_same(const struct entry *is, const struct entry *said)
{
	return mac_equal(is->mac, said->mac) && is->state == said->state &&
	       is->router == said->router && text_equal(is->note, said->note) &&
	       (!said->extra || text_equal(is->extra, said->extra));
}

/* An operator's or a list's word: `after`, and the rest of the cause in `said`. */
static int declare(struct neighbour *neighbour, unsigned segment, struct address address,
                   const struct entry *after, const struct cause *said,
                   const struct neighbour_clock *clock)
{
	struct record record;
	struct cause cause;
	int error = prepare(neighbour, &cause, segment, address, after, clock);

	if (error < 0)
		return error;
	reconcile_slot(neighbour, cause.slot, clock);
	if (after && record_read(neighbour, cause.slot, &record) && says_same(&record.entry, after))
		return 1;
	cause.kind = said->kind;
	cause.trigger = said->trigger;
	cause.verify = said->verify;
	error = machine_happen(neighbour, &cause);
	sparse_settle(neighbour, cause.slot, clock);
	return error;
}

int neighbour_declare(struct neighbour *neighbour, unsigned segment, struct address address,
                      const struct entry *after, const struct neighbour_clock *clock)
{
	const struct cause said = {.kind = TASK_OPERATOR, .trigger = after ? "set" : "unset"};

	return declare(neighbour, segment, address, after, &said, clock);
}

int neighbour_import(struct neighbour *neighbour, unsigned segment, struct address address,
                     const struct entry *after, const struct neighbour_clock *clock)
{
	const struct cause said = {.kind = TASK_IMPORT, .trigger = "import", .verify = true};

	return declare(neighbour, segment, address, after, &said, clock);
}

bool neighbour_inherited(const struct neighbour *neighbour, uint32_t slot, struct mac *mac,
                         enum entry_state *state)
{
	union binding binding;

	if (slot >= neighbour->layout.slots)
		return false;
	binding.word = neighbour->shadow[slot];
	if (!(binding.flags & SHADOW_INHERITED))
		return false;
	*mac = binding_mac(binding);
	*state = binding.state == SLOT_STATIC ? ENTRY_STATIC : ENTRY_DYNAMIC;
	return true;
}

int neighbour_apply(struct neighbour *neighbour, unsigned segment, struct address address,
                    const struct entry *entry, unsigned how, const struct neighbour_clock *clock)
{
	struct record record;
	enum entry_state state;
	struct cause cause;
	struct mac mac;
	int error = prepare(neighbour, &cause, segment, address, entry, clock);

	if (error == -ENOENT)
		return 1;
	if (error < 0)
		return error;
	/* An inherited binding is judged here, and need not be found by the scan. */
	if (!neighbour_inherited(neighbour, cause.slot, &mac, &state))
		reconcile_slot(neighbour, cause.slot, clock);
	if (entry && record_read(neighbour, cause.slot, &record) &&
	    entry_equal(&record.entry, entry) && record.foreign == !!(how & APPLY_FOREIGN))
		return 1;
	cause.quiet = true;
	cause.verify = how & APPLY_VERIFY;
	cause.foreign = how & APPLY_FOREIGN;
	error = machine_happen(neighbour, &cause);
	sparse_settle(neighbour, cause.slot, clock);
	/* Absent in history, and absent or local here: they agree. */
	return !entry && (error == -ENOENT || error == -EBUSY) ? 1 : error;
}

void neighbour_local(struct neighbour *neighbour, unsigned segment, struct address address,
                     const struct mac *mac, const struct neighbour_clock *clock)
{
	const struct layout_range *range = layout_find(&neighbour->layout, segment, address);
	struct cause cause;
	int64_t slot;

	if (!range || !prefix_is_host(range->prefix, address) || (mac && !mac_is_station(*mac)))
		return;
	slot = mac ? sparse_take(neighbour, range, address, clock)
	           : sparse_slot(neighbour, range, address);
	if (slot < 0)
		return;
	reconcile_slot(neighbour, (uint32_t)slot, clock);
	table_cause(neighbour, &cause, mac ? LOCAL_BEGUN : LOCAL_ENDED, (uint32_t)slot, clock);
	if (mac)
		cause.mac = *mac;
	(void)machine_happen(neighbour, &cause);
	sparse_settle(neighbour, (uint32_t)slot, clock);
}

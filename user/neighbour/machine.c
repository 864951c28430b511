/* SPDX-License-Identifier: MIT */
/*
 * The state machine of one address: one table, with a cell for everything that can happen in every
 * state. docs/neighbour.md is the same table in words. The larger actions are in bind.c, prove.c,
 * contest.c, defend.c and dead.c; those of a line or two are here. It never waits, and reads no
 * clock.
 */
#include "neighbour/machine.h"

#include <errno.h>

#include "neighbour/bind.h"
#include "neighbour/contest.h"
#include "neighbour/dead.h"
#include "neighbour/defend.h"
#include "neighbour/duplicate.h"
#include "neighbour/limits.h"
#include "neighbour/prove.h"
#include "neighbour/queries.h"
#include "neighbour/record.h"
#include "neighbour/rest.h"
#include "neighbour/slots.h"
#include "neighbour/table.h"

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

static int empty(struct neighbour *neighbour, const struct cause *cause)
{
	query_cancel(neighbour, cause->slot);
	table_put(neighbour, cause, SLOT_EMPTY, cause->mac);
	return 0;
}

/* Requests end; the state stays. */
static int unasked(struct neighbour *neighbour, const struct cause *cause)
{
	query_cancel(neighbour, cause->slot);
	return 0;
}

static int resolve(struct neighbour *neighbour, const struct cause *cause)
{
	const struct query how = {.kind = TASK_RESOLVE, .claim.trigger = "request"};

	if (cause->policy->learn == NEIGHBOUR_UNTAUGHT || !cause->host ||
	    !queries_may_begin(neighbour, cause, QUEUE_RESOLVE) ||
	    rest_lasts(neighbour, cause->slot, cause->clock->now) ||
	    !limits_may_resolve(neighbour, cause))
		return 0;
	table_put(neighbour, cause, SLOT_PENDING, cause->mac);
	query_begin(neighbour, cause, QUEUE_RESOLVE, &how);
	return 0;
}

/* Without room the binding stays, is answered as before, and gets its turn in a later round. */
static int verify(struct neighbour *neighbour, const struct cause *cause)
{
	const struct query how = {.kind = TASK_EXPIRE, .seen = table_seen(neighbour, cause->slot)};

	if (query_find(neighbour, cause->slot))
		return 0;
	/* Its own node ages it. STALE: a contest ended with the link. */
	if (record_is_foreign(neighbour, cause->slot))
		return contest_over(neighbour, cause);
	if (!queries_may_begin(neighbour, cause, QUEUE_VERIFY))
		return 0;
	table_put(neighbour, cause, SLOT_STALE, table_mac(neighbour, cause->slot));
	query_begin(neighbour, cause, QUEUE_VERIFY, &how);
	return 0;
}

static int sponge(struct neighbour *neighbour, const struct cause *cause)
{
	table_put_dead(neighbour, cause, true);
	return 0;
}

#define STATES(empty, dynamic, static_, local, stale, pending, dead)                               \
	{                                                                                          \
		[SLOT_EMPTY] = (empty), [SLOT_DYNAMIC] = (dynamic), [SLOT_STATIC] = (static_),     \
		[SLOT_LOCAL] = (local), [SLOT_STALE] = (stale), [SLOT_PENDING] = (pending),        \
		[SLOT_DEAD] = (dead)                                                               \
	}

/* clang-format off */
static action *const transition[HAPPENINGS][SLOT_STATES] = {
	/*                     EMPTY          DYNAMIC        STATIC           LOCAL           STALE           PENDING        DEAD */
	[HEARD_SAME]  = STATES(ignore,        refresh,       refresh,         ignore,         contest_spoke,  ignore,        ignore),
	[HEARD_OTHER] = STATES(bind_learn,    bind_move,     defend_binding,  defend_binding, bind_move,      bind_learn,    bind_learn),
	[CLAIMED]     = STATES(prove_claim,   contest_begin, defend_binding,  defend_binding, contest_begin,  prove_hint,    dead_revive),
	[ANSWERED]    = STATES(prove_claim,   contest_begin, defend_binding,  defend_binding, contest_answer, prove_reply,   dead_answered),
	[OVERHEARD]   = STATES(ignore,        ignore,        defend_binding,  defend_binding, ignore,         ignore,        ignore),
	[ASKED]       = STATES(resolve,       ignore,        ignore,          ignore,         ignore,         ignore,        ignore),
	[AGED]        = STATES(ignore,        verify,        ignore,          ignore,         verify,         ignore,        ignore),
	[SPOKE]       = STATES(ignore,        ignore,        ignore,          ignore,         contest_spoke,  ignore,        ignore),
	[SILENT]      = STATES(ignore,        ignore,        ignore,          ignore,         contest_silent, prove_end,     dead_again),
	[RELEASED]    = STATES(ignore,        duplicate_thaw, ignore,         ignore,         duplicate_thaw, ignore,        ignore),
	[REMEMBERED]  = STATES(ignore,        ignore,        ignore,          ignore,         ignore,         ignore,        dead_over),
	[HAMMERED]    = STATES(ignore,        ignore,        ignore,          ignore,         ignore,         ignore,        sponge),
	[LINK_DOWN]   = STATES(ignore,        ignore,        ignore,          ignore,         unasked,        empty,         unasked),
	[EVICTED]     = STATES(ignore,        bind_evict,    ignore,          ignore,         bind_evict,     ignore,        empty),
	[STORED]      = STATES(bind_store,    bind_store,    bind_store,      busy,           bind_store,     bind_store,    bind_store),
	[REMOVED]     = STATES(absent,        bind_drop,     bind_drop,       busy,           bind_drop,      absent,        absent),
	[EMPTIED]     = STATES(nothing,       bind_drop,     bind_drop,       busy,           bind_drop,      empty,         empty),
	[LOCAL_BEGUN] = STATES(bind_own,      bind_own,      bind_own_static, bind_own_again, bind_own,       bind_own,      bind_own),
	[LOCAL_ENDED] = STATES(ignore,        ignore,        ignore,          empty,          ignore,         ignore,        ignore),
};
/* clang-format on */

int machine_happen(struct neighbour *neighbour, const struct cause *cause)
{
	return transition[cause->what][table_binding(neighbour, cause->slot).state](neighbour,
	                                                                            cause);
}

void machine_pass(struct neighbour *neighbour, enum happening what, uint32_t slot,
                  const struct neighbour_clock *clock)
{
	struct cause cause;

	table_cause(neighbour, &cause, what, slot, clock);
	(void)machine_happen(neighbour, &cause);
}

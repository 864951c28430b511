// SPDX-License-Identifier: MIT
/* Finds what a retired node's claims decide. Proposes and records nothing. */
#include "history/retire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/claims.h"

struct claimed {
	unsigned segment;
	struct address address;
};

struct claimed_list {
	struct claimed *item; /* owned */
	size_t count, room;
};

/* FLEET_OWN: there is none of that name, or it is this node. */
static unsigned find_node(const struct claims *claims, const char *name)
{
	for (unsigned node = fleet_nodes(claims->fleet) - 1; node > FLEET_OWN; node--)
		if (!strcmp(fleet_node_name(claims->fleet, node), name))
			return node;
	return FLEET_OWN;
}

int retire_check(const struct state *state, const char *name, struct fault *why)
{
	const struct claims *claims = state->claims;

	if (!claims)
		return fault_set(why, -EINVAL,
		                 "this node is in no fleet: `node` in [fleet] puts it into one");
	if (!strcmp(name, claims->node))
		return fault_set(why, -EINVAL, "%.63s is this node: retire it at another one",
		                 name);
	if (find_node(claims, name) == FLEET_OWN)
		return fault_set(why, -ENOENT, "no node %.63s is known here", name);
	return 0;
}

static int add_place(void *context, unsigned node, unsigned segment, struct address address,
                     const struct claim *claim)
{
	struct claimed_list *places = context;

	(void)node;
	if (!claim_is_present(claim))
		return 0;
	if (array_reserve(&places->item, &places->room, places->count + 1))
		return -ENOMEM;
	places->item[places->count++] = (struct claimed){segment, address};
	return 0;
}

/* Declared here from now on. */
static struct entry *declare(const struct claims *claims, const struct entry *entry)
{
	struct entry *after = entry_copy(entry);

	if (after)
		after->since = entry->since < claims->now ? claims->now : entry->since + 1;
	return after;
}

static int add(struct state *state, unsigned node, const struct claimed *place,
               struct changes *changes, struct guard_part *mass, struct fault *fault)
{
	const struct claims *claims = state->claims;
	struct validated validated = {
	        .what = VALIDATED_ENTRY, .segment = place->segment, .address = place->address};
	struct entry *base = NULL;
	struct claim winner;
	unsigned owner;
	int error;

	if (!claims_want(claims, place->segment, place->address, &winner, &owner) || owner != node)
		return 0;
	error = archive_entry(&state->archive, &base, &state->head.tree, place->segment,
	                      place->address, fault);
	if (error || !base)
		return error;
	if (base->state == ENTRY_STATIC && !(validated.entry = declare(claims, base))) {
		entry_free(base);
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	if (changes_add(changes, &validated, base))
		return fault_set(fault, -ENOMEM, "out of memory");
	/* What is heard here is kept, and learned anew. */
	changes->item[changes->items - 1].foreign = !validated.entry;
	mass[place->segment].changes += !validated.entry;
	return 0;
}

int retire_collect(struct state *state, const char *name, struct changes *changes,
                   struct guard_part *mass, struct fault *fault)
{
	struct claims *claims = state->claims;
	unsigned node = find_node(claims, name);
	struct claimed_list places = {0};
	int error;

	claims_tick(claims);
	error = fleet_each_of(claims->fleet, node, add_place, &places);
	if (error)
		fault_set(fault, error, "out of memory");
	for (size_t i = 0; i < places.count && !error; i++)
		error = add(state, node, &places.item[i], changes, mass, fault);
	free(places.item);
	return error;
}

int retire_note(struct state *state, const char *name)
{
	struct claims *claims = state->claims;
	unsigned node = find_node(claims, name);
	char ref[REF_NAME_MAX];
	int error = 0;

	for (uint32_t i = 0; i < claims->numbers.count && !error; i++) {
		const struct node_branch *branch = &claims->branch[i];

		if (branch->node != node || !branch->known)
			continue;
		snprintf(ref, sizeof(ref), RETIRED_REFS "%s/%s",
		         state->archive.segment[branch->segment].name, name);
		error = branches_also(&state->archive.branches, ref, &branch->tip);
	}
	return error;
}

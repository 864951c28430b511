// SPDX-License-Identifier: MIT
/* From fetched branches to the index. Proposes nothing, and touches neither main nor the table. */
#include "history/gather.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "history/ownbranch.h"
#include "history/state.h"

#define AHEAD_S 60 /* a clock may differ by so much */

/* A fetched branch that is not as it was at the last look. */
struct fetched {
	unsigned segment;
	char node[NODE_NAME_MAX + 1];
	git_oid tip;
};

struct gathering {
	struct state *state;
	struct claimfile file;
	struct fetched *fetched; /* owned */
	size_t count, room;
	struct addresses touched; /* others' claims changed there */
};

static int find_segment(const struct archive *archive, const char *name, size_t length)
{
	for (size_t i = 0; i < archive->segments; i++)
		if (strlen(archive->segment[i].name) == length &&
		    !memcmp(archive->segment[i].name, name, length))
			return (int)i;
	return -1;
}

/* Whether the tip is known already: taken, or left out. */
static bool is_known(const struct claims *claims, const struct fetched *fetched, unsigned node)
{
	uint64_t key = (uint64_t)fetched->segment << 32 | node;
	uint32_t number = idmap_find(&claims->numbers, &key);
	const struct node_branch *branch;

	if (number == IDMAP_NONE)
		return false;
	branch = &claims->branch[number];
	return (branch->known && git_oid_equal(&branch->tip, &fetched->tip)) ||
	       git_oid_equal(&branch->refused, &fetched->tip);
}

/* refs/fleet/from/<remote>/<segment>/<node>. Others there are passed over. */
static int note(void *context, const char *ref, const git_oid *id)
{
	struct gathering *gathering = context;
	struct claims *claims = gathering->state->claims;
	const char *segment = strchr(ref + strlen(FROM_REFS), '/');
	const char *node = segment ? strchr(segment + 1, '/') : NULL;
	struct fetched fetched = {.tip = *id};
	unsigned number;
	int index;

	if (!node || !node_name_is_valid(node + 1))
		return 0;
	index = find_segment(&gathering->state->archive, segment + 1, (size_t)(node - segment - 1));
	if (index < 0 || !claims_share(claims, (unsigned)index))
		return 0;
	fetched.segment = (unsigned)index;
	memcpy(fetched.node, node + 1, strlen(node + 1) + 1);
	if (fleet_node(claims->fleet, fetched.node, &number) < 0)
		return -ENOMEM;
	if (is_known(claims, &fetched, number))
		return 0;
	if (array_reserve(&gathering->fetched, &gathering->room, gathering->count + 1))
		return -ENOMEM;
	gathering->fetched[gathering->count++] = fetched;
	return 0;
}

/* Leaves the branch out until it moves, and says so. */
static void refuse(const struct gathering *gathering, const struct fetched *fetched,
                   struct node_branch *branch, const char *kind, const char *why)
{
	const struct state *state = gathering->state;
	const char *segment = state->archive.segment[fetched->segment].name;

	branch->refused = fetched->tip;
	claims_raise(state->claims, kind, segment, NULL,
	             "node %s's branch in %s is left out at %.12s: %s", fetched->node, segment,
	             git_oid_tostr_s(&fetched->tip), why);
}

/* Claims that stood between two tips, and were ahead of the clock. */
static int raise_floors(struct gathering *gathering, const struct fetched *fetched,
                        const git_oid *before, const git_oid *after)
{
	struct claims *claims = gathering->state->claims;
	struct claimfile_changes changes = {0};
	struct fault ignored = {""};
	int error = claimfile_diff(&gathering->file, &changes,
	                           &gathering->state->archive.segment[fetched->segment], before,
	                           after, &ignored);

	/* What is invalid never stood. */
	for (size_t i = 0; i < changes.count && error != -ENOMEM; i++) {
		const struct claim *claim = &changes.item[i].claim;

		if (claim->state == CLAIM_NONE || claim->since <= claims->now)
			continue;
		error = fleet_raise(claims->fleet, fetched->segment, changes.item[i].address,
		                    claim->since);
	}
	free(changes.item);
	return error == -ENOMEM ? error : 0;
}

/* Whether the tip follows the one that was taken, commit by commit. 0; -ESTALE: it does not;
 * -EAGAIN: it is older, as at a remote that is behind. */
static int check_chain(struct gathering *gathering, const struct fetched *fetched,
                       const struct node_branch *branch, const struct claimcommit *tip)
{
	git_repository *repository = gathering->state->archive.repository;
	struct claimcommit commit = *tip, parent;
	struct fault ignored;
	int error;

	if (!branch->known)
		return 0;
	if (tip->count < branch->count)
		return -EAGAIN;
	for (bool newest = true; commit.count > branch->count; newest = false) {
		if (!commit.has_parent)
			return -ESTALE;
		if (git_oid_equal(&commit.parent, &branch->tip))
			return newest ? 0
			              : raise_floors(gathering, fetched, &branch->tree,
			                             &commit.tree);
		error = claimcommit_read(&parent, repository, &commit.parent, fetched->node,
		                         &ignored);
		/* A shallow repository ends somewhere, and git let the branch move on. */
		if (error == -ENOENT)
			return 0;
		if (error || parent.count + 1 != commit.count)
			return -ESTALE;
		error = newest ? 0 : raise_floors(gathering, fetched, &parent.tree, &commit.tree);
		if (error)
			return error;
		commit = parent;
	}
	return -ESTALE;
}

/* Clocks that are ahead are said, and their claims are taken: else views would differ. */
static void check_clock(const struct gathering *gathering, const struct fetched *fetched,
                        const struct claimfile_changes *changes)
{
	const struct claims *claims = gathering->state->claims;
	int64_t latest = 0;
	char text[TIME_TEXT];

	for (size_t i = 0; i < changes->count; i++)
		if (changes->item[i].claim.state != CLAIM_NONE &&
		    changes->item[i].claim.since > latest)
			latest = changes->item[i].claim.since;
	if (latest > claims->now + AHEAD_S)
		claims_raise(claims, "clock",
		             gathering->state->archive.segment[fetched->segment].name, NULL,
		             "node %s says what begins at %s: its clock is ahead, or this one is "
		             "behind",
		             fetched->node, time_format(text, latest));
}

static int apply(struct gathering *gathering, const struct fetched *fetched, unsigned node,
                 const struct claimfile_changes *changes)
{
	struct claims *claims = gathering->state->claims;

	for (size_t i = 0; i < changes->count; i++) {
		const struct claimfile_change *change = &changes->item[i];

		if (fleet_put(claims->fleet, node, fetched->segment, change->address,
		              &change->claim) < 0 ||
		    addresses_add(&gathering->touched, fetched->segment, change->address) < 0 ||
		    doubts_add(&claims->doubts, fetched->segment, change->address, node) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int take(struct gathering *gathering, const struct fetched *fetched, struct fault *fault)
{
	struct state *state = gathering->state;
	struct claims *claims = state->claims;
	struct claimfile_changes changes = {0};
	struct node_branch *branch;
	struct claimcommit tip;
	struct fault why = {""};
	unsigned node;
	int error = fleet_node(claims->fleet, fetched->node, &node);

	branch = error ? NULL : claims_branch(claims, fetched->segment, node);
	if (!branch)
		return fault_set(fault, -ENOMEM, "out of memory");
	error = claimcommit_read(&tip, state->archive.repository, &fetched->tip, fetched->node,
	                         &why);
	if (!error)
		error = check_chain(gathering, fetched, branch, &tip);
	if (error == -EAGAIN)
		return 0;
	if (error == -ESTALE) {
		refuse(gathering, fetched, branch, "branch-rewound",
		       "it does not go on from what it said before");
		return 0;
	}
	if (!error)
		error = claimfile_diff(&gathering->file, &changes,
		                       &state->archive.segment[fetched->segment],
		                       branch->known ? &branch->tree : NULL, &tip.tree, &why);
	if (!error)
		error = apply(gathering, fetched, node, &changes);
	if (!error) {
		check_clock(gathering, fetched, &changes);
		branch->known = branch->moved = true;
		branch->tip = fetched->tip;
		branch->tree = tip.tree;
		branch->count = tip.count;
	} else if (error != -ENOMEM && trouble_is_lasting(error)) {
		refuse(gathering, fetched, branch, "branch-invalid", why.text);
		error = 0;
	} else {
		fault_set(fault, error, "%s", why.text[0] ? why.text : "out of memory");
	}
	free(changes.item);
	return error;
}

/* The own branch, as another repository has it. */
static int check_own(const struct gathering *gathering, const struct fetched *fetched)
{
	const struct state *state = gathering->state;
	struct claims *claims = state->claims;
	const struct own_branch *own = &claims->own[fetched->segment];
	struct claimcommit tip;
	struct fault ignored;

	if (claims->duplicate || (own->begun && git_oid_equal(&own->tip.commit, &fetched->tip)) ||
	    claimcommit_read(&tip, state->archive.repository, &fetched->tip, claims->node,
	                     &ignored))
		return 0;
	if (!strcmp(tip.boot, claims->boot) && tip.count <= own->count)
		return 0;
	claims->duplicate = true;
	claims_raise(claims, "duplicate-node", state->archive.segment[fetched->segment].name, NULL,
	             "another machine publishes as node %s, or this one's repository was lost: "
	             "nothing is published until that is settled and the agent starts again",
	             claims->node);
	return 0;
}

/* What this node says, now that it knows. All branches are in the index first: what one of them
 * says may be the answer to another. */
static int hear(struct gathering *gathering, struct fault *fault)
{
	struct state *state = gathering->state;
	struct claims *claims = state->claims;
	struct address address;
	uint32_t cursor = 0;
	unsigned segment, node;
	struct claim winner;
	int error = 0;

	while (!error && addresses_next(&gathering->touched, &cursor, &segment, &address)) {
		error = claims_tidy(state, segment, address, true, fault);
		if (fleet_view(claims->fleet, segment, address, &winner, &node))
			waits_drop(&claims->waits, segment, address);
	}
	return error;
}

int gather_look(struct state *state, struct fault *fault)
{
	struct claims *claims = state->claims;
	struct gathering gathering = {.state = state};
	int error, heard;

	claims_tick(claims);
	error = claimfile_open(&gathering.file, state->archive.repository, fault);
	if (error)
		return error;
	repository_refresh(state->archive.repository); /* packs were fetched, or joined */
	error = refs_each(state->archive.repository, FROM_REFS, note, &gathering, fault);
	for (size_t i = 0; i < gathering.count && !error; i++) {
		const struct fetched *fetched = &gathering.fetched[i];

		error = strcmp(fetched->node, claims->node) == 0 ? check_own(&gathering, fetched)
		                                                 : take(&gathering, fetched, fault);
	}
	heard = hear(&gathering, fault);
	if (!error)
		error = heard;
	claims->look = error != 0;
	writer_note_reading(state->archive.writer);
	claimfile_close(&gathering.file);
	free(gathering.fetched);
	addresses_clear(&gathering.touched);
	return error;
}

bool gather_waits(const struct state *state)
{
	const struct claims *claims = state->claims;

	for (uint32_t i = 0; i < claims->numbers.count; i++)
		if (claims->branch[i].moved)
			return true;
	for (size_t i = 0; i < state->archive.segments; i++)
		if (addresses_count(&claims->own[i].tidied) > 0)
			return true;
	return false;
}

int gather_publish(struct state *state, struct fault *fault)
{
	struct claims *claims = state->claims;
	int error = ownbranch_store_floors(state, fault);
	char ref[REF_NAME_MAX];

	for (uint32_t i = 0; i < claims->numbers.count && !error; i++) {
		struct node_branch *branch = &claims->branch[i];

		if (!branch->moved)
			continue;
		claims_ref(ref, &state->archive, branch->segment,
		           fleet_node_name(claims->fleet, branch->node));
		if (branches_also(&state->archive.branches, ref, &branch->tip) < 0)
			error = fault_set(fault, -ENOMEM, "out of memory");
		else
			branch->moved = false;
	}
	for (size_t i = 0; i < state->archive.segments && !error; i++) {
		struct own_branch *own = &claims->own[i];
		struct address address;
		uint32_t cursor = 0;
		unsigned segment;

		while (!error && addresses_next(&own->tidied, &cursor, &segment, &address))
			if (addresses_add(&own->said, segment, address) < 0)
				error = fault_set(fault, -ENOMEM, "out of memory");
		if (!error)
			addresses_empty(&own->tidied);
	}
	return error;
}

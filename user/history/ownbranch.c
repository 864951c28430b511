// SPDX-License-Identifier: MIT
/*
 * What this node says becomes commits on its own branches, one a segment and a flush. What it said
 * and took back in between is in none.
 */
#include "history/ownbranch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/claims.h"
#include "history/state.h"

bool ownbranch_waits(const struct state *state)
{
	const struct claims *claims = state->claims;

	if (!claims || claims->duplicate)
		return false;
	for (size_t i = 0; i < state->archive.segments; i++)
		if (addresses_count(&claims->own[i].said) > 0)
			return true;
	return false;
}

/* The files of what was said. `*any`: one of them is there. */
static int make_edits(const struct state *state, struct edits *edits, bool *any, unsigned segment,
                      struct fault *fault)
{
	const struct claims *claims = state->claims;
	const struct addresses *said = &claims->own[segment].said;
	struct address address;
	uint32_t cursor = 0;
	unsigned ignored;
	int error = 0;

	while (!error && addresses_next(said, &cursor, &ignored, &address)) {
		struct claim own;
		git_oid id;
		bool stands = fleet_own(claims->fleet, segment, address, &own);

		*any |= stands;
		memcpy(id.id, own.text, sizeof(id.id));
		error = stored_set_blob(edits, state->archive.segment, segment, address,
		                        stands ? &id : NULL, fault);
	}
	return error;
}

static void describe(FILE *stream, const struct claims *claims, unsigned segment)
{
	const struct addresses *said = &claims->own[segment].said;
	char address[ADDRESS_TEXT], mac[MAC_TEXT];
	struct address at;
	uint32_t cursor = 0;
	unsigned ignored;
	struct claim own;

	if (addresses_count(said) > 1 || !addresses_next(said, &cursor, &ignored, &at)) {
		fprintf(stream, "claims: %u addresses", addresses_count(said));
		return;
	}
	address_format(address, at);
	fleet_own(claims->fleet, segment, at, &own);
	if (claim_is_present(&own))
		fprintf(stream, "claim: %s is at %s", address, mac_format(mac, own.mac));
	else
		fprintf(stream, "claim: %s %s", address,
		        own.state == CLAIM_GONE ? "is gone" : "is not claimed any more");
}

static char *word(const struct claims *claims, unsigned segment)
{
	char *message = NULL;
	size_t size;
	FILE *stream = open_memstream(&message, &size);

	if (!stream)
		return NULL;
	describe(stream, claims, segment);
	fprintf(stream, "\n\nNode: %s\nCount: %llu\nBoot: %s\n", claims->node,
	        (unsigned long long)claims->own[segment].count + 1, claims->boot);
	return wording_finish(stream, &message);
}

static int commit_segment(struct state *state, unsigned segment, struct fault *fault)
{
	struct claims *claims = state->claims;
	struct own_branch *own = &claims->own[segment];
	struct edits edits = {0};
	struct commit_spec spec = {.base = own->begun ? &own->tip.tree : NULL,
	                           .parent = {&own->tip.commit},
	                           .parents = own->begun,
	                           .time = claims->now};
	char *message = NULL, ref[REF_NAME_MAX];
	struct version made;
	git_oid tree;
	bool any = false;
	int error = make_edits(state, &edits, &any, segment, fault);

	if (error || (!own->begun && !any))
		goto out;
	error = writer_tree(state->archive.writer, &tree, spec.base, edits.edit, edits.count,
	                    fault);
	if (error || (own->begun && git_oid_equal(&tree, &own->tip.tree)))
		goto out;
	message = word(claims, segment);
	if (!message) {
		error = fault_set(fault, -ENOMEM, "out of memory");
		goto out;
	}
	spec.base = &tree;
	spec.message = message;
	error = writer_commit(state->archive.writer, &made, &spec, fault);
	claims_ref(ref, &state->archive, segment, claims->node);
	if (!error && branches_also(&state->archive.branches, ref, &made.commit) < 0)
		error = fault_set(fault, -ENOMEM, "out of memory");
	if (error)
		goto out;
	own->tip = made;
	own->begun = true;
	own->count++;
out:
	if (!error)
		addresses_empty(&own->said);
	free(message);
	edits_clear(&edits);
	return error;
}

int ownbranch_commit(struct state *state, struct fault *fault)
{
	struct claims *claims = state->claims;
	int error = 0;

	if (!ownbranch_waits(state))
		return 0;
	claims_tick(claims);
	for (unsigned i = 0; i < state->archive.segments && !error; i++)
		if (addresses_count(&claims->own[i].said) > 0)
			error = commit_segment(state, i, fault);
	return error;
}

/* "<time> <path>" a line. */
static int print_floor(void *context, unsigned segment, struct address address, int64_t floor)
{
	const struct {
		FILE *stream;
		const struct archive *archive;
	} *to = context;
	char path[ENTRY_PATH_MAX];

	fprintf(to->stream, "%lld %s\n", (long long)floor,
	        entry_path(path, to->archive->segment[segment].name, address));
	return 0;
}

int ownbranch_store_floors(struct state *state, struct fault *fault)
{
	struct claims *claims = state->claims;
	struct {
		FILE *stream;
		const struct archive *archive;
	} to = {NULL, &state->archive};
	bool any = fleet_floors(claims->fleet) > 0;
	char *text = NULL;
	size_t size = 0;
	git_oid id;
	int error = 0;

	if (!any && !claims->has_floors)
		return 0;
	if (any) {
		to.stream = open_memstream(&text, &size);
		if (to.stream)
			fleet_each_floor(claims->fleet, print_floor, &to);
		if (!to.stream || fclose(to.stream) != 0)
			error = fault_set(fault, -ENOMEM, "out of memory");
	}
	if (!error && any)
		error = writer_blob(state->archive.writer, &id, text, size, fault);
	if (!error && branches_also(&state->archive.branches, FLOORS_REF, any ? &id : NULL) < 0)
		error = fault_set(fault, -ENOMEM, "out of memory");
	if (!error)
		claims->has_floors = any;
	free(text);
	return error;
}

void ownbranch_report(const struct state *state)
{
	const struct claims *claims = state->claims;
	struct history_fleet fleet = {0};

	if (!claims)
		return;
	for (unsigned node = FLEET_OWN + 1; node < fleet_nodes(claims->fleet); node++)
		fleet.nodes += fleet_count(claims->fleet, node) > 0;
	fleet.claims = fleet_count(claims->fleet, FLEET_OWN);
	fleet.waiting = claims->waits.count;
	fleet.overruled = claims->overruled;
	for (size_t i = 0; i < state->archive.segments; i++)
		fleet.published += claims->own[i].count;
	status_fleet(state->status, &fleet);
}

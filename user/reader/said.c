// SPDX-License-Identifier: MIT
/* A heap of branches: the one whose next commit is the newest is on top. */
#include "reader/said.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/compare.h"
#include "reader/nodebranch.h"

#define DAY_S 86400

/* A branch, and its newest commit that was not told yet. */
struct walker {
	const struct node_branch *branch;
	git_oid id;
	struct node_commit commit;
	int64_t time; /* the commit's, and never later than that of the one before */
};

struct weaving {
	struct reader *reader;
	struct reader_query query;
	struct walker *heap; /* owned */
	size_t count;
	const struct walker *walker; /* that is told of */
	bool begins;
	int (*handle)(void *context, const struct reader_said *said);
	void *context;
	int stop;
	struct fault reason;
};

/* --- the heap --------------------------------------------------------------------------------- */

/* Of two in one second the node whose name is first. */
static bool comes_before(const struct walker *a, const struct walker *b)
{
	return a->time != b->time ? a->time > b->time : a->branch < b->branch;
}

static void swap(struct walker *a, struct walker *b)
{
	const struct walker kept = *a;

	*a = *b;
	*b = kept;
}

static void sink(struct weaving *weaving, size_t at)
{
	struct walker *heap = weaving->heap;

	for (size_t below = 2 * at + 1; below < weaving->count; below = 2 * at + 1) {
		if (below + 1 < weaving->count && comes_before(&heap[below + 1], &heap[below]))
			below++;
		if (!comes_before(&heap[below], &heap[at]))
			break;
		swap(&heap[at], &heap[below]);
		at = below;
	}
}

/* --- one commit ------------------------------------------------------------------------------- */

static bool has_mac(const struct claim_value *value, const struct mac *mac)
{
	return value && value->state != CLAIM_GONE && mac_equal(value->entry.mac, *mac);
}

static bool is_wanted(const struct weaving *weaving, const struct reader_said *said)
{
	const struct reader_query *query = &weaving->query;

	return (!query->address || address_equal(*query->address, said->address)) &&
	       (!query->prefix || prefix_contains(*query->prefix, said->address)) &&
	       (!query->mac || has_mac(said->before, query->mac) ||
	        has_mac(said->after, query->mac));
}

/* NULL for a file that is not there, or not a claim: no node takes such a branch. */
static int read_side(const struct claim_value **side, struct claim_value *value,
                     struct weaving *weaving, const git_oid *id)
{
	struct fault why;
	int error = id ? nodeclaim_read(value, weaving->reader, id, &why) : -EINVAL;

	*side = error ? NULL : value;
	return error == -EINVAL || !error ? 0 : fault_set(&weaving->reason, error, "%s", why.text);
}

static int tell_file(void *context, const struct tree_difference *difference)
{
	struct weaving *weaving = context;
	const struct walker *walker = weaving->walker;
	struct claim_value before, after;
	char segment[SEGMENT_NAME_MAX + 1];
	struct reader_said said = {.node = walker->branch->node,
	                           .segment = segment,
	                           .time = walker->commit.time,
	                           .begins = weaving->begins,
	                           .subject = walker->commit.subject};
	int error;

	if (entry_path_parse(segment, &said.address, difference->path, NULL) < 0)
		return 0;
	git_oid_tostr(said.commit, sizeof(said.commit), &walker->id);
	error = read_side(&said.before, &before, weaving, difference->before);
	if (!error)
		error = read_side(&said.after, &after, weaving, difference->after);
	if (!error && (said.before || said.after) && is_wanted(weaving, &said))
		weaving->stop = weaving->handle(weaving->context, &said);
	if (said.before)
		claim_value_clear(&before);
	if (said.after)
		claim_value_clear(&after);
	return error ? error : weaving->stop ? READER_STOPPED : 0;
}

/* Moves the walker to the parent, whose tree the commit is compared with. 1: the branch has ended.
 */
static int step(struct walker *walker, struct node_commit *parent, const struct weaving *weaving)
{
	const struct reader *reader = weaving->reader;
	struct fault why = {""};
	int error;

	if (!walker->commit.has_parent || shallow_has(&reader->shallow, &walker->id))
		return 1;
	error = nodecommit_read(parent, reader, &walker->commit.parent, walker->branch->node, &why);
	if (!error)
		return 0;
	log_warning("node %s's history in %s ends at %.12s: %s", walker->branch->node,
	            walker->branch->segment, git_oid_tostr_s(&walker->id), why.text);
	return 1;
}

static bool is_too_late(const struct reader_query *query, int64_t time)
{
	return query->until && time > query->until;
}

/* Tells what the top's commit did, and goes on to its parent. */
static int tell_top(struct weaving *weaving)
{
	struct walker *top = weaving->heap;
	const struct reader_query *query = &weaving->query;
	struct node_commit parent;
	struct prefix alone;
	int error = 0, ended = step(top, &parent, weaving);
	bool old = query->since && top->commit.time < query->since;

	weaving->walker = top;
	weaving->begins = ended && top->commit.has_parent;
	if (!old && !is_too_late(query, top->commit.time))
		error = reader_compare(weaving->reader->repository, ended ? NULL : &parent.tree,
		                       &top->commit.tree, reader_alone(&alone, query),
		                       top->branch->segment, tell_file, weaving);
	/* Clocks may have been set back, but not by more than a day. */
	if (ended || (query->since && top->commit.time < query->since - DAY_S)) {
		*top = weaving->heap[--weaving->count];
	} else {
		top->id = top->commit.parent;
		top->commit = parent;
		if (parent.time < top->time)
			top->time = parent.time;
	}
	sink(weaving, 0);
	return error;
}

/* --- all of them ------------------------------------------------------------------------------ */

static int begin(struct weaving *weaving, const struct node_branches *branches, struct fault *fault)
{
	const struct reader_query *query = &weaving->query;

	weaving->heap = calloc(branches->count + 1, sizeof(*weaving->heap));
	if (!weaving->heap)
		return fault_set(fault, -ENOMEM, "out of memory");
	for (size_t i = 0; i < branches->count; i++) {
		const struct node_branch *branch = &branches->item[i];
		struct walker *walker = &weaving->heap[weaving->count];
		struct fault why = {""};

		if ((query->segment && strcmp(query->segment, branch->segment) != 0) ||
		    (query->by && strcasecmp(query->by, branch->node) != 0))
			continue;
		*walker = (struct walker){.branch = branch, .id = branch->tip};
		if (nodecommit_read(&walker->commit, weaving->reader, &branch->tip, branch->node,
		                    &why)) {
			log_warning("node %s's branch in %s is left out: %s", branch->node,
			            branch->segment, why.text);
			continue;
		}
		walker->time = walker->commit.time;
		weaving->count++;
	}
	for (size_t i = weaving->count / 2; i-- > 0;)
		sink(weaving, i);
	return 0;
}

int reader_said(struct reader *reader, const struct reader_query *query,
                int (*handle)(void *context, const struct reader_said *said), void *context,
                struct fault *fault)
{
	struct weaving weaving = {
	        .reader = reader, .query = *query, .handle = handle, .context = context};
	struct node_branches branches = {0};
	int error = reader_shallow(reader, fault);

	if (!error)
		error = nodebranches_held(&branches, reader, fault);
	if (!error)
		error = begin(&weaving, &branches, fault);
	if (!error) {
		while (!error && weaving.count > 0)
			error = tell_top(&weaving);
		error = reader_result(reader, error, weaving.stop, &weaving.reason, fault);
	}
	free(weaving.heap);
	nodebranches_free(&branches);
	return error;
}

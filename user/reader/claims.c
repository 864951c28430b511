// SPDX-License-Identifier: MIT
/* Reads the claims that are asked for into an index, whose order is the agent's (fleet/). */
#include "reader/claims.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "pack/pack.h"
#include "reader/compare.h"
#include "reader/nodebranch.h"

#define TEXT_MAX ENTRY_TEXT_MAX

struct claimed {
	unsigned segment; /* by number in `names` */
	struct address address;
};

struct reading {
	struct reader *reader;
	const struct reader_claims_query *query;
	struct fleet *fleet;
	struct blobs *blobs;                /* NULL: libgit2 reads them */
	char (*name)[SEGMENT_NAME_MAX + 1]; /* owned: of the segments, by number */
	size_t names, name_room;
	struct claimed *place; /* owned: where there are claims */
	size_t places, place_room;
	unsigned node, segment; /* of the branch that is read */
	const char *node_name;
	void (*bad)(const char *node, const char *path, const char *why);
	struct fault *fault;
};

static int no_memory(struct fault *fault)
{
	return fault_set(fault, -ENOMEM, "out of memory");
}

static int read_claim(const struct reading *reading, struct claim *claim, const git_oid *id,
                      struct fault *why)
{
	char text[TEXT_MAX + 1];
	struct claim_value value;
	size_t length;
	int error;

	if (reading->blobs && blobs_read(reading->blobs, id, text, TEXT_MAX, &length) == 0)
		return claim_parse_in_place(claim, text, length, id->id, why);
	error = nodeclaim_read(&value, reading->reader, id, why);
	if (error)
		return error;
	*claim = claim_from(&value, id->id);
	claim_value_clear(&value);
	return 0;
}

static int add_file(void *context, const struct tree_difference *difference)
{
	struct reading *reading = context;
	const struct range *range = reading->query->range;
	char segment[SEGMENT_NAME_MAX + 1];
	struct claim claim;
	struct fault why;
	struct address address;
	int error = entry_path_parse(segment, &address, difference->path, &why);

	if (!error && strcmp(segment, reading->name[reading->segment]) != 0)
		error = fault_set(&why, -EINVAL, "is not in the branch's segment");
	if (!error && range && !range_contains(*range, address))
		return 0;
	if (!error)
		error = read_claim(reading, &claim, difference->after, &why);
	if (error == -ENOMEM)
		return no_memory(reading->fault);
	if (error) {
		reading->bad(reading->node_name, difference->path, why.text);
		return 0;
	}
	if (array_reserve(&reading->place, &reading->place_room, reading->places + 1) ||
	    fleet_put(reading->fleet, reading->node, reading->segment, address, &claim) < 0)
		return no_memory(reading->fault);
	reading->place[reading->places++] = (struct claimed){reading->segment, address};
	return 0;
}

static int number_segment(struct reading *reading, const char *name)
{
	for (reading->segment = 0; reading->segment < reading->names; reading->segment++)
		if (!strcmp(reading->name[reading->segment], name))
			return 0;
	if (array_reserve(&reading->name, &reading->name_room, reading->names + 1))
		return -ENOMEM;
	memcpy(reading->name[reading->names++], name, strlen(name) + 1);
	return 0;
}

static int read_branch(struct reading *reading, const struct node_branch *branch)
{
	const struct range *range = reading->query->range;
	struct prefix prefix;
	const struct prefix *within = range && range_prefix(&prefix, *range) ? &prefix : NULL;
	struct node_commit commit;
	struct fault why = {""};
	int error = number_segment(reading, branch->segment);

	if (!error)
		error = fleet_node(reading->fleet, branch->node, &reading->node);
	if (error)
		return no_memory(reading->fault);
	reading->node_name = branch->node;
	error = nodecommit_read(&commit, reading->reader, &branch->tip, branch->node, &why);
	if (error) {
		reading->bad(branch->node, branch->segment, why.text);
		return 0;
	}
	error = reader_compare(reading->reader->repository, NULL, &commit.tree, within,
	                       branch->segment, add_file, reading);
	return error && !reading->fault->text[0] ? reader_git_fault(reading->fault, reading->reader)
	                                         : error;
}

static int read_all(struct reading *reading)
{
	const struct reader_claims_query *query = reading->query;
	struct node_branches branches = {0};
	char folder[PATH_MAX];
	int error = nodebranches_held(&branches, reading->reader, reading->fault);

	if (!error && branches.count > 0)
		error = fleet_new(&reading->fleet, branches.item[0].node, reading->fault);
	if (!error && (!query->range || !address_equal(query->range->first, query->range->last))) {
		snprintf(folder, sizeof(folder), "%sobjects/pack",
		         git_repository_commondir(reading->reader->repository));
		reading->blobs = blobs_open(folder);
	}
	for (size_t i = 0; i < branches.count && !error; i++)
		if (!query->segment || !strcmp(query->segment, branches.item[i].segment))
			error = read_branch(reading, &branches.item[i]);
	nodebranches_free(&branches);
	return error;
}

static int compare_places(const void *first, const void *second, void *context)
{
	const struct claimed *a = first, *b = second;
	const struct reading *reading = context;

	if (a->segment != b->segment)
		return strcmp(reading->name[a->segment], reading->name[b->segment]);
	return address_compare(a->address, b->address);
}

struct telling {
	const struct reading *reading;
	const char *segment;
	struct claim winner, second; /* the greatest two */
	size_t claims, told;
	bool wanted;
	int (*handle)(void *context, const struct reader_claim *claim);
	void *context;
};

static int look(void *context, unsigned node, unsigned segment, struct address address,
                const struct claim *claim)
{
	struct telling *telling = context;
	const struct mac *mac = telling->reading->query->mac;

	(void)node;
	(void)segment;
	(void)address;
	if (telling->claims == 0)
		telling->winner = *claim;
	else if (telling->claims == 1)
		telling->second = *claim;
	telling->claims++;
	telling->wanted |= !mac || (claim_is_present(claim) && mac_equal(claim->mac, *mac));
	return 0;
}

static int tell(void *context, unsigned node, unsigned segment, struct address address,
                const struct claim *claim)
{
	struct telling *telling = context;
	struct reader_claim said = {.segment = telling->segment,
	                            .node = fleet_node_name(telling->reading->fleet, node),
	                            .address = address,
	                            .claim = *claim,
	                            .wins = telling->told == 0};

	(void)segment;
	if (telling->claims > 1)
		said.rule = claim_rule(&telling->winner, telling->told ? claim : &telling->second);
	telling->told++;
	return telling->handle(telling->context, &said);
}

static int tell_all(struct reading *reading, struct telling *telling)
{
	int error = 0;

	if (reading->places > 0)
		qsort_r(reading->place, reading->places, sizeof(*reading->place), compare_places,
		        reading);
	for (size_t i = 0; i < reading->places && !error; i++) {
		const struct claimed *place = &reading->place[i];

		if (i > 0 && place->segment == place[-1].segment &&
		    address_equal(place->address, place[-1].address))
			continue;
		telling->segment = reading->name[place->segment];
		telling->claims = telling->told = 0;
		telling->wanted = false;
		fleet_each_at(reading->fleet, place->segment, place->address, look, telling);
		if (telling->wanted)
			error = fleet_each_at(reading->fleet, place->segment, place->address, tell,
			                      telling);
	}
	return error;
}

int reader_claims(struct reader *reader, const struct reader_claims_query *query,
                  int (*handle)(void *context, const struct reader_claim *claim),
                  void (*bad)(const char *node, const char *path, const char *why), void *context,
                  struct fault *fault)
{
	struct reading reading = {.reader = reader, .query = query, .bad = bad, .fault = fault};
	struct telling telling = {.reading = &reading, .handle = handle, .context = context};
	int error;

	fault->text[0] = '\0';
	error = read_all(&reading);
	if (!error)
		error = tell_all(&reading, &telling);
	blobs_close(reading.blobs);
	fleet_free(reading.fleet);
	free(reading.name);
	free(reading.place);
	return error;
}

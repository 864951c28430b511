// SPDX-License-Identifier: MIT
#include "fleet/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "fleet/floors.h"
#include "fleet/rows.h"

/* There is one for each machine, so the names are searched one by one. */
int fleet_node(struct fleet *fleet, const char *name, unsigned *node)
{
	if (!node_name_is_valid(name))
		return -EINVAL;
	for (*node = 0; *node < fleet->nodes; ++*node)
		if (!strcmp(fleet->node[*node].name, name))
			return 0;
	if (array_reserve(&fleet->node, &fleet->node_room, fleet->nodes + 1))
		return -ENOMEM;
	fleet->node[fleet->nodes] = (struct node){.name = strdup(name)};
	if (!fleet->node[fleet->nodes].name)
		return -ENOMEM;
	fleet->nodes++;
	return 0;
}

int fleet_new(struct fleet **fleet, const char *own_node, struct fault *fault)
{
	struct fleet *made = calloc(1, sizeof(*made));
	unsigned own;
	int error;

	error = made ? fleet_node(made, own_node, &own) : -ENOMEM;
	if (!error && getrandom(&made->seed, sizeof(made->seed), 0) != sizeof(made->seed))
		error = -EIO;
	if (error) {
		fleet_free(made);
		return error == -EINVAL
		               ? fault_set(fault, error, "'%.80s' is not a node's name", own_node)
		       : error == -EIO ? fault_set(fault, error, "no random numbers")
		                       : fault_set(fault, error, "out of memory");
	}
	*fleet = made;
	return 0;
}

void fleet_free(struct fleet *fleet)
{
	if (!fleet)
		return;
	for (size_t i = 0; i < fleet->nodes; i++)
		free(fleet->node[i].name);
	free(fleet->node);
	row_clear(fleet);
	free(fleet);
}

const char *fleet_node_name(const struct fleet *fleet, unsigned node)
{
	return fleet->node[node].name;
}

unsigned fleet_nodes(const struct fleet *fleet)
{
	return (unsigned)fleet->nodes;
}

size_t fleet_count(const struct fleet *fleet, unsigned node)
{
	return fleet->node[node].claims;
}

static bool is_time(int64_t time)
{
	return time >= 0 && time <= CLAIM_TIME_LAST;
}

int fleet_put(struct fleet *fleet, unsigned node, unsigned segment, struct address address,
              const struct claim *claim)
{
	bool said = claim && claim->state != CLAIM_NONE;
	struct row *row;
	int64_t before;

	if (node >= fleet->nodes || segment >= FLEET_SEGMENTS ||
	    (said && (!is_time(claim->since) || claim->after < 0 || claim->after > claim->since)))
		return -EINVAL;
	row = row_find(fleet, node, segment, address);
	/* What no longer stands leaves a floor. This may move no row. */
	before = row ? row_since(row) : 0;
	if (row && (!said || before > claim->since) &&
	    fleet_raise(fleet, segment, address, before) < 0)
		return -ENOMEM;
	if (!said) {
		if (row) {
			row_remove(fleet, row);
			fleet->node[node].claims--;
		}
		return 0;
	}
	if (!row) {
		row = row_add(fleet, node, segment, address);
		if (!row)
			return -ENOMEM;
		fleet->node[node].claims++;
	}
	row_store(row, claim);
	return 0;
}

bool fleet_get(const struct fleet *fleet, unsigned node, unsigned segment, struct address address,
               struct claim *claim)
{
	const struct row *row = row_find(fleet, node, segment, address);

	*claim = row ? row_claim(row) : (struct claim){.state = CLAIM_NONE};
	return row != NULL;
}

bool fleet_own(const struct fleet *fleet, unsigned segment, struct address address,
               struct claim *own)
{
	return fleet_get(fleet, FLEET_OWN, segment, address, own);
}

int fleet_compare(const struct fleet *fleet, const struct claim *a, unsigned node_a,
                  const struct claim *b, unsigned node_b)
{
	int order = claim_compare(a, b);

	return order ? order : strcmp(fleet->node[node_b].name, fleet->node[node_a].name);
}

/* The greatest claim, of those lower than *below if that is given. */
static bool greatest(const struct fleet *fleet, unsigned segment, struct address address,
                     const struct claim *below, unsigned below_node, struct claim *found,
                     unsigned *node)
{
	bool any = false;

	for (const struct row *row = row_first(fleet, segment, address); row;
	     row = row_next(fleet, row)) {
		struct claim claim;

		if (!row_is_claim(row))
			continue;
		claim = row_claim(row);
		if ((below && fleet_compare(fleet, &claim, row->node, below, below_node) >= 0) ||
		    (any && fleet_compare(fleet, &claim, row->node, found, *node) < 0))
			continue;
		*found = claim;
		*node = row->node;
		any = true;
	}
	return any;
}

bool fleet_view(const struct fleet *fleet, unsigned segment, struct address address,
                struct claim *winner, unsigned *node)
{
	*winner = (struct claim){.state = CLAIM_NONE};
	*node = FLEET_OWN;
	return greatest(fleet, segment, address, NULL, 0, winner, node) && claim_is_present(winner);
}

int fleet_each_at(const struct fleet *fleet, unsigned segment, struct address address,
                  fleet_claim_fn *fn, void *context)
{
	struct claim claim, last;
	unsigned node = 0, last_node = 0;
	int result = 0;

	for (bool more = greatest(fleet, segment, address, NULL, 0, &claim, &node); more && !result;
	     more = greatest(fleet, segment, address, &last, last_node, &claim, &node)) {
		last = claim;
		last_node = node;
		result = fn(context, node, segment, address, &claim);
	}
	return result;
}

int fleet_each_of(const struct fleet *fleet, unsigned node, fleet_claim_fn *fn, void *context)
{
	int result = 0;

	for (uint32_t i = 0; i < fleet->used && !result; i++) {
		const struct row *row = row_at(fleet, i);
		struct claim claim;

		if (row->node != node)
			continue;
		claim = row_claim(row);
		result = fn(context, node, row->segment, row_address(row), &claim);
	}
	return result;
}

size_t fleet_bytes(const struct fleet *fleet)
{
	return sizeof(*fleet) + row_bytes(fleet) + fleet->node_room * sizeof(*fleet->node);
}

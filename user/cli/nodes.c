// SPDX-License-Identifier: MIT
/* One object a node, from one report a branch. Prints nothing. */
#include "cli/nodes.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "client/client.h"
#include "entry/entry.h"

struct listing {
	json_t *nodes; /* owned */
	const char *own;
	int64_t now;
	bool failed; /* out of memory */
};

static json_t *time_json(int64_t time)
{
	char text[TIME_TEXT];

	return time ? json_string(time_format(text, time)) : json_null();
}

const json_t *nodes_find(const json_t *nodes, const char *node)
{
	const json_t *one;
	size_t index;

	json_array_foreach ((json_t *)nodes, index, one)
		if (!strcmp(json_text(one, "node"), node))
			return one;
	return NULL;
}

static json_t *new_node(struct listing *listing, const char *name, bool own)
{
	json_t *node = json_pack(
	        "{s:s, s:s, s:n, s:[], s:i, s:i, s:n, s:{s:i, s:i, s:i}, s:n, s:[], s:[]}", "node",
	        name, "state", own ? "own" : "live", "why", "segments", "claims", 0, "commits", 0,
	        "spoke", "behind", "commits", 0, "claims", 0, "seconds", 0, "lacks", "remotes",
	        "branches");

	if (own ? json_array_insert(listing->nodes, 0, node)
	        : json_array_append(listing->nodes, node))
		listing->failed = true;
	json_decref(node);
	return node;
}

static void add_number(json_t *object, const char *key, uint64_t number)
{
	json_object_set_new(object, key,
	                    json_integer(json_number(object, key) + (json_int_t)number));
}

static void raise_number(json_t *object, const char *key, int64_t number)
{
	if (number > json_number(object, key))
		json_object_set_new(object, key, json_integer(number));
}

/* "hub, site": each once. */
static void add_names(json_t *list, const char *names)
{
	while (*names) {
		size_t length = strcspn(names, ","), index;
		const json_t *known;
		bool there = false;

		json_array_foreach (list, index, known)
			there |= json_string_length(known) == length &&
			         !strncmp(json_string_value(known), names, length);
		if (!there)
			json_array_append_new(list, json_stringn(names, length));
		names += length + strspn(names + length, ", ");
	}
}

/* The graver state of two branches is the node's. */
static void set_state(json_t *node, const struct reader_node *branch)
{
	if (branch->left_out) {
		json_object_set_new(node, "state", json_string("left out"));
		json_object_set_new(node, "why", json_string(branch->left_out));
	}
}

static int add_branch(void *context, const struct reader_node *branch)
{
	struct listing *listing = context;
	bool own = branch->own || (listing->own && !strcmp(branch->node, listing->own));
	json_t *node = (json_t *)nodes_find(listing->nodes, branch->node), *behind;
	char spoke[TIME_TEXT];
	const char *before;

	if (!node)
		node = new_node(listing, branch->node, own);
	behind = json_object_get(node, "behind");
	json_array_append_new(json_object_get(node, "segments"), json_string(branch->segment));
	json_array_append_new(json_object_get(node, "branches"),
	                      json_pack("{s:s, s:o, s:I, s:I, s:o, s:b}", "segment",
	                                branch->segment, "tip", json_of_text(branch->tip),
	                                "commits", (json_int_t)branch->count, "claims",
	                                (json_int_t)branch->claims, "spoke",
	                                time_json(branch->spoke), "retired", branch->retired));
	add_names(json_object_get(node, "remotes"), branch->remotes);
	add_number(node, "claims", branch->claims);
	add_number(node, "commits", branch->count);
	add_number(behind, "commits", branch->behind.commits);
	add_number(behind, "claims", branch->behind.claims);
	if (branch->behind.since)
		raise_number(behind, "seconds", listing->now - branch->behind.since);
	before = json_text(node, "spoke");
	if (branch->spoke && (!before || strcmp(time_format(spoke, branch->spoke), before) > 0))
		json_object_set_new(node, "spoke", time_json(branch->spoke));
	if (!own)
		set_state(node, branch);
	return listing->failed ? -ENOMEM : 0;
}

/* Retired in each of its segments. */
static bool is_retired(const json_t *node)
{
	const json_t *branches = json_object_get(node, "branches"), *branch;
	size_t index, retired = 0;

	json_array_foreach ((json_t *)branches, index, branch)
		retired += json_is_true(json_object_get(branch, "retired"));
	return retired > 0 && retired == json_array_size(branches);
}

static void finish(const struct listing *listing)
{
	size_t index;
	json_t *node;

	json_array_foreach (listing->nodes, index, node) {
		const char *spoke = json_text(node, "spoke");
		int64_t time = 0;

		if (strcmp(json_text(node, "state"), "live") != 0)
			continue;
		if (is_retired(node))
			json_object_set_new(node, "state", json_string("retired"));
		else if (!spoke || time_parse(&time, spoke, strlen(spoke)) < 0 ||
		         listing->now - time > NODES_SILENT)
			json_object_set_new(node, "state", json_string("silent"));
	}
}

/* What git did not take of a remote is in no repository: only the agent knows. */
static void add_left_out(struct listing *listing, const json_t *remotes)
{
	const json_t *remote, *branch;
	size_t index, at;

	json_array_foreach ((json_t *)remotes, index, remote)
		json_array_foreach (json_object_get(remote, "left_out"), at, branch) {
			const char *name = json_string_value(branch);
			const char *slash = name ? strchr(name, '/') : NULL;
			json_t *node;

			if (!slash || (listing->own && !strcmp(slash + 1, listing->own)))
				continue;
			node = (json_t *)nodes_find(listing->nodes, slash + 1);
			if (!node)
				node = new_node(listing, slash + 1, false);
			json_object_set_new(node, "state", json_string("left out"));
			json_object_set_new(node, "why",
			                    json_sprintf("branch %s of remote %s is not taken: see "
			                                 "`arpkeeper log --alerts`",
			                                 name, json_text(remote, "remote")));
		}
}

/* Of one remote: {node: {"commits", "since"}}, all branches of a node together. */
static json_t *sum_seen(const json_t *remote)
{
	json_t *sums = json_object(), *sum;
	const json_t *seen;
	size_t index;

	json_array_foreach (json_object_get(json_object_get(remote, "seen"), "behind"), index,
	                    seen) {
		const char *node = json_text(seen, "node"), *since = json_text(seen, "since");
		const char *before;

		if (!node)
			continue;
		sum = json_object_get(sums, node);
		if (!sum) {
			sum = json_pack("{s:i, s:s?}", "commits", 0, "since", since);
			json_object_set_new(sums, node, sum);
		}
		add_number(sum, "commits", (uint64_t)json_number(seen, "commits"));
		before = json_text(sum, "since");
		if (since && before && strcmp(since, before) < 0)
			json_object_set_new(sum, "since", json_string(since));
	}
	return sums;
}

/* How far others are behind with what this node says, as they tell the remotes. Of several remotes
 * the least is true. */
static void add_seen(struct listing *listing, const json_t *remotes)
{
	const json_t *remote;
	const char *name;
	json_t *sums, *sum;
	size_t index;

	json_array_foreach ((json_t *)remotes, index, remote) {
		sums = sum_seen(remote);
		json_object_foreach (sums, name, sum) {
			json_t *node = (json_t *)nodes_find(listing->nodes, name);
			const json_t *known;

			/* One that has said nothing yet. */
			if (!node)
				node = new_node(listing, name, false);
			known = json_object_get(node, "lacks");
			if (!json_is_object(known) ||
			    json_number(known, "commits") > json_number(sum, "commits"))
				json_object_set(node, "lacks", sum);
		}
		json_decref(sums);
	}
}

json_t *nodes_list(struct reader *reader, const char *own, const json_t *remotes, int64_t now,
                   struct fault *fault)
{
	struct listing listing = {.nodes = json_array(), .own = own, .now = now};
	int error = 0;

	if (own && listing.nodes)
		new_node(&listing, own, true);
	error = listing.nodes && !listing.failed ? reader_nodes(reader, add_branch, &listing, fault)
	                                         : fault_set(fault, -ENOMEM, "out of memory");
	if (!error) {
		add_left_out(&listing, remotes);
		add_seen(&listing, remotes);
		finish(&listing);
		return listing.nodes;
	}
	json_decref(listing.nodes);
	return NULL;
}

void nodes_set(json_t *stats, struct reader *reader, struct fault *fault)
{
	const char *own = json_text(json_object_get(stats, "fleet"), "node");
	json_t *nodes = own && reader ? nodes_list(reader, own, json_object_get(stats, "remotes"),
	                                           time(NULL), fault)
	                              : NULL;

	if (own && !nodes)
		log_warning("the nodes of the fleet are left out: %s", fault->text);
	json_object_set_new(stats, "nodes", nodes ? nodes : json_null());
}

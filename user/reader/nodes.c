// SPDX-License-Identifier: MIT
/* Compares what main has of each node with what was fetched. */
#include "reader/nodes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "reader/nodebranch.h"

#define STEPS_MAX    100000 /* commits that are looked at, of one branch */
#define REMOTES_TEXT 512

struct looking {
	struct reader *reader;
	struct node_branches held, fetched, retired;
	char boot[33]; /* of this repository; "": it is none of a fleet's node */
	int (*handle)(void *context, const struct reader_node *node);
	void *context;
	struct fault *fault;
};

/* One node in one segment. */
struct found {
	struct looking *looking;
	struct reader_node node;
	struct node_commit commit; /* of the tip that is held */
	git_oid tip;
	struct fault why;
	char remotes[REMOTES_TEXT];
};

static int read_boot(struct looking *looking)
{
	git_config *config = NULL;
	git_buf value = GIT_BUF_INIT;
	int error = segments_config(&config, looking->reader->repository);

	if (!error)
		error = git_config_get_string_buf(&value, config, SETTINGS_BOOT_KEY);
	if (!error)
		snprintf(looking->boot, sizeof(looking->boot), "%s", value.ptr);
	git_buf_dispose(&value);
	git_config_free(config);
	return error == GIT_ENOTFOUND ? 0 : error;
}

static int count_file(void *context, const struct tree_difference *difference)
{
	size_t *count = context;

	*count += difference->after != NULL;
	return 0;
}

static int take_held(struct found *found, const struct node_branch *branch)
{
	const struct looking *looking = found->looking;
	struct reader_node *node = &found->node;
	int error = nodecommit_read(&found->commit, looking->reader, &branch->tip, branch->node,
	                            &found->why);

	if (error)
		return error;
	node->held = true;
	node->own = looking->boot[0] && !strcmp(found->commit.boot, looking->boot);
	node->spoke = found->commit.time;
	node->count = found->commit.count;
	found->tip = branch->tip;
	git_oid_tostr(node->tip, sizeof(node->tip), &branch->tip);
	return tree_diff(looking->reader->repository, NULL, &found->commit.tree, count_file,
	                 &node->claims) < 0
	               ? reader_git_fault(&found->why, looking->reader)
	               : 0;
}

static int judge_file(void *context, const struct tree_difference *difference)
{
	struct found *found = context;
	char path[PATH_TEXT];
	struct claim_value value;
	struct fault why;
	int error;

	found->node.behind.claims++;
	if (!difference->after)
		return 0;
	error = nodeclaim_read(&value, found->looking->reader, difference->after, &why);
	if (error)
		return fault_set(&found->why, error, "%s: %s",
		                 validate_path_text(path, difference->path), why.text);
	claim_value_clear(&value);
	return 0;
}

/* The oldest commit that is not held. 0; -ESTALE: it does not go on from what is held. */
static int walk_back(struct found *found, const struct node_commit *newest)
{
	const struct looking *looking = found->looking;
	struct node_commit commit = *newest;
	struct fault ignored;

	for (unsigned steps = 0; steps < STEPS_MAX; steps++) {
		found->node.behind.since = commit.time;
		if (!commit.has_parent)
			return found->node.held ? -ESTALE : 0;
		if (found->node.held && git_oid_equal(&commit.parent, &found->tip))
			return 0;
		if (commit.count <= found->commit.count)
			return -ESTALE;
		/* A shallow repository ends somewhere. */
		if (nodecommit_read(&commit, looking->reader, &commit.parent, found->node.node,
		                    &ignored))
			return 0;
	}
	return 0;
}

/* What one remote gave. */
static int take_fetched(struct found *found, const struct node_branch *branch)
{
	const struct looking *looking = found->looking;
	struct reader_node *node = &found->node;
	struct node_commit commit;
	int error;

	if (node->held && git_oid_equal(&branch->tip, &found->tip))
		return 0;
	error = nodecommit_read(&commit, looking->reader, &branch->tip, branch->node, &found->why);
	if (error)
		return error;
	/* A remote may be behind; and of this node's own branch nothing is taken. */
	if (node->own || commit.count < node->count + node->behind.commits)
		return 0;
	node->behind.claims = 0;
	node->behind.commits = commit.count - node->count;
	if (!node->spoke || commit.time > node->spoke)
		node->spoke = commit.time;
	error = walk_back(found, &commit);
	if (error == -ESTALE)
		return fault_set(&found->why, -EINVAL,
		                 "it does not go on from what it said before");
	error = tree_diff(looking->reader->repository, node->held ? &found->commit.tree : NULL,
	                  &commit.tree, judge_file, found);
	return error && !found->why.text[0] ? reader_git_fault(&found->why, looking->reader)
	                                    : error;
}

static void add_remote(struct found *found, const char *remote)
{
	size_t used = strlen(found->remotes);

	snprintf(found->remotes + used, sizeof(found->remotes) - used, "%s%s", used ? ", " : "",
	         remote);
}

/* `fetched`: `count` branches of one node and segment. What is wrong with them is said, and no
 * error. */
static int report(struct looking *looking, const struct node_branch *held,
                  const struct node_branch *fetched, size_t count)
{
	const struct node_branch *any = held ? held : fetched, *retired;
	struct found found = {.looking = looking,
	                      .node = {.node = any->node, .segment = any->segment}};
	int error = held ? take_held(&found, held) : 0;

	for (size_t i = 0; i < count; i++)
		add_remote(&found, fetched[i].remote);
	for (size_t i = 0; i < count && !error; i++)
		error = take_fetched(&found, &fetched[i]);
	if (error == -ENOMEM)
		return fault_set(looking->fault, error, "out of memory");
	if (found.why.text[0])
		found.node.left_out = found.why.text;
	retired = nodebranches_find(&looking->retired, any->segment, any->node);
	found.node.retired = retired && found.node.held && git_oid_equal(&retired->tip, &found.tip);
	found.node.remotes = found.remotes;
	return looking->handle(looking->context, &found.node);
}

static int order(const struct node_branch *a, const struct node_branch *b)
{
	int order = strcmp(a->node, b->node);

	return order ? order : strcmp(a->segment, b->segment);
}

/* Both lists are sorted: one node and segment after the other. */
static int report_all(struct looking *looking)
{
	const struct node_branches *held = &looking->held, *fetched = &looking->fetched;
	size_t at = 0, next = 0;
	int error = 0;

	while (!error && (at < held->count || next < fetched->count)) {
		const struct node_branch *one = at < held->count ? &held->item[at] : NULL;
		const struct node_branch *first =
		        next < fetched->count ? &fetched->item[next] : NULL;
		const struct node_branch *any = one;
		size_t count = 0;

		if (first && (!one || order(first, one) < 0)) {
			one = NULL;
			any = first;
		}
		while (any && first && next + count < fetched->count &&
		       order(&fetched->item[next + count], any) == 0)
			count++;
		error = report(looking, one, first, count);
		at += one != NULL;
		next += count;
	}
	return error;
}

int reader_nodes(struct reader *reader,
                 int (*handle)(void *context, const struct reader_node *node), void *context,
                 struct fault *fault)
{
	struct looking looking = {
	        .reader = reader, .handle = handle, .context = context, .fault = fault};
	int error = read_boot(&looking) < 0 ? reader_git_fault(fault, reader) : 0;

	if (!error)
		error = nodebranches_held(&looking.held, reader, fault);
	if (!error)
		error = nodebranches_read(&looking.fetched, reader, FROM_REFS, fault);
	if (!error)
		error = nodebranches_read(&looking.retired, reader, RETIRED_REFS, fault);
	if (!error)
		error = report_all(&looking);
	nodebranches_free(&looking.held);
	nodebranches_free(&looking.fetched);
	nodebranches_free(&looking.retired);
	return error;
}

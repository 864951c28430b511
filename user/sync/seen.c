// SPDX-License-Identifier: MIT
/*
 * How far nodes are behind one another. Nothing is decided by it: what a node says here is for
 * people. What others wrote is bounded, and a tip that is not known here is passed over.
 */
#include "sync/seen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/gitwords.h"
#include "sync/ids.h"

#define SEEN_BYTES (4ULL << 20) /* of all of them, packed */
#define BLOB_BYTES 262144       /* of one node: some 2,000 branches */
#define NODES_MAX  128

struct node {
	char name[NODE_NAME_MAX + 1], id[SYNC_ID];
};

struct nodes {
	struct node node[NODES_MAX];
	size_t count;
	const char *own;
	char own_id[SYNC_ID]; /* what this one has told; "" */
};

/* "blob <size> <id> <reference>" */
static int on_node(void *context, char *line)
{
	struct nodes *nodes = context;
	char id[SYNC_ID], name[REF_NAME_MAX];
	unsigned long size;

	if (sscanf(line, "blob %lu %40s " SEEN_REFS "%511s", &size, id, name) != 3 ||
	    size > BLOB_BYTES || !node_name_is_valid(name))
		return 0;
	if (!strcmp(name, nodes->own)) {
		memcpy(nodes->own_id, id, SYNC_ID);
	} else if (nodes->count < NODES_MAX) {
		struct node *node = &nodes->node[nodes->count++];

		snprintf(node->name, sizeof(node->name), "%.63s", name);
		memcpy(node->id, id, SYNC_ID);
	}
	return 0;
}

static int fetch_all(struct exchange *exchange, struct nodes *nodes, struct fault *fault)
{
	static const char *const spec = "+" SEEN_REFS "*:" SEEN_REFS "*";
	static const char *const list[] = {
	        "for-each-ref", "--format=%(objecttype) %(objectsize) %(objectname) %(refname)",
	        SEEN_REFS, NULL};
	uint64_t most = exchange->git.file_bytes;
	int error = exchange_set_tips(exchange, NULL, 0, fault);

	if (error)
		return error;
	if (most > SEEN_BYTES)
		exchange->git.file_bytes = SEEN_BYTES;
	error = gitwords_fetch(&exchange->git, &spec, 1, NULL, NULL, fault);
	exchange->git.file_bytes = most;
	return error ? error
	             : gitchild_run(exchange->aside_directory, list, NULL, on_node, nodes, fault);
}

static int tell(struct exchange *exchange, const struct nodes *nodes, struct fault *fault)
{
	char path[PATH_MAX + 32], id[SYNC_ID], reference[sizeof(SEEN_REFS) + NODE_NAME_MAX];
	struct gitwords_change change = {.reference = reference, .id = id};
	FILE *file;
	int error;

	snprintf(path, sizeof(path), "%sseen", exchange->aside_directory);
	file = fopen(path, "we");
	if (!file)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	for (size_t i = 0; i < exchange->tips.count; i++)
		if (exchange->tips.item[i].ours[0])
			fprintf(file, "%s %s\n", exchange->tips.item[i].name,
			        exchange->tips.item[i].ours);
	if (fclose(file) != 0)
		return fault_set(fault, -EIO, "%s cannot be written", path);
	error = ids_of_blob(exchange->aside_directory, path, id, fault);
	if (error || !strcmp(id, nodes->own_id))
		return error;
	snprintf(reference, sizeof(reference), SEEN_REFS "%s", exchange->request->node);
	error = gitwords_change(&exchange->git, &change, 1, fault);
	if (!error && change.verdict == '!')
		syncreport_refuse(exchange->report, "seen", "", SYNC_REFUSED,
		                  "the remote did not take it: %.100s", change.summary);
	return error;
}

/* --- what others have told -------------------------------------------------------------------- */

struct reading {
	struct exchange *exchange;
	const struct node *node;
};

static int on_time(void *context, char *line)
{
	struct sync_behind *behind = context;

	if (behind->commits++ == 0)
		behind->since = strtoll(line, NULL, 10);
	return 0;
}

/* Commits of the branch that the node has not got. */
static void count_behind(const struct reading *reading, const struct sync_branch *branch,
                         const char *id)
{
	struct sync_report *report = reading->exchange->report;
	struct sync_behind *behind = &report->behind[report->behinds];
	char range[2 * SYNC_ID + 2];
	const char *const words[] = {"log", "--reverse", "--format=%ct", range, "--", NULL};

	if (report->behinds == SYNC_BEHIND_MAX)
		return;
	*behind = (struct sync_behind){.commits = 0};
	snprintf(range, sizeof(range), "%s..%s", id, branch->ours);
	if (gitchild_try(reading->exchange->directory, words, NULL, on_time, behind, NULL) ||
	    behind->commits == 0)
		return;
	snprintf(behind->node, sizeof(behind->node), "%s", reading->node->name);
	snprintf(behind->branch, sizeof(behind->branch), "%s", branch->name);
	report->behinds++;
}

static bool is_own(const struct exchange *exchange, const char *name)
{
	const char *slash = strchr(name, '/');

	return slash && !strcmp(slash + 1, exchange->request->node);
}

static int on_told(void *context, char *line)
{
	const struct reading *reading = context;
	char *id = strchr(line, ' ');

	if (!id || strlen(id + 1) != SYNC_ID - 1 ||
	    strspn(id + 1, "0123456789abcdef") != SYNC_ID - 1)
		return 0;
	*id++ = '\0';
	for (size_t i = 0; i < reading->exchange->tips.count; i++) {
		const struct sync_branch *branch = &reading->exchange->tips.item[i];

		if (!strcmp(branch->name, line) && is_own(reading->exchange, line) &&
		    branch->ours[0] && strcmp(branch->ours, id) != 0)
			count_behind(reading, branch, id);
	}
	return 0;
}

int seen_exchange(struct exchange *exchange, struct fault *fault)
{
	struct sync_report *report = exchange->report;
	struct nodes *nodes;
	int error;

	if (!exchange->request->seen)
		return 0;
	nodes = calloc(1, sizeof(*nodes));
	if (!nodes)
		return fault_set(fault, -ENOMEM, "out of memory");
	nodes->own = exchange->request->node;
	error = tips_renew(&exchange->tips, exchange->request, exchange->directory, fault);
	if (!error)
		error = fetch_all(exchange, nodes, fault);
	if (!error)
		error = tell(exchange, nodes, fault);
	for (size_t i = 0; i < nodes->count && !error; i++) {
		const char *const words[] = {"cat-file", "blob", nodes->node[i].id, NULL};
		struct reading reading = {.exchange = exchange, .node = &nodes->node[i]};

		error = gitchild_run(exchange->aside_directory, words, NULL, on_told, &reading,
		                     fault);
	}
	report->seen = !error;
	report->nodes = (uint32_t)nodes->count;
	free(nodes);
	return error;
}

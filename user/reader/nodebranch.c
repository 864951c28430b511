// SPDX-License-Identifier: MIT
/* Reads references, commits and files of nodes. What the agent judges (history/gather.h), it only
 * describes. */
#include "reader/nodebranch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	struct node_branches *branches;
	const char *folder;
	bool remotes;
};

/* The part up to a slash, or to the end. NULL: it is empty or too long. */
static const char *take_part(char *part, size_t size, const char *text)
{
	size_t length = strcspn(text, "/");

	if (length == 0 || length >= size)
		return NULL;
	memcpy(part, text, length);
	part[length] = '\0';
	return text + length + (text[length] == '/');
}

static int add(void *context, const char *ref, const git_oid *id)
{
	const struct reading *reading = context;
	struct node_branches *branches = reading->branches;
	struct node_branch branch = {.tip = *id};
	const char *at = ref + strlen(reading->folder);

	if (reading->remotes)
		at = take_part(branch.remote, sizeof(branch.remote), at);
	if (at)
		at = take_part(branch.segment, sizeof(branch.segment), at);
	if (at)
		at = take_part(branch.node, sizeof(branch.node), at);
	if (!at || *at || !node_name_is_valid(branch.node) ||
	    !segment_name_is_valid(branch.segment))
		return 0;
	if (array_reserve(&branches->item, &branches->room, branches->count + 1))
		return -ENOMEM;
	branches->item[branches->count++] = branch;
	return 0;
}

static int compare(const void *first, const void *second)
{
	const struct node_branch *a = first, *b = second;
	int order = strcmp(a->node, b->node);

	if (!order)
		order = strcmp(a->segment, b->segment);
	return order ? order : strcmp(a->remote, b->remote);
}

int nodebranches_read(struct node_branches *branches, const struct reader *reader,
                      const char *folder, struct fault *fault)
{
	struct reading reading = {branches, folder, !strcmp(folder, FROM_REFS)};
	int error;

	*branches = (struct node_branches){0};
	error = refs_each(reader->repository, folder, add, &reading, fault);
	if (branches->count > 0)
		qsort(branches->item, branches->count, sizeof(*branches->item), compare);
	return error == -ENOMEM ? fault_set(fault, error, "out of memory") : error;
}

int nodebranches_held(struct node_branches *branches, const struct reader *reader,
                      struct fault *fault)
{
	int error = nodebranches_read(branches, reader, NODE_REFS, fault);

	if (!error && branches->count == 0)
		error = nodebranches_read(branches, reader, CLONED_REFS, fault);
	return error;
}

const struct node_branch *nodebranches_find(const struct node_branches *branches,
                                            const char *segment, const char *node)
{
	struct node_branch wanted = {.remote = ""};

	snprintf(wanted.segment, sizeof(wanted.segment), "%s", segment);
	snprintf(wanted.node, sizeof(wanted.node), "%s", node);
	return branches->count ? bsearch(&wanted, branches->item, branches->count,
	                                 sizeof(*branches->item), compare)
	                       : NULL;
}

void nodebranches_free(struct node_branches *branches)
{
	free(branches->item);
	*branches = (struct node_branches){0};
}

static void copy_trailers(struct node_commit *commit, const char *message)
{
	git_message_trailer_array list = {0};

	if (git_message_trailers(&list, message) < 0)
		return;
	for (size_t i = 0; i < list.count; i++) {
		const char *key = list.trailers[i].key, *value = list.trailers[i].value;

		if (!strcmp(key, "Node"))
			snprintf(commit->node, sizeof(commit->node), "%s", value);
		else if (!strcmp(key, "Boot"))
			snprintf(commit->boot, sizeof(commit->boot), "%s", value);
		else if (!strcmp(key, "Count"))
			commit->count = strtoull(value, NULL, 10);
	}
	git_message_trailer_array_free(&list);
}

int nodecommit_read(struct node_commit *commit, const struct reader *reader, const git_oid *id,
                    const char *node, struct fault *fault)
{
	git_commit *found = NULL;
	const char *summary;
	int error = git_commit_lookup(&found, reader->repository, id);

	*commit = (struct node_commit){.count = 0};
	if (error == GIT_EINVALID)
		return fault_set(fault, -EINVAL, "its tip is not a commit");
	if (error < 0)
		return reader_git_fault(fault, reader);
	commit->tree = *git_commit_tree_id(found);
	commit->time = git_commit_time(found);
	commit->has_parent = git_commit_parentcount(found) > 0;
	if (commit->has_parent)
		commit->parent = *git_commit_parent_id(found, 0);
	summary = git_commit_summary(found);
	snprintf(commit->subject, sizeof(commit->subject), "%s", summary ? summary : "");
	copy_trailers(commit, git_commit_message(found));
	error = 0;
	if (git_commit_parentcount(found) > 1)
		error = fault_set(fault, -EINVAL, "its commit %.12s has more than one parent",
		                  git_oid_tostr_s(id));
	else if (strcmp(commit->node, node) != 0 || commit->count == 0)
		error = fault_set(fault, -EINVAL, "its commit %.12s is not of node %s",
		                  git_oid_tostr_s(id), node);
	git_commit_free(found);
	return error;
}

int nodeclaim_read(struct claim_value *value, const struct reader *reader, const git_oid *id,
                   struct fault *fault)
{
	git_blob *blob = NULL;
	int error;

	if (git_blob_lookup(&blob, reader->repository, id) < 0)
		return reader_git_fault(fault, reader);
	error = claim_parse(value, git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob),
	                    fault);
	git_blob_free(blob);
	return error;
}

// SPDX-License-Identifier: MIT
/* Lists branches here and there. Fetches and changes nothing. */
#include "sync/tips.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BRANCHES_MAX 200000

enum place { THEIRS, HELD, OURS };

struct listing {
	struct tips *tips;
	const struct sync_request *request;
	char from[sizeof(SYNC_FROM) + NODE_NAME_MAX + 1];
	uint32_t *listed;
	bool remote;
};

const char *branch_name(const char *reference, const char *begin)
{
	size_t length = strlen(begin);

	if (strncmp(reference, begin, length) != 0 ||
	    !syncrequest_name_is_valid(reference + length))
		return NULL;
	return reference + length;
}

bool branch_line(char id[SYNC_ID], const char **reference, const char *line)
{
	size_t length = strspn(line, "0123456789abcdef");

	if (length != SYNC_ID - 1 || (line[length] != ' ' && line[length] != '\t'))
		return false;
	memcpy(id, line, length);
	id[length] = '\0';
	*reference = line + length + 1;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct sync_branch *)a)->name, ((const struct sync_branch *)b)->name);
}

static int add(struct listing *listing, const char *name, enum place place, const char *id)
{
	const struct sync_request *request = listing->request;
	struct tips *tips = listing->tips;
	struct sync_branch *branch;

	if (!syncrequest_matches(request->fetch, name) &&
	    !syncrequest_matches(request->push, name) && !syncrequest_matches(request->own, name))
		return 0;
	if (tips->count >= BRANCHES_MAX)
		return -EMSGSIZE;
	if (array_reserve(&tips->item, &tips->room, tips->count + 1))
		return -ENOMEM;
	branch = &tips->item[tips->count++];
	memset(branch, 0, sizeof(*branch));
	memcpy(branch->name, name, strlen(name) + 1);
	memcpy(place == THEIRS ? branch->theirs
	       : place == HELD ? branch->held
	                       : branch->ours,
	       id, SYNC_ID);
	return 0;
}

static bool is_skipped(const struct sync_request *request, const char *name, const char *id)
{
	char key[sizeof("merge/") + SYNC_ASKED_NAME];
	const char *skipped;

	snprintf(key, sizeof(key), "merge/%s", name);
	skipped = json_string_value(json_object_get(request->skip, key));
	return skipped && !strcmp(skipped, id);
}

/* A request, or the table that this node has published. */
static int add_of_people(struct listing *listing, const char *reference, const char *id)
{
	const struct sync_request *request = listing->request;
	const char *asked = reference + strlen(SYNC_ASKED);
	struct tips *tips = listing->tips;
	struct sync_asked *item;

	if (!strncmp(reference, SYNC_TABLE, strlen(SYNC_TABLE)) &&
	    !strcmp(reference + strlen(SYNC_TABLE), request->node))
		memcpy(tips->table, id, SYNC_ID);
	if (strncmp(reference, SYNC_ASKED, strlen(SYNC_ASKED)) != 0)
		return 0;
	if (!syncrequest_asked_is_valid(asked)) {
		memcpy(tips->misnamed_id, id, SYNC_ID);
		tips->misnamed++;
		return 0;
	}
	if (tips->asks == TIPS_ASKED || is_skipped(request, asked, id))
		return 0;
	if (array_reserve(&tips->asked, &tips->asked_room, tips->asks + 1))
		return -ENOMEM;
	item = &tips->asked[tips->asks++];
	memset(item, 0, sizeof(*item));
	memcpy(item->name, asked, strlen(asked) + 1);
	memcpy(item->id, id, SYNC_ID);
	return 0;
}

static int on_remote(void *context, char *line)
{
	struct listing *listing = context;
	const char *reference, *name;
	char id[SYNC_ID];

	if (!branch_line(id, &reference, line))
		return 0;
	if (!(name = branch_name(reference, SYNC_BRANCHES)))
		return listing->request->operators ? add_of_people(listing, reference, id) : 0;
	++*listing->listed;
	return add(listing, name, THEIRS, id);
}

static int on_local(void *context, char *line)
{
	struct listing *listing = context;
	const char *reference, *name;
	char id[SYNC_ID];

	if (!branch_line(id, &reference, line))
		return 0;
	if ((name = branch_name(reference, SYNC_BRANCHES)))
		return add(listing, name, OURS, id);
	if ((name = branch_name(reference, listing->from)))
		return add(listing, name, HELD, id);
	return 0;
}

/* One item a name, with all that is known. */
static void unite(struct tips *tips)
{
	size_t kept = 0;

	qsort(tips->item, tips->count, sizeof(*tips->item), by_name);
	for (size_t i = 0; i < tips->count; i++) {
		struct sync_branch *last = kept ? &tips->item[kept - 1] : NULL;
		const struct sync_branch *next = &tips->item[i];

		if (!last || strcmp(last->name, next->name) != 0) {
			tips->item[kept++] = *next;
			continue;
		}
		if (next->theirs[0])
			memcpy(last->theirs, next->theirs, SYNC_ID);
		if (next->held[0])
			memcpy(last->held, next->held, SYNC_ID);
		if (next->ours[0])
			memcpy(last->ours, next->ours, SYNC_ID);
	}
	tips->count = kept;
}

int tips_list(struct tips *tips, struct remotegit *git, const struct sync_request *request,
              const char *directory, uint32_t *listed, struct fault *fault)
{
	/* --heads: version 2 of the protocol then lists nothing else. */
	static const char *const remote[] = {
	        "ls-remote", "--refs", "--heads", "--upload-pack=git-upload-pack",
	        "--",        "\x01",   NULL};
	struct listing listing = {.tips = tips, .request = request, .listed = listed};
	const char *const local[] = {"for-each-ref", "--format=%(objectname) %(refname)",
	                             SYNC_BRANCHES, listing.from, NULL};
	int error;

	*tips = (struct tips){0};
	snprintf(listing.from, sizeof(listing.from), SYNC_FROM "%s/", request->remote);
	error = remotegit_run(git, remote, on_remote, NULL, &listing, fault);
	if (!error)
		error = gitchild_run(directory, local, NULL, on_local, &listing, fault);
	if (!error && tips->count > 0)
		unite(tips);
	return error;
}

int tips_renew(struct tips *tips, const struct sync_request *request, const char *directory,
               struct fault *fault)
{
	static const char *const local[] = {"for-each-ref", "--format=%(objectname) %(refname)",
	                                    SYNC_BRANCHES, NULL};
	struct listing listing = {.tips = tips, .request = request};
	int error;

	for (size_t i = 0; i < tips->count; i++)
		tips->item[i].ours[0] = '\0';
	snprintf(listing.from, sizeof(listing.from), SYNC_FROM "%s/", request->remote);
	error = gitchild_run(directory, local, NULL, on_local, &listing, fault);
	if (!error && tips->count > 0)
		unite(tips);
	return error;
}

void tips_clear(struct tips *tips)
{
	free(tips->item);
	free(tips->asked);
	*tips = (struct tips){0};
}

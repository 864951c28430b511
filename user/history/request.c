// SPDX-License-Identifier: MIT
/* Requests as values: copied from what the caller gave. */
#include "history/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format/format.h"
#include "store/store.h"

static struct request *request_new(void)
{
	struct request *request = calloc(1, sizeof(*request));

	if (request)
		mails_init(&request->waiters);
	return request;
}

struct request *request_main(void)
{
	struct request *request = request_new();

	if (request)
		request->ref = strdup(MAIN_REF);
	if (request && request->ref)
		return request;
	request_free(request);
	return NULL;
}

int request_merge(struct request **request, const char *branch)
{
	struct request *made = request_new();

	if (!made)
		return -ENOMEM;
	if (branch && asprintf(&made->ref, "%s%s", strncmp(branch, "refs/", 5) ? BRANCH_REFS : "",
	                       branch) < 0) {
		made->ref = NULL;
		request_free(made);
		return -ENOMEM;
	}
	/* To look at main is to look at everything. */
	if (made->ref && !strcmp(made->ref, MAIN_REF)) {
		free(made->ref);
		made->ref = NULL;
	}
	*request = made;
	return 0;
}

int request_revert(struct request **request, const struct history_revert *revert)
{
	struct request *made = request_new();
	int error = made ? 0 : -ENOMEM;

	if (!error)
		made->commit = calloc(revert->commits + 1, sizeof(*made->commit));
	if (!error && (!made->commit || text_copy(&made->name, revert->name) ||
	               text_copy(&made->author, revert->author) ||
	               text_copy(&made->message, revert->message)))
		error = -ENOMEM;
	for (size_t i = 0; !error && i < revert->commits; i++)
		error = git_oid_fromstr(&made->commit[made->commits++], revert->commit[i]) < 0
		                ? -EINVAL
		                : 0;
	if (error)
		request_free(made);
	else
		*request = made;
	return error;
}

void request_free(struct request *request)
{
	if (!request)
		return;
	free(request->ref);
	free(request->name);
	free(request->author);
	free(request->message);
	free(request->commit);
	free(request);
}

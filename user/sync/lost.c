// SPDX-License-Identifier: MIT
/* Reads which reference the hub complains of. Removes no other node's branch. */
#include "sync/lost.h"

#include <stdio.h>
#include <string.h>

#include "sync/gitwords.h"
#include "sync/seen.h"

#define COMPLAINT "bad object "
/* The same of a branch that is pushed: git sends what differs from what the hub should have. */
#define LOST_BASE "unresolved deltas"

/* Whether it may be removed: others' `seen` decide nothing, and are told anew. */
static bool may_remove(const struct exchange *exchange, const char *reference)
{
	const char *branch = branch_name(reference, SYNC_BRANCHES);

	if (!strncmp(reference, SEEN_REFS, strlen(SEEN_REFS)))
		return node_name_is_valid(reference + strlen(SEEN_REFS));
	return branch && syncrequest_name_is_valid(branch) &&
	       syncrequest_matches(exchange->request->own, branch);
}

void lost_remove(struct exchange *exchange, const struct sync_branch *refused)
{
	const char *found = strstr(exchange->git.words, COMPLAINT);
	char reference[REF_NAME_MAX];
	struct gitwords_change change = {.reference = reference, .id = ""};
	struct fault fault = {""};

	if (refused && strstr(exchange->git.words, LOST_BASE))
		snprintf(reference, sizeof(reference), SYNC_BRANCHES "%s", refused->name);
	else if (!found || sscanf(found + strlen(COMPLAINT), "%199[^ ;]", reference) != 1)
		return;
	if (!may_remove(exchange, reference))
		return;
	if (gitwords_change(&exchange->git, &change, 1, &fault) || change.verdict == '!')
		log_warning("remote %s has lost the object of %s, and takes no push: remove the "
		            "reference there (git update-ref -d): %s",
		            exchange->request->remote, reference,
		            fault.text[0] ? fault.text : change.summary);
	else
		log_warning("remote %s had lost the object of %s: the reference is removed there, "
		            "and pushed anew",
		            exchange->request->remote, reference);
}

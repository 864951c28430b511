// SPDX-License-Identifier: MIT
/* Moves what was fetched into references. Talks to nobody. */
#include "sync/exchange.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES   200 /* the recorder holds the lock for some milliseconds */
#define WAIT_MS 10

int exchange_hold(struct exchange *exchange, struct sync_branch *const *branch,
                  const char (*id)[SYNC_ID], size_t count, struct fault *fault)
{
	struct ref_change *change = count ? calloc(count, sizeof(*change)) : NULL;
	int error = 0;

	if (count == 0)
		return 0;
	if (!change)
		return fault_set(fault, -ENOMEM, "out of memory");
	for (size_t i = 0; i < count && !error; i++) {
		snprintf(change[i].name, sizeof(change[i].name), SYNC_FROM "%s/%s",
		         exchange->request->remote, branch[i]->name);
		change[i].present = true;
		error = git_oid_fromstr(&change[i].id, id[i]) < 0 ? -EINVAL : 0;
	}
	if (error)
		fault_set(fault, error, "git printed an id that is none");
	for (unsigned i = 0; !error; i++) {
		error = packedrefs_change(exchange->directory, change, count, fault);
		if (error != -EBUSY || i >= TRIES)
			break;
		error = 0;
		poll(NULL, 0, WAIT_MS);
	}
	for (size_t i = 0; i < count && !error; i++)
		memcpy(branch[i]->held, id[i], SYNC_ID);
	free(change);
	return error;
}

bool exchange_follows(const struct exchange *exchange, const char *new, const char *old)
{
	const char *const arguments[] = {"merge-base", "--is-ancestor", old, new, NULL};

	return gitchild_try(exchange->aside_directory, arguments, NULL, NULL, NULL, NULL) == 0;
}

// SPDX-License-Identifier: MIT
/* The door as a value. */
#include "history/door.h"

#include <string.h>

#include "history/proposal.h"
#include "store/store.h"

void door_clear(struct door *door)
{
	proposal_free(door->proposal);
	edits_clear(&door->others);
	request_free(door->request);
	*door = (struct door){0};
}

const char *door_name(const char *ref)
{
	size_t length = sizeof(BRANCH_REFS) - 1;

	return !strncmp(ref, BRANCH_REFS, length) ? ref + length : ref;
}

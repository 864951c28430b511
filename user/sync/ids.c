// SPDX-License-Identifier: MIT
/* Runs git and reads one id. Knows nothing of what it is for. */
#include "sync/ids.h"

#include <string.h>

#include "store/store.h"

static int on_id(void *context, char *line)
{
	if (strlen(line) == SYNC_ID - 1)
		memcpy(context, line, SYNC_ID);
	return 0;
}

int ids_of_reference(const char *directory, const char *name, char id[SYNC_ID], struct fault *fault)
{
	const char *const words[] = {"for-each-ref", "--format=%(objectname)", name, NULL};

	id[0] = '\0';
	return gitchild_run(directory, words, NULL, on_id, id, fault);
}

int ids_of_blob(const char *directory, const char *path, char id[SYNC_ID], struct fault *fault)
{
	static const char *const words[] = {"hash-object", "-w", "--stdin", NULL};

	id[0] = '\0';
	return gitchild_run(directory, words, path, on_id, id, fault);
}

// SPDX-License-Identifier: MIT
/* Entries in and out of the store. Validates nothing: the store's content was judged before. */
#include "format/stored.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int stored_set_blob(struct edits *edits, const struct segment *segment, unsigned number,
                    struct address address, const git_oid *id, struct fault *fault)
{
	/* Sorts otherwise than paths, but keeps the addresses of one folder together. Those of IPv6
	 * come last, by their paths. */
	uint64_t key = (uint64_t)(number + 1) << 33 |
	               (address_is_v4(address) ? address_number(address) : UINT64_C(1) << 32);
	char path[ENTRY_PATH_MAX];

	entry_path(path, segment[number].name, address);
	if (edits_add_keyed(edits, path, key, id, GIT_FILEMODE_BLOB) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	return 0;
}

int stored_set(struct edits *edits, struct writer *writer, const struct segment *segment,
               unsigned number, struct address address, const struct entry *entry,
               struct fault *fault)
{
	char *text;
	git_oid id;
	int error;

	if (!entry)
		return stored_set_blob(edits, segment, number, address, NULL, fault);
	text = entry_print(entry);
	if (!text)
		return fault_set(fault, -ENOMEM, "out of memory");
	error = writer_blob(writer, &id, text, strlen(text), fault);
	free(text);
	return error ? error : stored_set_blob(edits, segment, number, address, &id, fault);
}

int stored_read(struct entry **entry, struct writer *writer, const git_oid *tree, const char *path,
                struct fault *fault)
{
	struct entry parsed = {0};
	const char *text = NULL;
	size_t length = 0;
	int error = writer_read(writer, &text, &length, tree, path, fault);

	*entry = NULL;
	if (error || entry_parse(&parsed, text, length, NULL) < 0)
		return error == -ENOENT ? 0 : error;
	*entry = entry_copy(&parsed);
	entry_clear(&parsed);
	return *entry ? 0 : fault_set(fault, -ENOMEM, "out of memory");
}

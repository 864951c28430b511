// SPDX-License-Identifier: MIT
/* What may enter the table from a repository. Changes nothing, and trusts nothing: paths, modes,
 * sizes and contents come from those who may push. */
#include "format/validate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENT_LIST_TEXT 160

char *validate_path_text(char text[PATH_TEXT], const char *path)
{
	size_t i;

	for (i = 0; path[i] && i + 1 < PATH_TEXT; i++)
		text[i] = path[i] > ' ' && path[i] < 0x7f ? path[i] : '?';
	text[i] = '\0';
	if (path[i])
		memcpy(text + PATH_TEXT - 4, "...", 4);
	return text;
}

/* Index of the segment that a path's first component names; -1 if none. */
static int segment_of(const struct segment *segment, size_t segments, const char *path)
{
	size_t length = strcspn(path, "/");

	for (size_t i = 0; i < segments; i++)
		if (strlen(segment[i].name) == length && !memcmp(segment[i].name, path, length))
			return (int)i;
	return -1;
}

static void list_segments(char text[SEGMENT_LIST_TEXT], const struct segment *segment,
                          size_t segments)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < segments && used < SEGMENT_LIST_TEXT; i++)
		used += (size_t)snprintf(text + used, SEGMENT_LIST_TEXT - used, "%s%s",
		                         i ? ", " : "", segment[i].name);
}

static int validate_address(const struct segment *segment, struct address address,
                            struct fault *fault)
{
	char text[ADDRESS_TEXT];

	for (size_t i = 0; i < segment->prefixes; i++) {
		if (!prefix_contains(segment->prefix[i], address))
			continue;
		if (prefix_is_host(segment->prefix[i], address))
			return 0;
		return fault_set(fault, -EINVAL, "%s is %s, not a host's: remove it",
		                 address_format(text, address), prefix_not_host(address));
	}
	return fault_set(fault, -ERANGE, "%s is in no prefix of segment %s: see `arpkeeper status`",
	                 address_format(text, address), segment->name);
}

int validate_text(struct entry *entry, char text[ENTRY_TEXT_MAX + 1], size_t *length, git_odb *odb,
                  const git_oid *id, struct fault *fault)
{
	git_odb_object *object = NULL;
	git_object_t type;
	size_t size;
	int error = -EIO;

	if (git_odb_read_header(&size, &type, odb, id) < 0)
		return fault_set(fault, error, "cannot be read: %s", git_error_last()->message);
	if (type != GIT_OBJECT_BLOB)
		return fault_set(fault, -EINVAL, "is not a file");
	/* Before reading it: a push may bring a gigabyte. */
	if (size > ENTRY_TEXT_MAX)
		return fault_set(fault, -EINVAL, "has %zu bytes; an entry has at most %d", size,
		                 ENTRY_TEXT_MAX);
	if (git_odb_read(&object, odb, id) < 0)
		return fault_set(fault, error, "cannot be read: %s", git_error_last()->message);
	*length = git_odb_object_size(object);
	if (*length <= ENTRY_TEXT_MAX) {
		memcpy(text, git_odb_object_data(object), *length);
		error = entry_parse_in_place(entry, text, *length, fault);
	}
	git_odb_object_free(object);
	return error;
}

int validate_since(const struct entry *entry, int64_t now, struct fault *fault)
{
	char since[TIME_TEXT], clock[TIME_TEXT];

	if (!time_is_ahead(entry->since, now))
		return 0;
	return fault_set(fault, -EINVAL,
	                 "since %s is more than an hour ahead of this host's clock, %s: give the "
	                 "time at which it began",
	                 time_format(since, entry->since), time_format(clock, now));
}

int validate_blob(struct entry **entry, git_repository *repository, const git_oid *id,
                  struct fault *fault)
{
	char text[ENTRY_TEXT_MAX + 1];
	struct entry parsed;
	git_odb *odb = NULL;
	size_t length;
	int error;

	*entry = NULL;
	if (git_repository_odb(&odb, repository) < 0)
		return fault_set(fault, -EIO, "cannot be read: %s", git_error_last()->message);
	error = validate_text(&parsed, text, &length, odb, id, fault);
	git_odb_free(odb);
	if (error)
		return error;
	*entry = entry_copy(&parsed);
	return *entry ? 0 : fault_set(fault, -ENOMEM, "out of memory");
}

/* The fault "path: reason". */
static int fault_of_path(struct fault *fault, int error, const char *path, const char *reason)
{
	char text[PATH_TEXT];

	return fault_set(fault, error, "%s: %s", validate_path_text(text, path), reason);
}

static int not_a_segment(const char *path, const char *name, const struct segment *segment,
                         size_t segments, struct fault *fault)
{
	char text[PATH_TEXT], list[SEGMENT_LIST_TEXT];

	list_segments(list, segment, segments);
	return fault_set(fault, -ERANGE, "%s: no segment is called %s; there %s %s",
	                 validate_path_text(text, path), name, segments == 1 ? "is only" : "are",
	                 list);
}

int validate_place(struct validated *validated, const struct segment *segment, size_t segments,
                   const struct tree_difference *difference, struct fault *fault)
{
	const char *path = difference->path;
	int index = segment_of(segment, segments, path);
	char name[SEGMENT_NAME_MAX + 1];
	struct fault why = {""};
	struct address address = {0};
	int not_entry = entry_path_parse(name, &address, path, &why), error;

	*validated = (struct validated){.what = VALIDATED_OTHER};
	if (!difference->after && (index < 0 || not_entry))
		return 0;
	if (index < 0)
		return not_entry ? 0 : not_a_segment(path, name, segment, segments, fault);
	if (not_entry)
		return fault_of_path(fault, -EINVAL, path, why.text);
	validated->segment = (unsigned)index;
	validated->address = address;
	error = validate_address(&segment[index], address, &why);
	if (!error && difference->after && difference->after_mode != GIT_FILEMODE_BLOB)
		error = fault_set(&why, -EINVAL,
		                  "has mode %06o: an entry is a regular file, 100644",
		                  (unsigned)difference->after_mode);
	if (error && difference->after)
		return fault_of_path(fault, error, path, why.text);
	/* Else the removal of an address outside the configuration, which was never in the table.
	 */
	if (!error)
		validated->what = VALIDATED_ENTRY;
	return 0;
}

int validate_difference(struct validated *validated, git_repository *repository,
                        const struct segment *segment, size_t segments,
                        const struct tree_difference *difference, struct fault *fault)
{
	int error = validate_place(validated, segment, segments, difference, fault);
	struct fault why;

	if (error || validated->what != VALIDATED_ENTRY || !difference->after)
		return error;
	error = validate_blob(&validated->entry, repository, difference->after, &why);
	return error ? fault_of_path(fault, error, difference->path, why.text) : 0;
}

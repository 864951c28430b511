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

int validate_address(const struct segment *segment, uint32_t address, struct fault *fault)
{
	char text[IPV4_TEXT];

	for (size_t i = 0; i < segment->prefixes; i++) {
		if (!prefix_contains(segment->prefix[i], address))
			continue;
		if (prefix_is_host(segment->prefix[i], address))
			return 0;
		return fault_set(fault, -EINVAL,
		                 "%s is the network or broadcast address of its prefix, not a "
		                 "host's: remove it",
		                 ipv4_format(text, address));
	}
	return fault_set(fault, -ERANGE, "%s is in no prefix of segment %s: see `arpkeeper status`",
	                 ipv4_format(text, address), segment->name);
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

/* Everything but the text of an entry that is present in `after`. */
static int judge_place(const struct validated *validated, const struct segment *segment,
                       const struct tree_difference *difference, struct fault *fault)
{
	int error = validate_address(segment, validated->address, fault);

	if (error < 0)
		return error;
	if (difference->after_mode != GIT_FILEMODE_BLOB)
		return fault_set(fault, -EINVAL,
		                 "has mode %06o: an entry is a regular file, 100644",
		                 (unsigned)difference->after_mode);
	return 0;
}

int validate_place(struct validated *validated, const struct segment *segment, size_t segments,
                   const struct tree_difference *difference, struct fault *fault)
{
	int index = segment_of(segment, segments, difference->path);
	char name[SEGMENT_NAME_MAX + 1], path[PATH_TEXT], list[SEGMENT_LIST_TEXT];
	struct fault why = {""};
	uint32_t address = 0;
	bool entry_like;
	int error = 0;

	*validated = (struct validated){.what = VALIDATED_OTHER};
	entry_like = entry_path_parse(name, &address, difference->path, &why) == 0;
	if (index < 0) {
		if (!entry_like || !difference->after)
			return 0;
		list_segments(list, segment, segments);
		return fault_set(fault, -ERANGE, "%s: no segment is called %s; there %s %s",
		                 validate_path_text(path, difference->path), name,
		                 segments == 1 ? "is only" : "are", list);
	}
	if (!entry_like) {
		if (!difference->after)
			return 0;
		return fault_set(fault, -EINVAL, "%s: %s",
		                 validate_path_text(path, difference->path), why.text);
	}
	validated->segment = (unsigned)index;
	validated->address = address;
	if (difference->after) {
		error = judge_place(validated, &segment[index], difference, &why);
		if (error < 0)
			return fault_set(fault, error, "%s: %s",
			                 validate_path_text(path, difference->path), why.text);
	} else if (validate_address(&segment[index], address, NULL) < 0) {
		/* The address was outside the configuration, so never in the table. */
		return 0;
	}
	validated->what = VALIDATED_ENTRY;
	return 0;
}

int validate_difference(struct validated *validated, git_repository *repository,
                        const struct segment *segment, size_t segments,
                        const struct tree_difference *difference, struct fault *fault)
{
	int error = validate_place(validated, segment, segments, difference, fault);
	char path[PATH_TEXT];
	struct fault why;

	if (error || validated->what != VALIDATED_ENTRY || !difference->after)
		return error;
	error = validate_blob(&validated->entry, repository, difference->after, &why);
	return error ? fault_set(fault, error, "%s: %s", validate_path_text(path, difference->path),
	                         why.text)
	             : 0;
}

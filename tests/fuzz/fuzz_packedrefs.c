// SPDX-License-Identifier: MIT
/*
 * packed-refs: the input is changes, then the present file. What the rewrite leaves is what a map
 * from names to lines would be: all references that were not changed, with their peeled ids, and
 * the changes. A file that was sorted stays sorted, and another rewrite changes nothing.
 */
#include "fuzz.h"

#include <limits.h>

#include "store/store.h"

#define CHANGES_MAX 6
#define HEX         "0123456789abcdef0123456789abcdef01234567"

static char directory[300], path[400];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char folder[256];

	(void)argc;
	(void)argv;
	fuzz_folder(folder);
	snprintf(directory, sizeof(directory), "%s/", folder);
	snprintf(path, sizeof(path), "%spacked-refs", directory);
	return git_libgit2_init() < 0;
}

/* A few names, which meet those of the file; sometimes any word. */
static void choose_name(char name[REF_NAME_MAX], struct input *input)
{
	static const char *const names[] = {
	        "refs/heads/a",         "refs/heads/b",   "refs/heads/task/1",
	        "refs/heads/task/10",   "refs/tags/t",    "refs/arpkeeper/applied",
	        "refs/heads/task/1/00", "refs/heads/a-b",
	};
	uint8_t which = input_u8(input);
	const uint8_t *bytes;
	size_t length;

	if (which < 0xc0) {
		strcpy(name, names[which % (sizeof(names) / sizeof(names[0]))]);
		return;
	}
	bytes = input_bytes(input, which & 0x1f, &length);
	strcpy(name, "refs/");
	for (size_t i = 0; i < length; i++)
		name[5 + i] = (char)('a' + bytes[i] % 26);
	name[5 + length] = '\0';
}

static size_t choose_changes(struct ref_change change[CHANGES_MAX], struct input *input)
{
	size_t changes = input_u8(input) % (CHANGES_MAX + 1);

	for (size_t i = 0; i < changes; i++) {
		choose_name(change[i].name, input);
		change[i].present = input_u8(input) & 1;
		memset(change[i].id.id, input_u8(input), GIT_OID_RAWSZ);
	}
	return changes;
}

/* A reference's lines: its own, and those of peeled ids behind it. */
struct ref {
	const char *name, *line;
	size_t name_length, length;
};

/* The next reference from *at on; false: there is none. */
static bool next_ref(struct ref *ref, const char **at)
{
	while (**at) {
		size_t length = strcspn(*at, "\n");
		const char *line = *at;
		bool is_ref = *line != '#' && *line != '^' &&
		              length + (line[length] == '\n') >= GIT_OID_HEXSZ + 2;

		*at += length + (line[length] == '\n');
		if (!is_ref)
			continue;
		*ref = (struct ref){.name = line + GIT_OID_HEXSZ + 1, .line = line};
		ref->name_length = length > GIT_OID_HEXSZ ? length - GIT_OID_HEXSZ - 1 : 0;
		while (**at == '^') {
			*at += strcspn(*at, "\n");
			*at += **at == '\n';
		}
		ref->length = (size_t)(*at - line);
		return true;
	}
	return false;
}

static int compare_names(const struct ref *a, const struct ref *b)
{
	size_t shorter = a->name_length < b->name_length ? a->name_length : b->name_length;
	int order = memcmp(a->name, b->name, shorter);

	return order ? order
	             : (a->name_length > b->name_length) - (a->name_length < b->name_length);
}

static bool is_sorted(const char *text)
{
	struct ref last = {.name = NULL}, ref;

	while (next_ref(&ref, &text)) {
		if (last.name && compare_names(&last, &ref) >= 0)
			return false;
		last = ref;
	}
	return true;
}

/* The last change of a name. */
static const struct ref_change *change_of(const struct ref *ref, const struct ref_change *change,
                                          size_t changes)
{
	while (changes-- > 0)
		if (strlen(change[changes].name) == ref->name_length &&
		    !memcmp(change[changes].name, ref->name, ref->name_length))
			return &change[changes];
	return NULL;
}

static char *read_all(void)
{
	static char text[65536];
	FILE *file = fopen(path, "re");

	MUST(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

/* Sorted files: every reference of before that is not changed is there as it was, and every change;
 * nothing else. */
static void check(const char *before, const char *after, const struct ref_change *change,
                  size_t changes)
{
	const char *at = before, *behind;
	size_t kept = 0, found = 0, set = 0;
	struct ref ref, other;

	MUST(is_sorted(after));
	while (next_ref(&ref, &at)) {
		if (change_of(&ref, change, changes))
			continue;
		kept++;
		for (behind = after; next_ref(&other, &behind);)
			if (compare_names(&ref, &other) == 0)
				break;
		MUST(other.length >= ref.length && !memcmp(other.line, ref.line, ref.length));
	}
	for (size_t i = 0; i < changes; i++) {
		const struct ref named = {.name = change[i].name,
		                          .name_length = strlen(change[i].name)};
		bool is_there = false;

		if (change_of(&named, change, changes) != &change[i])
			continue;
		set += change[i].present;
		for (behind = after; next_ref(&other, &behind);)
			if (compare_names(&named, &other) == 0) {
				is_there = true;
				MUST(!strncmp(other.line, git_oid_tostr_s(&change[i].id),
				              GIT_OID_HEXSZ));
			}
		MUST(is_there == change[i].present);
	}
	for (behind = after; next_ref(&other, &behind);)
		found++;
	MUST(found == kept + set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ref_change change[CHANGES_MAX] = {{.present = false}}, sorted[CHANGES_MAX];
	struct input input = {data, data + size};
	size_t changes = choose_changes(change, &input), length;
	const char *bytes = (const char *)input_bytes(&input, 16384, &length);
	char *before = strndup(bytes, length), *after;
	struct fault fault = {""};

	MUST(before);
	memcpy(sorted, change, sizeof(sorted));
	write_file(path, bytes, length);
	MUST(packedrefs_change(directory, sorted, changes, &fault) == 0);
	after = read_all();
	MUST(strncmp(after, "# pack-refs with: ", 18) == 0);
	/* git writes them sorted, each line ended. Others are not damaged further. */
	if (is_sorted(before) && (!*before || before[strlen(before) - 1] == '\n')) {
		char *once = strdup(after);

		MUST(once);
		check(before, after, change, changes);
		memcpy(sorted, change, sizeof(sorted));
		MUST(packedrefs_change(directory, sorted, changes, &fault) == 0);
		MUST(strcmp(read_all(), once) == 0);
		free(once);
	}
	free(before);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Reads all entries of main. reader_entries() hands on each at once, by segment and address. Its
 * memory holds one path of folders and the names of one /24 or /64, however many entries there are.
 * reader_check() judges each as the hook would, and does not stop at one that is wrong. Never reads
 * another commit, never writes.
 */
#include "reader/entries.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pack/pack.h"
#include "reader/network.h"
#include "reader/state.h"

#define LEVELS 3 /* a.b, a.b.c, a.b.c.d; or a network, a last byte, an address */
/* libgit2's caches. Nothing is read twice here. */
#define CACHE_BYTES  ((ssize_t)8 << 20)
#define WINDOW_BYTES ((size_t)4 << 20)
#define MAPPED_BYTES ((size_t)32 << 20)

struct file {
	struct address address;
	git_oid id;
	git_filemode_t mode;
};

struct walk {
	const struct reader *reader;
	git_odb *odb;
	struct blobs *blobs;
	const struct segment *segment;
	const struct reader_entries *wanted;
	struct file *file; /* owned; of a /24 or /64 that is being read */
	size_t files, room;
	struct fault *fault;
};

struct child {
	const git_tree_entry *entry;
	struct address first; /* of the folder */
};

/* git sorts 10.0.10 before 10.0.2, and 2001-db8-10 before 2001-db8-2. */
static int by_address(const void *left, const void *right)
{
	const struct child *a = left, *b = right;

	return address_compare(a->first, b->first);
}

static int by_file(const void *left, const void *right)
{
	const struct file *a = left, *b = right;

	return address_compare(a->address, b->address);
}

/* The first address of a folder; of another name, any. A folder of a last byte is one of those
 * whose order does not matter. */
static struct address first_of(const char *name)
{
	unsigned part[4] = {0};
	struct address first = {0};

	if (sscanf(name, "%3u.%3u.%3u.%3u", &part[0], &part[1], &part[2], &part[3]) > 1)
		return address_v4(part[0] << 24 | part[1] << 16 | part[2] << 8 | part[3]);
	(void)network_parse(&first, name);
	return first;
}

static struct child *children_of(const git_tree *tree, size_t *count)
{
	struct child *child = calloc(git_tree_entrycount(tree) + 1, sizeof(*child));

	*count = git_tree_entrycount(tree);
	for (size_t i = 0; child && i < *count; i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(tree, i);

		child[i] = (struct child){entry, first_of(git_tree_entry_name(entry))};
	}
	if (child)
		qsort(child, *count, sizeof(*child), by_address);
	return child;
}

static int report(const struct walk *walk, const char *path, const char *reason)
{
	char text[PATH_TEXT];

	walk->wanted->problem(walk->wanted->context, validate_path_text(text, path), reason);
	return 0;
}

/* Else it is outside, and not in the table. */
static bool has_address(const struct segment *segment, struct address address)
{
	for (size_t i = 0; i < segment->prefixes; i++)
		if (prefix_contains(segment->prefix[i], address))
			return true;
	return false;
}

static int read_file(const struct walk *walk, const struct file *file)
{
	char path[ENTRY_PATH_MAX], text[ENTRY_TEXT_MAX + 1];
	struct reader_entry found = {.segment = walk->segment->name, .address = file->address};
	struct entry entry;
	struct fault fault = {""};
	size_t length;
	int error;

	entry_path(path, walk->segment->name, file->address);
	if (file->mode != GIT_FILEMODE_BLOB)
		return report(walk, path, "an entry is a regular file, 100644");
	if (blobs_read(walk->blobs, &file->id, text, ENTRY_TEXT_MAX, &length) == 0)
		error = entry_parse_in_place(&entry, text, length, &fault);
	else
		error = validate_text(&entry, text, &length, walk->odb, &file->id, &fault);
	if (error == -EINVAL)
		return report(walk, path, fault.text);
	if (error)
		return fault_set(walk->fault, error, "repository %s: %s", walk->reader->path,
		                 fault.text);
	found.entry = &entry;
	return walk->wanted->handle(walk->wanted->context, &found);
}

/* Those that were noted, by address. */
static int read_files(struct walk *walk)
{
	int error = 0;

	if (walk->files > 1)
		qsort(walk->file, walk->files, sizeof(*walk->file), by_file);
	for (size_t i = 0; i < walk->files && !error; i++)
		error = read_file(walk, &walk->file[i]);
	walk->files = 0;
	return error;
}

static int note_file(struct walk *walk, const git_tree_entry *entry, const char *path)
{
	struct file file = {.id = *git_tree_entry_id(entry),
	                    .mode = git_tree_entry_filemode_raw(entry)};
	char segment[SEGMENT_NAME_MAX + 1];
	struct fault fault = {""};

	if (entry_path_parse(segment, &file.address, path, &fault) < 0)
		return report(walk, path, fault.text);
	if (!has_address(walk->segment, file.address))
		return 0;
	if (array_reserve(&walk->file, &walk->room, walk->files + 1))
		return fault_set(walk->fault, -ENOMEM, "out of memory");
	walk->file[walk->files++] = file;
	return 0;
}

static int read_folder(struct walk *walk, const git_oid *id, const char *path, unsigned level)
{
	git_tree *tree = NULL;
	struct child *child = NULL;
	size_t count = 0;
	bool in_network;
	int error = 0;

	if (git_tree_lookup(&tree, walk->reader->repository, id) < 0)
		return reader_git_fault(walk->fault, walk->reader);
	child = children_of(tree, &count);
	if (!child)
		error = fault_set(walk->fault, -ENOMEM, "out of memory");
	for (size_t i = 0; child && !error && i < count; i++) {
		const git_tree_entry *entry = child[i].entry;
		bool folder = git_tree_entry_type(entry) == GIT_OBJECT_TREE;
		char below[512];

		snprintf(below, sizeof(below), "%s/%s", path, git_tree_entry_name(entry));
		if (folder != (level < LEVELS))
			error = report(walk, below, "it is not where an entry is");
		else if (folder)
			error = read_folder(walk, git_tree_entry_id(entry), below, level + 1);
		else
			error = note_file(walk, entry, below);
	}
	free(child);
	git_tree_free(tree);
	/* The addresses of a /64 are in folders by their last byte: its order is that of all of
	 * them. */
	in_network = level == LEVELS && !strchr(strrchr(path, '/'), '.');
	return error || in_network ? error : read_files(walk);
}

static int read_segments(struct walk *walk, const git_tree *root, const struct segment *segment,
                         size_t segments)
{
	bool found = false;
	int error = 0;

	for (size_t i = 0; !error && i < segments; i++) {
		const git_tree_entry *folder;

		if (walk->wanted->segment && strcmp(walk->wanted->segment, segment[i].name) != 0)
			continue;
		found = true;
		folder = git_tree_entry_byname(root, segment[i].name);
		walk->segment = &segment[i];
		if (folder && git_tree_entry_type(folder) == GIT_OBJECT_TREE)
			error = read_folder(walk, git_tree_entry_id(folder), segment[i].name, 1);
	}
	if (!error && !found && walk->wanted->segment)
		error = fault_set(walk->fault, -ENOENT, "repository %s has no segment '%s'",
		                  walk->reader->path, walk->wanted->segment);
	return error;
}

static int open_objects(struct walk *walk, struct fault *fault)
{
	char folder[4096];
	int length = snprintf(folder, sizeof(folder), "%sobjects/pack",
	                      git_repository_commondir(walk->reader->repository));

	git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, CACHE_BYTES);
	git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, WINDOW_BYTES);
	git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, MAPPED_BYTES);
	/* Hashing what is read costs as much as reading it. `check` and git fsck do it. */
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	if (git_repository_odb(&walk->odb, walk->reader->repository) < 0)
		return reader_git_fault(fault, walk->reader);
	if (length < 0 || (size_t)length >= sizeof(folder))
		return fault_set(fault, -ENAMETOOLONG, "repository %s: its path is too long",
		                 walk->reader->path);
	walk->blobs = blobs_open(folder);
	return walk->blobs ? 0 : fault_set(fault, -ENOMEM, "out of memory");
}

int reader_entries(struct reader *reader, const struct reader_entries *wanted, struct fault *fault)
{
	struct walk walk = {.reader = reader, .wanted = wanted, .fault = fault};
	struct segment *segment = NULL;
	size_t segments = 0;
	git_tree *root = NULL;
	int error = open_objects(&walk, fault);

	if (!error)
		error = reader_root(&root, &segment, &segments, reader, fault);
	if (!error)
		error = read_segments(&walk, root, segment, segments);
	segments_free(segment, segments);
	blobs_close(walk.blobs);
	git_odb_free(walk.odb);
	git_tree_free(root);
	free(walk.file);
	return error;
}

bool reader_has_one_segment(const struct reader *reader)
{
	struct segment *segment = NULL;
	size_t segments = 0;
	git_tree *root = NULL;
	struct fault ignored;
	bool one = reader_root(&root, &segment, &segments, reader, &ignored) == 0 && segments == 1;

	segments_free(segment, segments);
	git_tree_free(root);
	return one;
}

struct check {
	const struct reader *reader;
	struct segment *segment;
	size_t segments;
	int64_t valid;
	void (*problem)(void *context, const char *path, const char *reason);
	void *context;
	struct fault *fault;
};

static int check_file(void *context, const struct tree_difference *difference)
{
	struct check *check = context;
	struct validated validated = {0};
	struct fault fault = {""};
	char path[PATH_TEXT];
	const char *reason = fault.text;
	int error = validate_difference(&validated, check->reader->repository, check->segment,
	                                check->segments, difference, &fault);

	/* reader_outside() names it; here its text counts. */
	if (error == -ERANGE)
		error = validate_blob(&validated.entry, check->reader->repository,
		                      difference->after, &fault);
	if (error == -EINVAL) {
		validate_path_text(path, difference->path);
		/* The fault begins with the path, which is reported by itself. */
		if (strncmp(reason, path, strlen(path)) == 0 &&
		    strncmp(reason + strlen(path), ": ", 2) == 0)
			reason += strlen(path) + 2;
		check->problem(check->context, path, reason);
		return 0;
	}
	if (error < 0) {
		fault_set(check->fault, error, "%s", fault.text);
		return error;
	}
	if (validated.what == VALIDATED_ENTRY)
		check->valid++;
	entry_free(validated.entry);
	return 0;
}

int64_t reader_check(struct reader *reader,
                     void (*problem)(void *context, const char *path, const char *reason),
                     void *context, struct fault *fault)
{
	struct check check = {
	        .reader = reader, .problem = problem, .context = context, .fault = fault};
	git_tree *root = NULL;
	int error = reader_root(&root, &check.segment, &check.segments, reader, fault);

	if (error == 0) {
		fault->text[0] = '\0';
		error = tree_diff(reader->repository, NULL, git_tree_id(root), check_file, &check);
		if (error < 0 && !fault->text[0])
			error = reader_git_fault(fault, reader);
	}
	segments_free(check.segment, check.segments);
	git_tree_free(root);
	return error < 0 ? error : check.valid;
}

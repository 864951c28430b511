// SPDX-License-Identifier: MIT
/*
 * The object writer: edits trees as the bytes that git stores, and makes commits. Knows no
 * references and decides nothing about what belongs together.
 */
#include "history/writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "history/objects.h"
#include "history/treebytes.h"

struct writer {
	struct objects *objects;
	char *committer; /* owned */
};

int writer_new(struct writer **writer, git_repository *repository, const char *committer,
               struct fault *fault)
{
	struct writer *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return fault_set(fault, -ENOMEM, "out of memory");
	made->committer = strdup(committer);
	error = made->committer ? objects_new(&made->objects, repository, fault)
	                        : fault_set(fault, -ENOMEM, "out of memory");
	if (error < 0) {
		writer_free(made);
		return error;
	}
	*writer = made;
	return 0;
}

void writer_free(struct writer *writer)
{
	if (!writer)
		return;
	objects_free(writer->objects);
	free(writer->committer);
	free(writer);
}

int writer_blob(struct writer *writer, git_oid *id, const char *text, size_t length,
                struct fault *fault)
{
	char *copy = malloc(length + 1);

	if (!copy)
		return fault_set(fault, -ENOMEM, "out of memory");
	memcpy(copy, text, length);
	copy[length] = '\0';
	return objects_add(writer->objects, id, GIT_OBJECT_BLOB, copy, length, fault);
}

/* A tree's content, as a copy that can be edited. `id` NULL: empty. */
static int read_tree(struct writer *writer, struct treebytes *tree, const git_oid *id,
                     struct fault *fault)
{
	const struct object *object = NULL;
	int error = 0;

	*tree = (struct treebytes){0};
	if (id)
		error = objects_read(writer->objects, &object, id, fault);
	if (error < 0)
		return error;
	return treebytes_copy(tree, object ? object->data : "", object ? object->size : 0, fault);
}

static int compare_edits(const void *a, const void *b)
{
	return strcmp(((const struct edit *)a)->path, ((const struct edit *)b)->path);
}

/*
 * Applies edits, sorted by path, whose paths have the same first `skip` octets, to one tree. Edits
 * of one folder stand together, as they share a prefix that ends in '/'.
 * `empty` tells that nothing is left: git stores no empty folders.
 */
static int edit_tree(struct writer *writer, git_oid *id, bool *empty, const git_oid *base,
                     struct edit *edit, size_t edits, size_t skip, struct fault *fault)
{
	struct treebytes tree = {0};
	struct treebytes_entry found;
	int error = read_tree(writer, &tree, base, fault);

	for (size_t i = 0, next; i < edits && !error; i = next) {
		const char *name = edit[i].path + skip;
		size_t length = strcspn(name, "/");
		bool gone = false;
		git_oid child;

		next = i + 1;
		if (!name[length]) {
			if (edit[i].present)
				error = treebytes_set(&tree, name, length, edit[i].mode,
				                      &edit[i].id, fault);
			else if (treebytes_find(&tree, name, length, &found) &&
			         found.mode != GIT_FILEMODE_TREE)
				treebytes_remove(&tree, name, length);
			continue;
		}
		while (next < edits && !strncmp(edit[next].path + skip, name, length + 1))
			next++;
		if (!treebytes_find(&tree, name, length, &found) || found.mode != GIT_FILEMODE_TREE)
			found.id = NULL;
		error = edit_tree(writer, &child, &gone, found.id, edit + i, next - i,
		                  skip + length + 1, fault);
		if (error)
			break;
		if (!gone)
			error = treebytes_set(&tree, name, length, GIT_FILEMODE_TREE, &child,
			                      fault);
		else if (found.id)
			treebytes_remove(&tree, name, length);
	}
	*empty = tree.size == 0;
	if (error || (*empty && skip > 0)) {
		treebytes_clear(&tree);
		return error;
	}
	return objects_add(writer->objects, id, GIT_OBJECT_TREE, treebytes_take(&tree), tree.size,
	                   fault);
}

int writer_tree(struct writer *writer, git_oid *tree, const git_oid *base, struct edit *edit,
                size_t edits, struct fault *fault)
{
	bool empty;

	if (edits == 0 && base) {
		*tree = *base;
		return 0;
	}
	qsort(edit, edits, sizeof(*edit), compare_edits);
	return edit_tree(writer, tree, &empty, base, edit, edits, 0, fault);
}

int writer_commit(struct writer *writer, struct version *version, const struct commit_spec *spec,
                  struct fault *fault)
{
	char hex[GIT_OID_HEXSZ + 1], *text = NULL;
	struct version made;
	long long now = (long long)time(NULL);
	size_t size = 0;
	FILE *stream;
	int error = writer_tree(writer, &made.tree, spec->base, spec->edit, spec->edits, fault);

	if (error < 0)
		return error;
	stream = open_memstream(&text, &size);
	if (!stream)
		return fault_set(fault, -ENOMEM, "out of memory");
	fprintf(stream, "tree %s\n", git_oid_tostr(hex, sizeof(hex), &made.tree));
	for (size_t i = 0; i < spec->parents; i++)
		fprintf(stream, "parent %s\n", git_oid_tostr(hex, sizeof(hex), spec->parent[i]));
	fprintf(stream, "author %s %lld +0000\ncommitter %s %lld +0000\n\n%s",
	        spec->author ? spec->author : writer->committer, now, writer->committer, now,
	        spec->message);
	if (fclose(stream) != 0) {
		free(text);
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	error = objects_add(writer->objects, &made.commit, GIT_OBJECT_COMMIT, text, size, fault);
	if (!error)
		*version = made;
	return error;
}

int writer_find(struct writer *writer, git_oid *id, uint32_t *mode, const git_oid *tree,
                const char *path, struct fault *fault)
{
	git_oid at = *tree;

	for (;;) {
		const struct object *object;
		struct treebytes_entry found;
		struct treebytes bytes;
		size_t length = strcspn(path, "/");
		int error = objects_read(writer->objects, &object, &at, fault);

		if (error < 0) /* the tree itself must be there */
			return error == -ENOENT ? -EIO : error;
		bytes = (struct treebytes){.data = object->data, .size = object->size};
		if (!treebytes_find(&bytes, path, length, &found))
			return -ENOENT;
		at = *found.id;
		if (!path[length]) {
			*id = at;
			if (mode)
				*mode = found.mode;
			return found.mode == GIT_FILEMODE_TREE ? -ENOENT : 0;
		}
		if (found.mode != GIT_FILEMODE_TREE)
			return -ENOENT;
		path += length + 1;
	}
}

int writer_entry(struct writer *writer, struct entry **entry, const git_oid *tree, const char *path,
                 struct fault *fault)
{
	const struct object *object = NULL;
	struct entry parsed = {0};
	git_oid id;
	int error = writer_find(writer, &id, NULL, tree, path, fault);

	*entry = NULL;
	if (error == -ENOENT)
		return 0;
	if (!error)
		error = objects_read(writer->objects, &object, &id, fault);
	if (error || !object)
		return error;
	if (object->type != GIT_OBJECT_BLOB ||
	    entry_parse(&parsed, object->data, object->size, NULL) < 0)
		return 0;
	*entry = entry_copy(&parsed);
	entry_clear(&parsed);
	return *entry ? 0 : fault_set(fault, -ENOMEM, "out of memory");
}

size_t writer_pending_bytes(const struct writer *writer)
{
	return objects_pending_bytes(writer->objects);
}

int writer_flush(struct writer *writer, struct fault *fault)
{
	return objects_flush(writer->objects, fault);
}

void writer_settle(struct writer *writer)
{
	objects_settle(writer->objects);
}

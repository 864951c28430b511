// SPDX-License-Identifier: MIT
/*
 * The object writer: blobs, trees, and the commits that name them. Knows no references.
 */
#include "store/writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/forest.h"
#include "store/objects.h"
#include "store/signing.h"

struct writer {
	struct objects *objects;
	struct forest *forest;
	char *committer;       /* owned */
	struct signer *signer; /* NULL: commits are not signed */
	int64_t time;          /* of the last commit */
};

static int make(struct writer **writer, git_repository *repository, const char *committer,
                struct fault *fault)
{
	struct writer *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return fault_set(fault, -ENOMEM, "out of memory");
	made->committer = strdup(committer);
	error = made->committer ? objects_new(&made->objects, repository, fault)
	                        : fault_set(fault, -ENOMEM, "out of memory");
	if (!error)
		error = forest_new(&made->forest, made->objects, fault);
	if (error < 0) {
		writer_free(made);
		return error;
	}
	*writer = made;
	return 0;
}

int writer_new_reading(struct writer **writer, git_repository *repository, struct fault *fault)
{
	return make(writer, repository, "", fault);
}

int writer_new(struct writer **writer, git_repository *repository, const char *committer,
               struct fault *fault)
{
	struct writer *made = NULL;
	int error = make(&made, repository, committer, fault);

	if (!made)
		return error;
	error = signer_open(&made->signer, repository, fault);
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
	forest_free(writer->forest);
	objects_free(writer->objects);
	signer_free(writer->signer);
	free(writer->committer);
	free(writer);
}

int writer_blob(struct writer *writer, git_oid *id, const char *text, size_t length,
                struct fault *fault)
{
	return objects_add(writer->objects, id, GIT_OBJECT_BLOB, text, length, fault);
}

static int make_tree(struct writer *writer, git_oid *tree, const git_oid *base, struct edit *edit,
                     size_t edits, const struct done_before *before, struct fault *fault)
{
	if (edits == 0 && base) {
		*tree = *base;
		return 0;
	}
	return forest_edit(writer->forest, tree, base, edit, edits, before, fault);
}

int writer_tree(struct writer *writer, git_oid *tree, const git_oid *base, struct edit *edit,
                size_t edits, struct fault *fault)
{
	return make_tree(writer, tree, base, edit, edits, NULL, fault);
}

/* With the signature of what was there without it; the text is malloc'ed. */
static int sign(const struct writer *writer, char **text, size_t *size, struct fault *fault)
{
	const char *body = memmem(*text, *size, "\n\n", 2);
	size_t head = (size_t)(body - *text) + 1;
	char *header, *signed_text;
	int error = signer_sign(writer->signer, &header, *text, *size, fault), length;

	if (error)
		return error;
	length = asprintf(&signed_text, "%.*s%s%s", (int)head, *text, header, *text + head);
	free(header);
	if (length < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	free(*text);
	*text = signed_text;
	*size = (size_t)length;
	return 0;
}

/* Of a tree that is made already. */
static int write_commit(struct writer *writer, struct version *version,
                        const struct commit_spec *spec, int64_t now, struct fault *fault)
{
	char hex[GIT_OID_HEXSZ + 1], *text = NULL;
	long long made = (long long)(spec->time ? spec->time : now);
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	int error;

	if (!stream)
		return fault_set(fault, -ENOMEM, "out of memory");
	fprintf(stream, "tree %s\n", git_oid_tostr(hex, sizeof(hex), &version->tree));
	for (size_t i = 0; i < spec->parents; i++)
		fprintf(stream, "parent %s\n", git_oid_tostr(hex, sizeof(hex), spec->parent[i]));
	fprintf(stream, "author %s %lld +0000\ncommitter %s %lld +0000\n\n%s",
	        spec->author ? spec->author : writer->committer, made, writer->committer, made,
	        spec->message);
	if (fclose(stream) != 0) {
		free(text);
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	error = writer->signer ? sign(writer, &text, &size, fault) : 0;
	if (!error)
		error = objects_add(writer->objects, &version->commit, GIT_OBJECT_COMMIT, text,
		                    size, fault);
	free(text);
	return error;
}

int writer_commit(struct writer *writer, struct version *version, const struct commit_spec *spec,
                  struct fault *fault)
{
	int64_t now = time(NULL);
	struct version made;
	int error = make_tree(writer, &made.tree, spec->base, spec->edit, spec->edits, spec->before,
	                      fault);

	if (!error)
		error = write_commit(writer, &made, spec, now, fault);
	if (!error) {
		*version = made;
		writer->time = now;
	}
	return error;
}

int writer_commit_empty(struct writer *writer, struct version *version,
                        const struct commit_spec *spec, struct fault *fault)
{
	struct version made;
	int error = objects_add(writer->objects, &made.tree, GIT_OBJECT_TREE, "", 0, fault);

	if (!error)
		error = write_commit(writer, &made, spec, time(NULL), fault);
	if (!error)
		*version = made;
	return error;
}

int64_t writer_time(const struct writer *writer)
{
	return writer->time;
}

int writer_find(struct writer *writer, git_oid *id, uint32_t *mode, const git_oid *tree,
                const char *path, struct fault *fault)
{
	return forest_find(writer->forest, id, mode, tree, path, fault);
}

int writer_read(struct writer *writer, const char **text, size_t *length, const git_oid *tree,
                const char *path, struct fault *fault)
{
	const struct object *object = NULL;
	git_oid id;
	int error = writer_find(writer, &id, NULL, tree, path, fault);

	if (error)
		return error;
	error = objects_read(writer->objects, &object, &id, fault);
	if (error || !object) /* something names it, so it must be there */
		return error == -ENOENT ? -EIO : error;
	if (object->type != GIT_OBJECT_BLOB)
		return -ENOENT;
	*text = object->data;
	*length = object->size;
	return 0;
}

size_t writer_pending_bytes(const struct writer *writer)
{
	return objects_pending_bytes(writer->objects);
}

int writer_flush(struct writer *writer, struct fault *fault)
{
	return objects_flush(writer->objects, fault);
}

void writer_describe(struct writer *writer)
{
	objects_describe(writer->objects);
}

void writer_settle(struct writer *writer)
{
	objects_settle(writer->objects);
}

void writer_look(struct writer *writer)
{
	objects_look(writer->objects);
}

void writer_note_reading(struct writer *writer)
{
	objects_note_reading(writer->objects);
}

void writer_rest(struct writer *writer)
{
	forest_rest(writer->forest);
}

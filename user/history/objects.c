// SPDX-License-Identifier: MIT
/*
 * Objects on their way into the repository. A few are written as loose objects, many as one
 * pack (pack.c). It asks the object database nothing while writing: libgit2 would look
 * through all packs for every new object (FINDINGS).
 */
#include "history/objects.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "history/pack.h"
#include "history/trouble.h"

/* From here on a pack is faster than as many files, each with an fsync of its own. */
#define PACK_FROM 32

/* Trees read or made lately, by their id's first bits: 10 KB each at most, as a rule. */
#define TREE_CACHE 1024

struct objects {
	git_repository *repository;
	git_odb *odb;
	struct object *pending; /* in the order in which they were added */
	size_t count, room, bytes;
	size_t *slot; /* hash table of indexes into pending, plus one; 0: free */
	size_t slots; /* a power of two */
	struct object tree[TREE_CACHE];
	struct object last; /* what objects_read() last gave, if not in one of the above */
	struct pack_keep keep;
};

static size_t hash_of(const git_oid *id)
{
	size_t hash;

	memcpy(&hash, id->id, sizeof(hash));
	return hash;
}

int objects_new(struct objects **objects, git_repository *repository, struct fault *fault)
{
	struct objects *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return fault_set(fault, -ENOMEM, "out of memory");
	made->repository = repository;
	made->slots = 1024;
	made->slot = calloc(made->slots, sizeof(*made->slot));
	if (!made->slot) {
		free(made);
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	error = git_repository_odb(&made->odb, repository);
	if (error < 0) {
		error = trouble_set(fault, error, "%s", git_repository_path(repository));
		objects_free(made);
		return error;
	}
	*objects = made;
	return 0;
}

static void forget_pending(struct objects *objects)
{
	for (size_t i = 0; i < objects->count; i++)
		free(objects->pending[i].data);
	objects->count = 0;
	objects->bytes = 0;
	memset(objects->slot, 0, objects->slots * sizeof(*objects->slot));
}

void objects_free(struct objects *objects)
{
	if (!objects)
		return;
	forget_pending(objects);
	for (size_t i = 0; i < TREE_CACHE; i++)
		free(objects->tree[i].data);
	free(objects->last.data);
	free(objects->pending);
	free(objects->slot);
	git_odb_free(objects->odb);
	free(objects);
}

/* Where the id is in the hash table, or would be. */
static size_t *find_slot(const struct objects *objects, const git_oid *id)
{
	size_t mask = objects->slots - 1, at = hash_of(id) & mask;

	while (objects->slot[at] && !git_oid_equal(&objects->pending[objects->slot[at] - 1].id, id))
		at = (at + 1) & mask;
	return &objects->slot[at];
}

static int grow(struct objects *objects)
{
	size_t room = objects->room ? 2 * objects->room : 256;
	struct object *pending = realloc(objects->pending, room * sizeof(*pending));
	size_t *slot;

	if (!pending)
		return -ENOMEM;
	objects->pending = pending;
	if (4 * room > objects->slots) {
		slot = calloc(4 * room, sizeof(*slot));
		if (!slot)
			return -ENOMEM;
		free(objects->slot);
		objects->slot = slot;
		objects->slots = 4 * room;
		for (size_t i = 0; i < objects->count; i++)
			*find_slot(objects, &objects->pending[i].id) = i + 1;
	}
	objects->room = room;
	return 0;
}

int objects_add(struct objects *objects, git_oid *id, git_object_t type, char *data, size_t size,
                struct fault *fault)
{
	size_t *slot;
	int error = git_odb_hash(id, data, size, type);

	if (error < 0) {
		free(data);
		return trouble_set(fault, error, "an object cannot be hashed");
	}
	slot = find_slot(objects, id);
	if (*slot) {
		free(data);
		return 0;
	}
	if (objects->count == objects->room) {
		if (grow(objects) < 0) {
			free(data);
			return fault_set(fault, -ENOMEM, "out of memory");
		}
		slot = find_slot(objects, id);
	}
	objects->pending[objects->count++] =
	        (struct object){.id = *id, .type = type, .size = size, .data = data};
	objects->bytes += size;
	*slot = objects->count;
	return 0;
}

/* Takes over the content of `object`. */
static const struct object *cache_tree(struct objects *objects, struct object *object)
{
	struct object *cached = &objects->tree[hash_of(&object->id) % TREE_CACHE];

	free(cached->data);
	*cached = *object;
	object->data = NULL;
	return cached;
}

int objects_read(struct objects *objects, const struct object **object, const git_oid *id,
                 struct fault *fault)
{
	struct object *cached = &objects->tree[hash_of(id) % TREE_CACHE];
	const struct object *pending = objects_find_pending(objects, id);
	git_odb_object *stored = NULL;
	char text[GIT_OID_HEXSZ + 1];
	int error;

	if (pending) {
		*object = pending;
		return 0;
	}
	if (cached->data && git_oid_equal(&cached->id, id)) {
		*object = cached;
		return 0;
	}
	error = git_odb_read(&stored, objects->odb, id);
	if (error < 0)
		return trouble_set(fault, error, "object %s",
		                   git_oid_tostr(text, sizeof(text), id));
	free(objects->last.data);
	objects->last = (struct object){.id = *id,
	                                .type = git_odb_object_type(stored),
	                                .size = git_odb_object_size(stored)};
	objects->last.data = malloc(objects->last.size + 1);
	if (objects->last.data) {
		memcpy(objects->last.data, git_odb_object_data(stored), objects->last.size);
		objects->last.data[objects->last.size] = '\0';
	}
	git_odb_object_free(stored);
	if (!objects->last.data)
		return fault_set(fault, -ENOMEM, "out of memory");
	*object = objects->last.type == GIT_OBJECT_TREE ? cache_tree(objects, &objects->last)
	                                                : &objects->last;
	return 0;
}

size_t objects_pending(const struct objects *objects)
{
	return objects->count;
}

const struct object *objects_at(const struct objects *objects, size_t index)
{
	return &objects->pending[index];
}

const struct object *objects_find_pending(const struct objects *objects, const git_oid *id)
{
	size_t slot = *find_slot(objects, id);

	return slot ? &objects->pending[slot - 1] : NULL;
}

size_t objects_pending_bytes(const struct objects *objects)
{
	return objects->bytes;
}

/* Each one is durable before the next is written: what an object names is there before it. */
static int write_loose(struct objects *objects, struct fault *fault)
{
	for (size_t i = 0; i < objects->count; i++) {
		const struct object *object = &objects->pending[i];
		git_oid id;
		int error =
		        git_odb_write(&id, objects->odb, object->data, object->size, object->type);

		if (error < 0)
			return trouble_set(fault, error, "an object cannot be written");
	}
	return 0;
}

int objects_flush(struct objects *objects, struct fault *fault)
{
	int error;

	if (objects->count == 0)
		return 0;
	if (objects->count < PACK_FROM)
		error = write_loose(objects, fault);
	else
		error = pack_write(&objects->keep, git_repository_path(objects->repository),
		                   objects, fault);
	if (error < 0)
		return error;
	for (size_t i = 0; i < objects->count; i++)
		if (objects->pending[i].type == GIT_OBJECT_TREE)
			cache_tree(objects, &objects->pending[i]);
	forget_pending(objects);
	return 0;
}

void objects_settle(struct objects *objects)
{
	pack_settle(&objects->keep);
}

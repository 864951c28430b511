// SPDX-License-Identifier: MIT
/*
 * Objects on their way into the repository, and back. Writing asks the object database nothing:
 * libgit2 would search all packs for every new object.
 */
#include "store/objects.h"

#include <errno.h>
#include <git2/sys/repository.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pack/pack.h"
#include "store/packset.h"
#include "store/trouble.h"

/* Objects read through libgit2, until it lets go of what it keeps of them. */
#define READS_MOST 64

struct objects {
	git_repository *repository;
	struct packset packs; /* that libgit2 may know */
	unsigned reads;       /* since libgit2 last let go */
	struct hash *hash;
	struct packing packing;
	struct pack_keep keep;
	struct packbases bases; /* of the pack that was flushed last, to be written */
	char flushed[PACK_NAME];
	/* What objects_read() last gave: of the repository, or of the pack in the making. */
	struct object last;
	git_odb_object *stored;
	char *unpacked;
};

int objects_new(struct objects **objects, git_repository *repository, struct fault *fault)
{
	struct objects *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return fault_set(fault, -ENOMEM, "out of memory");
	made->repository = repository;
	error = packing_init(&made->packing, fault);
	if (!error)
		error = hash_new(&made->hash, fault);
	if (error) {
		objects_free(made);
		return error;
	}
	packset_look(&made->packs, repository);
	*objects = made;
	return 0;
}

static void forget_last(struct objects *objects)
{
	git_odb_object_free(objects->stored);
	free(objects->unpacked);
	objects->stored = NULL;
	objects->unpacked = NULL;
}

void objects_free(struct objects *objects)
{
	if (!objects)
		return;
	forget_last(objects);
	objects_describe(objects);
	packbases_clear(&objects->bases);
	pack_settle(&objects->keep); /* no reference will name it any more */
	packing_clear(&objects->packing);
	hash_free(objects->hash);
	packset_clear(&objects->packs);
	free(objects);
}

int objects_add(struct objects *objects, git_oid *id, git_object_t type, const void *data,
                size_t size, struct fault *fault)
{
	int error = hash_object(objects->hash, id, type, data, size, fault);

	if (error || packing_find(&objects->packing, id) >= 0)
		return error;
	return packing_add(&objects->packing, id, type, data, size, fault);
}

/* Of the repository. The object database may be another one the next time. */
static int read_stored(struct objects *objects, const git_oid *id)
{
	git_odb *odb;
	int error = git_repository_odb(&odb, objects->repository);

	if (error < 0)
		return error;
	objects->reads++;
	error = git_odb_read(&objects->stored, odb, id);
	if (error < 0 && error != GIT_ENOTFOUND && git_odb_refresh(odb) == 0)
		error = git_odb_read(&objects->stored, odb, id);
	git_odb_free(odb);
	return error;
}

int objects_read(struct objects *objects, const struct object **object, const git_oid *id,
                 struct fault *fault)
{
	ssize_t index = packing_find(&objects->packing, id);
	int error;

	forget_last(objects);
	objects->last = (struct object){.id = *id};
	if (index >= 0) {
		const struct packed *packed = &objects->packing.object[index];

		error = packing_read(&objects->packing, (size_t)index, &objects->unpacked, fault);
		if (error)
			return error;
		objects->last.type = packed->type;
		objects->last.size = packed->size;
		objects->last.data = objects->unpacked;
	} else {
		error = read_stored(objects, id);
		if (error < 0)
			return trouble_set(fault, error, "object %s", git_oid_tostr_s(id));
		objects->last.type = git_odb_object_type(objects->stored);
		objects->last.size = git_odb_object_size(objects->stored);
		objects->last.data = (char *)git_odb_object_data(objects->stored);
	}
	*object = &objects->last;
	return 0;
}

struct packing *objects_packing(struct objects *objects)
{
	return &objects->packing;
}

struct hash *objects_hash(struct objects *objects)
{
	return objects->hash;
}

size_t objects_pending_bytes(const struct objects *objects)
{
	return objects->packing.size;
}

int objects_flush(struct objects *objects, struct fault *fault)
{
	struct packbases free;
	int error;

	if (objects->packing.objects == 0)
		return 0;
	objects_describe(objects);
	error = pack_write(objects->flushed, &objects->keep,
	                   git_repository_path(objects->repository), &objects->packing,
	                   objects->hash, fault);
	if (error)
		return error;
	free = objects->bases;
	objects->bases = objects->packing.bases;
	objects->packing.bases = free;
	packing_restart(&objects->packing);
	return 0;
}

void objects_describe(struct objects *objects)
{
	char folder[PATH_MAX];
	struct fault ignored;

	if (objects->bases.count == 0)
		return;
	snprintf(folder, sizeof(folder), "%s" PACK_FOLDER,
	         git_repository_path(objects->repository));
	(void)packbases_write(&objects->bases, folder, objects->flushed, &ignored);
	objects->bases.count = 0;
}

void objects_settle(struct objects *objects)
{
	pack_settle(&objects->keep);
}

/*
 * libgit2 keeps each pack that it has seen: the mapped index, a descriptor, and a cache of up to
 * 16 MB of the bases of deltas. It frees them with the last object database that knows the pack, so
 * the old database must be closed before a new one is opened. It is opened by its next user.
 */
void objects_look(struct objects *objects)
{
	if (!packset_look(&objects->packs, objects->repository) && objects->reads < READS_MOST)
		return;
	objects->reads = 0;
	(void)git_repository__cleanup(objects->repository);
}

void objects_note_reading(struct objects *objects)
{
	objects->reads = READS_MOST;
}

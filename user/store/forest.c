// SPDX-License-Identifier: MIT
/*
 * Edits of trees, and look-ups in them. Decides which versions stay in memory. Knows nothing of
 * commits and references.
 */
#include "store/forest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pack/pack.h"
#include "store/node.h"

/* Versions that are edited again soon: the log's head, and the bases and tips of open tasks. They
 * share what is equal, so only what each was made with counts. */
#define VERSIONS      64
#define VERSIONS_COST (16 << 20) /* beyond, only the one in use and the one made last are kept */

/* A larger pack in the making is written out early, protected from pruning as any new pack. Less
 * would cost: of tasks that overlap, the second one's directories are small only in the pack of the
 * first's (24 us a change, not 35). */
#define PACK_MOST (64 << 20)

struct version_kept {
	struct node *root;
	size_t cost; /* bytes that it alone was made with */
};

struct forest {
	struct objects *objects;
	struct version_kept kept[VERSIONS]; /* the one used last is first */
	size_t versions;
	size_t cost;         /* of all */
	struct node *latest; /* the version made last; held */
	size_t made;         /* bytes of new directories, in the edit under way */
	struct scratch delta;
	struct patch *patch; /* a stack: each directory under way has its own on top */
	size_t patches, patches_room;
};

int forest_new(struct forest **forest, struct objects *objects, struct fault *fault)
{
	struct forest *made = calloc(1, sizeof(*made));

	if (!made)
		return fault_set(fault, -ENOMEM, "out of memory");
	made->objects = objects;
	*forest = made;
	return 0;
}

void forest_free(struct forest *forest)
{
	if (!forest)
		return;
	for (size_t i = 0; i < forest->versions; i++)
		node_release(forest->kept[i].root);
	node_release(forest->latest);
	free(forest->delta.bytes);
	free(forest->patch);
	free(forest);
}

static void forget(struct forest *forest, size_t index)
{
	struct version_kept *kept = &forest->kept[index];
	struct node *root = kept->root;

	forest->cost -= kept->cost;
	forest->versions--;
	memmove(kept, kept + 1, (forest->versions - index) * sizeof(*kept));
	node_release(root);
}

/*
 * Makes room for this many bytes, and keeps the first `used` versions and the one made last. Of two
 * tasks that overlap, the second starts from the first one's base, and their merge from the first:
 * with one version less, each would be read from the disk again.
 */
static void make_room(struct forest *forest, size_t used, size_t cost)
{
	for (size_t i = forest->versions; i-- > used && forest->cost + cost > VERSIONS_COST;)
		if (forest->kept[i].root != forest->latest)
			forget(forest, i);
}

/* Keeps a version, whose reference is taken over. */
static struct node *keep(struct forest *forest, struct node *root, size_t cost)
{
	make_room(forest, 0, cost);
	if (forest->versions == VERSIONS)
		forget(forest, VERSIONS - 1);
	memmove(forest->kept + 1, forest->kept, forest->versions * sizeof(*forest->kept));
	forest->kept[0] = (struct version_kept){.root = root, .cost = cost};
	forest->cost += cost;
	forest->versions++;
	return root;
}

/* A directory from the repository, with a reference. */
static int read_node(struct forest *forest, struct node **node, const git_oid *id,
                     struct fault *fault)
{
	const struct object *object = NULL;
	int error = objects_read(forest->objects, &object, id, fault);

	if (error == -ENOENT) /* something names it, so it must be there */
		return -EIO;
	if (error)
		return error;
	if (object->type != GIT_OBJECT_TREE)
		return fault_set(fault, -EIO, "object %s is not a tree: see `git fsck`",
		                 git_oid_tostr_s(id));
	return node_parse(node, id, object->data, object->size, fault);
}

/* A version by its id; the forest keeps it at least until the next call. */
static int root_of(struct forest *forest, struct node **root, const git_oid *tree,
                   struct fault *fault)
{
	struct version_kept found;
	int error;

	for (size_t i = 0; i < forest->versions; i++) {
		if (!git_oid_equal(&forest->kept[i].root->id, tree))
			continue;
		found = forest->kept[i];
		memmove(forest->kept + 1, forest->kept, i * sizeof(*forest->kept));
		forest->kept[0] = found;
		*root = found.root;
		return 0;
	}
	found = (struct version_kept){NULL, 0};
	error = read_node(forest, &found.root, tree, fault);
	if (error || !found.root)
		return error ? error : -EIO;
	*root = keep(forest, found.root, found.root->size);
	return 0;
}

/* The directory of that index, read once; no reference. */
static int child_of(struct forest *forest, struct node **child, struct node *node, uint32_t index,
                    struct fault *fault)
{
	int error;

	if (!node->child)
		node->child = calloc(node->count, sizeof(struct node *));
	if (!node->child)
		return fault_set(fault, -ENOMEM, "out of memory");
	if (!node->child[index]) {
		error = read_node(forest, &node->child[index], node_at(node, index).id, fault);
		if (error)
			return error;
		/* It belongs to the version in use, which is the first. */
		forest->kept[0].cost += node->child[index]->size;
		forest->cost += node->child[index]->size;
	}
	*child = node->child[index];
	return 0;
}

/* The same directory in other versions; NULL where there is none, or it is not in memory. No
 * references. */
struct model {
	struct node *from, *to; /* before and after the same edits (struct done_before) */
	struct node *latest;    /* in the version made last */
};

static bool can_be_base(const struct packing *packing, const struct node *node)
{
	return node && node->serial == packing->serial &&
	       packing->object[node->index].depth < DELTA_DEPTH;
}

/*
 * Into the pack: as the delta that the patches are, if the previous version is there; or as one
 * against the same directory of another task, which differs by a few names and was stored a moment
 * ago; or whole.
 */
static int pack(struct forest *forest, const struct node *made, const struct node *old,
                const struct node *latest, struct fault *fault)
{
	struct packing *packing = objects_packing(forest->objects);
	struct scratch *delta = &forest->delta;
	const struct node *base = can_be_base(packing, old) ? old : NULL;
	int error;

	if (!base && can_be_base(packing, latest) && latest != old) {
		base = latest;
		delta->size =
		        packdelta_tree(delta->bytes, made->size / 2, (const uint8_t *)base->data,
		                       base->size, (const uint8_t *)made->data, made->size);
	}
	if (base && delta->size > 0)
		return packing_add_delta(packing, &made->id, made->size, base->index, delta->bytes,
		                         delta->size, fault);
	error = packing_add(packing, &made->id, GIT_OBJECT_TREE, made->data, made->size, fault);
	/* A join of packs finds the previous version by it, or an older one. */
	if (!error && old)
		error = packing_note_base(packing, &made->id, &old->id, fault);
	return error;
}

/* A new directory gets its id, and its place in the pack. */
static int store(struct forest *forest, struct node *made, const struct node *old,
                 const struct node *latest, struct fault *fault)
{
	struct packing *packing = objects_packing(forest->objects);
	ssize_t index;
	int error = hash_object(objects_hash(forest->objects), &made->id, GIT_OBJECT_TREE,
	                        made->data, made->size, fault);

	if (!error && packing->size > PACK_MOST)
		error = objects_flush(forest->objects, fault);
	if (error)
		return error;
	forest->made += made->size + made->count * sizeof(uint32_t);
	index = packing_find(packing, &made->id);
	if (index < 0) {
		error = pack(forest, made, old, latest, fault);
		index = (ssize_t)packing->objects - 1;
	}
	made->serial = packing->serial;
	made->index = (uint32_t)index;
	return error;
}

static int push_patch(struct forest *forest, const struct patch *patch, struct fault *fault)
{
	if (array_reserve(&forest->patch, &forest->patches_room, forest->patches + 1))
		return fault_set(fault, -ENOMEM, "out of memory");
	forest->patch[forest->patches++] = *patch;
	return 0;
}

static void drop_patches(struct forest *forest, size_t from)
{
	while (forest->patches > from)
		node_release(forest->patch[--forest->patches].child);
}

/* A name of a directory becomes this (`id` NULL: it goes). `at` is its index, or -1. Takes over
 * `child`. */
static int patch_name(struct forest *forest, const struct node *node, int64_t at, const char *name,
                      size_t length, uint32_t mode, const git_oid *id, struct node *child,
                      struct fault *fault)
{
	struct patch patch = {.has_id = id != NULL, .mode = mode, .child = child};
	struct node_name is = {0};
	int error = 0;

	if (id)
		patch.id = *id;
	if (at >= 0) {
		is = node_at(node, (uint32_t)at);
		patch.from = node->start[at];
		patch.to = node->start[at + 1];
	}
	if (at >= 0 && id && is.mode == mode) {
		if (git_oid_equal(is.id, id)) {
			node_release(child);
			return 0;
		}
		patch.from = patch.to - GIT_OID_RAWSZ;
		error = push_patch(forest, &patch, fault);
		if (error)
			node_release(child);
		return error;
	}
	if (at >= 0 && id) { /* a file becomes a directory, say: it stands elsewhere then */
		struct patch removal = {.from = patch.from, .to = patch.to};

		error = push_patch(forest, &removal, fault);
	}
	if (id) {
		patch.name = name;
		patch.length = length;
		patch.from = patch.to = node ? node_place(node, name, length, mode) : 0;
	} else if (at < 0) {
		return 0;
	}
	if (!error)
		error = push_patch(forest, &patch, fault);
	if (error)
		node_release(child);
	return error;
}

/* A directory below, if it is in memory. */
static struct node *known_child(const struct node *node, const char *name, size_t length)
{
	int64_t at = node && node->child ? node_find(node, name, length) : -1;

	return at >= 0 ? node->child[at] : NULL;
}

static int edit_node(struct forest *forest, struct node **out, struct node *node,
                     const struct edit *edit, size_t edits, size_t skip, struct model model,
                     struct fault *fault);

/* Edits of one directory below `node`: they share a name that ends in '/'. */
static int edit_child(struct forest *forest, struct node *node, const struct edit *edit,
                      size_t edits, size_t skip, size_t length, struct model above,
                      struct fault *fault)
{
	const char *name = edit->path + skip;
	int64_t at = node ? node_find(node, name, length) : -1;
	bool is_tree = at >= 0 && node_at(node, (uint32_t)at).mode == GIT_FILEMODE_TREE;
	struct model model = {known_child(above.from, name, length),
	                      known_child(above.to, name, length),
	                      known_child(above.latest, name, length)};
	struct node *old = NULL, *made = NULL;
	int error = is_tree ? child_of(forest, &old, node, (uint32_t)at, fault) : 0;

	if (!error && old && model.from && model.to && git_oid_equal(&old->id, &model.from->id))
		made = node_hold(model.to);
	else if (!error)
		error = edit_node(forest, &made, old, edit, edits, skip + length + 1, model, fault);
	if (error)
		return error;
	if (made)
		return patch_name(forest, node, at, name, length, GIT_FILEMODE_TREE, &made->id,
		                  made, fault);
	/* git stores no empty directories. A file of that name stays. */
	return is_tree ? patch_name(forest, node, at, name, length, 0, NULL, NULL, fault) : 0;
}

static int edit_file(struct forest *forest, const struct node *node, const struct edit *edit,
                     size_t skip, size_t length, struct fault *fault)
{
	const char *name = edit->path + skip;
	int64_t at = node ? node_find(node, name, length) : -1;

	if (!edit->present && at >= 0 && node_at(node, (uint32_t)at).mode == GIT_FILEMODE_TREE)
		return 0;
	return patch_name(forest, node, at, name, length, edit->mode,
	                  edit->present ? &edit->id : NULL, NULL, fault);
}

/*
 * A new version of one directory, with a reference: `node` (NULL: an empty one) with the edits,
 * whose paths have the same first `skip` bytes. NULL when nothing is left.
 */
static int edit_node(struct forest *forest, struct node **out, struct node *node,
                     const struct edit *edit, size_t edits, size_t skip, struct model model,
                     struct fault *fault)
{
	size_t first = forest->patches, count;
	struct node *made = NULL;
	int error = 0;

	*out = NULL;
	for (size_t i = 0, next; i < edits && !error; i = next) {
		const char *name = edit[i].path + skip;
		size_t length = strcspn(name, "/");

		next = i + 1;
		if (!name[length]) {
			error = edit_file(forest, node, &edit[i], skip, length, fault);
			continue;
		}
		while (next < edits && !strncmp(edit[next].path + skip, name, length + 1))
			next++;
		error = edit_child(forest, node, edit + i, next - i, skip, length, model, fault);
	}
	count = forest->patches - first;
	if (!error && count == 0) {
		if (node && node->count > 0)
			*out = node_hold(node);
		return 0;
	}
	if (!error)
		error = node_patch(&made, &forest->delta, node, forest->patch + first, count,
		                   fault);
	drop_patches(forest, first);
	if (!error && (made->count > 0 || skip == 0)) {
		error = store(forest, made, node, model.latest, fault);
		if (!error)
			*out = node_hold(made);
	}
	node_release(made);
	return error;
}

/* A version, if it is in memory; no reference. */
static struct node *known_root(const struct forest *forest, const git_oid *tree)
{
	for (size_t i = 0; i < forest->versions; i++)
		if (git_oid_equal(&forest->kept[i].root->id, tree))
			return forest->kept[i].root;
	return NULL;
}

int forest_edit(struct forest *forest, git_oid *tree, const git_oid *base, struct edit *edit,
                size_t edits, const struct done_before *before, struct fault *fault)
{
	struct node *root = NULL, *made = NULL;
	struct model model = {.latest = forest->latest};
	int error = base ? root_of(forest, &root, base, fault) : 0;

	if (error)
		return error;
	make_room(forest, 1, 0);
	if (before) {
		model.from = known_root(forest, &before->from);
		model.to = known_root(forest, &before->to);
	}
	edits = edits_sort(edit, edits);
	forest->made = 0;
	error = edit_node(forest, &made, root, edit, edits, 0, model, fault);
	if (!error && !made) /* git's empty tree */
		error = node_patch(&made, &forest->delta, NULL, NULL, 0, fault);
	if (!error && made->size == 0)
		error = store(forest, made, NULL, NULL, fault);
	if (error) {
		node_release(made);
		return error;
	}
	*tree = made->id;
	if (made == root) {
		node_release(made);
		return 0;
	}
	keep(forest, made, forest->made);
	node_release(forest->latest);
	forest->latest = node_hold(made);
	return 0;
}

void forest_rest(struct forest *forest)
{
	make_room(forest, 0, 0);
}

int forest_find(struct forest *forest, git_oid *id, uint32_t *mode, const git_oid *tree,
                const char *path, struct fault *fault)
{
	struct node *node;
	int error = root_of(forest, &node, tree, fault);

	while (!error) {
		size_t length = strcspn(path, "/");
		int64_t at = node_find(node, path, length);
		struct node_name found;

		if (at < 0)
			return -ENOENT;
		found = node_at(node, (uint32_t)at);
		if ((found.mode == GIT_FILEMODE_TREE) != (path[length] == '/'))
			return -ENOENT;
		if (!path[length]) {
			*id = *found.id;
			if (mode)
				*mode = found.mode;
			return 0;
		}
		error = child_of(forest, &node, node, (uint32_t)at, fault);
		path += length + 1;
	}
	return error;
}

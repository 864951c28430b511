// SPDX-License-Identifier: MIT
/*
 * Walks two stored trees side by side. It reads no file's content, and trusts no tree: depth and
 * names are limited (a folder that is in itself ten times, ten levels deep, costs the pusher
 * nothing), and a tree that git would not accept is an error.
 */
#include "store/tree.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#define DEPTH_MAX 64         /* files that people keep are rarely deeper than 10 */
#define NAMES_MAX (1u << 25) /* twice what the largest map has */
#define KEPT      2048       /* trees: mostly at most 10 KB each */
#define MODE_TYPE 0170000
#define MODE_TREE 0040000

struct kept_tree {
	git_oid id;
	struct content *content; /* NULL: free */
};

struct trees {
	struct bulk *bulk;      /* borrowed */
	struct kept_tree *kept; /* owned: KEPT of them, by id; NULL: none is kept */
};

struct walk {
	struct trees *trees;
	tree_difference_fn *handle;
	tree_lost_fn *lost; /* or NULL */
	void *context;
	bool all;       /* equal files too */
	unsigned names; /* so far */
	char *path;
	size_t room;
};

/* One name of a tree. */
struct item {
	const char *name; /* in the tree's content */
	size_t length;
	git_oid id;
	unsigned mode;
};

struct cursor {
	const char *at, *end;
};

static int invalid(const char *why)
{
	git_error_set_str(GIT_ERROR_TREE, why);
	return GIT_EINVALID;
}

struct trees *trees_new(struct bulk *bulk)
{
	struct trees *trees = calloc(1, sizeof(*trees));

	if (!trees)
		return NULL;
	trees->bulk = bulk;
	trees->kept = calloc(KEPT, sizeof(*trees->kept));
	if (!trees->kept) {
		free(trees);
		return NULL;
	}
	return trees;
}

void trees_free(struct trees *trees)
{
	if (!trees)
		return;
	for (size_t i = 0; i < KEPT; i++)
		content_release(trees->kept[i].content);
	free(trees->kept);
	free(trees);
}

static struct kept_tree *place_of(const struct trees *trees, const git_oid *id)
{
	uint32_t key;

	memcpy(&key, id->id, sizeof(key));
	return &trees->kept[key % KEPT];
}

/* The tree, for content_release(). */
static int read_tree(struct content **tree, struct trees *trees, const git_oid *id)
{
	struct kept_tree *kept = trees->kept ? place_of(trees, id) : NULL;
	int error = 0;

	if (kept && kept->content && git_oid_equal(&kept->id, id)) {
		*tree = kept->content;
	} else {
		error = bulk_read(tree, trees->bulk, id);
		if (error < 0)
			return error;
		if ((*tree)->type != GIT_OBJECT_TREE) {
			content_release(*tree);
			*tree = NULL;
			return invalid("an object that is used as a folder is not a tree");
		}
		if (!kept)
			return 0;
		content_release(kept->content);
		*kept = (struct kept_tree){*id, *tree};
	}
	(*tree)->users++;
	return 0;
}

static struct cursor begin(const struct content *tree)
{
	const char *data = tree ? (const char *)tree->data : NULL;

	return (struct cursor){data, data ? data + tree->size : NULL};
}

/* "100644 name\0" and 20 bytes. 1, 0 at the end, or a libgit2 error. */
static int next(struct cursor *cursor, struct item *item)
{
	const char *at = cursor->at, *end = cursor->end;
	unsigned mode = 0;

	if (at == end)
		return 0;
	while (at < end && *at >= '0' && *at <= '7' && mode <= UINT16_MAX)
		mode = mode << 3 | (unsigned)(*at++ - '0');
	if (at == end || at == cursor->at || *at != ' ' || mode > UINT16_MAX)
		return invalid("a tree has a name without a mode");
	item->name = ++at;
	at = memchr(at, '\0', (size_t)(end - at));
	if (!at || at == item->name || end - at <= GIT_OID_RAWSZ)
		return invalid("a tree is cut off");
	item->length = (size_t)(at - item->name);
	item->mode = mode;
	memcpy(item->id.id, at + 1, GIT_OID_RAWSZ);
	cursor->at = at + 1 + GIT_OID_RAWSZ;
	return 1;
}

static bool is_tree(const struct item *item)
{
	return (item->mode & MODE_TYPE) == MODE_TREE;
}

/* git's order: a tree's name ends in '/'. So a file and a tree of one name are two names. */
static int compare(const struct item *a, const struct item *b)
{
	size_t length = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->name, b->name, length);
	unsigned char one, other;

	if (order != 0)
		return order;
	one = a->length > length ? (unsigned char)a->name[length] : is_tree(a) ? '/' : '\0';
	other = b->length > length ? (unsigned char)b->name[length] : is_tree(b) ? '/' : '\0';
	return one < other ? -1 : one > other;
}

/* Moves both behind the names with which both begin. */
static void skip_common(struct cursor *a, struct cursor *b)
{
	size_t left_a = (size_t)(a->end - a->at), left_b = (size_t)(b->end - b->at);
	size_t left = left_a < left_b ? left_a : left_b, same = 0;
	struct cursor walk = *a;
	struct item item;

	if (left == 0)
		return;
	while (same + 64 <= left && memcmp(a->at + same, b->at + same, 64) == 0)
		same += 64;
	while (next(&walk, &item) > 0 && (size_t)(walk.at - a->at) <= same) {
		size_t length = (size_t)(walk.at - a->at);

		a->at += length;
		b->at += length;
		same -= length;
	}
}

static bool is_rest_equal(const struct cursor *a, const struct cursor *b)
{
	size_t left = (size_t)(a->end - a->at);

	return left == (size_t)(b->end - b->at) && (left == 0 || memcmp(a->at, b->at, left) == 0);
}

static int folders_diff(struct walk *walk, const git_oid *before, const git_oid *after,
                        size_t length, unsigned depth);

/* One name, as it is on both sides; either may be NULL. Both are trees, or both are not. */
static int item_diff(struct walk *walk, const struct item *before, const struct item *after,
                     size_t length, unsigned depth)
{
	const struct item *item = after ? after : before;
	struct tree_difference difference = {0};

	if (++walk->names > NAMES_MAX)
		return invalid("there are more than 33 million names");
	if (!walk->all && before && after && git_oid_equal(&before->id, &after->id) &&
	    before->mode == after->mode)
		return 0;
	if (array_reserve(&walk->path, &walk->room, length + item->length + 2)) {
		git_error_set_oom();
		return GIT_ERROR;
	}
	if (length > 0)
		walk->path[length++] = '/';
	memcpy(walk->path + length, item->name, item->length + 1);
	if (is_tree(item))
		return folders_diff(walk, before ? &before->id : NULL, after ? &after->id : NULL,
		                    length + item->length, depth + 1);
	difference.path = walk->path;
	if (before) {
		difference.before = &before->id;
		difference.before_mode = (git_filemode_t)before->mode;
	}
	if (after) {
		difference.after = &after->id;
		difference.after_mode = (git_filemode_t)after->mode;
	}
	return walk->handle(walk->context, &difference);
}

static int cursors_diff(struct walk *walk, struct cursor a, struct cursor b, size_t length,
                        unsigned depth)
{
	struct item old, new;
	int have_old, have_new, error = 0;

	if (!walk->all)
		skip_common(&a, &b);
	have_old = next(&a, &old);
	have_new = next(&b, &new);
	while (have_old > 0 || have_new > 0) {
		int order = have_old <= 0 ? 1 : have_new <= 0 ? -1 : compare(&old, &new);

		if (have_old < 0 || have_new < 0)
			break;
		error = item_diff(walk, order <= 0 ? &old : NULL, order >= 0 ? &new : NULL, length,
		                  depth);
		if (error || (order == 0 && !walk->all && is_rest_equal(&a, &b)))
			return error;
		if (order <= 0)
			have_old = next(&a, &old);
		if (order >= 0)
			have_new = next(&b, &new);
	}
	return have_old < 0 ? have_old : have_new;
}

static int folders_diff(struct walk *walk, const git_oid *before, const git_oid *after,
                        size_t length, unsigned depth)
{
	struct content *a = NULL, *b = NULL;
	bool equal = before && after && git_oid_equal(before, after);
	int error = 0;

	if (equal && !walk->all)
		return 0;
	if (depth > DEPTH_MAX)
		return invalid("folders are nested more than 64 deep");
	/* Equal trees are read once. */
	if (before && !equal)
		error = read_tree(&a, walk->trees, before);
	if (error == 0 || walk->lost)
		error = after ? read_tree(&b, walk->trees, after) : 0;
	if (error < 0 && walk->lost)
		error = walk->lost(walk->context, length > 0 ? walk->path : "", error);
	else if (error == 0)
		error = cursors_diff(walk, begin(equal ? b : a), begin(b), length, depth);
	content_release(b);
	content_release(a);
	return error;
}

static int run(struct walk *walk, const git_oid *before, const git_oid *after)
{
	int error = folders_diff(walk, before, after, 0, 0);

	free(walk->path);
	return error;
}

int trees_compare(struct trees *trees, const git_oid *before, const git_oid *after,
                  tree_difference_fn *handle, void *context)
{
	struct walk walk = {.trees = trees, .handle = handle, .context = context};

	return run(&walk, before, after);
}

static int walk_once(struct walk *walk, git_repository *repository, const git_oid *before,
                     const git_oid *after)
{
	struct trees trees = {.bulk = bulk_new(repository, false)};
	int error;

	if (!trees.bulk) {
		git_error_set_oom();
		return GIT_ERROR;
	}
	walk->trees = &trees;
	error = run(walk, before, after);
	walk->trees = NULL;
	bulk_free(trees.bulk);
	return error;
}

int tree_diff(git_repository *repository, const git_oid *before, const git_oid *after,
              tree_difference_fn *handle, void *context)
{
	struct walk walk = {.handle = handle, .context = context};

	return walk_once(&walk, repository, before, after);
}

int tree_walk(git_repository *repository, const git_oid *before, const git_oid *after,
              tree_difference_fn *handle, tree_lost_fn *lost, void *context)
{
	struct walk walk = {.handle = handle, .lost = lost, .context = context, .all = true};

	return walk_once(&walk, repository, before, after);
}

/* The item with this name in a tree. 1, 0: none, or a libgit2 error. */
static int find_item(struct item *item, struct trees *trees, const git_oid *tree, const char *name,
                     size_t length)
{
	struct content *content;
	struct cursor cursor;
	int found = read_tree(&content, trees, tree);

	if (found < 0)
		return found;
	cursor = begin(content);
	while ((found = next(&cursor, item)) > 0)
		if (item->length == length && memcmp(item->name, name, length) == 0)
			break;
	content_release(content);
	return found;
}

int trees_find(git_oid *id, struct trees *trees, const git_oid *tree, const char *path)
{
	struct item item = {.id = *tree, .mode = MODE_TREE};
	int found = 1;

	*id = (git_oid){{0}};
	while (found > 0 && is_tree(&item)) {
		size_t length = strcspn(path, "/");
		git_oid at = item.id;

		found = find_item(&item, trees, &at, path, length);
		path += length;
		if (!*path)
			break;
		path++;
	}
	if (found > 0 && !*path && !is_tree(&item))
		*id = item.id;
	return found < 0 ? found : 0;
}

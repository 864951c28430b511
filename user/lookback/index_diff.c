// SPDX-License-Identifier: MIT
/*
 * Two stored trees side by side. A tree that was read is kept for the next commit, whose first
 * parent this one mostly is. Nothing here is trusted or judged: what is no entry's path is passed
 * over, and whoever tells a change looks at the commit itself (reader_log.c).
 */
#include "lookback/index_diff.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "entry/entry.h"
#include "pack/pack.h"

#define TREES      2048              /* kept: at most 10 KB each */
#define MACS       ((size_t)1 << 15) /* kept, by blob */
#define LEVELS     4                 /* <segment>/<a.b>/<a.b.c>/<a.b.c.d> */
#define COMPONENTS (SEGMENT_NAME_MAX + sizeof("/255.255/255.255.255/255.255.255.255"))

struct known_mac {
	git_oid blob;
	struct mac mac;
};

struct known_tree {
	git_oid id;
	struct content *content; /* NULL: free */
};

struct index_diff {
	struct bulk *bulk;
	struct known_tree tree[TREES];
	struct known_mac *mac; /* MACS of them */

	/* of the commit at hand */
	const git_oid *const *parent;
	unsigned parents;
	index_diff_fn *handle;
	void *context;
	char path[COMPONENTS];
};

/* An entry of a tree, where it is stored. */
struct item {
	const char *name;
	size_t length;
	git_oid id;
	bool tree, blob;
};

struct cursor {
	const char *at, *end;
};

static size_t slot_of(const git_oid *id, size_t slots)
{
	uint32_t key;

	memcpy(&key, id->id, sizeof(key));
	return key % slots;
}

struct index_diff *index_diff_new(git_repository *repository, bool many)
{
	struct index_diff *diff = calloc(1, sizeof(*diff));

	if (!diff)
		return NULL;
	diff->mac = calloc(MACS, sizeof(*diff->mac));
	diff->bulk = bulk_new(repository, many);
	if (!diff->mac || !diff->bulk) {
		index_diff_free(diff);
		return NULL;
	}
	return diff;
}

void index_diff_free(struct index_diff *diff)
{
	if (!diff)
		return;
	for (size_t i = 0; i < TREES; i++)
		content_release(diff->tree[i].content);
	bulk_free(diff->bulk);
	free(diff->mac);
	free(diff);
}

/* The tree, for content_release(); NULL for NULL. */
static int read_tree(struct content **tree, struct index_diff *diff, const git_oid *id)
{
	struct known_tree *known;
	struct content *read;
	int error;

	*tree = NULL;
	if (!id)
		return 0;
	known = &diff->tree[slot_of(id, TREES)];
	if (!known->content || !git_oid_equal(&known->id, id)) {
		error = bulk_read(&read, diff->bulk, id);
		if (error < 0)
			return error;
		if (read->type != GIT_OBJECT_TREE) {
			content_release(read);
			git_error_set_str(GIT_ERROR_TREE, "a folder is stored as something else");
			return GIT_EINVALID;
		}
		content_release(known->content);
		*known = (struct known_tree){*id, read};
	}
	*tree = known->content;
	known->content->users++;
	return 0;
}

static struct cursor begin(const struct content *tree)
{
	const char *data = tree ? (const char *)tree->data : NULL;

	return (struct cursor){data, data ? data + tree->size : NULL};
}

/* "100644 name\0" and 20 octets. False: the end, or nonsense, which git would not have taken. */
static bool next(struct cursor *cursor, struct item *item)
{
	size_t left = (size_t)(cursor->end - cursor->at);
	const char *space = left ? memchr(cursor->at, ' ', left) : NULL;
	const char *end = space ? memchr(space, '\0', (size_t)(cursor->end - space)) : NULL;

	if (!end || cursor->end - end <= GIT_OID_RAWSZ)
		return false;
	item->name = space + 1;
	item->length = (size_t)(end - item->name);
	item->tree = cursor->at[0] == '4';
	item->blob = space - cursor->at == 6 && memcmp(cursor->at, "100", 3) == 0;
	memcpy(item->id.id, end + 1, GIT_OID_RAWSZ);
	cursor->at = end + 1 + GIT_OID_RAWSZ;
	return true;
}

/* git's order: a folder's name ends in '/'. */
static int compare(const struct item *a, const struct item *b)
{
	size_t length = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->name, b->name, length);
	unsigned char one, other;

	if (order != 0)
		return order;
	one = a->length > length ? (unsigned char)a->name[length] : a->tree ? '/' : '\0';
	other = b->length > length ? (unsigned char)b->name[length] : b->tree ? '/' : '\0';
	return one < other ? -1 : one > other;
}

/* Puts both behind what they begin with in common. */
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
	while (next(&walk, &item) && (size_t)(walk.at - a->at) <= same) {
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

/* Zero for what is no entry. */
static int mac_of(struct mac *mac, struct index_diff *diff, const git_oid *blob)
{
	struct known_mac *known;
	struct content *content;
	char text[MAC_TEXT];
	int error;

	*mac = (struct mac){{0}};
	if (!blob)
		return 0;
	known = &diff->mac[slot_of(blob, MACS)];
	if (git_oid_equal(&known->blob, blob)) {
		*mac = known->mac;
		return 0;
	}
	error = bulk_read(&content, diff->bulk, blob);
	if (error < 0)
		return error;
	if (content->size > sizeof("mac ") + sizeof(text) &&
	    memcmp(content->data, "mac ", strlen("mac ")) == 0) {
		memcpy(text, content->data + strlen("mac "), sizeof(text) - 1);
		text[sizeof(text) - 1] = '\0';
		if (mac_parse(mac, text) < 0)
			*mac = (struct mac){{0}};
	}
	content_release(content);
	known->blob = *blob;
	known->mac = *mac;
	return 0;
}

/* The file at diff->path below a tree; zero when there is none. */
static int find_file(git_oid *id, struct index_diff *diff, const git_oid *root)
{
	const char *name = diff->path;
	git_oid at = *root;

	*id = (git_oid){{0}};
	for (unsigned level = 0; level < LEVELS; level++) {
		size_t length = strcspn(name, "/");
		struct content *tree;
		struct cursor cursor;
		struct item item;
		bool found = false;
		int error = read_tree(&tree, diff, &at);

		if (error < 0)
			return error;
		cursor = begin(tree);
		while (!found && next(&cursor, &item))
			found = item.length == length && memcmp(item.name, name, length) == 0;
		content_release(tree);
		if (!found || (level < LEVELS - 1) != item.tree)
			return 0;
		at = item.id;
		name += length + 1;
	}
	*id = at;
	return 0;
}

/* Whether another parent has it just so: then it was told from there. */
static int is_inherited(bool *inherited, struct index_diff *diff, const git_oid *after)
{
	static const git_oid absent;
	git_oid id;

	*inherited = false;
	for (unsigned i = 1; i < diff->parents && !*inherited; i++) {
		int error = find_file(&id, diff, diff->parent[i]);

		if (error < 0)
			return error;
		*inherited = git_oid_equal(&id, after ? after : &absent);
	}
	return 0;
}

static int file_diff(struct index_diff *diff, const git_oid *before, const git_oid *after)
{
	char segment[SEGMENT_NAME_MAX + 1];
	struct mac old, new;
	uint32_t address;
	bool inherited;
	int error;

	if (entry_path_parse(segment, &address, diff->path, NULL) < 0)
		return 0;
	error = is_inherited(&inherited, diff, after);
	if (error < 0 || inherited)
		return error;
	error = mac_of(&old, diff, before);
	if (error == 0)
		error = mac_of(&new, diff, after);
	return error ? error : diff->handle(diff->context, segment, address, old, new);
}

static int trees_diff(struct index_diff *diff, const git_oid *before, const git_oid *after,
                      size_t length, unsigned level);

/* One name, as it is on both sides; either may be NULL. */
static int item_diff(struct index_diff *diff, const struct item *a, const struct item *b,
                     size_t length, unsigned level)
{
	const struct item *item = b ? b : a;
	const git_oid *before, *after;

	if (a && b && git_oid_equal(&a->id, &b->id) && a->blob == b->blob)
		return 0;
	/* No folder of ours is called like this; so nothing below it is opened. */
	if (length + item->length + 2 > sizeof(diff->path) ||
	    (level > 0 && !isdigit((unsigned char)item->name[0])))
		return 0;
	if (length > 0)
		diff->path[length++] = '/';
	memcpy(diff->path + length, item->name, item->length);
	diff->path[length + item->length] = '\0';
	if (level == LEVELS - 1) {
		before = a && a->blob ? &a->id : NULL;
		after = b && b->blob ? &b->id : NULL;
		return before || after ? file_diff(diff, before, after) : 0;
	}
	before = a && a->tree ? &a->id : NULL;
	after = b && b->tree ? &b->id : NULL;
	return before || after ? trees_diff(diff, before, after, length + item->length, level + 1)
	                       : 0;
}

static int cursors_diff(struct index_diff *diff, struct cursor a, struct cursor b, size_t length,
                        unsigned level)
{
	struct item old, new;
	bool have_old, have_new;
	int error = 0;

	skip_common(&a, &b);
	have_old = next(&a, &old);
	have_new = next(&b, &new);
	while (!error && (have_old || have_new)) {
		int order = !have_old ? 1 : !have_new ? -1 : compare(&old, &new);

		error = item_diff(diff, order <= 0 ? &old : NULL, order >= 0 ? &new : NULL, length,
		                  level);
		if (error == 0 && order == 0 && is_rest_equal(&a, &b))
			break;
		if (order <= 0)
			have_old = next(&a, &old);
		if (order >= 0)
			have_new = next(&b, &new);
	}
	return error;
}

static int trees_diff(struct index_diff *diff, const git_oid *before, const git_oid *after,
                      size_t length, unsigned level)
{
	struct content *a = NULL, *b = NULL;
	int error = read_tree(&a, diff, before);

	if (error == 0)
		error = read_tree(&b, diff, after);
	if (error == 0)
		error = cursors_diff(diff, begin(a), begin(b), length, level);
	content_release(b);
	content_release(a);
	return error;
}

int index_diff_run(struct index_diff *diff, const git_oid *tree, const git_oid *const *parent,
                   unsigned parents, index_diff_fn *handle, void *context)
{
	diff->parent = parent;
	diff->parents = parents;
	diff->handle = handle;
	diff->context = context;
	for (unsigned i = 0; i < parents; i++)
		if (git_oid_equal(parent[i], tree))
			return 0; /* all that is here came from there */
	return trees_diff(diff, parents > 0 ? parent[0] : NULL, tree, 0, 0);
}

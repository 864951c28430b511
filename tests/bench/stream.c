// SPDX-License-Identifier: MIT
/*
 * bench_stream: the history of a repository's main since a commit, as a stream for `git
 * fast-import`.
 *
 *     bench_stream REPOSITORY START FROM      commits after START; "progress from" after FROM
 *
 * This is the cheapest form that gives the same ids. Commits on main's first parents are one
 * branch, all others another, so that fast-import keeps main's directories in memory. Content
 * occurs once, inline. A merge names the blobs that its side brought.
 *
 * It reads with libgit2 and uses no code of the history engine, so equal ids at the other end prove
 * both.
 */
#include <git2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TREE_CACHE_OBJECT (1 << 20)
#define CACHE_BYTES       (512 << 20)
#define PATH_MAX_BYTES    512

struct stream {
	git_odb *odb;
	git_oid *done; /* commit of mark i + 1 */
	size_t marks, room;
	uint32_t *slot; /* open addressing: mark by id, 0: free */
	size_t slots;   /* a power of two */
	git_oid *line;  /* main's first parents, sorted */
	size_t line_count;
	git_oid tip[2]; /* of the two branches, as fast-import has them */
};

static const char *const branch[2] = {"refs/heads/main", "refs/heads/side"};

static void check(int error, const char *what)
{
	if (error < 0) {
		const git_error *last = git_error_last();

		fprintf(stderr, "bench_stream: %s: %s\n", what, last ? last->message : "failed");
		exit(1);
	}
}

static void *grow(void *memory, size_t bytes)
{
	void *grown = realloc(memory, bytes);

	if (!grown) {
		fprintf(stderr, "bench_stream: out of memory\n");
		exit(1);
	}
	return grown;
}

static size_t place(const struct stream *stream, const git_oid *id)
{
	size_t at;

	memcpy(&at, id->id, sizeof(at));
	at &= stream->slots - 1;
	while (stream->slot[at] && !git_oid_equal(&stream->done[stream->slot[at] - 1], id))
		at = (at + 1) & (stream->slots - 1);
	return at;
}

static uint32_t mark_of(const struct stream *stream, const git_oid *id)
{
	return stream->slot[place(stream, id)];
}

static uint32_t mark_add(struct stream *stream, const git_oid *id)
{
	if (stream->marks == stream->room) {
		stream->room = stream->room ? 2 * stream->room : 1024;
		stream->slots = 4 * stream->room;
		stream->done = grow(stream->done, stream->room * sizeof(*stream->done));
		stream->slot = grow(stream->slot, stream->slots * sizeof(*stream->slot));
		memset(stream->slot, 0, stream->slots * sizeof(*stream->slot));
		for (size_t i = 0; i < stream->marks; i++)
			stream->slot[place(stream, &stream->done[i])] = (uint32_t)i + 1;
	}
	stream->done[stream->marks++] = *id;
	stream->slot[place(stream, id)] = (uint32_t)stream->marks;
	return (uint32_t)stream->marks;
}

static int by_id(const void *a, const void *b)
{
	return git_oid_cmp(a, b);
}

static void find_line(struct stream *stream, git_repository *repository, const git_oid *tip,
                      const git_oid *start)
{
	git_oid id = *tip;
	size_t room = 0;

	while (!git_oid_equal(&id, start)) {
		git_commit *commit;

		if (stream->line_count == room) {
			room = room ? 2 * room : 1024;
			stream->line = grow(stream->line, room * sizeof(id));
		}
		stream->line[stream->line_count++] = id;
		check(git_commit_lookup(&commit, repository, &id), "reading a commit");
		check(git_commit_parentcount(commit) ? 0 : -1, "looking for the first commit");
		id = *git_commit_parent_id(commit, 0);
		git_commit_free(commit);
	}
	qsort(stream->line, stream->line_count, sizeof(id), by_id);
}

/* --- differences: two trees in step, equal subtrees stay closed --------------------------------
 * */

struct item {
	const char *name;
	size_t length; /* of the name */
	const unsigned char *id;
	bool tree;
};

struct cursor {
	const char *at, *end;
	struct item item;
	bool valid;
};

static void next(struct cursor *cursor)
{
	struct item *item = &cursor->item;

	cursor->valid = cursor->at < cursor->end;
	if (!cursor->valid)
		return;
	item->tree = cursor->at[0] == '4';
	item->name = strchr(cursor->at, ' ') + 1;
	item->length = strlen(item->name);
	item->id = (const unsigned char *)item->name + item->length + 1;
	cursor->at = (const char *)item->id + GIT_OID_RAWSZ;
}

/* git's order: as if the names of trees ended in a slash. */
static int compare(const struct item *a, const struct item *b)
{
	size_t length = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->name, b->name, length);

	if (order)
		return order;
	return (int)(unsigned char)(a->name[length] ? a->name[length]
	                            : a->tree       ? '/'
	                                            : 0) -
	       (int)(unsigned char)(b->name[length] ? b->name[length]
	                            : b->tree       ? '/'
	                                            : 0);
}

static void removed(const char *path)
{
	printf("D %s\n", path);
}

static void written(const struct stream *stream, const char *path, const unsigned char *raw,
                    bool known)
{
	char hex[GIT_OID_HEXSZ + 1];
	git_odb_object *blob;
	git_oid id;

	memcpy(id.id, raw, sizeof(id.id));
	if (known) {
		printf("M 100644 %s %s\n", git_oid_tostr(hex, sizeof(hex), &id), path);
		return;
	}
	check(git_odb_read(&blob, stream->odb, &id), "reading a blob");
	printf("M 100644 inline %s\ndata %zu\n", path, git_odb_object_size(blob));
	fwrite(git_odb_object_data(blob), 1, git_odb_object_size(blob), stdout);
	git_odb_object_free(blob);
}

static void differ(const struct stream *stream, char *path, size_t length,
                   const unsigned char *before, const unsigned char *after, bool known);

/* `item` is on either side. before and after are its ids there, or NULL where it is missing. */
static void differ_item(const struct stream *stream, char *path, size_t length,
                        const struct item *item, const unsigned char *before,
                        const unsigned char *after, bool known)
{
	if (length + item->length + 2 > PATH_MAX_BYTES)
		check(-1, "a path is too long");
	memcpy(path + length, item->name, item->length + 1);
	length += item->length;
	if (item->tree) {
		path[length++] = '/';
		differ(stream, path, length, before, after, known);
	} else if (after) {
		written(stream, path, after, known);
	} else {
		removed(path);
	}
}

static git_odb_object *open_tree(const struct stream *stream, const unsigned char *raw,
                                 struct cursor *cursor)
{
	git_odb_object *tree = NULL;
	git_oid id;

	cursor->valid = false;
	if (!raw)
		return NULL;
	memcpy(id.id, raw, sizeof(id.id));
	check(git_odb_read(&tree, stream->odb, &id), "reading a tree");
	cursor->at = git_odb_object_data(tree);
	cursor->end = cursor->at + git_odb_object_size(tree);
	next(cursor);
	return tree;
}

static void differ(const struct stream *stream, char *path, size_t length,
                   const unsigned char *before, const unsigned char *after, bool known)
{
	struct cursor a, b;
	git_odb_object *tree_a = open_tree(stream, before, &a);
	git_odb_object *tree_b = open_tree(stream, after, &b);

	while (a.valid || b.valid) {
		int order = !a.valid ? 1 : !b.valid ? -1 : compare(&a.item, &b.item);

		if (order || memcmp(a.item.id, b.item.id, GIT_OID_RAWSZ) != 0)
			differ_item(stream, path, length, order <= 0 ? &a.item : &b.item,
			            order <= 0 ? a.item.id : NULL, order >= 0 ? b.item.id : NULL,
			            known);
		if (order <= 0)
			next(&a);
		if (order >= 0)
			next(&b);
	}
	git_odb_object_free(tree_a);
	git_odb_object_free(tree_b);
}

/* --- commits ------------------------------------------------------------------------------- */

static void print_parent(const struct stream *stream, const char *word, const git_oid *id)
{
	uint32_t mark = mark_of(stream, id);
	char hex[GIT_OID_HEXSZ + 1];

	if (mark)
		printf("%s :%u\n", word, mark);
	else
		printf("%s %s\n", word, git_oid_tostr(hex, sizeof(hex), id));
}

static void print_commit(struct stream *stream, git_repository *repository, const git_oid *id)
{
	bool aside = !bsearch(id, stream->line, stream->line_count, sizeof(*id), by_id);
	char path[PATH_MAX_BYTES];
	git_commit *commit, *parent;
	const char *header, *message;
	unsigned parents;

	check(git_commit_lookup(&commit, repository, id), "reading a commit");
	check(git_commit_parent(&parent, commit, 0), "reading a commit's parent");
	parents = git_commit_parentcount(commit);
	header = strstr(git_commit_raw_header(commit), "author ");
	message = git_commit_message_raw(commit);
	/* author and committer, unchanged */
	printf("commit %s\nmark :%u\n%sdata %zu\n%s\n", branch[aside], mark_add(stream, id), header,
	       strlen(message), message);
	if (!git_oid_equal(git_commit_parent_id(commit, 0), &stream->tip[aside]))
		print_parent(stream, "from", git_commit_parent_id(commit, 0));
	for (unsigned i = 1; i < parents; i++)
		print_parent(stream, "merge", git_commit_parent_id(commit, i));
	differ(stream, path, 0, git_commit_tree_id(parent)->id, git_commit_tree_id(commit)->id,
	       parents > 1);
	stream->tip[aside] = *id;
	git_commit_free(parent);
	git_commit_free(commit);
}

static void print_range(struct stream *stream, git_repository *repository, const git_oid *tip,
                        const git_oid *start)
{
	git_revwalk *walk;
	git_oid id;
	int error;

	check(git_revwalk_new(&walk, repository), "walking");
	git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL | GIT_SORT_REVERSE);
	check(git_revwalk_push(walk, tip), "walking");
	check(git_revwalk_hide(walk, start), "walking");
	while (!(error = git_revwalk_next(&id, walk)))
		print_commit(stream, repository, &id);
	check(error == GIT_ITEROVER ? 0 : error, "walking");
	git_revwalk_free(walk);
}

int main(int argc, char **argv)
{
	struct stream stream = {0};
	git_repository *repository;
	git_oid start, from, tip;

	if (argc != 4) {
		fprintf(stderr, "usage: bench_stream REPOSITORY START FROM\n");
		return 2;
	}
	git_libgit2_init();
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_TREE,
	                 (size_t)TREE_CACHE_OBJECT);
	git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)CACHE_BYTES);
	check(git_repository_open(&repository, argv[1]), argv[1]);
	check(git_repository_odb(&stream.odb, repository), argv[1]);
	check(git_oid_fromstr(&start, argv[2]), argv[2]);
	check(git_oid_fromstr(&from, argv[3]), argv[3]);
	check(git_reference_name_to_id(&tip, repository, branch[0]), branch[0]);
	stream.slots = 1;
	stream.slot = calloc(1, sizeof(*stream.slot));
	find_line(&stream, repository, &tip, &start);
	print_range(&stream, repository, &from, &start);
	printf("progress from\n");
	print_range(&stream, repository, &tip, &from);
	printf("done\n");
	free(stream.slot);
	free(stream.done);
	free(stream.line);
	git_odb_free(stream.odb);
	git_repository_free(repository);
	return fflush(stdout) ? 1 : 0;
}

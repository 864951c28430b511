/* SPDX-License-Identifier: MIT */
/*
 * A directory in memory: a tree object's bytes, where each name begins, and those directories below
 * that were needed so far. A node never changes. Patches make a new version of it, which shares
 * everything else: many versions cost only what differs (forest.h).
 */
#ifndef USER_STORE_NODE_H
#define USER_STORE_NODE_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct node {
	uint32_t references;
	uint32_t size;  /* bytes of data */
	uint32_t count; /* names */
	git_oid id;
	/* The pack in the making that has it (packing.h: serial, index); 0: none, or an earlier. */
	uint32_t index;
	uint64_t serial;
	struct node **child; /* NULL, or for each name: NULL, or its directory, with a reference */
	uint32_t *start;     /* where each name begins; start[count] is size */
	char *data;          /* the tree object, in the same piece of memory */
};

/* One name of a directory. */
struct node_name {
	uint32_t mode;
	const char *name;
	size_t length; /* of the name */
	const git_oid *id;
};

/* A change of a directory: replaces its bytes `from` to `to`. */
struct patch {
	uint32_t from, to;
	/* What replaces it: an id alone, a whole name, or (no name, no id) nothing. */
	const char *name;
	size_t length;
	uint32_t mode;
	git_oid id;
	bool has_id;
	struct node *child; /* the directory of that id; with a reference; NULL: none, or unknown */
};

/* From a tree object, which is copied. One reference. -EINVAL: it is malformed. `id` is set. */
int node_parse(struct node **node, const git_oid *id, const char *data, size_t size,
               struct fault *fault);
struct node *node_hold(struct node *node);
/* Lets go of one reference; NULL is fine. */
void node_release(struct node *node);

struct node_name node_at(const struct node *node, uint32_t index);
/* The index of a name, be it a file or a directory; -1 if it is not there. */
int64_t node_find(const struct node *node, const char *name, size_t length);
/* The byte at which a new name is inserted. */
uint32_t node_place(const struct node *node, const char *name, size_t length, uint32_t mode);

/* A buffer that is used again. */
struct scratch {
	uint8_t *bytes; /* owned */
	size_t size, room;
};

/*
 * Makes a new version, and sorts the patches. It takes over their references. `delta` becomes git's
 * delta from the old version to the new one, or empty if that is larger than half of the new one.
 * `old` may be NULL: an empty directory. The new node has no id yet.
 */
int node_patch(struct node **made, struct scratch *delta, const struct node *old,
               struct patch *patch, size_t patches, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A directory in memory: a tree object's bytes, where each of its names begins, and the
 * directories below, as far as they were needed so far. Never changed once made: a new version
 * is made from an old one by patches and shares everything else with it, so that any number of
 * versions of the table stand side by side at the cost of what differs (forest.h).
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
	uint32_t size;  /* octets of data */
	uint32_t count; /* names */
	git_oid id;
	/* The pack in the making that has it (packing.h: serial, index); 0: none, or an earlier. */
	uint32_t index;
	uint64_t serial;
	struct node **child; /* NULL, or for each name: NULL, or its directory, with a reference */
	uint32_t *start;     /* where each name's entry begins; start[count] is size */
	char *data;          /* the tree object, in the same piece of memory */
};

/* One name of a directory. */
struct node_entry {
	uint32_t mode;
	const char *name;
	size_t length; /* of the name */
	const git_oid *id;
};

/* A change of a directory's bytes: `from` to `to` give way. */
struct patch {
	uint32_t from, to;
	/* What comes there: an id alone, an entry with this name, or (no name, no id) nothing. */
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

struct node_entry node_at(const struct node *node, uint32_t index);
/* The index of a name, be it a file or a directory; -1 if it is not there. */
int64_t node_find(const struct node *node, const char *name, size_t length);
/* The octet before which a new name belongs. */
uint32_t node_place(const struct node *node, const char *name, size_t length, uint32_t mode);

/* Bytes that are used again and again. */
struct scratch {
	uint8_t *bytes; /* owned */
	size_t size, room;
};

/*
 * A new version with the patches, which are put into order. The patches' references go over to it.
 * `delta` becomes git's delta from the old version to the new one; of size 0 if it were larger than
 * half of that, for which it has room afterwards. `old` may be NULL: an empty directory. The id of
 * the new node is not set.
 */
int node_patch(struct node **made, struct scratch *delta, const struct node *old,
               struct patch *patch, size_t patches, struct fault *fault);

#endif

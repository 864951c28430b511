/* SPDX-License-Identifier: MIT */
/* The nodes of a fleet, as a repository knows them. */
#ifndef USER_READER_NODES_H
#define USER_READER_NODES_H

#include "base/base.h"

struct reader;

/* One branch: what a node says in a segment. Valid during the call, as are the texts. */
struct reader_node {
	const char *node, *segment;
	const char *remotes; /* it was fetched from these: "hub, site"; "": from none */
	bool own;            /* of this repository's agent */
	bool held;           /* main has what it said, up to `tip` */
	bool retired;        /* and it said nothing since */
	char tip[41];        /* "" if it is not held */
	int64_t spoke;       /* when it last said something, by its clock; 0: never */
	uint64_t count;      /* of its commits */
	size_t claims;       /* that stand, marks among them */
	/* What was fetched, and main has not got yet. */
	struct {
		uint64_t commits;
		size_t claims; /* addresses */
		int64_t since; /* the oldest of the commits; 0: none */
	} behind;
	const char *left_out; /* why what was fetched is not taken; NULL: it is */
};

/* Calls `handle` for each branch, by node and segment, until it returns non-zero; that is returned.
 * Of a repository without a fleet there are none. 0, or a negative errno and a fault. */
int reader_nodes(struct reader *reader,
                 int (*handle)(void *context, const struct reader_node *node), void *context,
                 struct fault *fault);

#endif

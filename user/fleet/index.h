/* SPDX-License-Identifier: MIT */
/*
 * All claims that this node holds, by segment and address; for each address at most one of each
 * node. A segment is a number of the caller's, below FLEET_SEGMENTS. A claim of an IPv4 address
 * takes 60 bytes at most, one of an IPv6 address 76.
 */
#ifndef USER_FLEET_INDEX_H
#define USER_FLEET_INDEX_H

#include <stddef.h>

#include "base/base.h"
#include "fleet/order.h"
#include "fleet/types.h"

/* -ENOMEM, -EIO (no random numbers), or -EINVAL for an invalid name. */
int fleet_new(struct fleet **fleet, const char *own_node, struct fault *fault);
void fleet_free(struct fleet *fleet); /* NULL is fine */

/* The number of a node's name, a new one if need be: 0 is the own node, then 1, 2, ... -ENOMEM, or
 * -EINVAL for an invalid name. */
int fleet_node(struct fleet *fleet, const char *name, unsigned *node);
const char *fleet_node_name(const struct fleet *fleet, unsigned node);
unsigned fleet_nodes(const struct fleet *fleet);              /* numbers given so far */
size_t fleet_count(const struct fleet *fleet, unsigned node); /* claims of it, marks among them */

/* What the node's branch says there from now on; NULL or CLAIM_NONE: nothing. What stood there
 * before raises the floor (floors.h). Where a branch moved by several commits, the claims between
 * its old and its new tip count: fleet_raise(). 0, -ENOMEM, or -EINVAL for times or a segment out
 * of range; then no claim is changed. */
int fleet_put(struct fleet *fleet, unsigned node, unsigned segment, struct address address,
              const struct claim *claim);

/* What the node says there. False: nothing, and *claim is CLAIM_NONE. */
bool fleet_get(const struct fleet *fleet, unsigned node, unsigned segment, struct address address,
               struct claim *claim);
/* The same of the own node. */
bool fleet_own(const struct fleet *fleet, unsigned segment, struct address address,
               struct claim *own);

/* The greatest claim there, and whose it is. True: the table has winner->mac. False: nothing shows;
 * *winner is a mark, or CLAIM_NONE where nobody says anything (*node is then FLEET_OWN). */
bool fleet_view(const struct fleet *fleet, unsigned segment, struct address address,
                struct claim *winner, unsigned *node);

/* Which of two claims is greater, by all rules: positive, `a`. 0 only for two of one node. */
int fleet_compare(const struct fleet *fleet, const struct claim *a, unsigned node_a,
                  const struct claim *b, unsigned node_b);

/* Called for a claim. Anything but 0 ends the walk, which returns it. It must not change the
 * fleet. */
typedef int fleet_claim_fn(void *context, unsigned node, unsigned segment, struct address address,
                           const struct claim *claim);
/* The claims of one address, greatest first. */
int fleet_each_at(const struct fleet *fleet, unsigned segment, struct address address,
                  fleet_claim_fn *fn, void *context);
/* All claims of a node, in no order. Reads the whole index. */
int fleet_each_of(const struct fleet *fleet, unsigned node, fleet_claim_fn *fn, void *context);

/* Bytes of memory in use. */
size_t fleet_bytes(const struct fleet *fleet);

#endif

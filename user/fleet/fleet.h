/* SPDX-License-Identifier: MIT */
/*
 * The fleet: what every node says about every address, and what follows from it (docs/fleet.md).
 * Pure: no git, no files, no thread, and the clock is passed in.
 *
 * A node writes only its own claims: what it learned, what was declared at it, and marks, which say
 * that something is gone. A repository holds the claims of all nodes. The view of an address is the
 * greatest claim of it, so nodes that hold the same claims have the same view.
 *
 *     fleet_new(&fleet, "leaf7", fault)
 *     fleet_clock(fleet, now)                        before anything else, and as time passes
 *     fleet_node(fleet, "leaf8", &node)              a number for a name
 *     fleet_put(fleet, node, segment, address, &claim)   what a branch says; NULL: no longer
 *     if (fleet_tidy(fleet, segment, address, &own))     whenever others' claims changed
 *             commit it to the own branch, then fleet_put(fleet, FLEET_OWN, ...)
 *     if (fleet_say(fleet, segment, address, FLEET_UNSET, NULL, now, &own))
 *             the same
 *     if (fleet_view(fleet, segment, address, &claim, &node))
 *             the table has claim.mac there
 *
 * The parts:
 *
 *     order      claims, and which of two is greater
 *     claimtext  a claim as a file of a node's branch
 *     index      all claims by address, and the view
 *     floors     times that an operator's next word must be later than
 *     words      what the own branch says next
 *     rank       which node of a wire claims an address first
 */
#ifndef USER_FLEET_H
#define USER_FLEET_H

#include "fleet/claimtext.h"
#include "fleet/floors.h"
#include "fleet/index.h"
#include "fleet/order.h"
#include "fleet/rank.h"
#include "fleet/words.h"

#endif

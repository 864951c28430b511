/* SPDX-License-Identifier: MIT */
/*
 * The lease of a remote's requests: which node takes them. It is a blob at the remote,
 *
 *     node leaf1
 *     count 17
 *     seconds 180
 *
 * that is only ever replaced by compare-and-swap. The first node that finds none takes it. The
 * holder replaces it before each round of requests. Another node takes it when requests have waited
 * for so many seconds of that node's own clock, and it has not changed.
 */
#ifndef USER_SYNC_LEASE_H
#define USER_SYNC_LEASE_H

#include "sync/exchange.h"

#define LEASE_REFS "refs/fleet/lease/"
#define LEASE_REF  LEASE_REFS "operators"

/*
 * Reads the lease that was fetched aside, takes or renews it if this node may, and sets the
 * report's `holder` and `lease`. `held`: this node has it, from `*begun_ms` on (CLOCK_MONOTONIC),
 * for the request's `lease_seconds`. 0, or a negative errno and a fault. Where another node was
 * faster, or the remote refuses the reference, it is not held, which is not an error.
 */
int lease_take(struct exchange *exchange, bool waiting, bool *held, uint64_t *begun_ms,
               struct fault *fault);

#endif

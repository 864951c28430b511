/* SPDX-License-Identifier: MIT */
/* The ring buffer of the events. */
#ifndef USER_OFFLOAD_RING_H
#define USER_OFFLOAD_RING_H

#include "offload/instance.h"

/* Opens the ring buffer `map`, whose events go to offload->handle. */
int ring_open(struct offload *offload, const struct bpf_map *map, struct fault *fault);
void ring_close(struct offload *offload);

#endif

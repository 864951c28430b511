/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that libxdp leaves open: version 1.3 loses one for each program it looks at, and a
 * program lives as long as any descriptor of it, attached or not. So what a call left open is
 * closed after it.
 */
#ifndef USER_OFFLOAD_DESCRIPTORS_H
#define USER_OFFLOAD_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>

struct descriptors {
	int *fd; /* owned */
	size_t count, room;
	bool known; /* they could all be listed */
};

/* Notes which descriptors of BPF programs are open. */
void descriptors_mark(struct descriptors *before);
/* Closes those opened since, except two, and clears `before`. No other thread may open BPF programs
 * meanwhile. */
void descriptors_sweep(struct descriptors *before, int keep, int keep_too);

#endif

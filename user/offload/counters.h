/* SPDX-License-Identifier: MIT */
/* The counters of an instance. */
#ifndef USER_OFFLOAD_COUNTERS_H
#define USER_OFFLOAD_COUNTERS_H

#include <stdint.h>

#include "arpkeeper/counters.h"
#include "offload/types.h"

/* Sums over CPUs, from the map of that descriptor. 0 or a negative errno. */
int counters_read(int fd, uint64_t counters[COUNTERS]);
int offload_counters(const struct offload *offload, uint64_t counters[COUNTERS]);

const char *counter_name(enum counter counter);

#endif

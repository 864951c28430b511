/* SPDX-License-Identifier: MIT */
/*
 * The layout record: a small map beside the table that says which table (by its object number) was
 * laid out for which prefixes. `bpftool map dump` prints it with names.
 */
#ifndef USER_OFFLOAD_LAYOUT_RECORD_H
#define USER_OFFLOAD_LAYOUT_RECORD_H

#include <stdint.h>

#include "base/base.h"
#include "wire/wire.h"

/* A new map, into *fd, that records `layout` for the table with number `table`. */
int layout_record_make(int *fd, const struct layout *layout, uint32_t table, struct fault *fault);
/* Reads one; -EINVAL when it is not a record. The caller clears `layout`. */
int layout_record_read(int fd, struct layout *layout, uint32_t *table);

#endif

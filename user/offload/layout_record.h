/* SPDX-License-Identifier: MIT */
/*
 * The layout record: a small map beside the table that says which prefixes the table was laid
 * out for, and which table (by its number in the kernel). `bpftool map dump` prints it with
 * names.
 */
#ifndef USER_OFFLOAD_LAYOUT_RECORD_H
#define USER_OFFLOAD_LAYOUT_RECORD_H

#include <stdint.h>

#include "base/base.h"
#include "wire/wire.h"

/* A new map, into *fd, that records `layout` for the table with number `table`. */
int layout_record_make(int *fd, const struct layout *layout, uint32_t table, struct fault *fault);
/* Reads one; -EINVAL when it is none. The caller clears `layout`. */
int layout_record_read(int fd, struct layout *layout, uint32_t *table);

#endif

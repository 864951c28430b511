/* SPDX-License-Identifier: MIT */
/*
 * The layout record: a small map beside the table that says which table (by its object number) was
 * laid out for which prefixes, and which map has the slots of its IPv6 addresses. `bpftool map
 * dump` prints it with names.
 */
#ifndef USER_OFFLOAD_LAYOUT_RECORD_H
#define USER_OFFLOAD_LAYOUT_RECORD_H

#include <stdint.h>

#include "base/base.h"
#include "wire/wire.h"

/* Object numbers of maps. */
struct layout_maps {
	uint32_t table, index6; /* index6 0: the layout has no IPv6 prefix */
};

/* A new map, into *fd, that records `layout` for these maps. Without an IPv6 prefix it is as
 * earlier versions made and read it. */
int layout_record_make(int *fd, const struct layout *layout, struct layout_maps maps,
                       struct fault *fault);
/* Reads one, of either kind; -EINVAL when it is not a record. The caller clears `layout`. */
int layout_record_read(int fd, struct layout *layout, struct layout_maps *maps);

#endif

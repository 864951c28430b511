/* SPDX-License-Identifier: MIT */
/* The object file with the XDP program, and the maps that all interfaces of an instance share. */
#ifndef USER_OFFLOAD_MAPS_H
#define USER_OFFLOAD_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offload/instance.h"

/*
 * Opened, nothing loaded; closed with bpf_object__close(). NULL and errno. `fixed`: the program
 * that changes no frame's length (bpf/arpkeeper_fixed.bpf.c).
 */
struct bpf_object *object_open(bool fixed);
/* Its only program. */
struct bpf_program *object_program(const struct bpf_object *object);

#define MAPS_SHARED_MAX 16

/* Whether the XDP program's `map` is one of them: it is pinned by its own name. */
bool maps_is_shared(const struct bpf_map *map);
/* Whether it is the table, or the index of its IPv6 addresses. */
bool maps_is_table(const struct bpf_map *map);
/* The open map of that name; NULL if there is none. */
struct bpf_map *maps_find(const struct offload *offload, const char *name);
/*
 * Pins what is not yet pinned. The table, the index of its IPv6 addresses and its layout record
 * cannot be switched in one instant, so the record names the other two. First the record and the
 * index are pinned as `layout_next` and `neigh_index6_next`, then the table gets its name (from
 * here on the new table counts), then the others get their own. The next offload_open() takes the
 * record that names the pinned table, and the index that the record names. So a crash at any point
 * leaves either the old table or the new one, with its record and index.
 */
int maps_pin(struct offload *offload, struct fault *fault);
/* The object numbers of the pinned shared maps, by which a program of this instance is recognised.
 */
size_t maps_pinned_ids(const struct pins *pins, uint32_t ids[MAPS_SHARED_MAX]);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The object file with the XDP program and its maps, which is built into this program.
 */
#ifndef USER_OFFLOAD_OBJECT_H
#define USER_OFFLOAD_OBJECT_H

#include <bpf/libbpf.h>

/* Opened, nothing loaded; closed with bpf_object__close(). NULL and errno. */
struct bpf_object *object_open(void);
/* Its only program. */
struct bpf_program *object_program(const struct bpf_object *object);

#endif

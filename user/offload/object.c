// SPDX-License-Identifier: MIT
/*
 * The object file. Only the bytes of bpftool's skeleton are used: the object itself describes its
 * maps.
 */
#include "offload/object.h"

#include "arpkeeper.skel.h"

struct bpf_object *object_open(void)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "arpkeeper");
	size_t size;
	const void *bytes = arpkeeper_bpf__elf_bytes(&size);

	return bpf_object__open_mem(bytes, size, &options);
}

struct bpf_program *object_program(const struct bpf_object *object)
{
	return bpf_object__next_program(object, NULL);
}

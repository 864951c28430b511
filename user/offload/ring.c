// SPDX-License-Identifier: MIT
/* The ring buffer. An event is a hint: one that is not handled is not kept. */
#include "offload/ring.h"

#include <errno.h>
#include <string.h>

static int pass_on(void *context, void *data, size_t size)
{
	struct offload *offload = context;

	if (offload->handle && size >= sizeof(struct event))
		offload->handle(offload->context, data);
	return 0;
}

int ring_open(struct offload *offload, const struct bpf_map *map, struct fault *fault)
{
	int error;

	offload->ring = ring_buffer__new(bpf_map__fd(map), pass_on, offload, NULL);
	error = -errno;
	if (!offload->ring)
		return fault_set(fault, error, "map events: cannot read the ring buffer: %s",
		                 strerror(-error));
	return 0;
}

void ring_close(struct offload *offload)
{
	ring_buffer__free(offload->ring);
}

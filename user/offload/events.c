// SPDX-License-Identifier: MIT
/*
 * Events: from the ring buffer to whoever handles them. An event is a hint; one that was not
 * handled is not kept.
 */
#include <errno.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "offload/maps.h"

static int event_pass_on(void *context, void *data, size_t size)
{
	struct offload *offload = context;

	if (offload->handle && size >= sizeof(struct event))
		offload->handle(offload->context, data);
	return 0;
}

int events_open(struct offload *offload, struct fault *fault)
{
	int error;

	offload->ring = ring_buffer__new(bpf_map__fd(maps_find(offload, "events")), event_pass_on,
	                                 offload, NULL);
	error = -errno;
	if (!offload->ring)
		return fault_set(fault, error, "map events: cannot read the ring buffer: %s",
		                 strerror(-error));
	return 0;
}

void events_close(struct offload *offload)
{
	ring_buffer__free(offload->ring);
}

int offload_events_fd(const struct offload *offload)
{
	return ring_buffer__epoll_fd(offload->ring);
}

int offload_events_consume(struct offload *offload)
{
	return ring_buffer__consume(offload->ring);
}

void offload_events_handler(struct offload *offload,
                            void (*handle)(void *context, const struct event *event), void *context)
{
	offload->handle = handle;
	offload->context = context;
}

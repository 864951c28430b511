// SPDX-License-Identifier: MIT
/* Events, from the ring buffer to their handler. */
#include "offload/events.h"

#include "offload/instance.h"

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

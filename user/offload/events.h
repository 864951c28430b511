/* SPDX-License-Identifier: MIT */
/* Events of the XDP program. */
#ifndef USER_OFFLOAD_EVENTS_H
#define USER_OFFLOAD_EVENTS_H

#include "arpkeeper/event.h"
#include "offload/types.h"

/* A descriptor to poll for reading; then offload_events_consume() calls `handle` for each event. */
int offload_events_fd(const struct offload *offload);
int offload_events_consume(struct offload *offload);
void offload_events_handler(struct offload *offload,
                            void (*handle)(void *context, const struct event *event),
                            void *context);

#endif

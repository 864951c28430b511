/* SPDX-License-Identifier: MIT */
/* The maps of an instance, open. */
#ifndef USER_OFFLOAD_OPEN_H
#define USER_OFFLOAD_OPEN_H

#include <stdbool.h>
#include <stdint.h>

#include "arpkeeper/event.h"
#include "arpkeeper/slot.h"
#include "offload/types.h"

/*
 * Opens the maps of `instance`: the pinned ones if they fit `layout` (copied), else new ones. When
 * the pinned table has another layout, its slots are carried over into a new one by address; the
 * old one goes on answering until offload_attach() replaces the program. The first offload_attach()
 * pins a new table, so fill it before: then the next agent never takes over a table that its
 * predecessor left half filled.
 */
int offload_open(struct offload **offload, const char *instance, const struct layout *layout,
                 struct fault *fault);
/* The table, memory-mapped, layout->slots of them, until offload_close(). */
struct neigh_slot *offload_slots(struct offload *offload);
/* Whether the slot's content was there before this agent, or is new and empty. */
bool offload_slot_inherited(const struct offload *offload, uint32_t slot);
/* Whether the table is the pinned map, which attached programs use. */
bool offload_table_taken(const struct offload *offload);
/* Whether any slot was. */
bool offload_inherited(const struct offload *offload);
/* A descriptor to poll for reading; then offload_events_consume() calls `handle` for each event. */
int offload_events_fd(const struct offload *offload);
int offload_events_consume(struct offload *offload);
void offload_events_handler(struct offload *offload,
                            void (*handle)(void *context, const struct event *event),
                            void *context);
/* Ports that are attached from now on ask there. */
void offload_ask_to_detach(struct offload *offload, struct detaching detaching);
/* Closes descriptors and mappings; pins and programs stay. NULL is fine. */
void offload_close(struct offload *offload);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The offload: the maps of an instance, pinned under /sys/fs/bpf/arpkeeper/<instance>/, and
 * the program on each interface. It knows slots and frames, and no policy.
 *
 *     neigh_slots            the table (shared by all interfaces)
 *     events, counters       likewise
 *     layout                 the prefixes that the table was laid out for
 *     port_<interface>       struct port, one for each interface
 *     prog_<interface>       the program attached there
 *
 * Maps and programs outlive the agent: nothing here detaches unless asked to.
 */
#ifndef USER_OFFLOAD_H
#define USER_OFFLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "arpkeeper/counters.h"
#include "arpkeeper/event.h"
#include "arpkeeper/port.h"
#include "arpkeeper/slot.h"
#include "base/base.h"
#include "wire/wire.h"

struct offload;      /* the maps of one instance */
struct offload_port; /* the program on one interface */

enum offload_mode { OFFLOAD_AUTO, OFFLOAD_NATIVE, OFFLOAD_GENERIC };

/* Mounts bpffs at /sys/fs/bpf if nothing is there, and checks that the kernel has what is
 * needed (naming the feature that it lacks). Call once, before offload_open(). */
int offload_prepare(struct fault *fault);

/*
 * Opens the maps of `instance`: those that are pinned, when they fit `layout`, else new ones.
 * When a pinned table has another layout, a new one is made and its slots are carried over by
 * address; the old one goes on answering until offload_attach() replaces the program.
 * A new table is pinned by the first offload_attach(), so fill it before: one that its agent
 * left half filled is never taken for the truth by the next. `layout` is copied.
 */
int offload_open(struct offload **offload, const char *instance, const struct layout *layout,
                 struct fault *fault);
/* The table, memory-mapped, layout->slots of them, until offload_close(). */
struct neigh_slot *offload_slots(struct offload *offload);
/* Whether the slot's content was there before this agent (taken over), or is a new, empty one. */
bool offload_slot_inherited(const struct offload *offload, uint32_t slot);
/* Whether any of the table was taken over. */
bool offload_inherited(const struct offload *offload);
/* Closes descriptors and mappings; pins and programs stay. NULL is fine. */
void offload_close(struct offload *offload);
/* Removes the pins of the maps. Ports must have been detached. */
int offload_unpin(struct offload *offload, struct fault *fault);

/*
 * Puts the program on an interface of the current network namespace, atomically replacing
 * our own if it is there already (no frame is missed), never somebody else's: -EBUSY and a
 * fault that names what is there. `mode` AUTO: generic on veth, native where the driver has
 * it, else generic; a mode asked for by name is never replaced by another: the fault says why
 * it was refused. The port starts with `config`.
 */
int offload_attach(struct offload_port **port, struct offload *offload, const char *interface,
                   unsigned ifindex, enum offload_mode mode, const struct port_config *config,
                   struct fault *fault);
/* "native" or "generic"; and why: one phrase. Both live as long as the port. */
const char *offload_port_mode(const struct offload_port *port);
const char *offload_port_reason(const struct offload_port *port);
/* "dispatcher" or "single program". */
const char *offload_port_attachment(const struct offload_port *port);
/* PORT_REDIRECT is added here when the mode needs it. */
void offload_port_configure(struct offload_port *port, const struct port_config *config);
/* The agent lives: `now` in coarse seconds; `silence` as in struct port. */
void offload_port_heartbeat(struct offload_port *port, uint32_t now, uint32_t silence);
/* Whether our program is still the one attached. */
bool offload_port_is_attached(const struct offload_port *port);
/* Takes the program off and removes its pins. An error means that it may still be there. */
int offload_port_detach(struct offload_port *port, struct fault *fault);
/* Its interface has left the network namespace, and may have taken the program along: there it
 * passes everything from now on. The pins stay: by them offload_attach() knows it when it returns.
 */
void offload_port_abandon(struct offload_port *port);
/* Frees the handle only. NULL is fine. */
void offload_port_close(struct offload_port *port);

/* A descriptor to poll for reading; then offload_events_consume() calls `handle` for each event. */
int offload_events_fd(const struct offload *offload);
int offload_events_consume(struct offload *offload);
void offload_events_handler(struct offload *offload,
                            void (*handle)(void *context, const struct event *event),
                            void *context);

/* Sums over CPUs. */
int offload_counters(const struct offload *offload, uint64_t counters[COUNTERS]);

/* CLOCK_MONOTONIC_COARSE, as the program reads it, in whole seconds. */
uint32_t offload_now(void);

/*
 * Without an agent: detaches every program of `instance` from every interface of the current
 * network namespace, and removes its pins. `detached` counts interfaces. Says detached only of what
 * is.
 */
int offload_detach_instance(const char *instance, unsigned *detached, struct fault *fault);

/* Name and description of a counter, in the order of enum counter. */
const char *counter_name(enum counter counter);
const char *counter_help(enum counter counter);

#endif

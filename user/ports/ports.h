/* SPDX-License-Identifier: MIT */
/*
 * Ports: the interfaces that the agent answers on. Each follows its interface (it comes, goes,
 * changes its link, MAC or index), keeps the XDP program attached, and sends the agent's own
 * frames.
 *
 *     ports_init(), ports_attach()       from here on the program answers
 *     ports_fd(), ports_receive()        when an interface changes
 *     ports_beat()                       once a second
 *     ports_ask(), announce_add(), ...   frames (send.h, announce.h)
 *     ports_detach(), ports_clear()
 *
 * With another configuration: ports_init() makes the new ports beside the old ones, which go on;
 * ports_check_successor() says what could not be done; ports_continue() hands the programs over.
 *
 * This room decides nothing about bindings: struct ports_ops reports what changed.
 */
#ifndef USER_PORTS_H
#define USER_PORTS_H

#include "ports/announce.h"
#include "ports/domains.h"
#include "ports/hearing.h"
#include "ports/port.h"
#include "ports/send.h"
#include "ports/tags.h"

/* Makes one port for each interface that the configuration names. One that exists must be Ethernet;
 * one that is absent is attached when it comes. On error, too, ports_clear() must follow. */
int ports_init(struct ports *ports, const struct config *config, const struct ports_ops *ops,
               void *context, struct fault *fault);
/* Whether all of the interfaces exist. */
int ports_check_present(const struct ports *ports, struct fault *fault);
/* To poll for reading; then ports_receive() follows what changed. */
int ports_fd(const struct ports *ports);
int ports_receive(struct ports *ports, struct fault *fault);
/* Attaches all that exist; from now on every port follows its interface. If one fails, it detaches
 * what it attached. */
int ports_attach(struct ports *ports, struct offload *offload, const struct layout *layout,
                 struct fault *fault);
/* After ports_attach(): takes the programs of an earlier agent off interfaces that are not
 * configured any more. */
void ports_sweep(struct ports *ports);
/* The configuration has moved, and is the same. */
void ports_set_config(struct ports *ports, const struct config *config);
/* Whether these ports can follow the ones of `before`: new interfaces are free, and, unless the
 * table stays the same map, each program can be replaced. */
int ports_check_successor(const struct ports *ports, struct ports *before, bool same_table,
                          struct fault *fault);
/* Takes over the programs of `before` without missing a frame, attaches what is new, and detaches
 * what is not here. A port that fails says so, and is tried again. `before` may be `ports`: then
 * only the maps were opened again. ports_clear(before) may follow. */
void ports_continue(struct ports *ports, struct ports *before, struct offload *offload,
                    const struct layout *layout, bool same_table);
/* The programs go on answering for learned bindings (config->silence). */
void ports_heartbeat(struct ports *ports);
/* Once a second: heartbeats, and another try for ports that are not attached. */
void ports_beat(struct ports *ports);
/* Detaches all. The fault names one that stayed attached, and then passes everything; such a port
 * keeps its handle, and its `reason`. */
int ports_detach(struct ports *ports, struct fault *fault);
void ports_clear(struct ports *ports);

#endif

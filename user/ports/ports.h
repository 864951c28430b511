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
 * This room decides nothing about bindings: struct ports_ops reports what changed.
 */
#ifndef USER_PORTS_H
#define USER_PORTS_H

#include "ports/announce.h"
#include "ports/port.h"
#include "ports/send.h"
#include "ports/tags.h"

/* Makes one port for each interface that the configuration names: it must exist and be Ethernet.
 * On error, too, ports_clear() must follow. */
int ports_init(struct ports *ports, const struct config *config, const struct ports_ops *ops,
               void *context, struct fault *fault);
/* To poll for reading; then ports_receive() follows what changed. */
int ports_fd(const struct ports *ports);
int ports_receive(struct ports *ports, struct fault *fault);
/* Attaches all; from now on every port follows its interface. If one fails, it detaches what it
 * attached. */
int ports_attach(struct ports *ports, struct offload *offload, const struct layout *layout,
                 struct fault *fault);
/* Once a second: heartbeats, and another try for ports that are not attached. */
void ports_beat(struct ports *ports);
/* Detaches all. The fault names what stayed attached. */
int ports_detach(struct ports *ports, struct fault *fault);
void ports_clear(struct ports *ports);

/* The port with this index; NULL if none. */
struct agent_port *ports_find(struct ports *ports, unsigned ifindex);

#endif

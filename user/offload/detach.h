/* SPDX-License-Identifier: MIT */
/* Programs taken off, and pins removed. */
#ifndef USER_OFFLOAD_DETACH_H
#define USER_OFFLOAD_DETACH_H

#include <stdbool.h>

#include "offload/types.h"

/* Takes the program off and removes its pins. On an error it may still be attached:
 * offload_port_abandon() then makes it pass everything. */
int offload_port_detach(struct offload_port *port, struct fault *fault);
/* The program passes everything from now on: it stays on an interface that left the network
 * namespace, or cannot be taken off. The pins stay, so that it is recognised, and
 * offload_port_return() can take it up again. */
void offload_port_abandon(struct offload_port *port);
/* In a process that may look programs up: takes every program of `instance` out of the dispatcher
 * on an interface. Programs of others stay, and miss no frame. 0 also if there is none of ours. */
int offload_detach_shared(const char *instance, unsigned ifindex);
/* Removes the pins of the maps. All ports must be detached before. */
int offload_unpin(struct offload *offload, struct fault *fault);
/* Takes the programs that an earlier agent of the instance left off those interfaces that `keeps`
 * denies, and removes their pins. While programs can still be looked up. */
void offload_sweep(struct offload *offload, bool (*keeps)(void *context, const char *interface),
                   void *context);
/* Without an agent: takes every program of `instance` off every interface of the current network
 * namespace, and removes its pins. `detached` counts the interfaces. */
int offload_detach_instance(const char *instance, unsigned *detached, struct fault *fault);

#endif

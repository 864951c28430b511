/* SPDX-License-Identifier: MIT */
/* Programs taken off, and pins removed. */
#ifndef USER_OFFLOAD_DETACH_H
#define USER_OFFLOAD_DETACH_H

#include <stdbool.h>

#include "offload/types.h"

/* Takes the program off and removes its pins. On an error it may still be attached. */
int offload_port_detach(struct offload_port *port, struct fault *fault);
/* The interface left the network namespace, perhaps with the program: there it passes everything
 * from now on. The pins stay, so that offload_attach() recognises the program when the interface
 * returns. */
void offload_port_abandon(struct offload_port *port);
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

/* SPDX-License-Identifier: MIT */
/* A program on an interface. */
#ifndef USER_OFFLOAD_ATTACH_H
#define USER_OFFLOAD_ATTACH_H

#include "arpkeeper/port.h"
#include "offload/types.h"

/*
 * Puts the program on an interface of the current network namespace. A program of this instance
 * that is there already is replaced atomically, without missing a frame. Another program never is:
 * -EBUSY, and the fault names it. OFFLOAD_AUTO is generic on veth, native where the driver has it,
 * else generic. A mode asked for by name is never replaced by another: the fault says why it was
 * refused. The port starts with `config`.
 */
int offload_attach(struct offload_port **port, struct offload *offload, const char *interface,
                   unsigned ifindex, enum offload_mode mode, const struct port_config *config,
                   struct fault *fault);
/*
 * Another program in place of the one that `*port` stands for, on the maps that are open now; then
 * the handle is the new one's. On an error both stay. A process that may not look programs up finds
 * its own program in a dispatcher only so.
 */
int offload_reattach(struct offload_port **port, struct offload *offload, enum offload_mode mode,
                     const struct port_config *config, struct fault *fault);
/*
 * As offload_attach(), for an interface that is back. `before` was its program's handle when it
 * left, and the program was abandoned: if it is still there, it is replaced, or, in a dispatcher
 * with others, answers again. `before` is gone when this succeeds.
 */
int offload_port_return(struct offload_port **port, struct offload_port *before,
                        struct offload *offload, unsigned ifindex, enum offload_mode mode,
                        const struct port_config *config, struct fault *fault);
/* Whether offload_attach() would find no program of others on an interface that has none of ours.
 * -EBUSY and a fault if it would. */
int offload_check_free(const char *interface, unsigned ifindex, struct fault *fault);
/* Whether offload_reattach() can replace the handle's program without missing a frame. */
int offload_port_check_replaceable(const struct offload_port *port, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Attachment through libxdp, whose dispatcher lets several programs share an interface. Where the
 * kernel cannot do that, libxdp attaches the program alone. Changing a dispatcher needs
 * CAP_SYS_ADMIN: libxdp looks programs up by number.
 */
#ifndef USER_OFFLOAD_DISPATCHER_H
#define USER_OFFLOAD_DISPATCHER_H

#include <stdbool.h>
#include <stdint.h>

#include "offload/attachment.h"

/* Loads the program of `object`, which is open only, and attaches it beside what a dispatcher holds
 * already. *fd gets the program's descriptor, owned by the caller. */
int dispatcher_add(struct bpf_object *object, unsigned ifindex, uint32_t mode, int *fd);
/* Removes this instance's programs from the dispatcher, except program `keep` (0: none). Returns
 * how many, or -errno. */
int dispatcher_remove(const struct identity *identity, unsigned ifindex, uint32_t keep);
/* Whether the dispatcher holds only programs of this instance. */
bool dispatcher_is_ours(const struct identity *identity, unsigned ifindex);
/* Whether dispatcher `id` holds `program`, by libxdp's pins. Needs no capability. */
bool dispatcher_holds(uint32_t id, uint32_t program);
/* Removes libxdp's pins of dispatcher `id` if it holds `program` alone. For an interface that
 * libxdp does not find any more. */
void dispatcher_forget(uint32_t id, uint32_t program);
/* Removes libxdp's pins of `program` in dispatchers of `ifindex`. For one that another process took
 * off the interface without libxdp: its pins keep the program in use. */
void dispatcher_forget_off(unsigned ifindex, uint32_t program);
/* Removes libxdp's pins of dispatchers that are no longer attached to `ifindex`. */
void dispatcher_clean(unsigned ifindex);

#endif

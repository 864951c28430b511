/* SPDX-License-Identifier: MIT */
/* What must be there before anything is loaded. */
#ifndef USER_OFFLOAD_PREPARE_H
#define USER_OFFLOAD_PREPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

/* Mounts bpffs at /sys/fs/bpf if nothing is there, and checks that the kernel has the features
 * used. The fault names the missing one. Call once, before offload_open(). */
int offload_prepare(struct fault *fault);
/* Whether programs that this process attaches can share an interface with others, in libxdp's
 * dispatcher: it may look programs up (CAP_SYS_ADMIN). The kernel may still have no dispatchers. */
bool offload_may_share(void);
/* CLOCK_MONOTONIC_COARSE, as the program reads it, in whole seconds. */
uint32_t offload_now(void);

#endif

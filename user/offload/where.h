/* SPDX-License-Identifier: MIT */
/* Where a program is attached. */
#ifndef USER_OFFLOAD_WHERE_H
#define USER_OFFLOAD_WHERE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

/* The interface of this network namespace that has the program, alone or in a dispatcher; "" and
 * false: none. `mode` is the kernel's, as in attachment.h; it may be NULL. */
bool where_is(char interface[IFNAMSIZ], uint32_t program, uint32_t *mode);

#endif

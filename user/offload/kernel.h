/* SPDX-License-Identifier: MIT */
/*
 * Messages of the kernel and its libraries. Those of libbpf and libxdp go to the log at debug
 * level, since a refused attempt is often followed by one that works. The kernel's reason for a
 * refusal is kept for the fault.
 */
#ifndef USER_OFFLOAD_KERNEL_H
#define USER_OFFLOAD_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

/* Routes the libraries' messages. May be called again. */
void kernel_messages_route(void);
/* Forgets the reason of this thread's last refused call. */
void kernel_reason_clear(void);
/* The kernel's reason for this thread's last refused call (netlink's extended acknowledgement), or
 * "". */
const char *kernel_reason(void);
/* Sets the reason, for a refusal of this program's own, or to keep it across a call. */
void kernel_reason_set(const char *text);

/* Whether this process may look up programs by number, as libxdp must (CAP_SYS_ADMIN). */
bool kernel_has_admin(void);
/* Whether it has `capability` (CAP_*). */
bool kernel_has_capability(unsigned capability);

/* A descriptor's object number (program or map); 0 if it is unknown. */
uint32_t kernel_object_id(int fd);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What the kernel and its libraries say: libbpf's and libxdp's messages go to the log at debug
 * level (a refused attempt is often followed by another that works, and the one that counts
 * becomes a fault), and the kernel's own reason for a refusal is kept for that fault.
 */
#ifndef USER_OFFLOAD_KERNEL_H
#define USER_OFFLOAD_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

/* Routes the libraries' messages. May be called again. */
void kernel_messages_route(void);
/* Forgets what this thread's last refused call left behind. */
void kernel_reason_clear(void);
/* The kernel's reason for the last refusal (netlink's extended acknowledgement); "" if it gave
 * none. Of this thread, until its next call. */
const char *kernel_reason(void);
/* Sets it, for a refusal that is our own, or to keep it across a call. */
void kernel_reason_set(const char *text);

/* Whether this process may look up programs by number (CAP_SYS_ADMIN), as libxdp must. */
bool kernel_has_admin(void);
/* Whether it has `capability` (CAP_*). */
bool kernel_has_capability(unsigned capability);

/* A descriptor's object number (program or map); 0 when it cannot be told. */
uint32_t kernel_object_id(int fd);

#endif

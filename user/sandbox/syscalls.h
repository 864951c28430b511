/* SPDX-License-Identifier: MIT */
/* seccomp: the system calls that the process and its children may make. */
#ifndef USER_SANDBOX_SYSCALLS_H
#define USER_SANDBOX_SYSCALLS_H

#include <stdbool.h>

#include "base/base.h"

/*
 * Every other call fails with EPERM, and does not end the process: libraries then take another way.
 * `fetches` adds sockets of the internet. Needs no_new_privs. 1: in force; 0: the kernel has no
 * seccomp; a negative errno and a fault otherwise.
 */
int syscalls_restrict(bool fetches, struct fault *fault);
/* From now on, no new socket. Returns 0 also where the kernel cannot. */
int syscalls_end_sockets(struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* seccomp: the system calls that the process and its children may make. */
#ifndef USER_SANDBOX_SYSCALLS_H
#define USER_SANDBOX_SYSCALLS_H

#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

/* For filters of other files: a rule for the call of that name. A name that the library does not
 * know is left out. */
int syscalls_add(scmp_filter_ctx filter, uint32_t action, const char *name,
                 const struct scmp_arg_cmp *condition, unsigned conditions);
/* Puts the filter into force unless `error` says that it could not be made, and releases it. 1: in
 * force; 0: the kernel has no seccomp; a negative errno and a fault otherwise. */
int syscalls_finish(scmp_filter_ctx filter, int error, struct fault *fault);

/*
 * Every other call fails with EPERM, and does not end the process: libraries then take another way.
 * `fetches` adds sockets of the internet. `serves` adds to accept connections and to connect to
 * Unix sockets; without it, programs may be run and processes of the same user signalled. Needs
 * no_new_privs. 1: in force; 0: the kernel has no seccomp; a negative errno and a fault otherwise.
 */
int syscalls_restrict(bool fetches, bool serves, struct fault *fault);
/* From now on, no new socket. Returns 0 also where the kernel cannot. */
int syscalls_end_sockets(struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* seccomp for a process that changes a dispatcher: bpf(), netlink and files, and nothing else. */
#ifndef USER_SANDBOX_BPFCALLS_H
#define USER_SANDBOX_BPFCALLS_H

#include "base/base.h"

/* Every other call fails with EPERM. Needs no_new_privs. Returns 0 also where the kernel has no
 * seccomp. */
int bpfcalls_restrict(struct fault *fault);

#endif

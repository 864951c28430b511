/* SPDX-License-Identifier: MIT */
/* What the keeper gives up. */
#ifndef USER_SANDBOX_KEEPER_H
#define USER_SANDBOX_KEEPER_H

#include <stdbool.h>

#include "base/base.h"

/*
 * The calling thread keeps CAP_BPF, CAP_NET_ADMIN, CAP_NET_RAW and CAP_PERFMON (to load and to
 * attach, for an interface that comes back), and its children nothing. The bounding set is reduced
 * likewise, and no_new_privs is set. `others_files` also keeps CAP_DAC_OVERRIDE and CAP_FOWNER, for
 * the thread and its children: for another user's repository, while history is a thread.
 */
int sandbox_keeper(bool others_files, struct fault *fault);

#endif

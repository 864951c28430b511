/* SPDX-License-Identifier: MIT */
/* How a process becomes the recorder, which has no privileges. */
#ifndef USER_SANDBOX_ENTER_H
#define USER_SANDBOX_ENTER_H

#include "base/base.h"
#include "sandbox/types.h"

/*
 * For a process with one thread, as root. Afterwards it is options' user without supplementary
 * groups and capabilities, and no program that it runs gets any. Its environment has only PATH,
 * HOME, USER and LC_ALL, and under systemd JOURNAL_STREAM. Descriptors above 3 are closed, and it
 * dumps no core. Landlock and seccomp limit files, sockets and system calls, also for its children.
 *
 * 0, or a negative errno and a fault: the process is then half-way, and must end. `report` (may be
 * NULL) says what is in force.
 */
int sandbox_enter(const struct sandbox_options *options, struct sandbox_report *report,
                  struct fault *fault);
/* The first half alone: the user, without groups and capabilities, the environment, the
 * descriptors, closed to debuggers. No Landlock and no seccomp. */
int sandbox_become(const struct sandbox_user *user, struct fault *fault);
/* From now on: no socket, no connection, and closed to debuggers again, as a program that was run
 * from the sandbox is not. Each recorder calls it, when everything is fetched. */
int sandbox_end_fetching(struct fault *fault);

#endif

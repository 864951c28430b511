/* SPDX-License-Identifier: MIT */
/*
 * The detacher: a small process that keeps CAP_SYS_ADMIN, and takes this instance's programs out of
 * an interface's dispatcher when the keeper asks. The keeper cannot: once another program has
 * joined or left, the dispatcher is a new program, and only that capability looks programs up by
 * number.
 *
 *     error = detacher_open(&detacher, &options, &fault);     root, one thread, in the interfaces'
 *                                                             network namespace
 *     ...
 *     error = detacher_ask(detacher, ifindex);
 *     ...
 *     detacher_close(detacher);
 *
 * A request is a number, and so is the answer: no path and no program comes from the keeper.
 * seccomp leaves it bpf() and files, Landlock the BPF file system and libraries.
 */
#ifndef USER_SANDBOX_DETACHER_H
#define USER_SANDBOX_DETACHER_H

#include <stdint.h>

#include "base/base.h"
#include "sandbox/types.h"

struct detacher;

/* Forks the process, which gives up all other rights. A fault is that of a right that could not be
 * given up; then there is no process. */
int detacher_open(struct detacher **out, const struct detacher_options *options,
                  struct fault *fault);
/* Waits for the answer, ten seconds at most. The function's result; -EPERM after it has ended, or
 * hung. */
int detacher_ask(struct detacher *detacher, uint32_t ifindex);
/* The process ends. NULL is fine. */
void detacher_close(struct detacher *detacher);

#endif

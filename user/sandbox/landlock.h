/* SPDX-License-Identifier: MIT */
/* Landlock: which files the process reaches, which ports, and which other processes. */
#ifndef USER_SANDBOX_LANDLOCK_H
#define USER_SANDBOX_LANDLOCK_H

#include "base/base.h"
#include "sandbox/types.h"

/*
 * Applies options' lists, and what git, a shell and the C library need. Needs no_new_privs, and the
 * rights of the user who will use the files. Returns the version of Landlock that is in force; 0 if
 * the kernel has none, or one without renames between folders (Linux before 5.19).
 */
int landlock_enter(const struct sandbox_options *options, struct fault *fault);
/* Files alone: what is under `readable` may be read, what is under `writable` changed, and nothing
 * else opened; no TCP, no signals to other processes. Lists end with NULL; what is missing is
 * skipped. Returns 0 also where the kernel cannot. */
int landlock_limit(const char *const *readable, const char *const *writable, struct fault *fault);
/* From now on, signals reach only this process and those that it starts. Returns 0 also where the
 * kernel cannot. */
int landlock_end_signals(struct fault *fault);
/* From now on, no TCP; likewise. */
int landlock_end_tcp(struct fault *fault);

#endif

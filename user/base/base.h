/* SPDX-License-Identifier: MIT */
/*
 * The base: what each room needs, and what knows nothing of any room.
 *
 *     fault     one sentence that says why a function failed; the caller shows it
 *     log       lines on standard error, by level
 *     progress  a bar on the terminal for long work; log lines and the bar do not mix
 *     array     arrays that grow
 *     sync      makes what a path names durable
 *
 * Each part stands alone and needs no set-up. Log and progress share standard error, and are the
 * only parts with state of their own.
 */
#ifndef USER_BASE_BASE_H
#define USER_BASE_BASE_H

#include "base/array.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/sync.h"

#endif

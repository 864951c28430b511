/* SPDX-License-Identifier: MIT */
/* libgit2's errors as the project's: a negative errno, and a sentence. */
#ifndef USER_STORE_TROUBLE_H
#define USER_STORE_TROUBLE_H

#include <stdbool.h>

#include "base/base.h"

/*
 * `error` is what libgit2 returned (negative); the sentence becomes "<format>: <libgit2's>".
 * Returns -ENOENT (not found), -EEXIST, -EBUSY (a lock is held), -ESTALE (a reference is not what
 * was expected), -ENOMEM, -EINVAL, or -EIO.
 */
int trouble_set(struct fault *fault, int error, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Whether an error of reading is in what was read. Else it may be over in a moment, such as want of
 * memory, or of descriptors. */
bool trouble_is_lasting(int error);

#endif

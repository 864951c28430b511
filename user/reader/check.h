/* SPDX-License-Identifier: MIT */
/* Checks every entry of main. */
#ifndef USER_READER_CHECK_H
#define USER_READER_CHECK_H

#include <stdint.h>

#include "base/base.h"

struct reader;

/* Calls `problem` for each invalid path. Returns how many entries are valid, or a negative errno;
 * -EINVAL when the repository is not one of arpkeeper's. */
int64_t reader_check(struct reader *reader,
                     void (*problem)(void *context, const char *path, const char *reason),
                     void *context, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* The life of addresses. */
#ifndef USER_READER_LOG_H
#define USER_READER_LOG_H

#include "base/base.h"
#include "reader/event.h"

struct reader;

/* Calls `handle` for each change in the history of main, newest first, until it returns non-zero:
 * for what main took, and for what was merged and had no effect. For an address or a MAC it uses
 * the look-back index, and makes one if there is none. -EINVAL: the repository is not one of
 * arpkeeper's. */
int reader_log(struct reader *reader, const struct reader_query *query,
               int (*handle)(void *context, const struct reader_event *event), void *context,
               struct fault *fault);

#endif

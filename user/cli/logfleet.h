/* SPDX-License-Identifier: MIT */
/* `arpkeeper log --fleet`: what all nodes said, woven by time. */
#ifndef USER_CLI_LOGFLEET_H
#define USER_CLI_LOGFLEET_H

#include "reader/reader.h"

/* Prints at most query->limit lines (0: all). The exit status, or a negative errno and a fault. */
int logfleet_print(struct reader *reader, const struct reader_query *query, bool json,
                   struct fault *fault);

#endif

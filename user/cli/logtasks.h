/* SPDX-License-Identifier: MIT */
/* `arpkeeper log --graph`: the tasks of main, drawn in lanes. */
#ifndef USER_CLI_LOGTASKS_H
#define USER_CLI_LOGTASKS_H

#include "reader/reader.h"

/* Prints the tasks that the query asks for. 0, or a negative errno and a fault. */
int logtasks_print(struct reader *reader, const struct reader_tasks_query *query,
                   struct fault *fault);

#endif

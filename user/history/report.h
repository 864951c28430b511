/* SPDX-License-Identifier: MIT */
/* Tells the owner how far recording has come. */
#ifndef USER_HISTORY_REPORT_H
#define USER_HISTORY_REPORT_H

#include "history/state.h"

/* `durable` false: just before references move, with all commits on the disk. 0 or -ENOMEM. */
int progress_report(const struct state *state, bool durable);

#endif

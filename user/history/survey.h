/* SPDX-License-Identifier: MIT */
/* Every entry of main, beside what was applied, in chunks: what an agent starts from. */
#ifndef USER_HISTORY_SURVEY_H
#define USER_HISTORY_SURVEY_H

#include "history/loading.h"

/* Reads both trees (`applied` NULL: nothing was), judges every entry, and hands over chunks. */
int survey_run(struct engine *engine, struct loading *loading, const git_oid *applied,
               const git_oid *main, struct fault *fault);

#endif

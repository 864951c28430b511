/* SPDX-License-Identifier: MIT */
/* Every entry of main, beside what was applied, in chunks: the table that an agent starts with. */
#ifndef USER_HISTORY_SURVEY_H
#define USER_HISTORY_SURVEY_H

#include "history/archive.h"
#include "history/loading.h"

/* Reads both trees (`applied` may be NULL), judges every entry, and hands over chunks. */
int survey_run(struct archive *archive, struct loading *loading, const git_oid *applied,
               const git_oid *main, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* Takes back invalid files in main, by a commit on top of it. */
#ifndef USER_HISTORY_REPAIR_H
#define USER_HISTORY_REPAIR_H

#include "history/changes.h"

/* Writes the commit and moves main from `main` to it; then `main` is that commit. -ESTALE: main has
 * moved. */
int repair_main(struct archive *archive, struct version *main, const struct changes *changes,
                struct fault *fault);

#endif

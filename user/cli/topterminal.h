/* SPDX-License-Identifier: MIT */
/* Whether there is a terminal that `arpkeeper top` can draw on. */
#ifndef USER_CLI_TOPTERMINAL_H
#define USER_CLI_TOPTERMINAL_H

#include "base/base.h"

/* -ENOTTY: standard input and output are no terminal; -EINVAL: ncurses does not know it. */
int topterminal_check(struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* The texts by which a repository of ours is recognised. */
#ifndef USER_HISTORY_OPENING_TEXTS_H
#define USER_HISTORY_OPENING_TEXTS_H

/* The first commit's message, and how its README.md begins: they tell that a repository is ours. */
#define OPENING_FIRST  "arpkeeper: an empty table\n"
#define OPENING_README "# The addresses of a network, and how they changed\n"

#endif

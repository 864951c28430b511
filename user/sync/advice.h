/* SPDX-License-Identifier: MIT */
/* What an operator can do when git could not talk to a remote. */
#ifndef USER_SYNC_ADVICE_H
#define USER_SYNC_ADVICE_H

/* For what git said (in English); "" where there is no advice. Begins with ": ". */
const char *advice_for(const char *words);

#endif

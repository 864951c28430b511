/* SPDX-License-Identifier: MIT */
/* What differs between two configurations, in words. */
#ifndef USER_CONFIG_DIFFERENCE_H
#define USER_CONFIG_DIFFERENCE_H

#include "config/types.h"

enum config_which {
	CONFIG_FIXED,     /* what an agent has for as long as it runs: its sockets, users, paths */
	CONFIG_CHANGEABLE /* the rest */
};

/* Calls `say` with a line for each difference, as in "segment lan: timeout = 1m (was 5m)". */
void config_compare(const struct config *before, const struct config *after,
                    enum config_which which, void (*say)(void *context, const char *line),
                    void *context);

#endif

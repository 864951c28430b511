/* SPDX-License-Identifier: MIT */
/* The name of a node: a machine that runs an agent. A reference's name may contain it. */
#ifndef USER_BASE_NODENAME_H
#define USER_BASE_NODENAME_H

#include <stdbool.h>

#define NODE_NAME_MAX 63

/* Letters, digits, '-', '_' and '.', beginning with a letter or digit, and without "..". */
bool node_name_is_valid(const char *name);
/* A valid name for the host: its own, with '-' in place of what is not allowed. */
void node_name_of_host(char name[NODE_NAME_MAX + 1], const char *host);

#endif

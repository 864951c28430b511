/* SPDX-License-Identifier: MIT */
/* The folder of an IPv6 network. */
#ifndef USER_READER_NETWORK_H
#define USER_READER_NETWORK_H

#include "entry/entry.h"

/* The first address of a folder called like "2001-db8-0-7". 0 or -EINVAL. */
int network_parse(struct address *first, const char *name);

#endif

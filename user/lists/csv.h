/* SPDX-License-Identifier: MIT */
/* Lists in CSV, whose first line names the columns: plain ones, Kea's leases, NetBox' exports. */
#ifndef USER_LISTS_CSV_H
#define USER_LISTS_CSV_H

#include "base/base.h"
#include "lists/list.h"

/* Whether a line names at least an address and a MAC address, or an address in NetBox' words. */
bool csv_is_header(const char *line, size_t length);
int list_parse_csv(struct list *list, const char *name, const char *text, size_t length,
                   const struct list_options *options, struct progress *progress,
                   struct fault *fault);

#endif

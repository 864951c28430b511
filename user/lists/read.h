/* SPDX-License-Identifier: MIT */
/* Reads a list, and finds out its format. */
#ifndef USER_LISTS_READ_H
#define USER_LISTS_READ_H

#include "lists/list.h"

#define LIST_FORMAT_NAMES                                                                          \
	"ip-neigh, ethers, arp.dat, arp, proc, dnsmasq, show-arp, dhcpd, csv or json"

const char *list_format_name(enum list_format format);
/* LIST_FORMATS: unknown name. */
enum list_format list_format_find(const char *name);

/* Reads a file, or with "-" standard input. A bad line is a problem in the list, not an error.
 * Errors: the file cannot be read, or has none of the formats. list_clear() in any case. */
int list_read(struct list *list, const char *path, const struct list_options *options,
              struct fault *fault);
/* The same for text in memory. `name` is for the fault. */
int list_parse(struct list *list, const char *name, const char *text, size_t length,
               const struct list_options *options, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* The leases and hosts of ISC's DHCP server. */
#ifndef USER_LISTS_DHCPD_H
#define USER_LISTS_DHCPD_H

#include "base/base.h"
#include "lists/list.h"

int list_parse_dhcpd(struct list *list, const char *name, const char *text, size_t length,
                     const struct list_options *options, struct progress *progress,
                     struct fault *fault);

#endif

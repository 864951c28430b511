/* SPDX-License-Identifier: MIT */
/*
 * Lists of bindings as other programs write them: `ip neigh`, /etc/ethers, arpwatch's arp.dat,
 * `arp`, /proc/net/arp, leases of dnsmasq, dhcpd and Kea, routers, CSV, JSON. A list is read whole
 * and checked whole.
 *
 *     list_read(&list, path, &options, fault);    problems are kept with line and reason
 *     list_settle(&list);                         sorted, each address once
 *     ... list.item[0 .. list.count - 1] ...
 *     list_clear(&list);                          in any case
 *
 * Only reads: the caller decides what becomes of the bindings.
 */
#ifndef USER_LISTS_H
#define USER_LISTS_H

#include "lists/hosts.h"
#include "lists/list.h"
#include "lists/read.h"

#endif

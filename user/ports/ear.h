/* SPDX-License-Identifier: MIT */
/*
 * An ear: a packet socket on an interface. While it is open, the interface passes every multicast
 * frame (allmulti), and the socket has the queries of multicast listener discovery (MLD).
 */
#ifndef USER_PORTS_EAR_H
#define USER_PORTS_EAR_H

#include "base/base.h"
#include "wire/wire.h"

/* A descriptor; poll it for reading, and close it. -errno and a fault on error. */
int ear_open(unsigned ifindex, const char *interface, struct fault *fault);
/* The next valid query. False: no more for now. */
bool ear_next(int ear, struct mld_query *query);

#endif

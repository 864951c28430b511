/* SPDX-License-Identifier: MIT */
/*
 * What stands in frames and in the table, as values: MAC and IPv4 addresses, prefixes, VLANs, the
 * layout of the table's slots, and the ARP frames that the agent sends. Pure functions.
 */
#ifndef USER_WIRE_H
#define USER_WIRE_H

#include "wire/address.h"
#include "wire/arp.h"
#include "wire/layout.h"
#include "wire/places.h"

#endif

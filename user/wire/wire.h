/* SPDX-License-Identifier: MIT */
/*
 * What stands in frames and in the table, as values: MAC and IP addresses, prefixes, VLANs, the
 * layout of the table's slots, and the frames that the agent sends. Pure functions.
 */
#ifndef USER_WIRE_H
#define USER_WIRE_H

#include "wire/address.h"
#include "wire/arp.h"
#include "wire/ethernet.h"
#include "wire/ipv6.h"
#include "wire/layout.h"
#include "wire/mld.h"
#include "wire/nd.h"
#include "wire/places.h"
#include "wire/prefix.h"
#include "wire/spelling.h"

#endif

/* SPDX-License-Identifier: MIT */
#ifndef USER_FLEET_TYPES_H
#define USER_FLEET_TYPES_H

struct fleet;

#define FLEET_OWN      0u         /* the own node's number */
#define FLEET_SEGMENTS (1u << 18) /* a segment's number is below this */

#endif

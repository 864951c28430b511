/* SPDX-License-Identifier: MIT */
/*
 * The neighbour rules: what a segment's table becomes when an address is heard, asked for, silent,
 * declared or merged (docs/neighbour.md). Pure: no I/O, no clock of its own, no git, one thread.
 * What must happen elsewhere goes through `struct neighbour_ops`.
 *
 *     neighbour_new()                             the slots as they are; bindings are inherited
 *     neighbour_apply(), neighbour_local()        what history and the host say
 *     neighbour_heard(), neighbour_asked(), ...   events, each with the time
 *     neighbour_tick()                            when it said so; neighbour_scan() 4 times a
 * second neighbour_declare(), neighbour_view(), ...  operators neighbour_free()
 *
 * The table is the slots (the BPF map, or plain memory in tests) and, beside each, a shadow: what
 * this room last wrote there. Where the two differ, another program wrote: neighbour_scan() finds
 * that and records it as task `external`.
 */
#ifndef USER_NEIGHBOUR_H
#define USER_NEIGHBOUR_H

#include "neighbour/create.h"
#include "neighbour/declare.h"
#include "neighbour/events.h"
#include "neighbour/place.h"
#include "neighbour/time.h"
#include "neighbour/types.h"
#include "neighbour/view.h"

#endif

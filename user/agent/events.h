/* SPDX-License-Identifier: MIT */
/*
 * From the XDP program's events to the neighbour rules. An event is a hint that may be old: one
 * whose slot does not belong to its address (the table was laid out anew) is dropped.
 */
#ifndef USER_AGENT_EVENTS_H
#define USER_AGENT_EVENTS_H

#include "arpkeeper/event.h"

void events_handle(void *context, const struct event *event); /* context: struct agent */

#endif

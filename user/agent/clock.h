/* SPDX-License-Identifier: MIT */
/* The time, what the neighbour rules do when it passes, and how long the loop's turns take. */
#ifndef USER_AGENT_CLOCK_H
#define USER_AGENT_CLOCK_H

#include "agent/state.h"

struct neighbour_clock clock_now(void);
/* Starts the timers; clock_init() makes them. */
void clock_init(struct agent *agent);
void clock_begin(struct agent *agent);
/* While there is no table, its timers rest. */
void clock_rest(struct agent *agent);
void clock_resume(struct agent *agent);
/* Runs what is due now: call after anything that may have begun a request. */
void clock_wake(struct agent *agent);

#endif

/* SPDX-License-Identifier: MIT */
/* The pulse of a thread that runs an event loop, felt by another thread. It takes no lock. */
#ifndef USER_HISTORY_PULSE_H
#define USER_HISTORY_PULSE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <uv.h>

struct pulse {
	uv_timer_t timer;
	clockid_t clock; /* of the thread's CPU time; known with the first beat */
	atomic_uint beats;
};

/* A beat each second, as long as the loop turns. */
void pulse_start(struct pulse *pulse, uv_loop_t *loop);
void pulse_stop(struct pulse *pulse);
/* How often the loop was seen turning. 0: the thread has not begun. */
unsigned pulse_beats(const struct pulse *pulse);
/* The CPU time that the thread has used, in nanoseconds; 0: it has not begun. It must not have
 * ended. */
uint64_t pulse_cpu_ns(const struct pulse *pulse);

#endif

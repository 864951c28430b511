/* SPDX-License-Identifier: MIT */
/* A timer on the thread's loop counts. */
#include "history/pulse.h"

#include <time.h>

#define BEAT_MS 1000

static void on_timer(uv_timer_t *timer)
{
	struct pulse *pulse = timer->data;

	if (atomic_load(&pulse->beats) == 0 &&
	    pthread_getcpuclockid(pthread_self(), &pulse->clock) != 0)
		return;
	atomic_fetch_add(&pulse->beats, 1);
}

void pulse_start(struct pulse *pulse, uv_loop_t *loop)
{
	uv_timer_init(loop, &pulse->timer);
	pulse->timer.data = pulse;
	uv_timer_start(&pulse->timer, on_timer, 0, BEAT_MS);
}

void pulse_stop(struct pulse *pulse)
{
	uv_close((uv_handle_t *)&pulse->timer, NULL);
}

unsigned pulse_beats(const struct pulse *pulse)
{
	return atomic_load(&pulse->beats);
}

uint64_t pulse_cpu_ns(const struct pulse *pulse)
{
	struct timespec used;

	if (pulse_beats(pulse) == 0 || clock_gettime(pulse->clock, &used) < 0)
		return 0;
	return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

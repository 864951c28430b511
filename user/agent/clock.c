/* SPDX-License-Identifier: MIT */
/*
 * Two timers: requests and expiries when they are due, and a scan that goes round the table. And
 * two readings of a clock for each turn of the loop.
 */
#include "agent/clock.h"

#include <time.h>

#define SCAN_MS      250
#define SCAN_SLOTS   262144  /* each SCAN_MS: a million a second, 16 s for the largest table */
#define TURN_LONG_NS 5000000 /* longer than any turn of the loop should be */

struct neighbour_clock clock_now(void)
{
	return (struct neighbour_clock){
	        .now = offload_now(),
	        .now_ms = uv_hrtime() / 1000000,
	        .wall = time(NULL),
	};
}

static void on_tick(uv_timer_t *timer)
{
	struct agent *agent = timer->data;
	struct neighbour_clock clock = clock_now();
	uint32_t next = neighbour_tick(agent->neighbour, &clock);

	uv_timer_start(timer, on_tick, next, 0);
}

static void on_scan(uv_timer_t *timer)
{
	struct agent *agent = timer->data;
	struct neighbour_clock clock = clock_now();
	uint32_t slots = agent->layout.slots;

	neighbour_scan(agent->neighbour, slots < SCAN_SLOTS ? slots : SCAN_SLOTS, &clock);
}

void clock_init(struct agent *agent)
{
	uv_timer_init(&agent->loop, &agent->tick);
	uv_timer_init(&agent->loop, &agent->scan);
	agent->tick.data = agent->scan.data = agent;
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct turns *turns = prepare->data;
	uint64_t now = uv_hrtime(), idle = uv_metrics_idle_time(prepare->loop);
	uint64_t waited = idle - turns->idle, passed = now - turns->at;
	uint64_t busy = passed > waited ? passed - waited : 0;

	if (turns->count++ > 0) { /* the first one began before the loop */
		if (busy > turns->longest)
			turns->longest = busy;
		turns->over += busy > TURN_LONG_NS;
		histogram_add(&turns->took, busy);
	}
	turns->at = now;
	turns->idle = idle;
}

void clock_rest(struct agent *agent)
{
	uv_timer_stop(&agent->tick);
	uv_timer_stop(&agent->scan);
}

void clock_resume(struct agent *agent)
{
	uv_timer_start(&agent->tick, on_tick, 0, 0);
	uv_timer_start(&agent->scan, on_scan, SCAN_MS, SCAN_MS);
}

void clock_begin(struct agent *agent)
{
	struct turns *turns = &agent->turns;

	clock_resume(agent);
	/* Without libuv's measure of waiting, each wait would look like a long turn. */
	if (uv_loop_configure(&agent->loop, UV_METRICS_IDLE_TIME))
		return;
	turns->at = uv_hrtime();
	turns->prepare.data = turns;
	uv_prepare_init(&agent->loop, &turns->prepare);
	uv_prepare_start(&turns->prepare, on_prepare);
}

void clock_wake(struct agent *agent)
{
	if (!agent->stopping && !agent->renewing.next)
		uv_timer_start(&agent->tick, on_tick, 0, 0);
}

/* SPDX-License-Identifier: MIT */
/* Two timers: requests and expiries when they are due, and a scan that goes round the table. */
#include "agent/clock.h"

#include <time.h>

#define SCAN_MS    250
#define SCAN_SLOTS 262144 /* each SCAN_MS: a million a second, 16 s for the largest table */

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

void clock_begin(struct agent *agent)
{
	uv_timer_start(&agent->tick, on_tick, 0, 0);
	uv_timer_start(&agent->scan, on_scan, SCAN_MS, SCAN_MS);
}

void clock_wake(struct agent *agent)
{
	if (!agent->stopping)
		uv_timer_start(&agent->tick, on_tick, 0, 0);
}

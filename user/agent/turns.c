/* SPDX-License-Identifier: MIT */
/* Two readings of a clock for each turn of the loop. Only counts. */
#include "agent/turns.h"

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
	}
	turns->at = now;
	turns->idle = idle;
}

void turns_begin(struct turns *turns, uv_loop_t *loop)
{
	/* Without libuv's measure of waiting, each wait would look like a long turn. */
	if (uv_loop_configure(loop, UV_METRICS_IDLE_TIME))
		return;
	turns->at = uv_hrtime();
	turns->prepare.data = turns;
	uv_prepare_init(loop, &turns->prepare);
	uv_prepare_start(&turns->prepare, on_prepare);
}

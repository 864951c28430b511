/* SPDX-License-Identifier: MIT */
/* Compares two looks at the thread. */
#include "recorder/stillness.h"

/* Less is a timer of the sanitizer's, say. */
#define MOVED_NS 1000000
/* Between two looks: then the process itself was stopped. */
#define GAP_MS 5000

uint64_t stillness_look(struct stillness *stillness, const struct sign *sign, uint64_t now_ms)
{
	const struct sign *last = &stillness->last;
	bool gap = !stillness->begun || now_ms - stillness->looked_ms > GAP_MS;
	bool turned = gap || sign->beats != last->beats;
	bool moved = turned || sign->child || sign->cpu_ns - last->cpu_ns >= MOVED_NS;
	uint64_t still, behind;

	if (moved) {
		stillness->last = *sign;
		stillness->moved_ms = now_ms;
	}
	if (turned)
		stillness->turned_ms = now_ms;
	stillness->begun = true;
	stillness->looked_ms = now_ms;
	still = now_ms - stillness->moved_ms;
	behind = now_ms - stillness->turned_ms;
	return still >= STILL_MS || behind >= BUSY_MS ? behind : 0;
}

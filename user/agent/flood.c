/* SPDX-License-Identifier: MIT */
/* A flood begins, goes on, and ends. alerts.c reports it. */
#include "agent/flood.h"

static void add(struct flood_count *to, const struct flood_count *grown)
{
	to->limited += grown->limited;
	to->lost += grown->lost;
}

static bool is_none(const struct flood_count *count)
{
	return count->limited == 0 && count->lost == 0;
}

static void take_growth(struct flood *flood, const struct flood_count *grown, uint64_t now_ms)
{
	if (is_none(grown))
		return;
	if (!flood->going) {
		flood->going = true;
		flood->began = now_ms;
		flood->in_all = flood->unsaid = (struct flood_count){0};
	}
	flood->grew = now_ms;
	add(&flood->unsaid, grown);
	add(&flood->in_all, grown);
}

enum flood_news flood_look(struct flood *flood, const struct flood_count *now, uint64_t now_ms,
                           struct flood_count *told, uint64_t *told_ms)
{
	struct flood_count grown = {now->limited - flood->last.limited,
	                            now->lost - flood->last.lost};
	/* The maps were replaced: what these counters were before is not known. */
	bool anew = now->limited < flood->last.limited || now->lost < flood->last.lost;

	flood->last = *now;
	if (flood->known && !anew)
		take_growth(flood, &grown, now_ms);
	flood->known = true;
	if (!flood->going)
		return FLOOD_NOTHING;
	*told_ms = flood->grew - flood->began;
	if (now_ms - flood->grew >= FLOOD_OVER_MS) {
		flood->going = false;
		*told = flood->in_all;
		return FLOOD_OVER;
	}
	if (is_none(&flood->unsaid) || (flood->said && now_ms - flood->said < FLOOD_SAY_MS))
		return FLOOD_NOTHING;
	*told = flood->unsaid;
	flood->unsaid = (struct flood_count){0};
	flood->said = now_ms;
	return FLOOD_GOES_ON;
}

/* SPDX-License-Identifier: MIT */
/* Paces corrections, and sends each once again. */
#include "agent/correct.h"

#include <stdlib.h>

#define CORRECT_AGAIN_MS 2000

static bool still_holds(const struct agent *agent, const struct correction *item)
{
	struct neighbour_view view;

	/* States without a binding have the zero MAC, or the sponge's. */
	return neighbour_view(agent->neighbour, item->segment, item->address, &view) &&
	       view.state != SLOT_DEAD && mac_equal(view.mac, item->owner);
}

static void on_timer(uv_timer_t *timer)
{
	struct agent *agent = timer->data;
	struct corrector *corrector = &agent->corrector;
	uint64_t now = uv_now(timer->loop);
	unsigned frames = PORTS_PACE_FRAMES;

	for (size_t i = 0; i < corrector->count && frames;) {
		struct correction *item = &corrector->item[i];

		if (item->due_ms > now) {
			i++;
			continue;
		}
		if (still_holds(agent, item)) {
			frames--;
			ports_reply(agent->ports, item->segment, item->address, item->owner,
			            item->holder, item->holder_mac);
			if (!item->again) {
				item->again = true;
				item->due_ms = now + CORRECT_AGAIN_MS;
				i++;
				continue;
			}
		}
		*item = corrector->item[--corrector->count];
	}
	if (corrector->count)
		return;
	free(corrector->item);
	corrector->item = NULL;
	corrector->room = 0;
	uv_timer_stop(timer);
}

void correct_init(struct agent *agent)
{
	uv_timer_init(&agent->loop, &agent->corrector.timer);
	agent->corrector.timer.data = agent;
}

void correct_forget(struct agent *agent)
{
	struct corrector *corrector = &agent->corrector;

	uv_timer_stop(&corrector->timer);
	free(corrector->item);
	corrector->item = NULL;
	corrector->count = corrector->room = 0;
}

void correct_add(void *context, unsigned segment, struct address address, struct mac owner,
                 struct address holder, struct mac holder_mac)
{
	struct agent *agent = context;
	struct corrector *corrector = &agent->corrector;

	if (array_reserve(&corrector->item, &corrector->room, corrector->count + 1)) {
		ports_reply(agent->ports, segment, address, owner, holder, holder_mac);
		return;
	}
	corrector->item[corrector->count++] = (struct correction){.segment = segment,
	                                                          .address = address,
	                                                          .owner = owner,
	                                                          .holder = holder,
	                                                          .holder_mac = holder_mac,
	                                                          .due_ms = uv_now(&agent->loop)};
	if (!uv_is_active((uv_handle_t *)&corrector->timer))
		uv_timer_start(&corrector->timer, on_timer, 0, PORTS_PACE_MS);
}

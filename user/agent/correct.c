/* SPDX-License-Identifier: MIT */
/* Paces corrections, and sends each once again. */
#include "agent/correct.h"

#include <stdlib.h>

#include "base/base.h"

static bool still_holds(const struct corrector *corrector, const struct correction *item)
{
	struct neighbour_view view;

	/* States without a binding have the zero MAC, or the sponge's. */
	return neighbour_view(*corrector->neighbour, item->segment, item->address, &view) &&
	       view.state != SLOT_DEAD && mac_equal(view.mac, item->owner);
}

static void on_timer(uv_timer_t *timer)
{
	struct corrector *corrector = timer->data;
	uint64_t now = uv_now(timer->loop);
	unsigned frames = PORTS_PACE_FRAMES;

	for (size_t i = 0; i < corrector->count && frames;) {
		struct correction *item = &corrector->item[i];

		if (item->due_ms > now) {
			i++;
			continue;
		}
		if (still_holds(corrector, item)) {
			frames--;
			ports_reply(corrector->ports, item->segment, item->address, item->owner,
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

void correct_init(struct corrector *corrector, uv_loop_t *loop, struct ports *ports,
                  struct neighbour *const *neighbour)
{
	*corrector = (struct corrector){.ports = ports, .neighbour = neighbour};
	uv_timer_init(loop, &corrector->timer);
	corrector->timer.data = corrector;
}

void correct_add(struct corrector *corrector, unsigned segment, uint32_t address, struct mac owner,
                 uint32_t holder, struct mac holder_mac)
{
	if (array_reserve(&corrector->item, &corrector->room, corrector->count + 1)) {
		ports_reply(corrector->ports, segment, address, owner, holder, holder_mac);
		return;
	}
	corrector->item[corrector->count++] =
	        (struct correction){.segment = segment,
	                            .address = address,
	                            .owner = owner,
	                            .holder = holder,
	                            .holder_mac = holder_mac,
	                            .due_ms = uv_now(corrector->timer.loop)};
	if (!uv_is_active((uv_handle_t *)&corrector->timer))
		uv_timer_start(&corrector->timer, on_timer, 0, PORTS_PACE_MS);
}

void correct_close(struct corrector *corrector)
{
	uv_close((uv_handle_t *)&corrector->timer, NULL);
	free(corrector->item);
	corrector->item = NULL;
	corrector->count = corrector->room = 0;
}

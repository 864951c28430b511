// SPDX-License-Identifier: MIT
/* The limits of events: docs/architecture.md, "Event limits". */
#include "judgement.h"

#include <assert.h>

#define TOLD_INTERVAL  200000ULL /* 5000 events a second */
#define SHARE_INTERVAL 800000ULL /* a quarter of that */

/* Takes one more from the bucket that is full again at `*full`, if it has one. */
static bool take(uint64_t *full, uint64_t now, uint64_t interval)
{
	uint64_t start = *full < now ? now : *full;

	if (start + interval - now > SECOND_NS)
		return false;
	*full = start + interval;
	return true;
}

static struct reference_share *share_of(struct reference *world, const uint8_t *mac)
{
	struct reference_share *share;

	for (unsigned i = 0; i < world->share_count; i++)
		if (mac_equal(world->shares[i].mac, mac))
			return &world->shares[i];
	assert(world->share_count < REFERENCE_MEMORY);
	share = &world->shares[world->share_count++];
	memcpy(share->mac, mac, ETH_ALEN);
	share->full = 0;
	return share;
}

/* A bucket for all, and a quarter of it for each station. Takes from both or from neither. */
bool judge_report(struct judgement *it, enum event_kind kind, uint32_t slot, const uint8_t *address,
                  const uint8_t *peer)
{
	struct reference_share *share = share_of(it->world, it->source);
	uint64_t rest = share->full;
	struct event *event;

	if (!take(&rest, it->now, SHARE_INTERVAL) ||
	    !take(&it->world->bucket, it->now, TOLD_INTERVAL)) {
		count(it, COUNTER_EVENTS_LIMITED);
		return false;
	}
	share->full = rest;
	assert(it->outcome->event_count < REFERENCE_EVENTS);
	event = &it->outcome->events[it->outcome->event_count++];
	memset(event, 0, sizeof(*event));
	event->kind = kind;
	event->ifindex = it->ifindex;
	event->vlan = it->vlan;
	event->slot = slot == NOT_ON_LINK ? EVENT_NO_SLOT : slot;
	memcpy(event->address, address, sizeof(event->address));
	memcpy(event->peer, peer, sizeof(event->peer));
	memcpy(event->mac, it->sha, ETH_ALEN);
	memcpy(event->source, it->source, ETH_ALEN);
	event->opcode = it->opcode;
	event->flags = it->flags;
	if (mac_equal(it->destination, it->config->mac))
		event->flags |= EVENT_TO_US;
	event->time = it->now;
	count(it, COUNTER_EVENTS_SENT);
	return true;
}

/* SPDX-License-Identifier: MIT */
/*
 * How much is learned, and from which MAC: a segment's learn_limit, the room for claims, and
 * mac_limit, beyond which one MAC with many addresses is an alert. Each alert is given once, until
 * the count is below again: a flood is one line.
 *
 * Counting each MAC by itself would be a hash as large as the table: MACs share buckets of 16 bits.
 * Only when a bucket exceeds the limit, the table is walked and the MAC counted, at most once a
 * second.
 */
#include "neighbour/limits.h"

#include <errno.h>
#include <stdlib.h>

#include "neighbour/notify.h"
#include "neighbour/queries.h"
#include "neighbour/slots.h"

#define BUCKETS_MIN 4096
#define BUCKET_OF   4  /* slots to a bucket */
#define SUSPECTS    16 /* MACs to be counted; beyond, a MAC must come again */
#define REPORTED    16 /* MACs known to have too many addresses */

struct station {
	unsigned segment;
	struct mac mac;
	uint32_t address; /* its latest */
	uint32_t count;
};

struct limits {
	uint64_t refused;
	bool crowded;     /* no room for claims, and the alert was given */
	uint16_t *bucket; /* NULL: no segment has a mac_limit */
	uint32_t mask;
	uint32_t counted; /* coarse seconds: the last walk */
	struct station suspect[SUSPECTS], reported[REPORTED];
	unsigned suspects, reporteds, next;
};

int limits_init(struct neighbour *neighbour)
{
	struct limits *limits = calloc(1, sizeof(*limits));
	uint32_t buckets = BUCKETS_MIN;
	bool wanted = false;

	neighbour->limits = limits;
	if (!limits)
		return -ENOMEM;
	for (unsigned i = 0; i < neighbour->segments; i++)
		wanted = wanted || neighbour->policy[i].mac_limit;
	if (!wanted)
		return 0;
	while (buckets < neighbour->layout.slots / BUCKET_OF)
		buckets *= 2;
	limits->mask = buckets - 1;
	limits->bucket = calloc(buckets, sizeof(*limits->bucket));
	return limits->bucket ? 0 : -ENOMEM;
}

void limits_free(struct neighbour *neighbour)
{
	if (neighbour->limits)
		free(neighbour->limits->bucket);
	free(neighbour->limits);
}

uint64_t limits_refused(const struct neighbour *neighbour)
{
	return neighbour->limits->refused;
}

static void refuse(struct neighbour *neighbour, const struct cause *cause, bool *alerted)
{
	neighbour->limits->refused++;
	if (!*alerted)
		notify_alert(neighbour, cause, ALERT_LEARN_LIMIT, (struct mac){0});
	*alerted = true;
}

bool limits_may_learn(struct neighbour *neighbour, const struct cause *cause)
{
	struct segment_state *segment = &neighbour->segment[cause->segment];

	if (!cause->policy->learn_limit || segment->learned < cause->policy->learn_limit)
		return true;
	if (cause->what != ASKED)
		refuse(neighbour, cause, &segment->full);
	return false;
}

bool limits_may_prove(struct neighbour *neighbour, const struct cause *cause)
{
	const struct queue *queue = &neighbour->queue[QUEUE_LEARN];

	if (neighbour->segment[cause->segment].down)
		return false;
	/* The queue passes its half, down and up again, before it can be full again. */
	if (queue->count < queue->room / 2)
		neighbour->limits->crowded = false;
	if (queries_have_room(neighbour, QUEUE_LEARN))
		return true;
	refuse(neighbour, cause, &neighbour->limits->crowded);
	return false;
}

static bool is_station(const struct station *station, unsigned segment, struct mac mac)
{
	return station->segment == segment && mac_equal(station->mac, mac);
}

static struct station *station_in(struct station *stations, unsigned count, unsigned segment,
                                  struct mac mac)
{
	for (unsigned i = 0; i < count; i++) {
		if (is_station(&stations[i], segment, mac))
			return &stations[i];
	}
	return NULL;
}

/* FNV-1a. An attacker that finds MACs in one bucket causes one walk a second, and no more. */
static uint16_t *bucket_of(const struct limits *limits, unsigned segment, struct mac mac)
{
	uint32_t hash = (2166136261u ^ segment) * 16777619u;

	for (unsigned i = 0; i < sizeof(mac.octet); i++)
		hash = (hash ^ mac.octet[i]) * 16777619u;
	return &limits->bucket[(hash ^ hash >> 16) & limits->mask];
}

static void leave(struct neighbour *neighbour, unsigned segment, struct mac mac)
{
	struct limits *limits = neighbour->limits;
	uint16_t *bucket = bucket_of(limits, segment, mac);
	struct station *reported = station_in(limits->reported, limits->reporteds, segment, mac);

	/* A bucket that ran over stays so, at the price of needless walks. */
	if (*bucket && *bucket < UINT16_MAX)
		--*bucket;
	if (reported && --reported->count <= neighbour->policy[segment].mac_limit) {
		*reported = limits->reported[--limits->reporteds];
		limits->next = 0;
	}
}

static void join(struct neighbour *neighbour, unsigned segment, struct mac mac, uint32_t address)
{
	struct limits *limits = neighbour->limits;
	uint32_t limit = neighbour->policy[segment].mac_limit;
	uint16_t *bucket = bucket_of(limits, segment, mac);
	struct station *reported = station_in(limits->reported, limits->reporteds, segment, mac),
	               *suspect;

	if (*bucket < UINT16_MAX)
		++*bucket;
	if (reported)
		reported->count++;
	if (!limit || *bucket <= limit || reported)
		return;
	suspect = station_in(limits->suspect, limits->suspects, segment, mac);
	if (!suspect && limits->suspects < SUSPECTS)
		suspect = &limits->suspect[limits->suspects++];
	if (suspect)
		*suspect = (struct station){.segment = segment, .mac = mac, .address = address};
}

void limits_change(struct neighbour *neighbour, unsigned number, uint32_t address,
                   union binding before, union binding after)
{
	struct segment_state *segment = &neighbour->segment[number];
	uint32_t limit = neighbour->policy[number].learn_limit, slack = limit / 20;
	bool was = state_is_learned(before.state), is = state_is_learned(after.state);

	segment->learned += is;
	segment->learned -= was;
	if (segment->full && segment->learned + (slack ? slack : 1) <= limit)
		segment->full = false;
	if (!neighbour->limits->bucket ||
	    (was && is && mac_equal(binding_mac(before), binding_mac(after))))
		return;
	if (was)
		leave(neighbour, number, binding_mac(before));
	if (is)
		join(neighbour, number, binding_mac(after), address);
}

static uint32_t addresses_at(const struct neighbour *neighbour, const struct station *station)
{
	uint32_t count = 0;

	for (size_t i = 0; i < neighbour->layout.ranges; i++) {
		const struct layout_range *range = &neighbour->layout.range[i];
		uint32_t end = range->base + (uint32_t)prefix_size(range->prefix);

		for (uint32_t slot = range->base; range->segment == station->segment && slot < end;
		     slot++) {
			union binding binding = {.word = neighbour->shadow[slot]};

			count += state_is_learned(binding.state) &&
			         mac_equal(binding_mac(binding), station->mac);
		}
	}
	return count;
}

static void report(struct neighbour *neighbour, const struct station *station)
{
	const struct cause cause = {
	        .segment = station->segment, .address = station->address, .mac = station->mac};
	struct limits *limits = neighbour->limits;

	if (limits->reporteds < REPORTED) {
		limits->reported[limits->reporteds++] = *station;
	} else {
		limits->reported[limits->next] = *station;
		limits->next = (limits->next + 1) % REPORTED;
	}
	notify_alert(neighbour, &cause, ALERT_MANY_ADDRESSES, (struct mac){0});
}

void limits_tick(struct neighbour *neighbour, const struct neighbour_clock *clock)
{
	struct limits *limits = neighbour->limits;
	struct station station;

	if (!limits->suspects || limits->counted == clock->now)
		return;
	limits->counted = clock->now;
	station = limits->suspect[0];
	limits->suspects--;
	memmove(limits->suspect, limits->suspect + 1, limits->suspects * sizeof(station));
	station.count = addresses_at(neighbour, &station);
	if (station.count > neighbour->policy[station.segment].mac_limit)
		report(neighbour, &station);
}

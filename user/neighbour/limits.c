/* SPDX-License-Identifier: MIT */
/*
 * How much is learned, from which MAC, and how fast: a segment's learn_limit, mac_limit and
 * learn_rate, and the room for claims. One station with invented addresses, or invented MACs
 * behind one port, must not use up the room of others. Each alert is given once, until the count
 * is below again: a flood is one line.
 */
#include "neighbour/limits.h"

#include <errno.h>
#include <stdlib.h>

#include "neighbour/notify.h"
#include "neighbour/port.h"
#include "neighbour/queries.h"
#include "neighbour/rate.h"
#include "neighbour/slots.h"
#include "neighbour/sparse.h"
#include "neighbour/stations.h"

#define KEPT_PART     8 /* of learn_limit, for MACs that have few addresses */
#define FEW_ADDRESSES 4
#define PORT_PART     2  /* of learn_limit: beyond it, a port among others has no part in that */
#define MAC_PART      4  /* of learn_rate: what one MAC may use */
#define SLOTS_AGAIN   20 /* of the sparse slots: when so many are free, all is well again */
#define SECOND_MS     1000

struct limits {
	uint64_t refused;
	bool crowded;  /* no room for claims, and the alert was given */
	bool slotless; /* likewise, no slot for an IPv6 address */
	struct stations stations;
};

int limits_init(struct neighbour *neighbour)
{
	neighbour->limits = calloc(1, sizeof(*neighbour->limits));
	if (!neighbour->limits)
		return -ENOMEM;
	neighbour->limits->stations.seed = neighbour->random;
	for (unsigned i = 0; i < neighbour->segments; i++) {
		(void)port_number(&neighbour->segment[i], NULL);
		if (!neighbour->segment[i].ports)
			return -ENOMEM;
	}
	return 0;
}

void limits_free(struct neighbour *neighbour)
{
	for (unsigned i = 0; neighbour->segment && i < neighbour->segments; i++)
		free(neighbour->segment[i].port);
	if (neighbour->limits)
		stations_free(&neighbour->limits->stations);
	free(neighbour->limits);
}

uint64_t limits_refused(const struct neighbour *neighbour)
{
	return neighbour->limits->refused;
}

static void refuse(struct neighbour *neighbour, const struct cause *cause, enum alert_kind kind,
                   bool *alerted)
{
	neighbour->limits->refused++;
	if (!*alerted)
		notify_alert(neighbour, cause, kind, (struct mac){0});
	*alerted = true;
}

static struct station *station_of(struct neighbour *neighbour, const struct cause *cause)
{
	return stations_find(&neighbour->limits->stations, cause->segment, cause->mac);
}

static struct learn_port *port_of(struct neighbour *neighbour, const struct cause *cause)
{
	struct segment_state *segment = &neighbour->segment[cause->segment];

	return &segment->port[port_number(segment, cause->interface)];
}

/* From here on the room is kept for MACs that have few addresses. */
static uint32_t kept_from(uint32_t limit)
{
	return limit - limit / KEPT_PART;
}

/* Room is scarce: whether it is kept for senders such as this one. A port that has had most of the
 * room gets no more of it, if there are others. */
static bool is_kept_for(struct neighbour *neighbour, const struct cause *cause)
{
	const struct station *station = station_of(neighbour, cause);
	uint32_t limit = cause->policy->learn_limit;

	return (!station || station->addresses < FEW_ADDRESSES) &&
	       (!port_is_one_of_many(&neighbour->segment[cause->segment]) ||
	        port_of(neighbour, cause)->learned < limit / PORT_PART);
}

static bool has_room(struct neighbour *neighbour, const struct cause *cause)
{
	struct segment_state *segment = &neighbour->segment[cause->segment];
	uint32_t limit = cause->policy->learn_limit;

	if (!limit || segment->learned < kept_from(limit) ||
	    (segment->learned < limit && is_kept_for(neighbour, cause)))
		return true;
	refuse(neighbour, cause, ALERT_LEARN_LIMIT,
	       segment->learned < limit ? &segment->scarce : &segment->full);
	return false;
}

/* A host has many IPv6 addresses one after the other (RFC 8981): a new one takes the place of the
 * one that it used least lately. Not before the new one is proved, and not in a contest. */
static bool gives_up_oldest(struct neighbour *neighbour, const struct cause *cause)
{
	if (!slot_is_sparse(neighbour, cause->slot) ||
	    state_is_learned(table_binding(neighbour, cause->slot).state))
		return false;
	if (cause->what == CLAIMED || cause->what == ANSWERED)
		return sparse_may_drop(neighbour, cause);
	return sparse_drop_oldest(neighbour, cause);
}

/* Whether the MAC may have one more address, by mac_limit. */
static bool may_have(struct neighbour *neighbour, const struct cause *cause)
{
	struct station *station;
	bool alerted;

	if (!cause->policy->mac_limit_refuses || !cause->policy->mac_limit)
		return true;
	station = station_of(neighbour, cause);
	if (!station || station->addresses < cause->policy->mac_limit ||
	    gives_up_oldest(neighbour, cause))
		return true;
	alerted = station->reported;
	station->reported = true;
	refuse(neighbour, cause, ALERT_MANY_ADDRESSES, &alerted);
	return false;
}

static bool in_time(struct neighbour *neighbour, const struct cause *cause)
{
	const struct station *station;
	struct learn_port *port;
	uint64_t now_ms = cause->clock->now_ms;

	if (!cause->policy->learn_rate)
		return true;
	station = station_of(neighbour, cause);
	port = port_of(neighbour, cause);
	if (rate_ahead(port->until, now_ms) < RATE_BURST_MS / 2)
		port->slowed = false;
	if (rate_allows(port->until, now_ms) && (!station || rate_allows(station->until, now_ms)))
		return true;
	refuse(neighbour, cause, ALERT_LEARN_LIMIT, &port->slowed);
	return false;
}

bool limits_may_move(struct neighbour *neighbour, const struct cause *cause)
{
	return may_have(neighbour, cause) && in_time(neighbour, cause);
}

bool limits_may_resolve(const struct neighbour *neighbour, const struct cause *cause)
{
	uint32_t limit = cause->policy->learn_limit;

	return !limit || neighbour->segment[cause->segment].learned < limit;
}

bool limits_may_learn(struct neighbour *neighbour, const struct cause *cause)
{
	return has_room(neighbour, cause) && limits_may_move(neighbour, cause);
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
	refuse(neighbour, cause, ALERT_LEARN_LIMIT, &neighbour->limits->crowded);
	return false;
}

void limits_no_slot(struct neighbour *neighbour, unsigned segment, struct address address)
{
	const struct cause cause = {.segment = segment, .address = address};

	refuse(neighbour, &cause, ALERT_LEARN_LIMIT, &neighbour->limits->slotless);
}

void limits_slots(struct neighbour *neighbour)
{
	const struct places *places = &neighbour->sparse.places;

	if (places->used + places->room / SLOTS_AGAIN < places->room)
		neighbour->limits->slotless = false;
}

void limits_learned(struct neighbour *neighbour, const struct cause *cause)
{
	struct station *station = station_of(neighbour, cause);
	uint32_t rate = cause->policy->learn_rate;
	uint64_t now_ms = cause->clock->now_ms;

	if (!rate)
		return;
	rate_spend(&port_of(neighbour, cause)->until, now_ms, SECOND_MS / rate);
	if (station)
		rate_spend(&station->until, now_ms, MAC_PART * SECOND_MS / rate);
}

static void leave(struct neighbour *neighbour, const struct cause *cause, struct mac mac)
{
	struct stations *stations = &neighbour->limits->stations;
	struct station *station = stations_find(stations, cause->segment, mac);
	uint32_t limit = cause->policy->mac_limit;

	if (!station) /* there was no memory for it */
		return;
	neighbour->segment[cause->segment].port[station->port].learned--;
	station->addresses--;
	if (station->addresses < limit ||
	    (station->addresses == limit && !cause->policy->mac_limit_refuses))
		station->reported = false;
	if (!station->addresses)
		stations_remove(stations, station);
}

/* True: the MAC has too many now, and that was not reported. */
static bool join(struct neighbour *neighbour, const struct cause *cause, struct mac mac)
{
	struct segment_state *segment = &neighbour->segment[cause->segment];
	uint32_t limit = cause->policy->mac_limit;
	struct station *station = stations_add(&neighbour->limits->stations, cause->segment, mac);

	if (!station)
		return false;
	if (!station->addresses)
		station->port = port_number(segment, cause->interface) & PORTS_MAX;
	station->addresses++;
	segment->port[station->port].learned++;
	return limit && station->addresses > limit && !station->reported;
}

bool limits_change(struct neighbour *neighbour, const struct cause *cause, union binding before,
                   union binding after)
{
	struct segment_state *segment = &neighbour->segment[cause->segment];
	uint32_t limit = cause->policy->learn_limit, slack = limit / 20;
	bool was = state_is_learned(before.state), is = state_is_learned(after.state);

	segment->learned += is;
	segment->learned -= was;
	if (segment->full && segment->learned + (slack ? slack : 1) <= limit)
		segment->full = false;
	if (segment->scarce && segment->learned + slack < kept_from(limit))
		segment->scarce = false;
	if (was && is && mac_equal(binding_mac(before), binding_mac(after)))
		return false;
	if (was)
		leave(neighbour, cause, binding_mac(before));
	return is && join(neighbour, cause, binding_mac(after));
}

void limits_report(struct neighbour *neighbour, const struct cause *cause, struct mac mac)
{
	const struct cause about = {
	        .segment = cause->segment, .address = cause->address, .mac = mac};

	station_of(neighbour, &about)->reported = true;
	notify_alert(neighbour, &about, ALERT_MANY_ADDRESSES, (struct mac){0});
}

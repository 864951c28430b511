// SPDX-License-Identifier: MIT
/* The rules, in order, each with its sentence in docs/architecture.md. */
#include "reference.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include <linux/bpf.h>

#define SECOND_NS      1000000000ULL
#define TOLD_INTERVAL  200000ULL  /* 5000 events a second */
#define SHARE_INTERVAL 800000ULL  /* a quarter of that */
#define NOT_ON_LINK    0xffffffff /* no slot */

/* One frame under judgement. */
struct judgement {
	struct reference *world;
	struct outcome *outcome;
	uint64_t now;
	uint32_t second, ifindex;
	const struct port_config *config;
	const uint8_t *destination, *source, *sha;
	uint8_t *arp; /* in the outcome's frame */
	uint32_t vlan, spa, tpa;
	uint16_t opcode;
};

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static bool mac_equal(const uint8_t *a, const uint8_t *b)
{
	return !memcmp(a, b, ETH_ALEN);
}

static bool mac_is_broadcast(const uint8_t *mac)
{
	static const uint8_t broadcast[ETH_ALEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	return mac_equal(mac, broadcast);
}

/* Whether a station can have the MAC: neither zero nor a group's. */
static bool mac_is_a_stations(const uint8_t *mac)
{
	static const uint8_t zero[ETH_ALEN];

	return !mac_equal(mac, zero) && mac[0] % 2 == 0;
}

static void count(struct judgement *it, enum counter counter)
{
	it->outcome->counted[counter]++;
}

static union binding binding_of(const struct judgement *it, uint32_t slot)
{
	union binding binding = {.word = 0};

	if (slot != NOT_ON_LINK)
		binding.word = it->world->slots[slot].binding;
	return binding;
}

/* Whether the table knows the address's place. */
static bool is_bound(union binding binding)
{
	return binding.state == SLOT_DYNAMIC || binding.state == SLOT_STATIC ||
	       binding.state == SLOT_LOCAL || binding.state == SLOT_STALE;
}

static unsigned prefix_count(const struct port_config *config)
{
	return config->prefixes < PORT_PREFIXES_MAX ? config->prefixes : PORT_PREFIXES_MAX;
}

static const struct port_prefix *prefix_of(const struct judgement *it, uint32_t address)
{
	for (unsigned i = 0; i < prefix_count(it->config); i++) {
		const struct port_prefix *prefix = &it->config->prefix[i];

		if (prefix->vlan == it->vlan && (address & prefix->mask) == prefix->network)
			return prefix;
	}
	return NULL;
}

static uint32_t slot_of(const struct judgement *it, uint32_t address)
{
	const struct port_prefix *prefix = prefix_of(it, address);
	uint32_t slot;

	if (!prefix)
		return NOT_ON_LINK;
	slot = prefix->base + (address & ~prefix->mask);
	return slot < REFERENCE_SLOTS ? slot : NOT_ON_LINK;
}

static bool vlan_is_served(const struct judgement *it)
{
	for (unsigned i = 0; i < prefix_count(it->config); i++)
		if (it->config->prefix[i].vlan == it->vlan)
			return true;
	return false;
}

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

/* As events have it: ::ffff:a.b.c.d. */
static void put_mapped(__u8 at[16], uint32_t address)
{
	const uint32_t word[4] = {0, 0, htonl(0xffff), htonl(address)};

	memcpy(at, word, sizeof(word));
}

/* One event: a bucket for all, and a quarter of it for each station. Takes from both or from
 * neither. */
static bool report(struct judgement *it, enum event_kind kind, uint32_t slot)
{
	struct reference_share *share = share_of(it->world, it->source);
	bool of_target = kind == EVENT_MISS || kind == EVENT_SPONGED || kind == EVENT_LOCAL;
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
	put_mapped(event->address, of_target ? it->tpa : it->spa);
	put_mapped(event->peer, of_target ? it->spa : it->tpa);
	memcpy(event->mac, it->sha, ETH_ALEN);
	memcpy(event->source, it->source, ETH_ALEN);
	event->opcode = it->opcode;
	if (mac_equal(it->destination, it->config->mac))
		event->flags = EVENT_TO_US;
	event->time = it->now;
	count(it, COUNTER_EVENTS_SENT);
	return true;
}

/*
 * The same event, of the same sender, about the same slot: once in `seconds`, or each time for 0.
 */
static void report_once_in(struct judgement *it, uint32_t seconds, enum event_kind kind,
                           uint32_t slot)
{
	struct reference *world = it->world;
	struct reference_report *earlier = NULL;

	for (unsigned i = 0; i < world->report_count && !earlier; i++)
		if (mac_equal(world->reports[i].mac, it->sha) && world->reports[i].slot == slot &&
		    world->reports[i].kind == kind)
			earlier = &world->reports[i];
	if (seconds && earlier && it->second - earlier->second < seconds) {
		count(it, COUNTER_EVENTS_THROTTLED);
		return;
	}
	if (!report(it, kind, slot))
		return;
	if (!earlier) {
		assert(world->report_count < REFERENCE_MEMORY);
		earlier = &world->reports[world->report_count++];
		memcpy(earlier->mac, it->sha, ETH_ALEN);
		earlier->slot = slot;
		earlier->kind = kind;
	}
	earlier->second = it->second;
}

/* Whether the frame goes on: the sender matches the table, or may ask in spite of it. */
static bool sender(struct judgement *it)
{
	uint32_t slot = it->spa ? slot_of(it, it->spa) : NOT_ON_LINK;
	union binding binding = binding_of(it, slot);
	bool agrees = is_bound(binding) && mac_equal(binding.mac, it->sha);

	if (is_bound(binding) && !agrees && binding.flags & SLOT_PROTECT) {
		count(it, COUNTER_DROP_PROTECTED);
		it->outcome->action = XDP_DROP;
		report_once_in(it, 1, EVENT_SPOOF, slot);
		return false;
	}
	if (!mac_is_a_stations(it->sha) || !mac_is_a_stations(it->source)) {
		count(it, COUNTER_PASS_BAD_SENDER);
		report_once_in(it, 1, EVENT_BAD_SENDER, slot);
		return false;
	}
	if (!it->spa)
		return true; /* a probe claims no address */
	if (!mac_equal(it->sha, it->source)) {
		count(it, COUNTER_SENDER_MISMATCH);
		report_once_in(it, 1, EVENT_MISMATCH, slot);
	} else if (agrees) {
		count(it, COUNTER_HEARD_SAME);
		it->world->slots[slot].seen = it->second;
	} else if (slot != NOT_ON_LINK) {
		count(it, COUNTER_HEARD_OTHER);
		/* The program reports an awaited reply each time, and so an answer in a contest. */
		bool answer = it->opcode == 2 && mac_equal(it->destination, it->config->mac);
		bool awaited =
		        binding.state == SLOT_PENDING || (binding.state == SLOT_STALE && answer);

		report_once_in(it, awaited ? 0 : 1, EVENT_HEARD, slot);
	} else {
		count(it, COUNTER_HEARD_FOREIGN);
		if (!prefix_of(it, it->spa) && vlan_is_served(it))
			report_once_in(it, 1, EVENT_BOGON, NOT_ON_LINK);
	}
	return true;
}

static bool agent_is_silent(const struct judgement *it)
{
	int32_t age = (int32_t)(it->second - it->world->port.heartbeat);
	uint32_t silence = it->world->port.silence;

	return silence && age > 0 && (uint32_t)age > silence;
}

/* The reason against an answer, or COUNTER_ANSWERED. Records the request in the slot. */
static enum counter request(struct judgement *it, uint32_t slot)
{
	union binding binding = binding_of(it, slot);
	struct neigh_slot *target = &it->world->slots[slot];
	bool sponged = binding.state == SLOT_DEAD && binding.flags & SLOT_SPONGE &&
	               binding.flags & SLOT_ANSWER;
	bool is_probe = !it->spa;
	bool is_declared = binding.state == SLOT_STATIC || binding.state == SLOT_LOCAL;

	if (!is_bound(binding) && !sponged) {
		if (binding.state == SLOT_DEAD && !is_probe)
			target->seen++;
		if (binding.state == SLOT_EMPTY && !is_probe) {
			if (target->used == it->second)
				count(it, COUNTER_EVENTS_THROTTLED);
			else if (report(it, EVENT_MISS, slot))
				target->used = it->second;
		}
		return COUNTER_PASS_MISS;
	}
	if (!(binding.flags & SLOT_ANSWER) || !mac_is_a_stations(binding.mac))
		return COUNTER_PASS_UNANSWERED;
	if (mac_equal(binding.mac, it->sha))
		return COUNTER_PASS_OWNER;
	if (is_probe && !is_declared)
		return COUNTER_PASS_PROBE;
	if (agent_is_silent(it) && !is_declared)
		return COUNTER_PASS_WATCHDOG;
	target->used = it->second;
	if (sponged) {
		count(it, COUNTER_SPONGED);
		report_once_in(it, 30, EVENT_SPONGED, slot);
	}
	if (binding.state == SLOT_LOCAL && !is_probe && slot_of(it, it->spa) != NOT_ON_LINK &&
	    mac_equal(it->sha, it->source))
		report_once_in(it, 1, EVENT_LOCAL, slot);
	return COUNTER_ANSWERED;
}

static void reply(struct judgement *it, const uint8_t *mac)
{
	uint8_t *frame = it->outcome->frame, *arp = it->arp;
	uint8_t asker[ETH_ALEN], source[ETH_ALEN];

	memcpy(asker, it->sha, ETH_ALEN);
	memcpy(source, it->source, ETH_ALEN);
	memcpy(frame, source, ETH_ALEN);
	memcpy(frame + 6, it->config->flags & PORT_REPLY_AS_TARGET ? mac : it->config->mac,
	       ETH_ALEN);
	arp[7] = 2;
	memcpy(arp + 8, mac, ETH_ALEN);
	put32(arp + 14, it->tpa);
	memcpy(arp + 18, asker, ETH_ALEN);
	put32(arp + 24, it->spa);
	it->outcome->action = it->config->flags & PORT_REDIRECT ? XDP_REDIRECT : XDP_TX;
}

static void target(struct judgement *it)
{
	uint32_t slot = slot_of(it, it->tpa);
	enum counter verdict;

	if (it->opcode != 1)
		verdict = COUNTER_PASS_NOT_REQUEST;
	else if (it->spa == it->tpa)
		verdict = COUNTER_PASS_GRATUITOUS;
	else if (!mac_is_broadcast(it->destination) && !mac_equal(it->destination, it->config->mac))
		verdict = COUNTER_PASS_ELSEWHERE;
	else if (slot == NOT_ON_LINK)
		verdict = COUNTER_PASS_OFF_LINK;
	else
		verdict = request(it, slot);
	count(it, verdict);
	if (verdict == COUNTER_ANSWERED)
		reply(it, binding_of(it, slot).mac);
}

/* Where the ARP begins, or 0. *vlan: 0, VID, or outer VID << 16 | inner VID. An outer VID of 0 is
 * only a priority. */
static unsigned arp_offset(const uint8_t *frame, unsigned length, uint32_t *vlan)
{
	unsigned at = 12;

	*vlan = 0;
	for (int tags = 0; tags < 2; tags++) {
		uint16_t type = get16(frame + at);

		if (type != 0x8100 && type != 0x88a8)
			break;
		if (length < at + 6)
			return 0;
		*vlan = *vlan << 16 | (get16(frame + at + 2) & 0xfff);
		at += 4;
	}
	return get16(frame + at) == 0x0806 ? at + 2 : 0;
}

void reference_frame(struct reference *world, const uint8_t *frame, unsigned length, uint64_t now,
                     uint32_t ifindex, struct outcome *outcome)
{
	struct judgement it = {
	        .world = world,
	        .outcome = outcome,
	        .now = now,
	        .second = (uint32_t)(now / SECOND_NS),
	        .ifindex = ifindex,
	        .config = &world->port.config[world->port.active & 1],
	};
	unsigned at;

	assert(length >= ETH_HLEN && length <= REFERENCE_FRAME);
	memset(outcome, 0, sizeof(*outcome));
	outcome->action = XDP_PASS;
	memcpy(outcome->frame, frame, length);
	at = arp_offset(frame, length, &it.vlan);
	if (!at)
		return;
	count(&it, COUNTER_ARP_FRAMES);
	if (length < at + 28 || get16(frame + at) != 1 || get16(frame + at + 2) != 0x0800 ||
	    frame[at + 4] != 6 || frame[at + 5] != 4) {
		count(&it, COUNTER_PASS_MALFORMED);
		return;
	}
	it.destination = frame;
	it.source = frame + 6;
	it.opcode = get16(frame + at + 6);
	it.sha = frame + at + 8;
	it.spa = get32(frame + at + 14);
	it.tpa = get32(frame + at + 24);
	it.arp = outcome->frame + at;
	if (sender(&it))
		target(&it);
}

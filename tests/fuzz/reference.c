// SPDX-License-Identifier: MIT
/* The rules, in order, each with its sentence in docs/architecture.md. */
#include "judgement.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include <linux/bpf.h>

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
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

/* ::ffff:a.b.c.d */
static void mapped(uint8_t to[16], uint32_t address)
{
	memset(to, 0, 10);
	memset(to + 10, 0xff, 2);
	put32(to + 12, address);
}

static bool report(struct judgement *it, enum event_kind kind, uint32_t slot)
{
	bool of_target = kind == EVENT_MISS || kind == EVENT_SPONGED || kind == EVENT_LOCAL;
	uint8_t spa[16], tpa[16];

	mapped(spa, it->spa);
	mapped(tpa, it->tpa);
	return judge_report(it, kind, slot, of_target ? tpa : spa, of_target ? spa : tpa);
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

/* Where ARP or IPv6 begins, with its ethertype, or 0. *vlan: 0, VID, or outer VID << 16 | inner
 * VID. An outer VID of 0 is only a priority. */
static unsigned payload_offset(const uint8_t *frame, unsigned length, uint32_t *vlan,
                               uint16_t *ethertype)
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
	*ethertype = get16(frame + at);
	return at + 2;
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
	        .frame = frame,
	};
	uint16_t ethertype = 0;
	unsigned at;

	assert(length >= ETH_HLEN && length + 8 <= REFERENCE_FRAME);
	memset(outcome, 0, sizeof(*outcome));
	outcome->action = XDP_PASS;
	outcome->length = length;
	memcpy(outcome->frame, frame, length);
	it.destination = frame;
	it.source = frame + 6;
	at = payload_offset(frame, length, &it.vlan, &ethertype);
	if (at && ethertype == 0x86dd)
		judge_discovery(&it, at, length);
	if (!at || ethertype != 0x0806)
		return;
	count(&it, COUNTER_ARP_FRAMES);
	if (length < at + 28 || get16(frame + at) != 1 || get16(frame + at + 2) != 0x0800 ||
	    frame[at + 4] != 6 || frame[at + 5] != 4) {
		count(&it, COUNTER_PASS_MALFORMED);
		return;
	}
	it.opcode = get16(frame + at + 6);
	it.sha = frame + at + 8;
	it.spa = get32(frame + at + 14);
	it.tpa = get32(frame + at + 24);
	it.arp = outcome->frame + at;
	if (sender(&it))
		target(&it);
}

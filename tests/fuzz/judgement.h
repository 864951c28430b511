/* SPDX-License-Identifier: MIT */
/* The parts of the reference share this: one frame under judgement, and its events. */
#ifndef TESTS_FUZZ_JUDGEMENT_H
#define TESTS_FUZZ_JUDGEMENT_H

#include <stdbool.h>
#include <string.h>

#include <linux/bpf.h>

#include "reference.h"

#define SECOND_NS   1000000000ULL
#define NOT_ON_LINK 0xffffffff /* no slot */

/* One frame under judgement. */
struct judgement {
	struct reference *world;
	struct outcome *outcome;
	uint64_t now;
	uint32_t second, ifindex;
	const struct port_config *config;
	const uint8_t *frame, *destination, *source, *sha;
	uint8_t *arp; /* in the outcome's frame */
	uint32_t vlan, spa, tpa;
	uint16_t opcode, flags; /* of events: flags without EVENT_TO_US */
};

static inline uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static inline bool mac_equal(const uint8_t *a, const uint8_t *b)
{
	return !memcmp(a, b, ETH_ALEN);
}

static inline bool mac_is_broadcast(const uint8_t *mac)
{
	static const uint8_t broadcast[ETH_ALEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	return mac_equal(mac, broadcast);
}

/* Whether a station can have the MAC: neither zero nor a group's. */
static inline bool mac_is_a_stations(const uint8_t *mac)
{
	static const uint8_t zero[ETH_ALEN];

	return !mac_equal(mac, zero) && mac[0] % 2 == 0;
}

static inline void count(struct judgement *it, enum counter counter)
{
	it->outcome->counted[counter]++;
}

static inline union binding binding_of(const struct judgement *it, uint32_t slot)
{
	union binding binding = {.word = 0};

	if (slot != NOT_ON_LINK)
		binding.word = it->world->slots[slot].binding;
	return binding;
}

/* Whether the table knows the address's place. */
static inline bool is_bound(union binding binding)
{
	return binding.state == SLOT_DYNAMIC || binding.state == SLOT_STATIC ||
	       binding.state == SLOT_LOCAL || binding.state == SLOT_STALE;
}

static inline bool agent_is_silent(const struct judgement *it)
{
	int32_t age = (int32_t)(it->second - it->world->port.heartbeat);
	uint32_t silence = it->world->port.silence;

	return silence && age > 0 && (uint32_t)age > silence;
}

/* One event, within the limits. Addresses have 16 bytes. */
bool judge_report(struct judgement *it, enum event_kind kind, uint32_t slot, const uint8_t *address,
                  const uint8_t *peer);

/* IPv6, if it is neighbour discovery: `at` is where its header begins. */
void judge_discovery(struct judgement *it, unsigned at, unsigned length);

#endif

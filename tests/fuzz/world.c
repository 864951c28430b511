// SPDX-License-Identifier: MIT
/*
 * Choices use few bytes, and small values for the likely ones. So when the fuzzer changes one byte,
 * it changes one thing.
 */
#include <arpa/inet.h>

#include "choice.h"
#include "world_nd.h"

#include "arpkeeper/frame.h"

#define SECOND_NS   1000000000ULL
#define SILENCE     30
#define FAVOURITES  3
#define FRAME_WHOLE 64

static unsigned prefix_count(struct pair *pair)
{
	unsigned count = config_of(pair)->prefixes;

	return count < PORT_PREFIXES_MAX ? count : PORT_PREFIXES_MAX;
}

/* Somewhere in a prefix: its ends, what lies just outside, or one of few hosts. */
static uint32_t host_of(const struct port_prefix *prefix, uint8_t choice, uint32_t *slot)
{
	uint32_t host = choice % 8;

	*slot = REFERENCE_SLOTS;
	if (host == 6)
		return prefix->network - 1;
	if (host == 7)
		return prefix->network + ~prefix->mask + 1;
	if (host == 5)
		host = ~prefix->mask;
	host &= ~prefix->mask;
	if (prefix->base + host < REFERENCE_SLOTS)
		*slot = prefix->base + host;
	return prefix->network + host;
}

/*
 * An address: of `near`, of one of the first prefixes, of any, or another. `near` becomes its
 * prefix. *slot: the table's slot for it, if it has one.
 */
static uint32_t address(struct pair *pair, struct input *input, const struct port_prefix **near,
                        uint8_t skip, uint32_t *slot)
{
	static const uint32_t others[] = {0,          1,          0xffffffff, 0x08080808,
	                                  0xe0000001, 0xa9fe0101, 0x7f000001, 0x0a000000};
	unsigned count = prefix_count(pair);
	uint8_t choice = next(input);

	*slot = REFERENCE_SLOTS;
	if (choice >= 0xf8)
		return others[choice % 8];
	if (choice >= 0xf0 || !count)
		return next32(input);
	if (!*near || choice >= 0xa0) {
		if (choice < 0xd0 && count > FAVOURITES)
			count = FAVOURITES;
		*near = &config_of(pair)->prefix[next(input) % count];
	}
	return host_of(*near, choice + skip, slot);
}

static bool prefix_overlaps(const struct port_config *config, const struct port_prefix *prefix)
{
	for (unsigned i = 0; i < config->prefixes; i++) {
		uint32_t mask = config->prefix[i].mask & prefix->mask;

		if (config->prefix[i].vlan == prefix->vlan &&
		    (config->prefix[i].network & mask) == (prefix->network & mask))
			return true;
	}
	return false;
}

/* As the agent does it: prefixes of one VLAN do not overlap. The last ones may lie beyond the
 * table, unlike the agent's. */
static void prefixes(struct port_config *config, struct input *input)
{
	static const uint32_t networks[] = {0x0a000000, 0x0a000100, 0xc0a80400, 0xac100000,
	                                    0x00000000, 0xfffffe00, 0xe0000000, 0x0a0000c0};
	static const uint8_t bits[] = {28, 24, 30, 29, 27, 31, 32, 26};
	uint8_t count = next(input);
	unsigned wanted = count < 0xc0 ? 1 + count % FAVOURITES : count % (PORT_PREFIXES_MAX + 1);
	uint32_t base = 0;

	for (unsigned i = 0; i < wanted; i++) {
		uint8_t choice = next(input);
		struct port_prefix prefix = {
		        .mask = ~0u << (32 - bits[choice / 8 % 8]),
		        .vlan = choice & 0x40 ? vlan(input) : 0,
		        .base = base,
		};

		prefix.network = networks[choice % 8] & prefix.mask;
		if (prefix_overlaps(config, &prefix))
			continue;
		config->prefix[config->prefixes++] = prefix;
		base += ~prefix.mask + 1;
	}
	/* What a count that is too large would reach. */
	for (uint32_t i = config->prefixes; i < PORT_PREFIXES_MAX; i++, base += 2)
		config->prefix[i] = (struct port_prefix){0xc6336400 + 2 * i, ~1u, 0, base};
}

static void slot_write(struct pair *pair, struct input *input)
{
	uint32_t second = (uint32_t)(pair_now() / SECOND_NS), slot;
	const struct port_prefix *prefix = NULL;
	union binding binding = {.word = 0};
	uint8_t choice;

	address(pair, input, &prefix, 0, &slot);
	choice = next(input);
	binding.state = choice % 8 < SLOT_STATES ? choice % 8 : choice;
	binding.flags = choice / 8 % 8;
	mac(input, binding.mac);
	if (slot >= REFERENCE_SLOTS)
		return;
	pair->world.slots[slot] = (struct neigh_slot){
	        .binding = binding.word,
	        .seen = choice & 0x40 ? second - 1 : 0,
	        .used = choice & 0x80 ? second : 0,
	};
}

/* Some hosts in each of the first prefixes, in all states, mostly with answers. */
static void inhabit(struct pair *pair, struct input *input)
{
	uint8_t choice = next(input);

	for (unsigned i = 0; i < FAVOURITES && i < prefix_count(pair); i++)
		for (unsigned host = 0; host < 4; host++) {
			uint32_t slot = config_of(pair)->prefix[i].base + host;
			union binding binding = {.word = 0};

			memcpy(binding.mac, own, ETH_ALEN);
			binding.mac[5] = (uint8_t)(0x10 + host);
			binding.state = (uint8_t)((host + i + choice) % SLOT_STATES);
			binding.flags = SLOT_ANSWER;
			if (choice >> (2 * host) & 1)
				binding.flags |= SLOT_SPONGE;
			if (choice >> (2 * host) & 2)
				binding.flags ^= SLOT_PROTECT | SLOT_ANSWER;
			if (slot < REFERENCE_SLOTS)
				pair->world.slots[slot].binding = binding.word;
		}
}

static void heartbeat(struct pair *pair, struct input *input)
{
	static const uint32_t ages[] = {0,  SILENCE,     SILENCE + 1, 1000000,
	                                -5, -0x7fffffff, 0x7fffffff};
	static const uint32_t silences[] = {0, SILENCE, 1, 0xffffffff};
	uint8_t choice = next(input);

	pair->world.port.heartbeat =
	        (uint32_t)(pair_now() / SECOND_NS) - ages[choice % COUNT(ages)];
	pair->world.port.silence = silences[choice / 16 % COUNT(silences)];
}

/* What remains in the bucket, and in one station's share of it. */
static void bucket(struct pair *pair, struct input *input)
{
	uint64_t now = pair_now();
	uint8_t choice = next(input);
	struct reference_share *share = &pair->world.shares[0];

	if (choice % 4 == 1)
		pair->world.bucket = now + SECOND_NS - choice / 16 * 200000ULL;
	if (choice % 4 == 2)
		pair->world.bucket = now + 3 * SECOND_NS;
	if (choice % 4 == 3) {
		mac(input, share->mac);
		share->full = now + SECOND_NS - choice / 16 * 800000ULL;
		pair->world.share_count = 1;
	}
}

void world_begin(struct pair *pair, struct input *input)
{
	struct port *port = &pair->world.port;
	uint8_t choice;

	pair_clear(pair);
	choice = next(input);
	memcpy(port->config[0].mac, own, ETH_ALEN);
	port->config[0].flags = choice % 4;
	prefixes(&port->config[0], input);
	/* The other configuration: another MAC, one prefix less. */
	port->config[1] = port->config[0];
	port->config[1].mac[5] = 0x10;
	port->config[1].flags ^= PORT_REPLY_AS_TARGET;
	if (port->config[1].prefixes)
		port->config[1].prefixes--;
	/* A count that is too large. */
	if (choice & 0x80)
		port->config[0].prefixes += PORT_PREFIXES_MAX;
	port->active = choice / 4 % 4;
	heartbeat(pair, input);
	bucket(pair, input);
	inhabit(pair, input);
	for (int slots = next(input) % 32; slots > 0; slots--)
		slot_write(pair, input);
	if (choice & 0x40)
		world_nd_begin(pair, input);
	pair_begin(pair);
}

/* The sender's MAC: from the table, or a station's own, or any. */
static void sender(struct pair *pair, struct input *input, uint8_t how, uint32_t slot,
                   uint8_t to[ETH_ALEN])
{
	static const uint8_t zero[ETH_ALEN];
	union binding binding = {.word = 0};

	if (how > 4) {
		mac(input, to);
		return;
	}
	if (slot < REFERENCE_SLOTS)
		binding.word = pair->world.slots[slot].binding;
	memcpy(to, binding.mac, ETH_ALEN);
	if (!memcmp(to, zero, ETH_ALEN)) {
		memcpy(to, own, ETH_ALEN);
		to[5] = (uint8_t)(0x20 + slot % 8);
	}
}

/* Whole, padded, or cut, and sometimes with one wrong byte. */
static unsigned distort(struct input *input, uint8_t *frame, uint8_t *arp, uint8_t how)
{
	unsigned length = (unsigned)(arp - frame) + sizeof(struct arp_ipv4);
	uint8_t where;

	if (how % 8 >= 5 && length < FRAME_WHOLE)
		length = FRAME_WHOLE;
	if (how % 8 == 7)
		length = ETH_HLEN + next(input) % (length - ETH_HLEN + 1);
	if (how / 8 % 8 == 7) {
		where = next(input);
		if (where < 64)
			arp[where % sizeof(struct arp_ipv4)] ^= next(input);
		else
			frame[where % 64] ^= next(input);
	}
	return length;
}

static unsigned frame_write(struct pair *pair, struct input *input, uint8_t frame[REFERENCE_FRAME])
{
	uint8_t what = next(input), who = next(input), where = next(input), how = next(input);
	const struct port_prefix *prefix = NULL;
	uint32_t slot, ignored, spa, tpa;
	uint8_t *at = frame + 12, *arp;

	memset(frame, 0, REFERENCE_FRAME);
	spa = address(pair, input, &prefix, 0, &slot);
	tpa = where / 8 % 8 == 7 ? spa : address(pair, input, &prefix, 1, &ignored);

	memset(frame, 0xff, ETH_ALEN);
	if (what % 8 == 5 || what % 8 == 6)
		memcpy(frame, config_of(pair)->mac, ETH_ALEN);
	if (what % 8 == 7)
		mac(input, frame);
	at = put_tags(at, input, where % 8, prefix ? prefix->vlan : 0);
	at = put16(at, 0x0806);
	arp = at;
	at = put16(put16(at, 1), 0x0800);
	*at++ = 6;
	*at++ = 4;
	at = put16(at, what / 8 % 8 < 6 ? 1 : what / 8 % 8 == 6 ? 2 : next16(input));
	sender(pair, input, who % 8, slot, at);
	memcpy(frame + 6, at, ETH_ALEN);
	if (who / 8 % 8 == 7)
		mac(input, frame + 6);
	at += ETH_ALEN;
	memcpy(at, &(uint32_t){htonl(spa)}, 4);
	at += 4 + ETH_ALEN;
	memcpy(at, &(uint32_t){htonl(tpa)}, 4);
	return distort(input, frame, arp, how);
}

unsigned world_step(struct pair *pair, struct input *input, uint8_t frame[REFERENCE_FRAME])
{
	static const uint8_t seconds[] = {1, 29, 30, 2};
	uint8_t choice = next(input);
	/* Both bits: neighbour discovery. */
	bool discovers = choice >= 0xc0;

	switch (choice % 8) {
	case 6:
		if (discovers)
			world_nd_slot(pair, input);
		else
			slot_write(pair, input);
		pair_update(pair);
		return 0;
	case 7:
		if (choice / 8 % 4 == 0)
			pair->world.port.active++;
		else if (choice / 8 % 4 == 1)
			heartbeat(pair, input);
		if (choice / 8 % 4 < 2)
			pair_update(pair);
		else
			pair_age(pair, seconds[choice / 32 % COUNT(seconds)]);
		return 0;
	default:
		if (discovers)
			return world_nd_frame(pair, input, frame);
		return frame_write(pair, input, frame);
	}
}

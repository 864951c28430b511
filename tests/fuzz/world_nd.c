// SPDX-License-Identifier: MIT
/* Messages are nearly always valid, with the right checksum, and then sometimes one byte is wrong.
 */
#include "world_nd.h"

#include "choice.h"

#define SECOND_NS   1000000000ULL
#define HOSTS       5 /* of each prefix, that the table has */
#define SLOTS_FROM  448
#define IPV6_HEADER 40
#define OPTIONS_MAX 10
#define LONG_OPTION 66 /* times eight bytes: longer than what is judged */

enum pool {
	LINK_LOCAL = 0,     /* fe80::1 .. 5 */
	GLOBAL = HOSTS,     /* 2001:db8::1 .. 5 */
	NOBODY = 2 * HOSTS, /* on-link, and not in the table */
	UNSPECIFIED,
	GROUP,
	MAPPED_IPV4,
	FOREIGN,
	RANDOM,
	POOL
};

static void address(struct input *input, uint8_t choice, uint8_t to[16])
{
	static const uint8_t global[4] = {0x20, 0x01, 0x0d, 0xb8};

	memset(to, 0, 16);
	choice %= POOL;
	if (choice < NOBODY) {
		memcpy(to, global, sizeof(global));
		if (choice < GLOBAL)
			memcpy(to, (uint8_t[4]){0xfe, 0x80}, 4);
		to[15] = (uint8_t)(1 + choice % HOSTS);
		return;
	}
	switch ((enum pool)choice) {
	case NOBODY:
		memcpy(to, global, sizeof(global));
		to[14] = next(input) % 4;
		to[15] = 0x77;
		break;
	case GROUP:
		to[0] = 0xff;
		to[1] = 0x02;
		to[15] = 1;
		break;
	case MAPPED_IPV4:
		memcpy(to + 10, (uint8_t[6]){0xff, 0xff, 10, 0, 0, 5}, 6);
		break;
	case FOREIGN:
		memcpy(to, (uint8_t[4]){0x20, 0x01, 0x0d, 0xb9}, 4);
		to[15] = 1;
		break;
	case RANDOM:
		for (int i = 0; i < 16; i++)
			to[i] = next(input);
		break;
	default:
		break;
	}
}

static void prefix(struct port_config *config, const uint8_t *network, unsigned bits, uint32_t vlan,
                   uint32_t segment)
{
	struct port_prefix6 *added = &config->prefix6[config->prefixes6++];

	*added = (struct port_prefix6){.vlan = vlan, .segment = segment};
	for (unsigned bit = 0; bit < bits; bit++)
		added->mask[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	for (unsigned byte = 0; byte < 16; byte++)
		added->network[byte] = network[byte] & added->mask[byte];
}

static void domain(struct port_config *config, uint32_t vlan, uint32_t segment, uint8_t how)
{
	static const uint8_t local[16] = {0xfe, 0x80}, global[16] = {0x20, 0x01, 0x0d, 0xb8};
	static const unsigned bits[] = {64, 120, 128, 0};

	config->domain[config->domains++] = (struct port_domain){vlan, segment};
	prefix(config, local, 64, vlan, segment);
	prefix(config, global, bits[how % 8 < 5 ? 0 : how % 4], vlan, segment);
}

static void place(struct pair *pair, uint32_t segment, uint8_t which, uint32_t slot, uint8_t how)
{
	struct reference_place *place = &pair->world.places[pair->world.place_count++];
	struct input nothing = {NULL, NULL};
	union binding binding = {.word = 0};

	place->key.segment = segment;
	address(&nothing, which, place->key.address);
	place->slot = slot;
	if (slot >= REFERENCE_SLOTS)
		return;
	memcpy(binding.mac, own, ETH_ALEN);
	binding.mac[5] = (uint8_t)(0x10 + which % HOSTS);
	binding.state = (uint8_t)((which + how) % SLOT_STATES);
	binding.flags = SLOT_ANSWER;
	if (which % 2)
		binding.flags |= SLOT_SPONGE | SLOT_OVERRIDE;
	if (how & 0x10 && which % 3 == 0)
		binding.flags |= SLOT_PROTECT;
	if (how & 0x20)
		binding.flags |= SLOT_ROUTER;
	if (how & 0x80 && which % 2)
		binding.flags ^= SLOT_ANSWER;
	if (how & 0x40 && which % 3 == 1)
		binding.flags |= SLOT_FROZEN;
	pair->world.slots[slot].binding = binding.word;
}

void world_nd_begin(struct pair *pair, struct input *input)
{
	struct port_config *config = config_of(pair);
	uint8_t choice = next(input), how = next(input);
	uint32_t tagged = vlan(input), segments = choice % 4 == 3 ? 2 : 1;

	domain(config, choice & 0x80 ? tagged : 0, 0, how);
	if (segments > 1)
		domain(config, tagged, 7, how / 8);
	if (choice & 0x10)
		config->flags |= PORT_RA_GUARD;
	/* A count that is too large. */
	if (choice & 0x20)
		config->domains += PORT_PREFIXES_MAX;
	if (choice & 0x40)
		config->prefixes6 += PORT_PREFIXES_MAX;
	for (unsigned which = 0; which < NOBODY; which++)
		for (uint32_t segment = 0; segment < segments; segment++)
			if (which != 1 + how % 4)
				place(pair, 7 * segment, which,
				      which == 4 && how & 0x40 ? REFERENCE_SLOTS + 3
				                               : SLOTS_FROM + 2U * which + segment,
				      (uint8_t)(choice / 4 % 4 + (how & 0xb0)));
}

void world_nd_slot(struct pair *pair, struct input *input)
{
	uint32_t second = (uint32_t)(pair_now() / SECOND_NS);
	uint8_t which = next(input), choice = next(input);
	union binding binding = {.flags = next(input) & SLOT_FLAGS};
	const struct reference_place *place;

	binding.state = choice % 8 < SLOT_STATES ? choice % 8 : choice;
	mac(input, binding.mac);
	if (!pair->world.place_count)
		return;
	place = &pair->world.places[which % pair->world.place_count];
	if (place->slot < REFERENCE_SLOTS)
		pair->world.slots[place->slot] = (struct neigh_slot){
		        .binding = binding.word,
		        .seen = choice & 0x40 ? second - 1 : 0,
		        .used = choice & 0x80 ? second : 0,
		};
}

/* The MAC that the table has for the address, or a station's. */
static void mac_of(struct pair *pair, struct input *input, uint8_t how, const uint8_t *address,
                   uint8_t to[ETH_ALEN])
{
	union binding binding = {.word = 0};

	memcpy(to, own, ETH_ALEN);
	to[5] = 0x20;
	if (how % 8 > 5) {
		mac(input, to);
		return;
	}
	for (unsigned i = 0; i < pair->world.place_count; i++) {
		const struct reference_place *place = &pair->world.places[i];

		if (!memcmp(place->key.address, address, 16) && place->slot < REFERENCE_SLOTS)
			binding.word = pair->world.slots[place->slot].binding;
	}
	if (binding.word & 0xffffffffffffULL)
		memcpy(to, binding.mac, ETH_ALEN);
}

static void destination(struct input *input, uint8_t how, const uint8_t *target, uint8_t to[16])
{
	static const uint8_t group[13] = {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};

	memcpy(to, target, 16);
	if (how % 8 < 5)
		memcpy(to, group, sizeof(group));
	else if (how % 8 == 6)
		address(input, GROUP, to);
	else if (how % 8 == 7)
		address(input, next(input), to);
}

/* Options: usually the one that the type has. Returns the end. */
static uint8_t *options(struct input *input, uint8_t how, uint8_t type, const uint8_t *mac_at,
                        uint8_t *at)
{
	uint8_t usual = type == 136 ? 2 : 1, count = 1, choice;

	if (how % 8 == 6)
		count = 0;
	if (how % 8 == 7)
		count = (uint8_t)(next(input) % (OPTIONS_MAX + 1));
	for (unsigned i = 0; i < count; i++) {
		choice = how % 8 == 7 ? next(input) : 0;
		memset(at, 0, 8);
		at[0] = choice % 4 == 0 ? usual : choice % 4 == 1 ? 14 : choice % 8;
		at[1] = (uint8_t)(choice & 0x20 ? choice / 64 : 1);
		memcpy(at + 2, mac_at, ETH_ALEN);
		if (choice & 0x10)
			mac(input, at + 2);
		at += at[1] ? 8 * at[1] : 8;
	}
	if (how % 8 == 7 && how & 0x80) {
		at[0] = 14;
		at[1] = LONG_OPTION;
		at += 8 * LONG_OPTION;
	}
	return at;
}

static void checksum(uint8_t *ip, unsigned length)
{
	uint32_t total = length + 58;

	ip[IPV6_HEADER + 2] = ip[IPV6_HEADER + 3] = 0;
	for (unsigned i = 8; i < IPV6_HEADER + length; i += 2)
		total += (uint32_t)ip[i] << 8 | ip[i + 1];
	while (total > 0xffff)
		total = (total >> 16) + (total & 0xffff);
	put16(ip + IPV6_HEADER + 2, (uint16_t)~total);
}

/* One wrong byte before the checksum is right, or after; padding; a cut. */
static unsigned distort(struct input *input, uint8_t *frame, uint8_t *ip, unsigned length,
                        uint8_t how)
{
	unsigned whole = (unsigned)(ip - frame) + IPV6_HEADER + length;
	uint8_t where = how & 0x30 ? 0xff : next(input), what = where < 0xff ? next(input) : 0;

	if (how & 0x08 && where < 0xff)
		(where < 96 ? ip : frame)[where % 96] ^= what;
	checksum(ip, length);
	if (!(how & 0x08) && where < 0xff)
		(where < 96 ? ip : frame)[where % 96] ^= what;
	if (how % 8 == 5)
		whole += next(input) % 16;
	if (how % 8 == 7)
		whole = ETH_HLEN + next16(input) % (whole - ETH_HLEN + 1);
	return whole;
}

unsigned world_nd_frame(struct pair *pair, struct input *input, uint8_t frame[REFERENCE_FRAME])
{
	uint8_t what = next(input), who = next(input), where = next(input), how = next(input);
	uint8_t option = next(input), type = 135, source[16], target[16], mac_at[ETH_ALEN];
	uint8_t *ip, *icmp, *end, *at = frame + 12;
	const struct port_config *config = config_of(pair);

	memset(frame, 0, REFERENCE_FRAME);
	if (what % 8 > 4)
		type = (uint8_t)(what % 8 == 5 ? 136 : what % 8 == 6 ? 133 : 132 + next(input) % 7);
	address(input, who, source);
	address(input, what / 8, target);
	mac_of(pair, input, who / 32, type == 136 ? target : source, mac_at);
	at = put_tags(at, input, where % 8, config->domain[where / 64 % 2].vlan);
	ip = put16(at, 0x86dd);
	icmp = ip + IPV6_HEADER;
	ip[0] = 0x60;
	ip[6] = 58;
	ip[7] = 255;
	memcpy(ip + 8, source, 16);
	destination(input, where / 8, target, ip + 24);
	memcpy(frame, ip[24] == 0xff ? (uint8_t[2]){0x33, 0x33} : config->mac, 2);
	memcpy(frame + 2, ip[24] == 0xff ? ip + 36 : config->mac + 2, 4);
	if (option / 8 % 4 == 2)
		memcpy(frame, config->mac, ETH_ALEN);
	if (option / 8 % 4 == 3)
		mac(input, frame);
	memcpy(frame + 6, mac_at, ETH_ALEN);
	if (option & 0x40)
		mac(input, frame + 6);
	icmp[0] = type;
	if (type == 136)
		icmp[4] = (uint8_t)(next(input) & 0xe0);
	end = icmp + (type == 133 ? 8 : type == 134 ? 16 : 24);
	if (type == 135 || type == 136)
		memcpy(icmp + 8, target, 16);
	end = options(input, option, type, mac_at, end);
	put16(ip + 4, (uint16_t)(end - icmp));
	return distort(input, frame, ip, (unsigned)(end - icmp), how);
}

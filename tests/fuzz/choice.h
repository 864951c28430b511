/* SPDX-License-Identifier: MIT */
/* What both halves of a world share: how an input becomes choices. */
#ifndef TESTS_FUZZ_CHOICE_H
#define TESTS_FUZZ_CHOICE_H

#include <string.h>

#include "world.h"

#define STATIONS     6
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const uint8_t own[ETH_ALEN] = {0x02, 0x00, 0x5e, 0x10, 0x20, 0x01};

static inline uint8_t next(struct input *input)
{
	return input->at < input->end ? *input->at++ : 0;
}

static inline uint16_t next16(struct input *input)
{
	uint8_t high = next(input);

	return (uint16_t)(high << 8 | next(input));
}

static inline uint32_t next32(struct input *input)
{
	uint32_t high = next16(input);

	return high << 16 | next16(input);
}

static inline struct port_config *config_of(struct pair *pair)
{
	return &pair->world.port.config[pair->world.port.active & 1];
}

static inline uint32_t vlan(struct input *input)
{
	static const uint32_t vlans[] = {0,       1,          7, 4094, 4095, 100 << 16 | 200,
	                                 7 << 16, 1 << 16 | 1};

	return vlans[next(input) % COUNT(vlans)];
}

static inline void mac(struct input *input, uint8_t to[ETH_ALEN])
{
	uint8_t choice = next(input);

	memcpy(to, own, ETH_ALEN);
	switch (choice % 16) {
	case 10:
		break; /* the agent's own */
	case 11:
		memset(to, 0, ETH_ALEN);
		break;
	case 12:
		memset(to, 0xff, ETH_ALEN);
		break;
	case 13:
		to[0] |= 1;
		break;
	case 14: /* nearly the agent's own, nearly zero, nearly broadcast */
		to[choice / 16 % ETH_ALEN] ^= 0x80;
		break;
	case 15:
		for (int i = 0; i < ETH_ALEN; i++)
			to[i] = next(input);
		break;
	default:
		to[5] = (uint8_t)(0x10 + choice % STATIONS);
		break;
	}
}

static inline uint8_t *put16(uint8_t *at, uint16_t value)
{
	*at++ = (uint8_t)(value >> 8);
	*at++ = (uint8_t)value;
	return at;
}

static inline uint8_t *put_tags(uint8_t *at, struct input *input, uint8_t how, uint32_t key)
{
	static const uint16_t types[] = {0x8100, 0x88a8, 0x9100, 0x0806};
	uint16_t priority = 0;
	uint8_t choice;

	if (how == 7) {
		choice = next(input);
		for (int tags = choice % 4; tags > 0; tags--) {
			at = put16(at, types[choice / 4 % 4]);
			at = put16(at, next16(input));
		}
		return at;
	}
	if (how == 6)
		priority = (uint16_t)(next(input) << 12);
	if (key >> 16) {
		at = put16(at, 0x88a8);
		at = put16(at, (uint16_t)(priority | key >> 16));
	}
	if (key || how == 6) {
		at = put16(at, 0x8100);
		at = put16(at, (uint16_t)(priority | (key & 0xfff)));
	}
	return at;
}

#endif

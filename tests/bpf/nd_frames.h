/* SPDX-License-Identifier: MIT */
/*
 * Messages of neighbour discovery for the tests: fields, and the bytes that they make. As frames.h,
 * this file shares no code with the program; its checksum is another one, too.
 */
#ifndef TESTS_BPF_ND_FRAMES_H
#define TESTS_BPF_ND_FRAMES_H

#include <assert.h>

#include "frames.h"

#define ND_OPTIONS_OF_TESTS 12
#define ND_BYTES_MAX        240

struct in6 {
	uint8_t byte[16];
};

struct option {
	uint8_t type, length; /* in units of eight bytes; 0 still writes eight */
	struct mac mac;
};

struct nd {
	struct mac destination, source;
	struct tag tags[TAGS_MAX];
	int tag_count;
	uint8_t version, next, hop_limit;
	struct in6 from, to;
	uint8_t type, code, flags;
	struct in6 target;
	struct option options[ND_OPTIONS_OF_TESTS];
	int option_count;
	int length_off;   /* added to IPv6's payload length */
	uint16_t sum_off; /* flips bits of the checksum */
	unsigned padding; /* bytes behind the message */
};

static inline struct in6 in6(const char *text)
{
	struct in6 address;
	int known = inet_pton(AF_INET6, text, address.byte);

	assert(known == 1);
	(void)known;
	return address;
}

static inline struct in6 solicited_node(struct in6 address)
{
	struct in6 group = in6("ff02::1:ff00:0");

	memcpy(group.byte + 13, address.byte + 13, 3);
	return group;
}

static inline struct mac group_mac(struct in6 group)
{
	struct mac mac = {{0x33, 0x33}};

	memcpy(mac.byte + 2, group.byte + 12, 4);
	return mac;
}

static inline struct nd message(uint8_t type, struct mac source, const char *from, struct in6 to)
{
	return (struct nd){
	        .destination = group_mac(to),
	        .source = source,
	        .version = 6,
	        .next = 58,
	        .hop_limit = 255,
	        .from = in6(from),
	        .to = to,
	        .type = type,
	};
}

/* The ordinary multicast solicitation. */
static inline struct nd solicit(struct mac source, const char *from, const char *target)
{
	struct nd nd = message(135, source, from, solicited_node(in6(target)));

	nd.target = in6(target);
	nd.options[nd.option_count++] = (struct option){1, 1, source};
	return nd;
}

/* Duplicate address detection. */
static inline struct nd detect(struct mac source, const char *target)
{
	struct nd nd = solicit(source, "::", target);

	nd.option_count = 0;
	return nd;
}

#define ND_ROUTER_BIT    0x80
#define ND_ROUTER_BIT    0x80
#define ND_SOLICITED_BIT 0x40
#define ND_OVERRIDE_BIT  0x20

static inline struct nd advertise(struct mac source, const char *target, struct mac to_mac,
                                  struct in6 to, uint8_t flags)
{
	struct nd nd = message(136, source, target, to);

	nd.destination = to_mac;
	nd.target = in6(target);
	nd.flags = flags;
	nd.options[nd.option_count++] = (struct option){2, 1, source};
	return nd;
}

/* Word by word with a carry at each step; the program sums first and folds at the end. */
static inline uint16_t nd_checksum(const uint8_t *ip, const uint8_t *icmp, unsigned length)
{
	uint16_t sum = 0;

#define ADD(word)                                                                                  \
	do {                                                                                       \
		uint16_t added = (word);                                                           \
		sum = (uint16_t)(sum + added + (sum + added > 0xffff));                            \
	} while (0)
	for (int i = 8; i < 40; i += 2)
		ADD(ip[i] << 8 | ip[i + 1]);
	ADD(length);
	ADD(58);
	for (unsigned i = 0; i + 1 < length; i += 2)
		ADD(icmp[i] << 8 | icmp[i + 1]);
#undef ADD
	return (uint16_t)~sum;
}

static inline unsigned nd_write(uint8_t at[FRAME_MAX], const struct nd *nd)
{
	uint8_t *p = at, *ip, *icmp;
	unsigned length;

	memset(at, 0, FRAME_MAX);
	memcpy(p, &nd->destination, 6);
	memcpy(p + 6, &nd->source, 6);
	p += 12;
	for (int i = 0; i < nd->tag_count; i++, p += 4) {
		put16(p, nd->tags[i].tpid);
		put16(p + 2, nd->tags[i].tci);
	}
	put16(p, 0x86dd);
	ip = p + 2;
	icmp = ip + 40;
	ip[0] = (uint8_t)(nd->version << 4);
	ip[6] = nd->next;
	ip[7] = nd->hop_limit;
	memcpy(ip + 8, &nd->from, 16);
	memcpy(ip + 24, &nd->to, 16);
	icmp[0] = nd->type;
	icmp[1] = nd->code;
	icmp[4] = nd->flags;
	p = icmp + (nd->type == 133 ? 8 : nd->type == 134 ? 16 : nd->type == 137 ? 40 : 24);
	if (nd->type >= 135)
		memcpy(icmp + 8, &nd->target, 16);
	for (int i = 0; i < nd->option_count; i++) {
		p[0] = nd->options[i].type;
		p[1] = nd->options[i].length;
		memcpy(p + 2, &nd->options[i].mac, 6);
		p += p[1] ? 8 * p[1] : 8;
		assert(p - at < ND_BYTES_MAX);
	}
	length = (unsigned)(p - icmp);
	put16(ip + 4, (uint16_t)((int)length + nd->length_off));
	put16(icmp + 2, nd_checksum(ip, icmp, length + (unsigned)nd->length_off) ^ nd->sum_off);
	return (unsigned)(p - at) + nd->padding;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Frames for the tests: the fields of an ARP frame, and the bytes that they make. This file shares
 * no code with the program under test. It writes each field by its offset in the standard.
 */
#ifndef TESTS_BPF_FRAMES_H
#define TESTS_BPF_FRAMES_H

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#define FRAME_MAX  256
#define TAGS_MAX   3
#define ARP_LENGTH 28

struct mac {
	uint8_t byte[6];
};

/* clang-format off */
#define MAC(last)     ((struct mac){{0x02, 0x00, 0x5e, 0x10, 0x20, last}})
#define MAC_ZERO      ((struct mac){{0, 0, 0, 0, 0, 0}})
#define MAC_BROADCAST ((struct mac){{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}})
#define MAC_MULTICAST ((struct mac){{0x01, 0x00, 0x5e, 0x00, 0x00, 0x01}})
/* clang-format on */
#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
/* As events have it: ::ffff:a.b.c.d. */
#define MAPPED(ip)                                                                                 \
	{                                                                                          \
		[10] = 0xff, [11] = 0xff, [12] = (uint8_t)((ip) >> 24),                            \
		[13] = (uint8_t)((ip) >> 16), [14] = (uint8_t)((ip) >> 8), [15] = (uint8_t)(ip)    \
	}

/* One tag: tag protocol and TCI, host byte order. */
struct tag {
	uint16_t tpid;
	uint16_t tci;
};

struct arp {
	struct mac destination, source;
	struct tag tags[TAGS_MAX];
	int tag_count;
	uint16_t htype, ptype, opcode;
	uint8_t hlen, plen;
	struct mac sha, tha;
	uint32_t spa, tpa; /* host byte order */
};

static inline void put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value & 0xff;
}

static inline void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

/* An ordinary broadcast request by `sha`/`spa`. */
static inline struct arp request(struct mac sha, uint32_t spa, uint32_t tpa)
{
	return (struct arp){
	        .destination = MAC_BROADCAST,
	        .source = sha,
	        .htype = 1,
	        .ptype = 0x0800,
	        .hlen = 6,
	        .plen = 4,
	        .opcode = 1,
	        .sha = sha,
	        .spa = spa,
	        .tpa = tpa,
	};
}

static inline struct arp reply(struct mac sha, uint32_t spa, struct mac tha, uint32_t tpa)
{
	struct arp arp = request(sha, spa, tpa);

	arp.opcode = 2;
	arp.destination = tha;
	arp.tha = tha;
	return arp;
}

static inline struct arp tagged(struct arp arp, uint16_t tpid, uint16_t tci)
{
	arp.tags[arp.tag_count++] = (struct tag){tpid, tci};
	return arp;
}

/* Writes the frame without padding, and returns its length. */
static inline unsigned frame_write(uint8_t at[FRAME_MAX], const struct arp *arp)
{
	uint8_t *p = at;

	memcpy(p, &arp->destination, 6);
	memcpy(p + 6, &arp->source, 6);
	p += 12;
	for (int i = 0; i < arp->tag_count; i++, p += 4) {
		put16(p, arp->tags[i].tpid);
		put16(p + 2, arp->tags[i].tci);
	}
	put16(p, 0x0806);
	p += 2;
	put16(p, arp->htype);
	put16(p + 2, arp->ptype);
	p[4] = arp->hlen;
	p[5] = arp->plen;
	put16(p + 6, arp->opcode);
	memcpy(p + 8, &arp->sha, 6);
	put32(p + 14, arp->spa);
	memcpy(p + 18, &arp->tha, 6);
	put32(p + 24, arp->tpa);
	return p + ARP_LENGTH - at;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * MAC and IP addresses, as text and as values. Both families are one type: `struct address`. Only
 * frames, events and the program's maps hold addresses in network byte order.
 */
#ifndef USER_WIRE_ADDRESS_H
#define USER_WIRE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAC_TEXT sizeof("00:00:00:00:00:00")

struct mac {
	uint8_t octet[6]; /* wire order */
};

extern const struct mac mac_broadcast;

/* Six bytes of two hex digits, between colons, upper or lower case. 0 or -EINVAL. */
int mac_parse(struct mac *mac, const char *text);
/* The same in any spelling that is common: 02:77:0:0:0:aa, 02-77-00-00-00-aa, 0277.0000.00aa,
 * 0277-0000-00aa, 0277000000aa. 0 or -EINVAL. */
int mac_read(struct mac *mac, const char *text);
/* Lower case. Returns `text`. */
char *mac_format(char text[MAC_TEXT], struct mac mac);
bool mac_equal(struct mac a, struct mac b);
bool mac_is_zero(struct mac mac);
/* A station's address: neither zero nor a group (multicast, broadcast) address. */
bool mac_is_station(struct mac mac);
int mac_compare(struct mac a, struct mac b); /* as memcmp */

/*
 * An IP address: 128 bits, the first octet in the highest bits of `high`. An IPv4 address is
 * ::ffff:a.b.c.d (RFC 4291 2.5.5.2), which no host has as an IPv6 address: so the family is part of
 * the number, and a plain comparison orders all IPv4 addresses before those of IPv6 that hosts
 * have. All zeros, "::", is no address.
 */
struct address {
	uint64_t high, low;
};

#define ADDRESS_TEXT   sizeof("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
#define ADDRESS_OCTETS 16

#define ADDRESS_V4_LOW UINT64_C(0x0000ffff00000000)
/* An IPv4 address as a constant, for initializers. `number`: host byte order. */
#define ADDRESS_V4(number)                                                                         \
	{                                                                                          \
		.high = 0, .low = ADDRESS_V4_LOW | (uint32_t)(number)                              \
	}

static inline struct address address_v4(uint32_t number)
{
	return (struct address)ADDRESS_V4(number);
}

static inline bool address_is_v4(struct address address)
{
	return !address.high && address.low >> 32 == ADDRESS_V4_LOW >> 32;
}

/* An IPv4 address as a number, in host byte order. */
static inline uint32_t address_number(struct address address)
{
	return (uint32_t)address.low;
}

static inline bool address_equal(struct address a, struct address b)
{
	return a.high == b.high && a.low == b.low;
}

/* As memcmp. */
static inline int address_compare(struct address a, struct address b)
{
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	return (a.low > b.low) - (a.low < b.low);
}

/* "::", which stands for "no address". */
static inline bool address_is_none(struct address address)
{
	return !address.high && !address.low;
}

/* The address `count` further on; it wraps after the last. */
static inline struct address address_plus(struct address address, uint64_t count)
{
	const uint64_t low = address.low + count;

	return (struct address){address.high + (low < count), low};
}

/* How far it is from `from`, which is not later; UINT64_MAX: that or more. */
static inline uint64_t address_minus(struct address address, struct address from)
{
	const uint64_t high = address.high - from.high - (address.low < from.low);

	return high ? UINT64_MAX : address.low - from.low;
}

/* fe80::/10 (RFC 4291 2.5.6). */
static inline bool address_is_link_local(struct address address)
{
	return address.high >> 54 == 0x3fa;
}

/* For hash tables of which no sender can choose the seed: every bit of the address reaches the low
 * bits, also of addresses that a host chooses within one /64. */
static inline uint64_t address_hash(struct address address, uint64_t seed)
{
	uint64_t hash = (address.high ^ seed) * UINT64_C(0x9e3779b97f4a7c15);

	hash = (hash ^ hash >> 32 ^ address.low) * UINT64_C(0xd6e8feb86659fd93);
	hash = (hash ^ hash >> 32) * UINT64_C(0xa0761d6478bd642f);
	return hash ^ hash >> 29;
}

/* From and to sixteen octets in wire order, IPv4 mapped. */
struct address address_load(const uint8_t octet[ADDRESS_OCTETS]);
void address_store(uint8_t octet[ADDRESS_OCTETS], struct address address);

/* A strict dotted quad without leading zeros, or IPv6 in any spelling of RFC 4291 2.2 but with a
 * dotted quad or a zone. 0 or -EINVAL. */
int address_parse(struct address *address, const char *text);
/* IPv6 as RFC 5952 has it. Returns `text`. */
char *address_format(char text[ADDRESS_TEXT], struct address address);
/* The family's length of an address: 32 or 128. */
static inline unsigned address_bits(struct address address)
{
	return address_is_v4(address) ? 32 : 128;
}

#endif

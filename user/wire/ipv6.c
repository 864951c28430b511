/* SPDX-License-Identifier: MIT */
/* Groups and the checksum. Builds no frames. */
#include "wire/ipv6.h"

#include <arpa/inet.h>
#include <string.h>

#include "arpkeeper/nd.h"

#define FF02 (UINT64_C(0xff02) << 48)

const struct address ipv6_all_nodes = {FF02, 1};
const struct address ipv6_all_routers = {FF02, 2};
const struct address ipv6_all_mld_routers = {FF02, 0x16};

bool ipv6_is_group(struct address address)
{
	return address.high >> 56 == 0xff;
}

struct address ipv6_solicited_node(struct address target)
{
	return (struct address){FF02, UINT64_C(0x1ff000000) | (target.low & 0xffffff)};
}

struct mac ipv6_group_mac(struct address group)
{
	const uint32_t low = htonl((uint32_t)group.low);
	struct mac mac = {{0x33, 0x33}};

	memcpy(&mac.octet[2], &low, sizeof(low));
	return mac;
}

struct address ipv6_link_local(struct mac mac)
{
	uint8_t octet[ADDRESS_OCTETS] = {0xfe, 0x80};

	memcpy(&octet[8], &mac.octet[0], 3);
	octet[8] ^= 0x02; /* universal or local */
	octet[11] = 0xff;
	octet[12] = 0xfe;
	memcpy(&octet[13], &mac.octet[3], 3);
	return address_load(octet);
}

/* One's complement, in memory's byte order: RFC 1071 2 (B). */
static uint64_t sum(uint64_t sum, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	uint16_t word;

	for (; length > 1; length -= 2, at += 2) {
		memcpy(&word, at, sizeof(word));
		sum += word;
	}
	if (length) {
		word = 0;
		memcpy(&word, at, 1);
		sum += word;
	}
	return sum;
}

uint16_t ipv6_checksum(struct address from, struct address to, const void *message, size_t length)
{
	const uint32_t tail[2] = {htonl((uint32_t)length), htonl(IPV6_NEXT_ICMPV6)};
	uint8_t octet[2 * ADDRESS_OCTETS];
	uint64_t total;

	address_store(octet, from);
	address_store(octet + ADDRESS_OCTETS, to);
	total = sum(0, octet, sizeof(octet));
	total = sum(total, tail, sizeof(tail));
	total = sum(total, message, length);
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)~total;
}

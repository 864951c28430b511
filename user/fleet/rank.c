// SPDX-License-Identifier: MIT
#include "fleet/rank.h"

#include <string.h>

#include "base/base.h"

/* Numbers, not bytes in memory: so byte order does not matter. The mixing is the finalizer of
 * MurmurHash3; FNV-1a alone hardly changes its upper bits with the last bytes. */
static uint64_t weight(const char *segment, const char *node, uint32_t place)
{
	uint64_t mixed = (uint64_t)fnv_text(node) << 32 | (fnv_text(segment) ^ place);

	mixed ^= mixed >> 33;
	mixed *= UINT64_C(0xff51afd7ed558ccd);
	mixed ^= mixed >> 33;
	mixed *= UINT64_C(0xc4ceb9fe1a85ec53);
	return mixed ^ mixed >> 33;
}

/* An address in 32 bits: IPv4's number, or the FNV-1a of IPv6's octets. */
static uint32_t place_of(struct address address)
{
	uint8_t octet[ADDRESS_OCTETS];

	if (address_is_v4(address))
		return address_number(address);
	address_store(octet, address);
	return fnv_add(FNV_BEGIN, octet, sizeof(octet));
}

unsigned fleet_rank(const char *segment, struct address address, const char *own,
                    const char *const *nodes, size_t count)
{
	uint32_t place = place_of(address);
	uint64_t ours = weight(segment, own, place);
	unsigned rank = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t theirs = weight(segment, nodes[i], place);
		int order = strcmp(nodes[i], own);

		/* Names may have one hash. */
		rank += order != 0 && (theirs > ours || (theirs == ours && order < 0));
	}
	return rank;
}

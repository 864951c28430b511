// SPDX-License-Identifier: MIT
#include "lookback/index_key.h"

#include <string.h>

/* The finaliser of MurmurHash3: each bit of the key affects each bit of the result. */
static uint64_t mix(uint64_t key)
{
	key = (key ^ key >> 33) * UINT64_C(0xff51afd7ed558ccd);
	key = (key ^ key >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return key ^ key >> 33;
}

/* Two addresses may have one hash, also because a host chose them so: that only costs a look at the
 * second row. */
uint32_t index_word(struct address address)
{
	return address_is_v4(address) ? address_number(address)
	                              : (uint32_t)mix(mix(address.low) + address.high);
}

uint64_t index_key_word(uint32_t word, bool wide)
{
	return mix((uint64_t)1 << 48 | (uint64_t)wide << 32 | word);
}

uint64_t index_key_address(struct address address)
{
	return index_key_word(index_word(address), !address_is_v4(address));
}

uint64_t index_key_mac(struct mac mac)
{
	uint64_t key = 2;

	for (unsigned i = 0; i < sizeof(mac.octet); i++)
		key = key << 8 | mac.octet[i];
	return mix(key);
}

uint64_t index_key_id(const git_oid *id)
{
	uint64_t key;

	memcpy(&key, id->id, sizeof(key));
	return mix(key);
}

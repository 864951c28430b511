// SPDX-License-Identifier: MIT
#include "lookback/index_change.h"

#include <string.h>

#include "lookback/index_key.h"

unsigned index_change_rows(struct index_row row[2], const struct index_change *change)
{
	bool wide = !address_is_v4(change->address);
	uint8_t octet[ADDRESS_OCTETS];

	row[0] = (struct index_row){.commit = change->commit,
	                            .word = index_word(change->address),
	                            .segment = change->segment,
	                            .flags = change->flags | (wide ? INDEX_WIDE : 0),
	                            .before = change->before,
	                            .after = change->after};
	if (!wide)
		return 1;
	row[1] = (struct index_row){
	        .commit = change->commit, .segment = change->segment, .flags = INDEX_REST};
	address_store(octet, change->address);
	memcpy(&row[1].word, octet, sizeof(row[1].word));
	memcpy(row[1].before.octet, octet + 4, sizeof(row[1].before.octet));
	memcpy(row[1].after.octet, octet + 10, sizeof(row[1].after.octet));
	return 2;
}

static struct address rest_address(const struct index_row *rest)
{
	uint8_t octet[ADDRESS_OCTETS];

	memcpy(octet, &rest->word, sizeof(rest->word));
	memcpy(octet + 4, rest->before.octet, sizeof(rest->before.octet));
	memcpy(octet + 10, rest->after.octet, sizeof(rest->after.octet));
	return address_load(octet);
}

bool index_change_wide(struct index_change *change, const struct index_row *row, uint32_t count,
                       uint32_t at)
{
	const struct index_row *first = &row[at], *rest = first + 1;

	if (first->flags & (INDEX_REST | INDEX_VOID))
		return false;
	if (at + 1 >= count || rest->commit != first->commit || rest->segment != first->segment ||
	    !(rest->flags & INDEX_REST))
		return false;
	index_change_narrow(change, first);
	change->flags &= (uint16_t)~INDEX_PAIR;
	change->address = rest_address(rest);
	return true;
}

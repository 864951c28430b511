// SPDX-License-Identifier: MIT
#include "fleet/order.h"

#include <string.h>

static int64_t operators_time(const struct claim *claim)
{
	return claim->state == CLAIM_STATIC ? claim->since : claim->after;
}

static int by_time(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

int claim_compare(const struct claim *a, const struct claim *b)
{
	int order = by_time(operators_time(a), operators_time(b));

	if (!order)
		order = (a->state == CLAIM_STATIC) - (b->state == CLAIM_STATIC);
	if (!order)
		order = by_time(a->since, b->since);
	if (!order)
		order = claim_is_present(a) - claim_is_present(b);
	if (!order)
		order = mac_compare(b->mac, a->mac);
	if (!order)
		order = memcmp(b->text, a->text, sizeof(a->text));
	return order;
}

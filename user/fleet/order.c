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

/* By one rule alone; 0: it does not decide. */
static int by_rule(unsigned rule, const struct claim *a, const struct claim *b)
{
	switch (rule) {
	case 1:
		return by_time(operators_time(a), operators_time(b));
	case 2:
		return (a->state == CLAIM_STATIC) - (b->state == CLAIM_STATIC);
	case 3:
		return by_time(a->since, b->since);
	case 4:
		return claim_is_present(a) - claim_is_present(b);
	case 5:
		return mac_compare(b->mac, a->mac);
	default:
		return memcmp(b->text, a->text, sizeof(a->text));
	}
}

unsigned claim_rule(const struct claim *a, const struct claim *b)
{
	unsigned rule = 1;

	while (rule < CLAIM_RULES && !by_rule(rule, a, b))
		rule++;
	return rule;
}

int claim_compare(const struct claim *a, const struct claim *b)
{
	unsigned rule = claim_rule(a, b);

	return rule < CLAIM_RULES ? by_rule(rule, a, b) : 0;
}

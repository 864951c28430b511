/* SPDX-License-Identifier: MIT */
/*
 * Claims and their order. Of two claims of one address the greater one is decided by, in turn:
 *
 *   1. the operator's time: a static claim's `since`, else `after`
 *   2. static over the rest
 *   3. `since`
 *   4. present over gone
 *   5. the lower MAC
 *   6. the lower id of the text
 *   7. the lower name of the node
 *
 * So a static claim beats what agents learned, unless an operator's unset lies between.
 */
#ifndef USER_FLEET_ORDER_H
#define USER_FLEET_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/wire.h"

#define CLAIM_TEXT_ID 20 /* bytes of a git object's id (SHA-1) */

enum claim_state {
	CLAIM_NONE, /* says nothing: never in a branch */
	CLAIM_GONE, /* a mark: what is lower than this is void */
	CLAIM_DYNAMIC,
	CLAIM_STATIC
};

/* What one node says about one address. Times are Unix seconds, from 0 to CLAIM_TIME_LAST. */
struct claim {
	int64_t since; /* when it was said, by the fleet's clock (words.h) */
	int64_t after; /* the newest unset that it came after, never later than `since`; or 0 */
	enum claim_state state;
	struct mac mac;              /* zero in a mark */
	uint8_t text[CLAIM_TEXT_ID]; /* the id of the file's blob */
};

#define CLAIM_TIME_LAST INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* Whether it shows a binding. */
static inline bool claim_is_present(const struct claim *claim)
{
	return claim->state == CLAIM_DYNAMIC || claim->state == CLAIM_STATIC;
}

/* Rules 1 to 6. Positive: `a` is greater; 0: only the nodes' names (rule 7) can decide. Neither is
 * CLAIM_NONE. */
int claim_compare(const struct claim *a, const struct claim *b);
/* The number of the rule that decides between two claims, from 1 to 7. */
unsigned claim_rule(const struct claim *a, const struct claim *b);
#define CLAIM_RULES 7

#endif

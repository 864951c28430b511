/* SPDX-License-Identifier: MIT */
/*
 * A claim as a file of a node's branch: the text of an entry, or a mark,
 *
 *     state gone
 *     since 2026-11-22T10:15:00Z
 *     after 2026-11-22T10:15:00Z        optional
 *
 * in exactly this spelling, so that equal claims are equal git objects.
 */
#ifndef USER_FLEET_CLAIMTEXT_H
#define USER_FLEET_CLAIMTEXT_H

#include <stddef.h>

#include "entry/entry.h"
#include "fleet/order.h"

/* A claim with its texts. In a mark only `since` and `after` of the entry count. */
struct claim_value {
	enum claim_state state;
	struct entry entry; /* its `state` agrees with the claim's */
};

/* Parses a whole file. `text` need not end in NUL. On error -EINVAL, or -ENOMEM, and a fault
 * "line N: reason". The value is cleared with claim_value_clear(). */
int claim_parse(struct claim_value *value, const char *text, size_t length, struct fault *fault);
/* The same for many files, without copies, and without the texts: what the index needs. `text` is
 * written to, also at text[length]. `id` is the blob's. */
int claim_parse_in_place(struct claim *claim, char *text, size_t length,
                         const uint8_t id[CLAIM_TEXT_ID], struct fault *fault);
/* The file's text, malloc'ed, NUL-terminated; NULL when out of memory. The state is not
 * CLAIM_NONE. */
char *claim_print(const struct claim_value *value);

/* What the index needs of it. `id` is that of its text's blob, or NULL for zeros. */
struct claim claim_from(const struct claim_value *value, const uint8_t id[CLAIM_TEXT_ID]);
/* What an entry would claim as it stands; the text's id is zero. */
struct claim claim_of_entry(const struct entry *entry);
void claim_value_clear(struct claim_value *value); /* frees what it owns */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The guard for mass changes (history.guard): how many known addresses one push or command may
 * change or remove. The hook, the recorder and the keeper judge by it. Addresses that nothing was
 * known of do not count.
 */
#ifndef USER_ENTRY_GUARD_H
#define USER_ENTRY_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

/* history.guard as a number: so many at once. */
#define GUARD_OFF  0
#define GUARD_AUTO UINT32_MAX /* GUARD_FEW; beyond, no more than a tenth of any segment */
#define GUARD_FEW  1000
#define GUARD_MOST 99999999 /* of a number that a person gives */
#define GUARD_TEXT 64

/* What happens to one segment. */
struct guard_part {
	size_t changes; /* of known addresses: changed or removed */
	size_t known;   /* addresses that have an entry; read only beyond guard_allows() */
};

/* "auto", "off", or a number; 0 is "off". 0 or -EINVAL. */
int guard_parse(uint32_t *guard, const char *text);
const char *guard_print(char text[GUARD_TEXT], uint32_t guard);
/* The number behind --confirm and `confirm=`. 0 or -EINVAL, without a fault. */
int guard_parse_confirmed(uint32_t *confirmed, const char *text);

/* So many are never too many. */
uint32_t guard_allows(uint32_t guard);
/* Whether so many are allowed, or confirmed, whatever is known of the segments. */
bool guard_permits(uint32_t guard, size_t total, uint32_t confirmed);
size_t guard_total(const struct guard_part *part, size_t parts);
bool guard_exceeded(uint32_t guard, const struct guard_part *part, size_t parts);
/* Sets the fault: what, how many, and how to confirm: `how` is what the number is appended to.
 * Returns -EPERM. */
int guard_refuse(struct fault *fault, uint32_t guard, size_t total, const char *what,
                 const char *how);

#endif

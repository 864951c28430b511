/* SPDX-License-Identifier: MIT */
/*
 * Text for people: valid UTF-8 (RFC 3629) without control characters, because history is printed to
 * terminals.
 */
#ifndef USER_BASE_TEXT_H
#define USER_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* NULL when the text is fine. Else a static string that says what is wrong, to follow the name of
 * the thing: "is not valid UTF-8". */
const char *text_reason(const char *text, size_t length);
/* Makes a message fine, whatever was put into it: '?' in place of each byte that is not text. Line
 * feeds stay; a character that was cut off at the end goes. */
void text_mend(char *text);
/* Whether two texts, each of which may be NULL, are the same: NULL is like NULL alone. */
static inline bool text_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}
/* What follows a noun behind its count: "1 change", "2 changes". */
static inline const char *text_plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

#endif

/* SPDX-License-Identifier: MIT */
/* Looks at UTF-8 by itself: what the C library takes for text depends on the locale. */
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define CHARACTER_MAX 4 /* bytes */

/* The code point at `text`; returns its bytes. 0 if it is not valid UTF-8: continuation missing,
 * longer than necessary, a surrogate, or beyond U+10FFFF. */
static size_t decode(const unsigned char *text, size_t length, uint32_t *point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t bytes;

	if (text[0] < 0x80) {
		*point = text[0];
		return 1;
	}
	if ((text[0] & 0xe0) == 0xc0)
		bytes = 2;
	else if ((text[0] & 0xf0) == 0xe0)
		bytes = 3;
	else if ((text[0] & 0xf8) == 0xf0)
		bytes = 4;
	else
		return 0;
	if (bytes > length)
		return 0;
	*point = text[0] & (0x7fu >> bytes);
	for (size_t i = 1; i < bytes; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (text[i] & 0x3f);
	}
	if (*point < least[bytes] || *point > 0x10ffff || (*point >= 0xd800 && *point <= 0xdfff))
		return 0;
	return bytes;
}

/* C0, DEL, C1, line and paragraph separators. */
static bool is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 ||
	       point == 0x2029;
}

const char *text_reason(const char *text, size_t length)
{
	const unsigned char *at = (const unsigned char *)text;

	while (length) {
		uint32_t point;
		size_t bytes = decode(at, length, &point);

		if (!bytes)
			return "is not valid UTF-8";
		if (is_control(point))
			return "contains a control character";
		at += bytes;
		length -= bytes;
	}
	return NULL;
}

/* Whether the text ends within the character that begins here. */
static bool is_cut_off(const char *text, size_t left)
{
	unsigned char first = (unsigned char)*text;
	size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;

	for (size_t i = 1; i < left; i++)
		if ((text[i] & 0xc0) != 0x80)
			return false;
	return left < bytes;
}

void text_mend(char *text)
{
	while (*text) {
		size_t left = strnlen(text, CHARACTER_MAX);
		uint32_t point;
		size_t bytes = decode((const unsigned char *)text, left, &point);

		if (bytes && (*text == '\n' || !is_control(point)))
			text += bytes;
		else if (is_cut_off(text, left))
			*text = '\0';
		else
			*text++ = '?';
	}
}

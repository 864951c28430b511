/* SPDX-License-Identifier: MIT */
/*
 * Which text an entry may contain: valid UTF-8 (RFC 3629), no control characters. History is
 * printed to terminals, so characters that control one are refused.
 */
#include "entry/text.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

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

const char *text_reason(const char *text, size_t length)
{
	const unsigned char *at = (const unsigned char *)text;

	while (length) {
		uint32_t point;
		size_t bytes = decode(at, length, &point);

		if (!bytes)
			return "is not valid UTF-8";
		if (point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 ||
		    point == 0x2029) /* C0, DEL, C1, line and paragraph separators */
			return "contains a control character";
		at += bytes;
		length -= bytes;
	}
	return NULL;
}

int text_copy(char **copy, const char *text)
{
	*copy = text ? strdup(text) : NULL;
	return text && !*copy ? -ENOMEM : 0;
}

int entry_check_text(const char *what, const char *text, struct fault *fault)
{
	size_t length = strlen(text);
	const char *reason = text_reason(text, length);

	if (!length)
		return fault_set(fault, -EINVAL, "%s is empty: leave it out instead", what);
	if (length > ENTRY_NOTE_MAX)
		return fault_set(fault, -EINVAL, "%s is longer than %d bytes", what,
		                 ENTRY_NOTE_MAX);
	if (reason)
		return fault_set(fault, -EINVAL, "%s %s", what, reason);
	if (text[0] == ' ' || text[length - 1] == ' ')
		return fault_set(fault, -EINVAL, "%s begins or ends with a space", what);
	return 0;
}

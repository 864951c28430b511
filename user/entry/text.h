/* SPDX-License-Identifier: MIT */
/* Which text an entry may contain: one line of UTF-8 without control characters. */
#ifndef USER_ENTRY_TEXT_H
#define USER_ENTRY_TEXT_H

#include <stddef.h>

#include "base/base.h"

#define ENTRY_NOTE_MAX 512 /* bytes of a note or origin */

/* NULL when the text is fine. Else a static string that says what is wrong, to follow the name of
 * the thing: "is not valid UTF-8". */
const char *text_reason(const char *text, size_t length);
/* Copies a text, or its absence (NULL). 0 or -ENOMEM. */
int text_copy(char **copy, const char *text);
/* Checks a note or an origin. `what` names it in the fault. 0 or -EINVAL. */
int entry_check_text(const char *what, const char *text, struct fault *fault);

#endif

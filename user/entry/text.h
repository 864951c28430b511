/* SPDX-License-Identifier: MIT */
/* Which text may stand in an entry. Private to the entry module. */
#ifndef USER_ENTRY_TEXT_H
#define USER_ENTRY_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* NULL when the text is fine, else what is wrong with it, to follow the name of the thing: "is not
 * valid UTF-8". Static string. */
const char *text_reason(const char *text, size_t length);

#endif

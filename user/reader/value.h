/* SPDX-License-Identifier: MIT */
/* What a commit says of one address. */
#ifndef USER_READER_VALUE_H
#define USER_READER_VALUE_H

#include <git2.h>

#include "entry/entry.h"

struct reader;

struct value {
	git_oid id;          /* of the file; zero: absent */
	struct entry *entry; /* owned; NULL: absent */
};

/* An invalid file never reached a table: it leaves the address as it was in the first parent.
 * 0, or a libgit2 error, or -EIO with a fault. value_clear() in any case. */
int value_read(struct value *value, const struct reader *reader, const git_commit *commit,
               const char *path, struct fault *fault);
void value_clear(struct value *value);

#endif

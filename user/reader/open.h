/* SPDX-License-Identifier: MIT */
/* Opens a repository for reading. */
#ifndef USER_READER_OPEN_H
#define USER_READER_OPEN_H

#include "base/base.h"

struct reader;

int reader_open(struct reader **reader, const char *path, struct fault *fault);
void reader_close(struct reader *reader); /* NULL is fine */
/* For a process that answers others: no answer reads more than some thousand commits to make a
 * look-back index, and none shows its progress. */
void reader_bound(struct reader *reader);
/* The path that it was opened at. */
const char *reader_path(const struct reader *reader);
/* The control socket that the repository's configuration names (malloc'ed), for the hooks. */
int reader_control(const struct reader *reader, char **path, struct fault *fault);

#endif

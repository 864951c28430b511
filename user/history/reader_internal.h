/* SPDX-License-Identifier: MIT */
/* The reader, for reader.c and reader_log.c only. */
#ifndef USER_HISTORY_READER_INTERNAL_H
#define USER_HISTORY_READER_INTERNAL_H

#include <git2.h>

#include "history/reader.h"

struct reader {
	git_repository *repository;
	char *path;
};

/* The tip of main; the caller's to free. 0, or a negative errno and a fault. */
int reader_main(git_commit **commit, const struct reader *reader, struct fault *fault);
/* -EIO, and libgit2's last error as a sentence. */
int reader_git_fault(struct fault *fault, const char *path);

#endif

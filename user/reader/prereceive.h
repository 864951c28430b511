/* SPDX-License-Identifier: MIT */
/* git's pre-receive hook. */
#ifndef USER_READER_PRERECEIVE_H
#define USER_READER_PRERECEIVE_H

/* Reads `<old> <new> <ref>` lines from standard input in the current repository ($GIT_DIR). Prints
 * to standard error what is wrong. Returns the exit status: 1 refuses the push. */
int prereceive_run(void);

#endif

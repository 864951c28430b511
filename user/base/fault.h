/* SPDX-License-Identifier: MIT */
/*
 * A fault: the sentence that a caller shows when something failed. A function that can fail for a
 * reason that an operator must understand takes a `struct fault *` last. It returns a negative
 * errno, and leaves one sentence: the thing, what is wrong, what to do.
 */
#ifndef USER_BASE_FAULT_H
#define USER_BASE_FAULT_H

#define FAULT_TEXT 512

struct fault {
	char text[FAULT_TEXT];
};

/* Sets the text (truncated to fit) and returns `error` (negative), so that
 * `return fault_set(fault, -EINVAL, "...")` reads well. `fault` may be NULL. */
int fault_set(struct fault *fault, int error, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#endif

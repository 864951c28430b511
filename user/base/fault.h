/* SPDX-License-Identifier: MIT */
/*
 * A fault: the sentence that a caller shows when something failed. Functions that can
 * fail for reasons a person must understand take a `struct fault *` last; they return a
 * negative errno and leave one sentence here: the thing, what is wrong, what to do.
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

/* SPDX-License-Identifier: MIT */
/* What is wrong with a configuration file, in the order of its lines. */
#ifndef USER_CONFIG_PROBLEMS_H
#define USER_CONFIG_PROBLEMS_H

#include <stddef.h>

#include "base/base.h"

#define PROBLEMS_MAX 100 /* kept: the first in the file; all are counted */
#define PROBLEM_TEXT 400

struct config_problem {
	unsigned line; /* 0: the file as a whole */
	int error;     /* a negative errno */
	char reason[PROBLEM_TEXT];
};

struct config_problems {
	struct config_problem *item; /* owned */
	size_t items, room;
	size_t count; /* those that are not kept included */
	int lost;     /* -ENOMEM: memory for a problem was missing */
};

void problems_add(struct config_problems *problems, unsigned line, int error, const char *reason);
void problems_clear(struct config_problems *problems);
/* "PATH:LINE: REASON" as a fault. Returns its error. */
int problem_fault(const struct config_problem *problem, const char *path, struct fault *fault);
/* Logs all but the last, which is the fault. Returns its error; 0: there are none. */
int problems_say(const struct config_problems *problems, const char *path, struct fault *fault);

#endif

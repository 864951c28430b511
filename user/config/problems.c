// SPDX-License-Identifier: MIT
/* A bounded list of problems, sorted as they come. Never reads the file. */
#include "config/problems.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

void problems_add(struct config_problems *problems, unsigned line, int error, const char *reason)
{
	size_t at = problems->items;

	problems->count++;
	while (at > 0 && problems->item[at - 1].line > line)
		at--;
	if (at == PROBLEMS_MAX)
		return;
	if (problems->items == PROBLEMS_MAX)
		problems->items--;
	if (array_reserve(&problems->item, &problems->room, problems->items + 1)) {
		problems->lost = -ENOMEM;
		return;
	}
	memmove(&problems->item[at + 1], &problems->item[at],
	        (problems->items - at) * sizeof(*problems->item));
	problems->items++;
	problems->item[at] = (struct config_problem){.line = line, .error = error};
	snprintf(problems->item[at].reason, PROBLEM_TEXT, "%s", reason);
}

void problems_clear(struct config_problems *problems)
{
	free(problems->item);
	*problems = (struct config_problems){0};
}

int problem_fault(const struct config_problem *problem, const char *path, struct fault *fault)
{
	if (!problem->line)
		return fault_set(fault, problem->error, "%s: %s", path, problem->reason);
	return fault_set(fault, problem->error, "%s:%u: %s", path, problem->line, problem->reason);
}

int problems_say(const struct config_problems *problems, const char *path, struct fault *fault)
{
	int error = 0;

	for (size_t i = 0; i < problems->items; i++) {
		if (error)
			log_error("%s", fault->text);
		error = problem_fault(&problems->item[i], path, fault);
	}
	return error;
}

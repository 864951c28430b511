// SPDX-License-Identifier: MIT
/* Reads and writes the ids of tasks. Knows no repository. */
#include "store/taskid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIND_MAX      40
#define NUMBER_DIGITS 6  /* at least */
#define NUMBER_MAX    15 /* digits; a day does not need more */

static const char digits[] = "0123456789";

/* The digits at the end of the text. */
static bool parse_number(unsigned long *number, const char *text)
{
	size_t length = strspn(text, digits);

	if (length < NUMBER_DIGITS || length > NUMBER_MAX || text[length])
		return false;
	*number = strtoul(text, NULL, 10);
	return true;
}

bool task_id_parse(struct task_id *id, const char *text)
{
	size_t kind = strspn(text, "abcdefghijklmnopqrstuvwxyz-");
	const char *date = text + kind + 1, *rest, *last;
	size_t node;

	if (!kind || kind > KIND_MAX || text[kind] != '/' ||
	    strspn(date, digits) != TASK_DATE_MAX || date[TASK_DATE_MAX] != '-')
		return false;
	*id = (struct task_id){.node = ""};
	memcpy(id->date, date, TASK_DATE_MAX);
	rest = date + TASK_DATE_MAX + 1;
	last = strrchr(rest, '-');
	if (!last)
		return parse_number(&id->number, rest);
	node = (size_t)(last - rest);
	if (node > NODE_NAME_MAX)
		return false;
	memcpy(id->node, rest, node);
	return node_name_is_valid(id->node) && parse_number(&id->number, last + 1);
}

void task_id_format(char text[TASK_ID_MAX], const char *kind, const struct task_id *id)
{
	snprintf(text, TASK_ID_MAX, "%.*s/%s-%s-%0*lu", KIND_MAX, kind, id->date, id->node,
	         NUMBER_DIGITS, id->number);
}

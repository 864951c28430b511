// SPDX-License-Identifier: MIT
/* Transitions and the circumstances of a task: copied, collected, freed. Judges nothing. */
#include "format/transition.h"

#include <errno.h>
#include <stdlib.h>

#include "base/base.h"

int context_copy(struct context *copy, const struct task_context *context)
{
	*copy = (struct context){0};
	if (!context)
		return 0;
	if (text_copy(&copy->interface, context->interface) ||
	    text_copy(&copy->trigger, context->trigger) ||
	    text_copy(&copy->author, context->author) ||
	    text_copy(&copy->message, context->message)) {
		context_clear(copy);
		return -ENOMEM;
	}
	return 0;
}

void context_clear(struct context *context)
{
	free(context->interface);
	free(context->trigger);
	free(context->author);
	free(context->message);
	*context = (struct context){0};
}

int transitions_reserve(struct transitions *transitions, size_t count)
{
	return array_reserve(&transitions->item, &transitions->room, transitions->count + count);
}

void transitions_add(struct transitions *transitions, struct transition *transition)
{
	transitions->item[transitions->count++] = *transition;
	transition->after = NULL;
}

void transitions_clear(struct transitions *transitions)
{
	for (size_t i = 0; i < transitions->count; i++)
		entry_free(transitions->item[i].after);
	free(transitions->item);
	*transitions = (struct transitions){0};
}

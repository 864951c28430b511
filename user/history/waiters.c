// SPDX-License-Identifier: MIT
/* Who is told when something is durable. Decides nothing about when that is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "history/state.h"

void waiters_init(struct waiters *waiters)
{
	waiters->first = NULL;
	waiters->last = &waiters->first;
}

static struct waiter *add(struct waiters *waiters)
{
	struct waiter *waiter = calloc(1, sizeof(*waiter));

	if (!waiter)
		return NULL;
	*waiters->last = waiter;
	waiters->last = &waiter->next;
	return waiter;
}

int waiters_add_done(struct waiters *waiters, history_done_fn *done, void *argument,
                     const git_oid *commit)
{
	struct waiter *waiter;

	if (!done)
		return 0;
	waiter = add(waiters);
	if (!waiter)
		return -ENOMEM;
	waiter->done = done;
	waiter->argument = argument;
	if (commit)
		git_oid_tostr(waiter->commit, sizeof(waiter->commit), commit);
	return 0;
}

int waiters_add_outcome(struct waiters *waiters, history_outcome_fn *done, void *argument)
{
	struct waiter *waiter;

	if (!done)
		return 0;
	waiter = add(waiters);
	if (!waiter)
		return -ENOMEM;
	waiter->outcome = calloc(1, sizeof(*waiter->outcome));
	waiter->outcome_done = done;
	waiter->argument = argument;
	return waiter->outcome ? 0 : -ENOMEM;
}

void waiters_move(struct waiters *to, struct waiters *from)
{
	if (!from->first)
		return;
	*to->last = from->first;
	to->last = from->last;
	waiters_init(from);
}

void waiters_set_commit(struct waiters *waiters, const git_oid *commit)
{
	for (struct waiter *waiter = waiters->first; waiter; waiter = waiter->next)
		git_oid_tostr(waiter->commit, sizeof(waiter->commit), commit);
}

void waiters_set_outcome(struct waiters *waiters, const struct history_outcome *outcome)
{
	for (struct waiter *waiter = waiters->first; waiter; waiter = waiter->next)
		if (waiter->outcome)
			*waiter->outcome = *outcome;
}

void waiters_tell(struct waiters *waiters, struct queue *out, int status, const git_oid *tip)
{
	struct waiter *waiter;

	while ((waiter = waiters->first)) {
		struct message *message =
		        message_new(waiter->outcome_done ? MESSAGE_OUTCOME : MESSAGE_DONE);

		waiters->first = waiter->next;
		if (message) {
			message->done = waiter->done;
			message->outcome_done = waiter->outcome_done;
			message->argument = waiter->argument;
			message->status = status;
			if (!status && waiter->commit[0])
				strcpy(message->commit, waiter->commit);
			else if (!status)
				git_oid_tostr(message->commit, sizeof(message->commit), tip);
			message->outcome = waiter->outcome;
			if (waiter->outcome && status)
				waiter->outcome->status = status;
			queue_put(out, message);
		} else {
			free(waiter->outcome);
		}
		free(waiter);
	}
	waiters_init(waiters);
}

// SPDX-License-Identifier: MIT
/* Makes and frees messages. It knows what each kind owns, and nothing of what it means. */
#include "history/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "history/request.h"

struct message *message_new(enum message_kind kind)
{
	struct message *message = calloc(1, sizeof(*message));

	if (message)
		message->kind = kind;
	return message;
}

void message_free(struct message *message)
{
	if (!message)
		return;
	switch (message->kind) {
	case MESSAGE_CHANGE:
		free(message->change.kind);
		context_clear(&message->change.context);
		entry_free(message->change.transition.after);
		break;
	case MESSAGE_BEGIN:
	case MESSAGE_END:
		free(message->task.kind);
		break;
	case MESSAGE_REQUEST:
		request_free(message->request);
		break;
	case MESSAGE_OUTCOME:
		free(message->outcome.outcome);
		break;
	case MESSAGE_NOTICE:
		free(message->notice);
		break;
	default:
		break;
	}
	message_free(message->reply);
	free(message);
}

int message_want_done(struct message *message, history_done_fn *call, void *argument)
{
	if (!call)
		return 0;
	message->reply = message_new(MESSAGE_DONE);
	if (!message->reply)
		return -ENOMEM;
	message->reply->done = (struct message_done){.call = call, .argument = argument};
	return 0;
}

int message_want_outcome(struct message *message, history_outcome_fn *call, void *argument)
{
	if (!call)
		return 0;
	message->reply = message_new(MESSAGE_OUTCOME);
	if (!message->reply)
		return -ENOMEM;
	message->reply->outcome =
	        (struct message_outcome){.call = call,
	                                 .argument = argument,
	                                 .outcome = calloc(1, sizeof(struct history_outcome))};
	return message->reply->outcome.outcome ? 0 : -ENOMEM;
}

void message_notice(struct mailbox *out, const char *format, ...)
{
	struct message *message = message_new(MESSAGE_NOTICE);
	va_list arguments;

	if (!message)
		return;
	va_start(arguments, format);
	if (vasprintf(&message->notice, format, arguments) < 0)
		message->notice = NULL;
	va_end(arguments);
	if (message->notice)
		mailbox_put(out, &message->mail);
	else
		message_free(message);
}

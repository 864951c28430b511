// SPDX-License-Identifier: MIT
/* Makes and frees messages. It knows what each kind owns, and nothing of what it means. */
#include "history/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"

static struct request *request_new(void)
{
	struct request *request = calloc(1, sizeof(*request));

	if (request)
		mails_init(&request->waiters);
	return request;
}

int request_merge(struct request **request, const char *branch, uint32_t confirmed)
{
	struct request *made = request_new();

	if (!made)
		return -ENOMEM;
	made->confirmed = confirmed;
	if (branch && asprintf(&made->ref, "%s%s", strncmp(branch, "refs/", 5) ? BRANCH_REFS : "",
	                       branch) < 0) {
		made->ref = NULL;
		request_free(made);
		return -ENOMEM;
	}
	*request = made;
	return 0;
}

int request_fleet(struct request **request)
{
	*request = request_new();
	if (*request)
		(*request)->fleet = true;
	return *request ? 0 : -ENOMEM;
}

int request_revert(struct request **request, const struct history_revert *revert)
{
	struct request *made = request_new();
	int error = made ? 0 : -ENOMEM;

	if (!error) {
		made->confirmed = revert->confirmed;
		made->retire = revert->retire;
		made->commit = calloc(revert->commits + 1, sizeof(*made->commit));
	}
	if (!error && (!made->commit || text_copy(&made->name, revert->name) ||
	               text_copy(&made->author, revert->author) ||
	               text_copy(&made->message, revert->message)))
		error = -ENOMEM;
	for (size_t i = 0; !error && i < revert->commits; i++)
		error = git_oid_fromstr(&made->commit[made->commits++], revert->commit[i]) < 0
		                ? -EINVAL
		                : 0;
	if (error)
		request_free(made);
	else
		*request = made;
	return error;
}

void request_free(struct request *request)
{
	if (!request)
		return;
	free(request->ref);
	free(request->name);
	free(request->author);
	free(request->message);
	free(request->commit);
	free(request);
}

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
	struct message *reply = call ? message_new(MESSAGE_DONE) : NULL;

	message->reply = reply;
	if (reply)
		reply->done = (struct message_done){.call = call, .argument = argument};
	return call && !reply ? -ENOMEM : 0;
}

int message_want_outcome(struct message *message, history_outcome_fn *call, void *argument)
{
	struct message *reply = call ? message_new(MESSAGE_OUTCOME) : NULL;
	struct history_outcome *outcome = reply ? calloc(1, sizeof(*outcome)) : NULL;

	message->reply = reply;
	if (reply)
		reply->outcome = (struct message_outcome){
		        .call = call, .argument = argument, .outcome = outcome};
	return call && !outcome ? -ENOMEM : 0;
}

struct message *message_begin(uint64_t task, const char *kind)
{
	struct message *message = message_new(MESSAGE_BEGIN);

	if (message)
		message->task = (struct message_task){.token = task, .kind = strdup(kind)};
	if (message && message->task.kind)
		return message;
	message_free(message);
	return NULL;
}

struct message *message_waiting(enum message_kind kind, history_done_fn *call, void *argument)
{
	struct message *message = message_new(kind);

	if (message && message_want_done(message, call, argument) == 0)
		return message;
	message_free(message);
	return NULL;
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

void waiters_add(struct mails *waiters, struct message *message)
{
	if (message->reply)
		mails_add(waiters, &message->reply->mail);
	message->reply = NULL;
}

void waiters_set_commit(struct mails *waiters, const git_oid *commit)
{
	for (struct mail *mail = waiters->first; mail; mail = mail->next)
		if (message_of(mail)->kind == MESSAGE_DONE)
			git_oid_tostr(message_of(mail)->done.commit, COMMIT_TEXT, commit);
}

void waiters_set_outcome(struct mails *waiters, const struct history_outcome *outcome)
{
	for (struct mail *mail = waiters->first; mail; mail = mail->next)
		if (message_of(mail)->kind == MESSAGE_OUTCOME)
			*message_of(mail)->outcome.outcome = *outcome;
}

void waiters_reply(struct mails *waiters, struct mailbox *out, int status, const git_oid *tip)
{
	struct message *reply;

	while ((reply = message_of(mails_take(waiters)))) {
		struct message_done *done = &reply->done;

		if (reply->kind == MESSAGE_DONE) {
			done->status = status;
			if (status)
				done->commit[0] = '\0';
			else if (!done->commit[0])
				git_oid_tostr(done->commit, sizeof(done->commit), tip);
		} else if (status) {
			reply->outcome.outcome->status = status;
		}
		mailbox_put(out, &reply->mail);
	}
}

// SPDX-License-Identifier: MIT
/* Replies, kept until something is durable. Does not decide when that is. */
#include "history/waiters.h"

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

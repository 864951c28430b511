// SPDX-License-Identifier: MIT
/* Folds waiting transitions. Looks at addresses only. */
#include "history/folding.h"

#include <stdlib.h>

#include "format/format.h"
#include "history/message.h"

/* Frees, from the newest on, each change that a later one replaces. */
static uint64_t drop_older(struct message **message, size_t count)
{
	struct addresses seen = {0};
	uint64_t dropped = 0;

	while (count > 0) {
		struct message *at = message[--count];
		const struct transition *transition = &at->change.transition;

		if (at->kind != MESSAGE_CHANGE)
			continue;
		if (!at->reply && addresses_have(&seen, transition->segment, transition->address)) {
			message_free(at);
			message[count] = NULL;
			dropped++;
		} else if (addresses_add(&seen, transition->segment, transition->address) < 0) {
			break;
		}
	}
	addresses_clear(&seen);
	return dropped;
}

static uint64_t fold(struct mailbox *mailbox)
{
	struct message **message;
	struct mails mails;
	uint64_t dropped = 0;
	size_t count = 0;

	mailbox_take_all(mailbox, &mails);
	message = calloc(mails.count + 1, sizeof(struct message *));
	if (message) {
		while (mails.count > 0)
			message[count++] = message_of(mails_take(&mails));
		dropped = drop_older(message, count);
		for (size_t i = 0; i < count; i++)
			if (message[i])
				mails_add(&mails, &message[i]->mail);
		free(message);
	}
	mailbox_return(mailbox, &mails);
	return dropped;
}

uint64_t folding_run(struct folding *folding, struct mailbox *mailbox, size_t *waiting)
{
	uint64_t dropped;

	*waiting = mailbox_count(mailbox);
	if (*waiting < folding->backlog)
		folding->at = folding->backlog;
	if (*waiting < folding->at)
		return 0;
	dropped = fold(mailbox);
	/* The next fold must be worth its time, however many are left. */
	folding->at = folding->backlog + 2 * (*waiting - dropped);
	return dropped;
}

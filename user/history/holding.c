// SPDX-License-Identifier: MIT
/* Holds changes back until the proposal that they follow is answered. Touches no git. */
#include "history/holding.h"

#include <stdlib.h>

void holding_init(struct holding *holding)
{
	holding->proposal = NULL;
	mails_init(&holding->held);
}

void holding_clear(struct holding *holding)
{
	struct mail *mail;

	while ((mail = mails_take(&holding->held)))
		message_free(message_of(mail));
}

void holding_begin(struct holding *holding, const struct history_proposal *proposal)
{
	holding->proposal = proposal;
}

void holding_end(struct holding *holding, struct mailbox *in)
{
	struct mail *mail;

	while ((mail = mails_take(&holding->held)))
		mailbox_put(in, mail);
	holding->proposal = NULL;
}

static int compare(const void *key, const void *element)
{
	const struct transition *change = key;
	const struct history_item *item = element;

	if (change->segment != item->segment)
		return change->segment < item->segment ? -1 : 1;
	return (change->address > item->address) - (change->address < item->address);
}

/* Items are sorted, and merged in this order. */
static bool is_merged(const struct history_proposal *proposal, const struct transition *change)
{
	return proposal && proposal->merged > 0 &&
	       bsearch(change, proposal->item, proposal->merged, sizeof(*proposal->item), compare);
}

void holding_post(struct holding *holding, struct mailbox *in, struct message *message)
{
	bool hold = message->kind == MESSAGE_END
	                    ? holding->held.count > 0
	                    : is_merged(holding->proposal, &message->change.transition);

	if (hold)
		mails_add(&holding->held, &message->mail);
	else
		mailbox_put(in, &message->mail);
}

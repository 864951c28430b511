// SPDX-License-Identifier: MIT
/*
 * Keeps the log linear while the table takes a large merge in many steps. On the owner's thread
 * only: history's own sees a merge as one step, whatever it took.
 */
#include "history/holding.h"

#include <stdlib.h>

void holding_init(struct holding *holding)
{
	*holding = (struct holding){.last = &holding->first};
}

void holding_clear(struct holding *holding)
{
	while (holding->first) {
		struct message *message = holding->first;

		holding->first = message->next;
		message_free(message);
	}
	holding_init(holding);
}

void holding_begin(struct holding *holding, const struct history_proposal *proposal)
{
	holding->proposal = proposal;
}

void holding_end(struct holding *holding, struct queue *in)
{
	while (holding->first) {
		struct message *message = holding->first;

		holding->first = message->next;
		queue_put(in, message);
	}
	holding_init(holding);
}

static int compare(const void *key, const void *element)
{
	const struct transition *change = key;
	const struct history_item *item = element;

	if (change->segment != item->segment)
		return change->segment < item->segment ? -1 : 1;
	return (change->address > item->address) - (change->address < item->address);
}

/* Items are merged in their order, and they are sorted. */
static bool is_merged(const struct history_proposal *proposal, const struct transition *change)
{
	return proposal && proposal->merged > 0 &&
	       bsearch(change, proposal->item, proposal->merged, sizeof(*proposal->item), compare);
}

void holding_post(struct holding *holding, struct queue *in, struct message *message)
{
	bool wait = message->kind == MESSAGE_END
	                    ? holding->first != NULL
	                    : is_merged(holding->proposal, &message->transition);

	if (!wait) {
		queue_put(in, message);
		return;
	}
	message->next = NULL;
	*holding->last = message;
	holding->last = &message->next;
}

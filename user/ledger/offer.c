/* SPDX-License-Identifier: MIT */
/* Collects items, and makes the answer of what the owner set in them. */
#include "ledger/offer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void offer_init(struct offer *offer)
{
	*offer = (struct offer){.begun = false};
	offer->last = &offer->held;
}

void offer_clear(struct offer *offer)
{
	for (size_t i = 0; i < offer->proposal.merged; i++) {
		struct history_item *item = &offer->proposal.item[i];

		if (item->result != item->theirs && item->result != item->base)
			entry_free(item->result);
	}
	for (size_t i = 0; i < offer->memories; i++)
		free(offer->memory[i]);
	free(offer->memory);
	free(offer->proposal.item);
	free((char *)offer->proposal.source);
	offer_init(offer);
}

int offer_begin(struct offer *offer, const struct packet_propose *propose, size_t most)
{
	if (offer->begun || propose->items == 0 || propose->items > most)
		return -EPROTO;
	offer->proposal.source = strdup(propose->source);
	if (!offer->proposal.source)
		return -ENOMEM;
	offer->proposal.undo = propose->undo;
	offer->expected = propose->items;
	offer->begun = true;
	return 0;
}

/* Memory that lives as long as the proposal. */
static int keep_memory(struct offer *offer, void *memory)
{
	if (array_reserve(&offer->memory, &offer->memory_room, offer->memories + 1) < 0) {
		free(memory);
		return -ENOMEM;
	}
	offer->memory[offer->memories++] = memory;
	return 0;
}

/* Sorted, and none twice: is_merged() searches. */
static bool is_ascending(const struct offer *offer, const struct packet_items *items)
{
	const struct history_proposal *proposal = &offer->proposal;
	const struct history_item *last =
	        proposal->items > 0 ? &proposal->item[proposal->items - 1] : NULL;

	for (size_t i = 0; i < items->count; i++) {
		if (last && proposal_compare(last, &items->item[i]) >= 0)
			return false;
		last = &items->item[i];
	}
	return true;
}

int offer_add(struct offer *offer, const char *frame, size_t length,
              const struct packet_source *source)
{
	struct history_proposal *proposal = &offer->proposal;
	char *copy = malloc(length);
	struct packet packet;
	int error;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, frame, length);
	if (keep_memory(offer, copy) < 0)
		return -ENOMEM;
	error = packet_decode(&packet, source, copy, length);
	if (error)
		return error;
	if (keep_memory(offer, packet.memory) < 0)
		return -ENOMEM;
	if (!offer->begun || offer->complete || packet.items.count == 0 ||
	    packet.items.count > offer->expected - proposal->items ||
	    !is_ascending(offer, &packet.items))
		return -EPROTO;
	if (array_reserve(&proposal->item, &offer->room, proposal->items + packet.items.count) < 0)
		return -ENOMEM;
	memcpy(proposal->item + proposal->items, packet.items.item,
	       packet.items.count * sizeof(*proposal->item));
	proposal->items += packet.items.count;
	offer->complete = proposal->items == offer->expected;
	return offer->complete;
}

static bool is_merged(const struct history_proposal *proposal, const struct post *post)
{
	const struct history_item key = {.segment = post->segment, .address = post->address};

	/* Items are merged in their order. */
	return proposal->merged > 0 &&
	       bsearch(&key, proposal->item, proposal->merged, sizeof(key), proposal_compare);
}

bool offer_holds(struct offer *offer, struct post *post)
{
	bool hold = post->kind == PACKET_END ? offer->held != NULL
	                                     : offer->complete && is_merged(&offer->proposal, post);

	if (!hold)
		return false;
	post->next = NULL;
	*offer->last = post;
	offer->last = &post->next;
	return true;
}

static void release(struct offer *offer, struct posts *posts)
{
	while (offer->held) {
		struct post *post = offer->held;

		offer->held = post->next;
		posts_add(posts, post);
	}
	offer->last = &offer->held;
}

static struct packet_result result_of(const struct history_item *item)
{
	struct packet_result result = {.choice = item->choice, .entry = item->result};

	if (!item->result)
		result.how = RESULT_ABSENT;
	else if (item->result == item->theirs)
		result.how = RESULT_THEIRS;
	else if (item->result == item->base)
		result.how = RESULT_BASE;
	else
		result.how = RESULT_ENTRY;
	return result;
}

/* The messages of an answer, in order; NULL: out of memory. */
static struct post *make_answer(const struct history_proposal *proposal, bool cancelled)
{
	static struct packet_result result[PACKET_ITEMS];
	struct packet packet = {.kind = PACKET_RESULTS, .results = {.result = result}};
	struct post *first = NULL, **last = &first;
	bool failed = false;

	for (size_t i = 0; i < proposal->merged && !failed; i += packet.results.count) {
		size_t rest = proposal->merged - i;

		packet.results.count = rest < PACKET_ITEMS ? rest : PACKET_ITEMS;
		for (size_t j = 0; j < packet.results.count; j++)
			result[j] = result_of(&proposal->item[i + j]);
		*last = post_new(&packet);
		failed = !*last;
		if (!failed)
			last = &(*last)->next;
	}
	packet = (struct packet){.kind = PACKET_ANSWER,
	                         .answer = {(uint32_t)proposal->merged, cancelled}};
	if (!failed)
		*last = post_new(&packet);
	if (!failed && *last)
		return first;
	while (first) {
		struct post *post = first;

		first = post->next;
		free(post);
	}
	return NULL;
}

int offer_answer(struct offer *offer, struct posts *posts, bool cancelled)
{
	struct post *answer = make_answer(&offer->proposal, cancelled);

	if (!answer)
		return -ENOMEM;
	while (answer) {
		struct post *post = answer;

		answer = post->next;
		posts_add(posts, post);
	}
	release(offer, posts);
	offer_clear(offer);
	return 0;
}

void offer_withdraw(struct offer *offer, struct posts *posts)
{
	release(offer, posts);
	offer_clear(offer);
}

/* SPDX-License-Identifier: MIT */
/* Posts, answers and alerts. A post that history does not take is lost to this recorder: then it
 * ends, and the keeper sends it to the next one. */
#include "recorder/take.h"

#include <errno.h>
#include <string.h>

#include "recorder/tell.h"

#define MARK_EVERY 32 /* posts; the keeper's window is wider */

static int take_change(struct recorder *recorder, const struct packet_change *change)
{
	struct history *history = recorder->history;
	bool wait = change->wait && !change->task;
	struct wanted *wanted = wait ? wanted_new(recorder, recorder->number) : NULL;
	struct entry *after = entry_copy(change->after);

	if ((wait && !wanted) || (change->after && !after))
		return -ENOMEM;
	if (!change->task)
		return history_record(history, change->kind, &change->context, change->segment,
		                      change->address, after, wanted ? tell_done : NULL, wanted);
	return history_task_change(history, change->task, &change->context, change->segment,
	                           change->address, after);
}

static int take_end(struct recorder *recorder, const struct packet_task *task)
{
	struct wanted *wanted = task->wait ? wanted_new(recorder, recorder->number) : NULL;

	if (task->wait && !wanted)
		return -ENOMEM;
	return history_end(recorder->history, task->token, wanted ? tell_done : NULL, wanted);
}

static int take_request(struct recorder *recorder, const struct packet *packet)
{
	static const struct history_outcome invalid = {.status = -EINVAL,
	                                               .text = "invalid commit id"};
	struct wanted *wanted = wanted_new(recorder, recorder->number);
	int error;

	if (!wanted)
		return -ENOMEM;
	if (packet->kind == PACKET_MARK)
		return history_mark(recorder->history, tell_done, wanted);
	if (packet->kind == PACKET_MERGE)
		return history_merge(recorder->history, packet->merge.branch,
		                     packet->merge.confirmed, tell_outcome, wanted);
	error = history_revert(recorder->history, &packet->revert, tell_outcome, wanted);
	if (error == -EINVAL)
		tell_outcome(wanted, &invalid);
	return error == -EINVAL ? 0 : error;
}

static int take_post(struct recorder *recorder, const struct packet *packet)
{
	history_number(recorder->history, ++recorder->number);
	switch (packet->kind) {
	case PACKET_CHANGE:
		return take_change(recorder, &packet->change);
	case PACKET_BEGIN:
		return history_begin_as(recorder->history, packet->task.token, packet->task.kind);
	case PACKET_END:
		return take_end(recorder, &packet->task);
	default:
		return take_request(recorder, packet);
	}
}

static int take_results(struct recorder *recorder, const struct packet_results *results)
{
	struct history_proposal *proposal = recorder->proposal;

	if (!proposal || results->count > proposal->items - recorder->results)
		return -EPROTO;
	for (size_t i = 0; i < results->count; i++) {
		struct history_item *item = &proposal->item[recorder->results++];
		const struct packet_result *result = &results->result[i];

		item->choice = result->choice;
		item->result = result->how == RESULT_THEIRS ? item->theirs
		               : result->how == RESULT_BASE ? item->base
		                                            : entry_copy(result->entry);
		if (result->how == RESULT_ENTRY && !item->result)
			return -ENOMEM;
	}
	return 0;
}

/* A cancelled one is settled when history closes: the rule decides what is not merged. */
static int take_answer(struct recorder *recorder, const struct packet_answer *answer)
{
	struct history_proposal *proposal = recorder->proposal;

	if (!proposal || answer->merged != recorder->results ||
	    (!answer->cancelled && answer->merged != proposal->items))
		return -EPROTO;
	proposal->merged = answer->merged;
	recorder->proposal = NULL;
	if (!answer->cancelled)
		history_proposal_done(recorder->history, proposal);
	return 0;
}

static int take_keep(struct recorder *recorder, const struct packet_change *keep)
{
	const char *trigger = keep->context.trigger;
	bool own = trigger && !strcmp(trigger, PACKET_OWN);
	struct entry *after = own ? NULL : entry_copy(keep->after);

	if (recorder->loaded || (!own && keep->after && !after)) {
		entry_free(after);
		return recorder->loaded ? -EPROTO : -ENOMEM;
	}
	return history_load_found(recorder->history, keep->segment, keep->address, after, own);
}

static int take_loaded(struct recorder *recorder)
{
	struct fault fault = {""};

	if (recorder->loaded)
		return -EPROTO;
	recorder->loaded = true;
	return history_loaded(recorder->history, &fault);
}

int take_packet(struct recorder *recorder, const struct packet *packet)
{
	struct packet pong = {.kind = PACKET_PONG};

	switch (packet->kind) {
	case PACKET_KEEP:
		return take_keep(recorder, &packet->change);
	case PACKET_LOADED:
		return take_loaded(recorder);
	case PACKET_RESULTS:
		return take_results(recorder, &packet->results);
	case PACKET_ANSWER:
		return take_answer(recorder, &packet->answer);
	case PACKET_ALERT:
		/* Nobody would write it, and the end would wait for it. */
		return recorder->loaded ? history_alert(recorder->history, &packet->alert)
		                        : -EPROTO;
	case PACKET_PING:
		pong.number = packet->number;
		return link_send(&recorder->link, &pong);
	case PACKET_CLOSE:
		recorder->close = packet->close;
		recorder->closing = true;
		return 0;
	case PACKET_CHANGE:
	case PACKET_BEGIN:
	case PACKET_END:
	case PACKET_MARK:
	case PACKET_MERGE:
	case PACKET_REVERT:
		return recorder->loaded ? take_post(recorder, packet) : -EPROTO;
	default:
		return -EPROTO;
	}
}

void take_mark(struct recorder *recorder)
{
	struct wanted *wanted;

	if (recorder->number - recorder->marked < MARK_EVERY)
		return;
	wanted = wanted_new(recorder, recorder->number);
	if (wanted && history_mark(recorder->history, tell_taken, wanted) == 0)
		recorder->marked = recorder->number;
}

/* SPDX-License-Identifier: MIT */
/* Each callback becomes a message. That the keeper has gone is noticed when receiving. */
#include "recorder/tell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wanted {
	struct recorder *recorder;
	uint64_t number;
};

struct wanted *wanted_new(struct recorder *recorder, uint64_t number)
{
	struct wanted *wanted = calloc(1, sizeof(*wanted));

	if (wanted)
		*wanted = (struct wanted){recorder, number};
	return wanted;
}

void tell_status(struct recorder *recorder)
{
	struct packet packet = {.kind = PACKET_STATUS};

	if (!recorder->history)
		return;
	history_status(recorder->history, &packet.status);
	/* Where padding differs, it is sent once more. */
	// NOLINTNEXTLINE(bugprone-suspicious-memory-comparison)
	if (!memcmp(&packet.status, &recorder->said, sizeof(recorder->said)))
		return;
	recorder->said = packet.status;
	(void)link_send(&recorder->link, &packet);
}

void tell_done(void *argument, int status, const char *commit)
{
	struct wanted *wanted = argument;
	struct packet packet = {.kind = PACKET_DONE,
	                        .done = {.number = wanted->number, .status = status}};

	snprintf(packet.done.commit, sizeof(packet.done.commit), "%s", commit);
	/* A client that is answered finds it in the status. */
	tell_status(wanted->recorder);
	(void)link_send(&wanted->recorder->link, &packet);
	free(wanted);
}

void tell_outcome(void *argument, const struct history_outcome *outcome)
{
	struct wanted *wanted = argument;
	const struct packet packet = {.kind = PACKET_OUTCOME,
	                              .outcome = {.number = wanted->number, .outcome = *outcome}};

	tell_status(wanted->recorder);
	(void)link_send(&wanted->recorder->link, &packet);
	free(wanted);
}

void tell_taken(void *argument, int status, const char *commit)
{
	struct wanted *wanted = argument;
	const struct packet packet = {.kind = PACKET_TAKEN, .number = wanted->number};

	(void)status;
	(void)commit;
	(void)link_send(&wanted->recorder->link, &packet);
	free(wanted);
}

int tell_items(struct recorder *recorder, enum packet_kind kind, struct history_item *item,
               size_t items)
{
	int error = 0;

	for (size_t i = 0; i < items && !error; i += PACKET_ITEMS) {
		size_t rest = items - i;
		const struct packet packet = {
		        .kind = kind,
		        .items = {item + i, rest < PACKET_ITEMS ? rest : PACKET_ITEMS}};

		error = link_send(&recorder->link, &packet);
	}
	return error;
}

void tell_proposal(void *context, struct history_proposal *proposal)
{
	struct recorder *recorder = context;
	struct packet packet = {
	        .kind = PACKET_PROPOSE,
	        .propose = {.items = (uint32_t)proposal->items, .undo = proposal->undo}};

	snprintf(packet.propose.source, sizeof(packet.propose.source), "%s", proposal->source);
	recorder->proposal = proposal;
	recorder->results = 0;
	if (link_send(&recorder->link, &packet) == 0)
		(void)tell_items(recorder, PACKET_ITEMS_OF, proposal->item, proposal->items);
}

/* On history's thread. */
void tell_progress(void *context, bool durable, const struct history_progress *progress)
{
	struct recorder *recorder = context;
	const struct packet packet = {.kind = durable ? PACKET_DURABLE : PACKET_PREPARED,
	                              .progress = *progress};

	(void)link_send(&recorder->link, &packet);
	if (durable)
		uv_async_send(&recorder->news);
}

/* On history's thread. */
void tell_again(void *context)
{
	struct recorder *recorder = context;

	atomic_store(&recorder->again, true);
	uv_async_send(&recorder->news);
}

static void tell_line(struct recorder *recorder, enum packet_kind kind, const char *line)
{
	struct packet packet = {.kind = kind};

	snprintf(packet.notice, sizeof(packet.notice), "%s", line);
	(void)link_send(&recorder->link, &packet);
}

void tell_notice(void *context, const char *line)
{
	tell_line(context, PACKET_NOTICE, line);
}

/* On history's thread. */
void tell_warning(void *context, const char *line)
{
	tell_line(context, PACKET_WARNING, line);
}

/* On history's thread. */
void tell_raised(void *context, const struct history_alert *alert)
{
	struct recorder *recorder = context;
	const struct packet packet = {.kind = PACKET_RAISED, .alert = *alert};

	(void)link_send(&recorder->link, &packet);
}

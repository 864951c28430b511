// SPDX-License-Identifier: MIT
/*
 * Events come newest first. What one found was there until then, and began with the event before
 * it, which comes next. Until that comes, the span's `begun` is false.
 */
#include "reader/lives.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_wanted(const struct lives *lives, const struct entry *entry)
{
	return entry && (!lives->mac || mac_equal(*lives->mac, entry->mac));
}

static bool is_same(const struct lives *lives, const struct entry *a, const struct entry *b)
{
	return a && b && mac_equal(a->mac, b->mac) &&
	       (lives->mac || lives->stateless || a->state == b->state);
}

/* The span of the event's address whose begin is not known yet; NULL: none. */
static struct life_span *find_open(const struct lives *lives, const struct reader_event *event)
{
	for (size_t i = lives->count; i-- > 0;) {
		struct life_span *span = &lives->span[i];

		if (address_equal(span->address, event->address) &&
		    strcmp(span->segment, event->segment) == 0)
			return span->begun || span->since ? NULL : span;
	}
	return NULL;
}

static struct life_span *add_span(struct lives *lives, const struct reader_event *event,
                                  const struct entry *entry)
{
	struct life_span *span;

	if (array_reserve(&lives->span, &lives->room, lives->count + 1))
		return NULL;
	span = &lives->span[lives->count++];
	*span = (struct life_span){.address = event->address,
	                           .mac = entry->mac,
	                           .state = entry->state,
	                           .stateless = lives->stateless};
	snprintf(span->segment, sizeof(span->segment), "%s", event->segment);
	return span;
}

static void begin(struct life_span *span, const struct reader_event *event)
{
	span->since = event->time;
	span->begun = !event->begins;
	if (event->begins)
		return;
	snprintf(span->commit, sizeof(span->commit), "%s", event->commit);
	snprintf(span->task, sizeof(span->task), "%s", event->task);
	snprintf(span->author, sizeof(span->author), "%s", event->author);
}

/* Of what the event left: it is so until the next event, which was here already, or still. */
static int take_after(struct lives *lives, const struct reader_event *event)
{
	struct life_span *span = find_open(lives, event);

	if (!span) {
		span = add_span(lives, event, event->after);
		if (!span)
			return -ENOMEM;
		span->lasts = true;
	}
	if (!is_same(lives, event->before, event->after))
		begin(span, event);
	return 0;
}

/* Of what the event ended. */
static int take_before(struct lives *lives, const struct reader_event *event)
{
	struct life_span *span = add_span(lives, event, event->before);

	if (!span)
		return -ENOMEM;
	span->until = event->time;
	snprintf(span->ended_by, sizeof(span->ended_by), "%s",
	         *event->task ? event->task : event->author);
	return 0;
}

int lives_add(struct lives *lives, const struct reader_event *event)
{
	int error = 0;

	if (event->fate != READER_TOOK)
		return 0;
	if (is_wanted(lives, event->after))
		error = take_after(lives, event);
	if (!error && is_wanted(lives, event->before) &&
	    !is_same(lives, event->before, event->after))
		error = take_before(lives, event);
	return error;
}

void lives_clear(struct lives *lives)
{
	free(lives->span);
	*lives = (struct lives){.mac = lives->mac};
}

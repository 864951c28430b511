// SPDX-License-Identifier: MIT
/* A ring with numbers. Readers wait here; the follower never does. */
#include "web/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HEARTBEAT_MS 15000
#define SPACING_MS   50 /* a reader is not woken more often, */
#define PLENTY       64 /* unless so many events wait */
#define GREETING     "retry: 2000\n: arpkeeper\n\n"
#define HEARTBEAT    ": still here\n\n"
#define DROPPED                                                                                    \
	"event: dropped\ndata: {\"type\":\"dropped\",\"text\":\"this reader was too slow, and "    \
	"has "                                                                                     \
	"missed events: connect again, and read the table anew\"}\n\n"

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

int events_init(struct events *events)
{
	pthread_condattr_t attributes;

	memset(events, 0, sizeof(*events));
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&events->arrived, &attributes);
	pthread_cond_init(&events->ended, &attributes);
	pthread_condattr_destroy(&attributes);
	return pthread_mutex_init(&events->lock, NULL) ? -ENOMEM : 0;
}

static void forget_first(struct events *events)
{
	char **text = &events->text[events->first++ % EVENTS_MAX];

	events->bytes -= strlen(*text);
	free(*text);
	*text = NULL;
}

void events_clear(struct events *events)
{
	while (events->first < events->next)
		forget_first(events);
	pthread_mutex_destroy(&events->lock);
	pthread_cond_destroy(&events->arrived);
	pthread_cond_destroy(&events->ended);
}

void events_publish(struct events *events, const char *type, const char *line)
{
	char *text = NULL;

	if (strlen(type) + strlen(line) > EVENTS_LINE ||
	    asprintf(&text, "event: %s\ndata: %s\n\n", type, line) < 0)
		text = NULL;
	pthread_mutex_lock(&events->lock);
	/* Out of memory, or too long: all readers have missed it. */
	while (events->first < events->next &&
	       (!text || events->next - events->first >= EVENTS_MAX ||
	        events->bytes + strlen(text) > EVENTS_BYTES))
		forget_first(events);
	if (text) {
		events->text[events->next % EVENTS_MAX] = text;
		events->bytes += strlen(text);
		events->next++;
	} else {
		events->first = ++events->next;
	}
	pthread_cond_broadcast(&events->arrived);
	pthread_mutex_unlock(&events->lock);
}

void events_stop(struct events *events)
{
	pthread_mutex_lock(&events->lock);
	events->stopping = true;
	pthread_cond_broadcast(&events->arrived);
	pthread_cond_broadcast(&events->ended);
	pthread_mutex_unlock(&events->lock);
}

bool events_open(struct events_reader *reader, struct events *events, unsigned most)
{
	bool fits;

	pthread_mutex_lock(&events->lock);
	fits = events->readers < most && !events->stopping;
	events->readers += fits;
	*reader = (struct events_reader){.events = events, .next = events->next};
	pthread_mutex_unlock(&events->lock);
	return fits;
}

void events_close(struct events_reader *reader)
{
	pthread_mutex_lock(&reader->events->lock);
	reader->events->readers--;
	pthread_mutex_unlock(&reader->events->lock);
}

/* False: the time is over. */
static bool wait_until(struct events *events, pthread_cond_t *what, int64_t until_ms)
{
	const struct timespec until = {until_ms / 1000, until_ms % 1000 * 1000000};

	return pthread_cond_timedwait(what, &events->lock, &until) != ETIMEDOUT;
}

static size_t put(char *buffer, size_t room, const char *text)
{
	size_t length = strnlen(text, room);

	memcpy(buffer, text, length);
	return length;
}

/* As many as fit of those that have come, whole. */
static size_t take(struct events_reader *reader, char *buffer, size_t room)
{
	struct events *events = reader->events;
	size_t length = 0;

	while (reader->next < events->next) {
		const char *text = events->text[reader->next % EVENTS_MAX];

		if (strlen(text) > room - length)
			break;
		length += put(buffer + length, room - length, text);
		reader->next++;
	}
	return length;
}

/* Waits, and says whether there is something to take. */
static bool await(struct events_reader *reader)
{
	struct events *events = reader->events;
	const int64_t spaced = reader->given_ms + SPACING_MS;
	const int64_t until = reader->given_ms + HEARTBEAT_MS;

	while (!events->stopping && reader->next == events->next)
		if (!wait_until(events, &events->arrived, until))
			return false;
	/* What comes in these milliseconds goes with it, in one write. */
	while (!events->stopping && events->next - reader->next < PLENTY && now_ms() < spaced &&
	       wait_until(events, &events->ended, spaced))
		;
	return true;
}

/* 0: the stream has ended. */
static size_t give(struct events_reader *reader, char *buffer, size_t room)
{
	struct events *events = reader->events;

	if (!reader->given_ms)
		return put(buffer, room, GREETING);
	if (reader->finished)
		return 0;
	if (!await(reader))
		return put(buffer, room, HEARTBEAT);
	if (events->stopping)
		return 0;
	if (reader->next >= events->first)
		return take(reader, buffer, room);
	reader->finished = true;
	events->dropped++;
	return put(buffer, room, DROPPED);
}

size_t events_read(struct events_reader *reader, char *buffer, size_t room)
{
	size_t length;

	pthread_mutex_lock(&reader->events->lock);
	length = give(reader, buffer, room);
	reader->given_ms = now_ms();
	pthread_mutex_unlock(&reader->events->lock);
	return length;
}

void events_count(struct events *events, unsigned *readers, uint64_t *dropped)
{
	pthread_mutex_lock(&events->lock);
	*readers = events->readers;
	*dropped = events->dropped;
	pthread_mutex_unlock(&events->lock);
}

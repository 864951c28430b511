// SPDX-License-Identifier: MIT
/* Two tables: the one that is looked at, and the one that is being loaded. Never asks the agent. */
#include "web/copy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/client.h"
#include "entry/entry.h"
#include "web/rowjson.h"

int copy_init(struct copy *copy)
{
	pthread_rwlockattr_t attributes;

	*copy = (struct copy){.why = {"the agent has not been asked yet: try again"}};
	pthread_rwlockattr_init(&attributes);
	/* The agent drops a watcher that reads too late. */
	pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	if (pthread_rwlock_init(&copy->lock, &attributes))
		return -ENOMEM;
	pthread_rwlockattr_destroy(&attributes);
	if (pthread_mutex_init(&copy->gate, NULL)) {
		pthread_rwlock_destroy(&copy->lock);
		return -ENOMEM;
	}
	return 0;
}

void copy_clear(struct copy *copy)
{
	rows_clear(&copy->now);
	rows_clear(&copy->next);
	json_decref(copy->changes);
	pthread_rwlock_destroy(&copy->lock);
	pthread_mutex_destroy(&copy->gate);
}

void copy_begin(struct copy *copy)
{
	pthread_mutex_lock(&copy->gate);
	rows_clear(&copy->next);
	json_decref(copy->changes);
	copy->changes = json_array();
	copy->loading = true;
	copy->doubts = 0;
	pthread_mutex_unlock(&copy->gate);
}

int copy_load(struct copy *copy, const json_t *entry)
{
	struct row row;
	int error = row_read(&row, &copy->next, entry);

	return error ? error : rows_put(&copy->next, &row);
}

/* What the agent knows of an address that it has let go, such as that it is dead, is not in the
 * event. */
static int apply(struct rows *rows, const json_t *event)
{
	const char *segment = json_text(event, "segment"), *address = json_text(event, "address");
	const json_t *after = json_object_get(event, "after");
	const char *mac = json_text(after, "mac"), *state = json_text(after, "state");
	const char *time = json_text(event, "time");
	struct row row = {0};
	int index = segment ? rows_segment(rows, segment) : -EPROTO, number;

	if (index < 0 || !address || address_parse(&row.address, address) < 0)
		return -EPROTO;
	row.segment = (uint16_t)index;
	if (!mac || !state) {
		rows_remove(rows, row.segment, row.address);
		return 0;
	}
	number = row_state_parse(state, strlen(state));
	if (number < 0 || mac_parse(&row.mac, mac) < 0)
		return -EPROTO;
	row.state = (uint8_t)number;
	if (time && time_parse(&row.since, time, strlen(time)) == 0)
		row.seen = row.since;
	return rows_put(rows, &row);
}

bool copy_end(struct copy *copy, bool whole)
{
	struct rows old = {0};
	const json_t *event;
	size_t index;
	bool fine;

	pthread_mutex_lock(&copy->gate);
	fine = whole && copy->loading && json_array_size(copy->changes) < COPY_CHANGES;
	if (fine) {
		json_array_foreach (copy->changes, index, event)
			(void)apply(&copy->next, event);
		pthread_rwlock_wrlock(&copy->lock);
		old = copy->now;
		copy->now = copy->next;
		copy->synced = true;
		copy->loaded = time(NULL);
		pthread_rwlock_unlock(&copy->lock);
		copy->next = (struct rows){0};
	}
	copy->loading = false;
	json_decref(copy->changes);
	copy->changes = NULL;
	pthread_mutex_unlock(&copy->gate);
	rows_clear(&old);
	return fine;
}

static void add_doubt(struct copy *copy, const json_t *event)
{
	const char *segment = json_text(event, "segment"), *address = json_text(event, "address");
	struct copy_doubt *doubt = &copy->doubt[copy->doubts];

	if (copy->doubts == COPY_DOUBTS || !segment || strlen(segment) >= sizeof(doubt->segment) ||
	    !address || address_parse(&doubt->address, address) < 0)
		return;
	snprintf(doubt->segment, sizeof(doubt->segment), "%s", segment);
	copy->doubts++;
}

void copy_change(struct copy *copy, json_t *event)
{
	const char *type = json_text(event, "type");

	if (!type || strcmp(type, "change") != 0)
		return;
	pthread_mutex_lock(&copy->gate);
	if (copy->loading && json_array_size(copy->changes) < COPY_CHANGES)
		json_array_append(copy->changes, event);
	add_doubt(copy, event);
	pthread_rwlock_wrlock(&copy->lock);
	if (copy->synced)
		(void)apply(&copy->now, event);
	pthread_rwlock_unlock(&copy->lock);
	pthread_mutex_unlock(&copy->gate);
}

void copy_settle(struct copy *copy, const struct copy_doubt *doubt, const json_t *entry)
{
	struct row row;
	int segment;

	pthread_rwlock_wrlock(&copy->lock);
	if (entry && row_read(&row, &copy->now, entry) == 0) {
		(void)rows_put(&copy->now, &row);
	} else if (!entry) {
		segment = rows_find_segment(&copy->now, doubt->segment);
		if (segment >= 0)
			rows_remove(&copy->now, (unsigned)segment, doubt->address);
	}
	pthread_rwlock_unlock(&copy->lock);
}

size_t copy_doubts(struct copy *copy, struct copy_doubt *doubt, size_t room)
{
	size_t count;

	pthread_mutex_lock(&copy->gate);
	count = copy->doubts < room ? copy->doubts : room;
	memcpy(doubt, copy->doubt, count * sizeof(*doubt));
	copy->doubts = 0;
	pthread_mutex_unlock(&copy->gate);
	return count;
}

void copy_lose(struct copy *copy, const struct fault *why)
{
	pthread_mutex_lock(&copy->gate);
	copy->loading = false;
	copy->doubts = 0;
	pthread_rwlock_wrlock(&copy->lock);
	copy->synced = false;
	copy->why = *why;
	pthread_rwlock_unlock(&copy->lock);
	pthread_mutex_unlock(&copy->gate);
}

const struct rows *copy_look(struct copy *copy, struct fault *fault)
{
	pthread_rwlock_rdlock(&copy->lock);
	if (copy->synced)
		return &copy->now;
	*fault = copy->why;
	pthread_rwlock_unlock(&copy->lock);
	return NULL;
}

void copy_leave(struct copy *copy)
{
	pthread_rwlock_unlock(&copy->lock);
}

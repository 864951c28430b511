/* SPDX-License-Identifier: MIT */
/*
 * What waits to be sent is a list; what was sent is an array, in the order of its numbers, because
 * an answer names a number. An answered post leaves a gap until the next progress closes it.
 */
#include "ledger/posts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_MOST  16384 /* posts that were sent, and not yet taken */
#define WINDOW_LEAST 64    /* wider than what a recorder takes before it says so */

static void list_init(struct post_list *list)
{
	*list = (struct post_list){.last = &list->first};
}

static void list_add(struct post_list *list, struct post *post)
{
	post->next = NULL;
	*list->last = post;
	list->last = &post->next;
	list->count++;
}

static struct post *list_take(struct post_list *list)
{
	struct post *post = list->first;

	if (!post)
		return NULL;
	list->first = post->next;
	if (!post->next)
		list->last = &list->first;
	list->count--;
	return post;
}

static void clear_progress(struct history_progress *progress)
{
	free(progress->task);
	*progress = (struct history_progress){0};
}

void posts_init(struct posts *posts, size_t backlog)
{
	*posts = (struct posts){.backlog = backlog, .fold_at = backlog};
	list_init(&posts->unsent);
}

void posts_clear(struct posts *posts)
{
	struct post *post;

	while ((post = posts_take(posts)))
		free(post);
	free(posts->sent);
	clear_progress(&posts->before);
	clear_progress(&posts->next);
}

struct post *post_new(const struct packet *packet)
{
	struct buffer frame = {0};
	struct post *post = NULL;

	if (packet_encode(&frame, packet) == 0)
		post = calloc(1, sizeof(*post) + frame.length);
	if (post) {
		post->kind = packet->kind;
		post->length = (uint32_t)frame.length;
		memcpy(post->frame, frame.bytes, frame.length);
	}
	buffer_clear(&frame);
	return post;
}

void posts_add(struct posts *posts, struct post *post)
{
	list_add(&posts->unsent, post);
	posts->changes += post->kind == PACKET_CHANGE;
}

static size_t untaken(const struct posts *posts)
{
	return posts->unsent.count + (size_t)(posts->number - posts->taken);
}

/* Frees, from the newest on, each change that a later one replaces. */
static uint64_t drop_older(struct post **post, size_t count)
{
	struct addresses seen = {0};
	uint64_t dropped = 0;

	while (count > 0) {
		struct post *at = post[--count];

		if (at->kind != PACKET_CHANGE)
			continue;
		if (!at->done && addresses_have(&seen, at->segment, at->address)) {
			free(at);
			post[count] = NULL;
			dropped++;
		} else if (addresses_add(&seen, at->segment, at->address) < 0) {
			break;
		}
	}
	addresses_clear(&seen);
	return dropped;
}

uint64_t posts_fold(struct posts *posts)
{
	size_t waiting = untaken(posts), count = 0;
	struct post **post;
	uint64_t dropped;

	if (waiting < posts->backlog)
		posts->fold_at = posts->backlog;
	if (waiting < posts->fold_at)
		return 0;
	post = calloc(posts->unsent.count + 1, sizeof(struct post *));
	if (!post)
		return 0;
	while (posts->unsent.first)
		post[count++] = list_take(&posts->unsent);
	dropped = drop_older(post, count);
	for (size_t i = 0; i < count; i++)
		if (post[i])
			list_add(&posts->unsent, post[i]);
	free(post);
	posts->changes -= dropped;
	posts->dropped += dropped;
	/* The next fold must be worth its time, however many are left. */
	posts->fold_at = posts->backlog + 2 * (waiting - dropped);
	return dropped;
}

/* The parts of an answer are not posts of their own. */
static bool is_numbered(const struct post *post)
{
	return post->kind != PACKET_RESULTS && post->kind != PACKET_ANSWER;
}

int posts_send(struct posts *posts, struct buffer *out, size_t most)
{
	size_t window = posts->backlog / 2;

	if (window > WINDOW_MOST)
		window = WINDOW_MOST;
	if (window < WINDOW_LEAST)
		window = WINDOW_LEAST;
	while (posts->unsent.first && out->length < most && posts->number - posts->taken < window) {
		struct post *post = posts->unsent.first;
		size_t length = out->length;

		if (array_reserve(&posts->sent, &posts->sent_room, posts->sent_count + 1) < 0)
			return -ENOMEM;
		buffer_append(out, post->frame, post->length);
		if (out->failed) {
			out->failed = false;
			out->length = length;
			return -ENOMEM;
		}
		list_take(&posts->unsent);
		if (is_numbered(post)) {
			post->number = ++posts->number;
			posts->sent[posts->sent_count++] = (struct sent_post){post->number, post};
		} else {
			free(post);
		}
	}
	return 0;
}

int posts_taken(struct posts *posts, uint64_t number)
{
	if (number > posts->number)
		return -EPROTO;
	if (number > posts->taken)
		posts->taken = number;
	return 0;
}

int posts_prepared(struct posts *posts, const struct history_progress *progress)
{
	struct history_open_task *task = NULL;

	if (posts_taken(posts, progress->taken) < 0)
		return -EPROTO;
	if (progress->tasks > 0) {
		task = malloc(progress->tasks * sizeof(*task));
		if (!task)
			return -ENOMEM;
		memcpy(task, progress->task, progress->tasks * sizeof(*task));
	}
	/* `next` came true if the references were moved to it. */
	if (posts->next.applied[0] && !strcmp(posts->next.applied, progress->before)) {
		clear_progress(&posts->before);
		posts->before = posts->next;
	} else {
		clear_progress(&posts->next);
	}
	posts->next = *progress;
	posts->next.task = task;
	return 0;
}

/* Up to which number an open task's changes are durable; UINT64_MAX: it is not open. */
static uint64_t committed(const struct history_progress *progress, uint64_t token)
{
	for (size_t i = 0; token && i < progress->tasks; i++)
		if (progress->task[i].token == token)
			return progress->task[i].committed;
	return UINT64_MAX;
}

/* The tasks whose end is covered. Without memory, their begin stays until the recorder dies. */
static void find_ended(struct idmap *ended, const struct posts *posts, uint64_t taken)
{
	for (size_t i = 0; i < posts->sent_count && posts->sent[i].number <= taken; i++) {
		const struct post *post = posts->sent[i].post;

		if (post && post->kind == PACKET_END)
			(void)idmap_add(ended, NULL, &post->task);
	}
}

static bool is_durable(const struct post *post, const struct history_progress *progress,
                       const struct idmap *ended)
{
	switch (post->kind) {
	case PACKET_CHANGE:
		return post->number <= committed(progress, post->task);
	case PACKET_BEGIN:
		return ended->count > 0 && idmap_find(ended, &post->task) != IDMAP_NONE;
	default:
		return post->kind == PACKET_END;
	}
}

/* Removes what is durable by now, but for posts whose waiter has no answer yet. */
static void cover(struct posts *posts, const struct history_progress *progress)
{
	struct idmap ended = IDMAP(sizeof(uint64_t));
	size_t left = 0;

	posts->durable = 0;
	find_ended(&ended, posts, progress->taken);
	for (size_t i = 0; i < posts->sent_count; i++) {
		struct post *post = posts->sent[i].post;

		if (!post)
			continue;
		if (post->number <= progress->taken && !post->durable) {
			post->durable = is_durable(post, progress, &ended);
			posts->settled += post->durable && post->kind == PACKET_CHANGE;
		}
		if (!post->durable || post->done) {
			posts->durable += post->durable && post->kind == PACKET_CHANGE;
			posts->sent[left++] = posts->sent[i];
			continue;
		}
		posts->changes -= post->kind == PACKET_CHANGE;
		free(post);
	}
	posts->sent_count = left;
	if (left == 0 && posts->sent_room > WINDOW_MOST) {
		free(posts->sent);
		posts->sent = NULL;
		posts->sent_room = 0;
	}
	idmap_clear(&ended);
}

int posts_durable(struct posts *posts, const struct history_progress *progress)
{
	if (posts_taken(posts, progress->taken) < 0)
		return -EPROTO;
	cover(posts, progress);
	return 0;
}

static int compare_numbers(const void *a, const void *b)
{
	const struct sent_post *left = a, *right = b;

	return (left->number > right->number) - (left->number < right->number);
}

struct post *posts_answered(struct posts *posts, uint64_t number, enum packet_kind answer)
{
	const struct sent_post key = {.number = number};
	struct sent_post *sent = posts->sent_count == 0
	                                 ? NULL
	                                 : bsearch(&key, posts->sent, posts->sent_count,
	                                           sizeof(key), compare_numbers);
	struct post *post = sent ? sent->post : NULL;

	if (!post || (answer == PACKET_OUTCOME ? !post->outcome : !post->done))
		return NULL;
	posts->durable -= posts->durable > 0 && post->kind == PACKET_CHANGE && post->durable;
	posts->changes -= post->kind == PACKET_CHANGE;
	sent->post = NULL;
	while (posts->sent_count > 0 && !posts->sent[posts->sent_count - 1].post)
		posts->sent_count--;
	return post;
}

/* Whether the repository has a task's branch as PREPARED said. "": it said that there is none. */
static bool is_written(const char *tip, const struct packet_loading *start)
{
	bool found = !tip[0];

	for (size_t i = 0; i < start->count && !found; i++)
		found = !strcmp(tip, start->adopted[i]);
	return found;
}

/* What came true of the last PREPARED, by what the repository names now; NULL: none of them. */
static const struct history_progress *find_true(struct posts *posts,
                                                const struct packet_loading *start)
{
	struct history_progress *before = &posts->before, *found = &posts->next;

	if (strcmp(found->applied, start->applied) != 0)
		found = before;
	if (!start->applied[0] || strcmp(found->applied, start->applied) != 0)
		return NULL;
	/* Where the log's end did not move, the branches of open tasks decide. */
	for (size_t i = 0; i < found->tasks; i++) {
		struct history_open_task *task = &found->task[i];

		if (is_written(task->tip, start))
			continue;
		task->committed = 0;
		for (size_t j = 0; found != before && j < before->tasks; j++)
			if (before->task[j].token == task->token &&
			    is_written(before->task[j].tip, start))
				task->committed = before->task[j].committed;
	}
	return found;
}

void posts_resume(struct posts *posts, const struct packet_loading *start)
{
	const struct history_progress *progress = find_true(posts, start);
	struct post_list again;
	struct post *post;

	if (progress)
		cover(posts, progress);
	posts->durable = 0; /* whose waiters are answered below */
	list_init(&again);
	for (size_t i = 0; i < posts->sent_count; i++) {
		post = posts->sent[i].post;
		if (!post)
			continue;
		if (!post->durable) {
			post->number = 0;
			list_add(&again, post);
			continue;
		}
		/* Recorded, and the recorder died before it could say in which commit. */
		posts->changes -= post->kind == PACKET_CHANGE;
		post->done(post->argument, 0, start->tip);
		free(post);
	}
	posts->sent_count = 0;
	while ((post = list_take(&posts->unsent)))
		if (is_numbered(post))
			list_add(&again, post);
		else
			free(post);
	while ((post = list_take(&again)))
		list_add(&posts->unsent, post);
	posts->number = posts->taken = 0;
	clear_progress(&posts->before);
	clear_progress(&posts->next);
}

static int add_address(struct addresses *set, const struct post *post)
{
	if (!post || post->kind != PACKET_CHANGE)
		return 0;
	return addresses_add(set, post->segment, post->address);
}

int posts_addresses(const struct posts *posts, struct addresses *set)
{
	int error = 0;

	for (size_t i = 0; i < posts->sent_count && error >= 0; i++)
		error = add_address(set, posts->sent[i].post);
	for (const struct post *post = posts->unsent.first; post && error >= 0; post = post->next)
		error = add_address(set, post);
	return error < 0 ? -ENOMEM : 0;
}

struct post *posts_take(struct posts *posts)
{
	struct post *post = NULL;

	while (!post && posts->sent_count > 0)
		post = posts->sent[--posts->sent_count].post;
	if (!post)
		post = list_take(&posts->unsent);
	if (post)
		posts->changes -= post->kind == PACKET_CHANGE;
	return post;
}

/* SPDX-License-Identifier: MIT */
/* A list as a value: keeps what its lines say, and finds those that contradict each other. */
#include "lists/list.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POOL_PIECE ((size_t)64 << 10)

/* Text lives as long as its list. */
struct list_pool {
	struct list_pool *next;
	size_t used, room;
	char text[];
};

void list_add_problem(struct list *list, uint32_t line, const char *format, ...)
{
	va_list arguments;

	if (list->problems < LIST_PROBLEMS) {
		struct list_problem *problem = &list->problem[list->problems];

		problem->line = line;
		va_start(arguments, format);
		vsnprintf(problem->text, sizeof(problem->text), format, arguments);
		va_end(arguments);
	}
	list->problems++;
}

static const char *keep(struct list *list, const char *text)
{
	size_t length = strlen(text) + 1;
	struct list_pool *pool = list->pool;

	if (!pool || pool->room - pool->used < length) {
		size_t room = length < POOL_PIECE ? POOL_PIECE : length;

		pool = malloc(sizeof(*pool) + room);
		if (!pool)
			return NULL;
		pool->next = list->pool;
		pool->used = 0;
		pool->room = room;
		list->pool = pool;
	}
	memcpy(pool->text + pool->used, text, length);
	pool->used += length;
	return pool->text + pool->used - length;
}

static int keep_texts(struct list *list, struct list_item *item)
{
	const struct list_item *last = list->count ? &list->item[list->count - 1] : NULL;

	/* Most lines have the origin of the line before. */
	if (item->origin && last && last->origin && !strcmp(last->origin, item->origin))
		item->origin = last->origin;
	else if (item->origin && !(item->origin = keep(list, item->origin)))
		return -ENOMEM;
	if ((item->note && !(item->note = keep(list, item->note))) ||
	    (item->extra && !(item->extra = keep(list, item->extra))))
		return -ENOMEM;
	return 0;
}

int list_add(struct list *list, enum list_verdict verdict, struct list_item *item,
             const struct list_options *options, const struct fault *fault)
{
	struct fault text = {""};

	list->unbound += verdict == LIST_UNBOUND;
	if (verdict == LIST_BAD)
		list_add_problem(list, item->line, "%s", fault->text);
	/* One that is gone ends what earlier lines said of its address. */
	if (verdict != LIST_BINDING &&
	    !(verdict == LIST_UNBOUND && item->gone && !address_is_none(item->address)))
		return 0;
	if ((item->note && entry_check_text("note", item->note, &text) < 0) ||
	    (item->origin && entry_check_text("origin", item->origin, &text) < 0)) {
		list_add_problem(list, item->line, "%s", text.text);
		return 0;
	}
	if (!item->note)
		item->note = options->note;
	if (options->with_state)
		item->state = (uint8_t)options->state;
	if (item->router && item->state != ENTRY_STATIC && !options->with_state) {
		list_add_problem(list, item->line, "a role is for static entries");
		return 0;
	}
	item->router = item->router && item->state == ENTRY_STATIC;
	if (array_reserve(&list->item, &list->room, list->count + 1) < 0 ||
	    keep_texts(list, item) < 0)
		return -ENOMEM;
	list->item[list->count++] = *item;
	return 0;
}

void list_clear(struct list *list)
{
	while (list->pool) {
		struct list_pool *pool = list->pool;

		list->pool = pool->next;
		free(pool);
	}
	free(list->item);
	*list = (struct list){0};
}

static int compare(const void *left, const void *right)
{
	const struct list_item *a = left, *b = right;
	const int order = address_compare(a->address, b->address);

	if (order)
		return order;
	return a->line < b->line ? -1 : a->line > b->line;
}

/* The later of two lines for one address; NULL: they contradict each other. */
static struct list_item *later(struct list_item *first, struct list_item *second)
{
	if (first->heard != second->heard)
		return first->heard > second->heard ? first : second;
	return mac_equal(first->mac, second->mac) ? second : NULL;
}

/* The items of one address; the one that stays, or NULL. */
static struct list_item *settle_address(struct list *list, struct list_item *item, size_t count)
{
	struct list_item *stays = item;
	char address[ADDRESS_TEXT], first[MAC_TEXT], second[MAC_TEXT];

	for (size_t i = 1; i < count; i++) {
		struct list_item *winner = later(stays, &item[i]);

		if (!winner) {
			list_add_problem(list, item[i].line,
			                 "%s is at %s here, and at %s in line %u: remove one of "
			                 "the two",
			                 address_format(address, item->address),
			                 mac_format(second, item[i].mac),
			                 mac_format(first, stays->mac), stays->line);
			return NULL;
		}
		stays = winner;
	}
	return stays;
}

void list_settle(struct list *list)
{
	size_t kept = 0;

	if (list->count > 0)
		qsort(list->item, list->count, sizeof(*list->item), compare);
	for (size_t i = 0, next; i < list->count; i = next) {
		const struct list_item *stays;

		for (next = i + 1; next < list->count &&
		                   address_equal(list->item[next].address, list->item[i].address);)
			next++;
		stays = settle_address(list, &list->item[i], next - i);
		if (stays && !stays->gone)
			list->item[kept++] = *stays;
	}
	list->count = kept;
}

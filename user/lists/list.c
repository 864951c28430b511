/* SPDX-License-Identifier: MIT */
/*
 * A list as a whole: reads it, finds out what it is, keeps what its lines say, and finds those
 * that contradict each other. What one line means is list_lines.c and list_json.c.
 */
#include "lists/lists.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "lists/internal.h"

#define LINE_MAX_LENGTH 4096
#define GUESS_LINES     64 /* that tell the format, by majority */
#define READ_PIECE      ((size_t)1 << 20)
#define POOL_PIECE      ((size_t)64 << 10)
#define LIST_MAX        ((size_t)1 << 31) /* octets; line numbers have 32 bits */

/* Text lives as long as its list. */
struct list_pool {
	struct list_pool *next;
	size_t used, room;
	char text[];
};

static const char *const format_name[] = {
        [LIST_IP_NEIGH] = "ip-neigh", [LIST_ETHERS] = "ethers", [LIST_ARPWATCH] = "arp.dat",
        [LIST_ARP] = "arp",           [LIST_PROC] = "proc",     [LIST_DNSMASQ] = "dnsmasq",
        [LIST_JSON] = "json",
};

const char *list_format_name(enum list_format format)
{
	return format < LIST_FORMATS ? format_name[format] : "?";
}

enum list_format list_format_find(const char *name)
{
	unsigned format = 0;

	while (format < LIST_FORMATS && strcmp(name, format_name[format]) != 0)
		format++;
	return format;
}

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

	/* Most have the origin of the line before. */
	if (item->origin && last && last->origin && !strcmp(last->origin, item->origin))
		item->origin = last->origin;
	else if (item->origin && !(item->origin = keep(list, item->origin)))
		return -ENOMEM;
	if ((item->note && !(item->note = keep(list, item->note))) ||
	    (item->extra && !(item->extra = keep(list, item->extra))))
		return -ENOMEM;
	return 0;
}

static int list_grow(struct list *list)
{
	size_t room = list->room ? list->room * 2 : 256;
	struct list_item *grown;

	if (list->count < list->room)
		return 0;
	grown = realloc(list->item, room * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->item = grown;
	list->room = room;
	return 0;
}

int list_add(struct list *list, enum list_verdict verdict, struct list_item *item,
             const struct list_options *options, const struct fault *fault)
{
	struct fault text = {""};

	switch (verdict) {
	case LIST_BINDING:
		break;
	case LIST_IPV6:
		list->ipv6++;
		return 0;
	case LIST_UNBOUND:
		list->unbound++;
		return 0;
	case LIST_BAD:
		list_add_problem(list, item->line, "%s", fault->text);
		return 0;
	default:
		return 0;
	}
	if ((item->note && entry_check_text("note", item->note, &text) < 0) ||
	    (item->origin && entry_check_text("origin", item->origin, &text) < 0)) {
		list_add_problem(list, item->line, "%s", text.text);
		return 0;
	}
	if (!item->note)
		item->note = options->note;
	if (options->with_state)
		item->state = (uint8_t)options->state;
	if (list_grow(list) < 0 || keep_texts(list, item) < 0)
		return -ENOMEM;
	list->item[list->count++] = *item;
	return 0;
}

/* Lines. */

static void split(struct list_words *words, char *line)
{
	words->count = 0;
	words->empty = strstr(line, "\t\t") != NULL;
	for (;;) {
		line += strspn(line, " \t\r\f\v");
		if (!*line || words->count == LIST_WORDS)
			return;
		words->word[words->count++] = line;
		line += strcspn(line, " \t\r\f\v");
		if (*line)
			*line++ = '\0';
	}
}

/* A copy of the line that can be taken apart. False, and a fault: no text. */
static bool copy_line(char copy[LINE_MAX_LENGTH], const char *line, size_t length,
                      struct fault *fault)
{
	if (length >= LINE_MAX_LENGTH) {
		fault_set(fault, -EINVAL, "the line is longer than %d octets", LINE_MAX_LENGTH - 1);
		return false;
	}
	if (memchr(line, '\0', length)) {
		fault_set(fault, -EINVAL, "the line has a zero octet: this is no text");
		return false;
	}
	memcpy(copy, line, length);
	copy[length] = '\0';
	return true;
}

static enum list_format guess(const char *text, size_t length)
{
	unsigned votes[LIST_FORMATS] = {0}, lines = 0, best = 0;
	char copy[LINE_MAX_LENGTH];
	const char *end = text + length;
	struct list_words words;

	while (text < end && lines < GUESS_LINES) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));
		size_t line = (size_t)((line_end ? line_end : end) - text);
		enum list_format format;

		if (lines == 0 && (*text == '{' || *text == '['))
			return LIST_JSON;
		if (copy_line(copy, text, line, NULL)) {
			split(&words, copy);
			/* "[" may be indented. */
			if (lines == 0 && words.count > 0 && strchr("{[", words.word[0][0]))
				return LIST_JSON;
			format = list_line_format(&words);
			if (format < LIST_FORMATS)
				votes[format]++;
			lines += words.count > 0;
		}
		text += line + (line_end != NULL);
	}
	for (unsigned format = 1; format < LIST_FORMATS; format++)
		if (votes[format] > votes[best])
			best = format;
	return votes[best] > 0 ? (enum list_format)best : LIST_FORMATS;
}

static int parse_lines(struct list *list, const char *text, size_t length,
                       const struct list_options *options, struct progress *progress)
{
	char copy[LINE_MAX_LENGTH];
	const char *at = text, *end = text + length;
	uint32_t number = 0;
	int error = 0;

	while (at < end && !error) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		size_t line = (size_t)((line_end ? line_end : end) - at);
		struct list_item item = {.line = ++number};
		enum list_verdict verdict = LIST_BAD;
		struct list_words words;
		struct fault fault;

		if (copy_line(copy, at, line, &fault)) {
			split(&words, copy);
			verdict = list_line(&item, list->format, &words, options, &fault);
		}
		error = list_add(list, verdict, &item, options, &fault);
		at += line + (line_end != NULL);
		progress_step(progress, (uint64_t)(at - text));
	}
	return error;
}

int list_parse(struct list *list, const char *name, const char *text, size_t length,
               const struct list_options *options, struct fault *fault)
{
	struct progress progress;
	char what[PROGRESS_TEXT];
	int error;

	*list = (struct list){.format = options->format};
	if (list->format == LIST_GUESS)
		list->format = guess(text, length);
	if (list->format == LIST_FORMATS && length == 0)
		return fault_set(fault, -EINVAL, "%s is empty", name);
	if (list->format == LIST_FORMATS)
		return fault_set(fault, -EINVAL,
		                 "%s looks like no list of neighbours: say what it is with "
		                 "--format ip-neigh, ethers, arp.dat, arp, proc, dnsmasq or json",
		                 name);
	if (list->format == LIST_JSON)
		return list_parse_json(list, name, text, length, options, fault);
	snprintf(what, sizeof(what), "reading %s", name);
	progress_begin(&progress, what, length);
	error = parse_lines(list, text, length, options, &progress);
	progress_end(&progress);
	return error ? fault_set(fault, error, "%s: out of memory", name) : 0;
}

/* All of a file, which may be a pipe. */
static int read_all(char **text, size_t *length, int descriptor, const char *name,
                    struct fault *fault)
{
	size_t room = 0;

	*text = NULL;
	*length = 0;
	for (;;) {
		ssize_t got;

		if (room - *length < READ_PIECE) {
			char *grown = realloc(*text, room = room * 2 + READ_PIECE);

			if (!grown)
				return fault_set(fault, -ENOMEM, "%s: out of memory", name);
			*text = grown;
		}
		got = read(descriptor, *text + *length, room - *length);
		if (got == 0)
			return 0;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fault_set(fault, -errno, "cannot read %s: %s", name,
			                 strerror(errno));
		*length += (size_t)got;
		if (*length >= LIST_MAX)
			return fault_set(fault, -EFBIG,
			                 "%s is larger than %zu MiB: import it in "
			                 "parts",
			                 name, LIST_MAX >> 20);
	}
}

int list_read(struct list *list, const char *path, const struct list_options *options,
              struct fault *fault)
{
	bool is_input = strcmp(path, "-") == 0;
	int descriptor = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	const char *name = is_input ? "standard input" : path;
	char *text = NULL;
	size_t length;
	int error;

	*list = (struct list){0};
	if (descriptor < 0)
		return fault_set(fault, -errno, "cannot open %s: %s", path, strerror(errno));
	error = read_all(&text, &length, descriptor, name, fault);
	if (!is_input)
		close(descriptor);
	if (!error)
		error = list_parse(list, name, text, length, options, fault);
	free(text);
	return error;
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

/* What contradicts. */

static int compare(const void *left, const void *right)
{
	const struct list_item *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

/* The later of two lines for one address, or NULL: they contradict each other. */
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
	char address[IPV4_TEXT], first[MAC_TEXT], second[MAC_TEXT];

	for (size_t i = 1; i < count; i++) {
		struct list_item *winner = later(stays, &item[i]);

		if (!winner) {
			list_add_problem(list, item[i].line,
			                 "%s is at %s here, and at %s in line %u: remove one of "
			                 "the two",
			                 ipv4_format(address, item->address),
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

		for (next = i + 1;
		     next < list->count && list->item[next].address == list->item[i].address;)
			next++;
		stays = settle_address(list, &list->item[i], next - i);
		if (stays)
			list->item[kept++] = *stays;
	}
	list->count = kept;
}

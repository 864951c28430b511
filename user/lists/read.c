/* SPDX-License-Identifier: MIT */
/*
 * Reads a list: the whole text, then its format, then each line. lines.c and json.c say what a line
 * or an object means.
 */
#include "lists/read.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lists/csv.h"
#include "lists/dhcpd.h"
#include "lists/json.h"
#include "lists/lines.h"

#define LINE_MAX_LENGTH 4096
#define GUESS_LINES     64 /* whose majority decides the format */
#define READ_PIECE      ((size_t)1 << 20)
#define LIST_MAX        ((size_t)1 << 31) /* bytes; line numbers have 32 bits */

static const char *const format_name[] = {
        [LIST_IP_NEIGH] = "ip-neigh", [LIST_ETHERS] = "ethers",     [LIST_ARPWATCH] = "arp.dat",
        [LIST_ARP] = "arp",           [LIST_PROC] = "proc",         [LIST_DNSMASQ] = "dnsmasq",
        [LIST_JSON] = "json",         [LIST_SHOW_ARP] = "show-arp", [LIST_DHCPD] = "dhcpd",
        [LIST_CSV] = "csv",
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

#define SPACES " \t\r\n\f\v"

static void split(struct list_words *words, char *line)
{
	words->count = 0;
	words->empty = strstr(line, "\t\t") != NULL;
	for (;;) {
		line += strspn(line, SPACES);
		if (!*line || words->count == LIST_WORDS)
			return;
		words->word[words->count++] = line;
		line += strcspn(line, SPACES);
		if (*line)
			*line++ = '\0';
	}
}

/* Whether a line's first word is an IPv6 address; `alone`: and its only one. */
static bool has_address(const char *line, const char *end, bool alone)
{
	char word[ADDRESS_TEXT] = "";
	struct address address;
	size_t length = 0;

	while (line < end && isspace((unsigned char)*line))
		line++;
	while (line + length < end && !isspace((unsigned char)line[length]))
		if (++length == sizeof(word))
			return false;
	memcpy(word, line, length);
	if (address_parse(&address, word) < 0 || address_is_v4(address))
		return false;
	line += length;
	while (line < end && isspace((unsigned char)*line))
		line++;
	return !alone || line == end;
}

/* At its '\n', or at the text's end. Routers break a line behind a long IPv6 address, and indent
 * the rest: both are one line. */
static const char *line_end(const char *line, const char *end)
{
	const char *stop = memchr(line, '\n', (size_t)(end - line)), *next, *rest;

	if (!stop)
		return end;
	next = stop + 1;
	if (next == end)
		return stop;
	if ((*next != ' ' && *next != '\t') || !has_address(line, stop, true))
		return stop;
	rest = memchr(next, '\n', (size_t)(end - next));
	rest = rest ? rest : end;
	return has_address(next, rest, false) ? stop : rest;
}

/* Cuts off the next line, and splits a copy of it into words. False, and a fault: it is not text.
 */
static bool take_line(struct list_words *words, char copy[LINE_MAX_LENGTH], const char **at,
                      const char *end, struct fault *fault)
{
	const char *line = *at;
	size_t length = (size_t)(line_end(line, end) - line);

	words->count = 0;
	*at += length + (line + length < end);
	if (length >= LINE_MAX_LENGTH) {
		fault_set(fault, -EINVAL, "the line is longer than %d bytes", LINE_MAX_LENGTH - 1);
		return false;
	}
	if (memchr(line, '\0', length)) {
		fault_set(fault, -EINVAL, "the line has a zero byte: this is not text");
		return false;
	}
	memcpy(copy, line, length);
	copy[length] = '\0';
	split(words, copy);
	return true;
}

static size_t line_length(const char *text, const char *end)
{
	const char *stop = memchr(text, '\n', (size_t)(end - text));

	return (size_t)((stop ? stop : end) - text);
}

static enum list_format guess(const char *text, size_t length)
{
	unsigned votes[LIST_FORMATS] = {0}, lines = 0, best = 0;
	char copy[LINE_MAX_LENGTH];
	const char *end = text + length;
	struct list_words words;

	while (text < end && lines < GUESS_LINES) {
		enum list_format format;

		if (lines == 0 && (*text == '{' || *text == '['))
			return LIST_JSON;
		if (lines == 0 && csv_is_header(text, line_length(text, end)))
			return LIST_CSV;
		if (!take_line(&words, copy, &text, end, NULL))
			continue;
		/* "[" may be indented. */
		if (lines == 0 && words.count > 0 && strchr("{[", words.word[0][0]))
			return LIST_JSON;
		format = list_line_format(&words);
		if (format < LIST_FORMATS)
			votes[format]++;
		lines += words.count > 0;
	}
	for (unsigned format = 1; format < LIST_FORMATS; format++)
		if (votes[format] > votes[best])
			best = format;
	return votes[best] > 0 ? (enum list_format)best : LIST_FORMATS;
}

static int parse_lines(struct list *list, const char *name, const char *text, size_t length,
                       const struct list_options *options, struct progress *progress,
                       struct fault *fault)
{
	char copy[LINE_MAX_LENGTH];
	const char *at = text;
	uint32_t number = 0;
	int error = 0;

	while (at < text + length && !error) {
		struct list_item item = {.line = number + 1};
		enum list_verdict verdict = LIST_BAD;
		const char *begin = at;
		struct list_words words;
		struct fault why;

		if (take_line(&words, copy, &at, text + length, &why))
			verdict = list_line(&item, list->format, &words, options, &why);
		while ((begin = memchr(begin, '\n', (size_t)(at - begin)))) {
			number++;
			begin++;
		}
		error = list_add(list, verdict, &item, options, &why);
		progress_step(progress, (uint64_t)(at - text));
	}
	return error ? fault_set(fault, error, "%s: out of memory", name) : 0;
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
		                 "%s does not look like a list of neighbours: give its format with "
		                 "--format " LIST_FORMAT_NAMES,
		                 name);
	snprintf(what, sizeof(what), "reading %s", name);
	progress_begin(&progress, what, length);
	switch (list->format) {
	case LIST_JSON:
		error = list_parse_json(list, name, text, length, options, &progress, fault);
		break;
	case LIST_DHCPD:
		error = list_parse_dhcpd(list, name, text, length, options, &progress, fault);
		break;
	case LIST_CSV:
		error = list_parse_csv(list, name, text, length, options, &progress, fault);
		break;
	default:
		error = parse_lines(list, name, text, length, options, &progress, fault);
	}
	progress_end(&progress);
	return error;
}

/* Reads all of a file, which may be a pipe. */
static int read_all(char **text, size_t *length, int descriptor, const char *name,
                    struct fault *fault)
{
	size_t room = 0;

	*text = NULL;
	*length = 0;
	for (;;) {
		ssize_t got;

		if (array_reserve(text, &room, *length + READ_PIECE) < 0)
			return fault_set(fault, -ENOMEM, "%s: out of memory", name);
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

// SPDX-License-Identifier: MIT
/* What commits say. Text from people and from interfaces is never trusted: it cannot end a line, or
 * pass for a trailer. */
#include "format/wording.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define OPERATOR_TEXT_MAX 4096 /* bytes of a person's message that are kept */

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

void wording_clean(FILE *stream, const char *text)
{
	for (; *text; text++)
		putc_unlocked(is_control(*text) ? ' ' : *text, stream);
}

char *wording_person(const char *name, const char *host)
{
	static const char *const fallback = "operator";
	char clean[128];
	size_t length = 0;
	char *person = NULL;

	for (; name && *name && length + 1 < sizeof(clean); name++)
		if (!is_control(*name) && !strchr("<>\"',;:\\ ", *name))
			clean[length++] = *name;
	/* git strips dots at the ends of a name. */
	while (length > 0 && clean[length - 1] == '.')
		length--;
	clean[length] = '\0';
	name = length > 0 && clean[0] != '.' ? clean : fallback;
	if (asprintf(&person, "%s <%s@%s>", name, name, host) < 0)
		return NULL;
	return person;
}

static bool is_operator(const char *kind)
{
	return !strcmp(kind, "operator");
}

bool wording_needs_before(const char *kind, const struct transition *transition)
{
	if (is_operator(kind))
		return false;
	return !transition->after || (strcmp(kind, "learn") != 0 && strcmp(kind, "resolve") != 0);
}

/* Prints these texts; NULL ends them. Ten times as fast as fprintf(), and a commit may have ten
 * thousand lines. */
static void say(FILE *stream, ...)
{
	const char *text;
	va_list arguments;

	va_start(arguments, stream);
	while ((text = va_arg(arguments, const char *)))
		fputs_unlocked(text, stream);
	va_end(arguments);
}

/* In a list: whose word it is. */
static void say_node(FILE *stream, const struct transition *transition)
{
	if (transition->node)
		say(stream, " (", transition->node, ")", NULL);
	putc_unlocked('\n', stream);
}

static void describe(FILE *stream, const char *kind, const struct transition *transition,
                     const struct entry *before)
{
	const struct entry *after = transition->after;
	char address[ADDRESS_TEXT], mac[MAC_TEXT], old[MAC_TEXT];

	address_format(address, transition->address);
	if (before)
		mac_format(old, before->mac);
	if (after)
		mac_format(mac, after->mac);
	if (is_operator(kind) && after)
		say(stream, "set ", address, " to ", mac, NULL);
	else if (is_operator(kind))
		say(stream, "unset ", address, NULL);
	else if (!after && before)
		say(stream, address, ", last at ", old, NULL);
	else if (!after)
		say(stream, address, " is gone", NULL);
	else if (before && !mac_equal(before->mac, after->mac))
		say(stream, address, " from ", old, " to ", mac, NULL);
	else if (before && before->state != after->state)
		say(stream, address, " is at ", mac, ", now ", entry_state_name(after->state),
		    NULL);
	else
		say(stream, address, " is at ", mac, NULL);
}

/* "Token: value", as git reads a trailer. */
static bool looks_like_trailer(const char *line, size_t length)
{
	size_t i = 0;

	while (i < length && (isalnum((unsigned char)line[i]) || line[i] == '-'))
		i++;
	return i > 0 && i < length && (line[i] == ':' || (line[i] == ' ' && line[i + 1] == ':'));
}

static void print_line(FILE *stream, const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		putc_unlocked(is_control(line[i]) ? ' ' : line[i], stream);
	putc_unlocked('\n', stream);
}

/* How many bytes of a line make a subject of at most so many characters; it ends with a word, if it
 * can. */
static size_t subject_length(const char *line, size_t length, unsigned most)
{
	unsigned characters = 0;
	size_t word = 0;

	for (size_t i = 0; i < length; i++) {
		if ((line[i] & 0xc0) == 0x80)
			continue;
		if (line[i] == ' ')
			word = i;
		if (characters++ == most)
			return word > 0 ? word : i;
	}
	return length;
}

/* The first line; how much of it. */
static size_t print_subject(FILE *stream, const char *line, size_t length)
{
	static const char prefix[] = "operator: ";
	bool guarded = looks_like_trailer(line, length);
	size_t shown =
	        subject_length(line, length, SUBJECT_MAX - (guarded ? sizeof(prefix) - 1 : 0));

	if (guarded)
		fputs(prefix, stream);
	print_line(stream, line, shown);
	return shown;
}

bool wording_operator(FILE *stream, const char *message)
{
	size_t left = strnlen(message, OPERATOR_TEXT_MAX);
	bool first = true;

	while (left > 0 && isspace((unsigned char)*message)) {
		message++;
		left--;
	}
	if (left == 0)
		return false;
	while (left > 0) {
		const char *end = memchr(message, '\n', left);
		size_t length = end ? (size_t)(end - message) : left, used = length;

		if (first) {
			used = print_subject(stream, message, length);
		} else {
			if (looks_like_trailer(message, length))
				fputs("  ", stream);
			print_line(stream, message, length);
		}
		/* A subject that is too long goes on in the body. */
		used += used < length ? message[used] == ' ' : end != NULL;
		left -= used;
		message += used;
		if (first && left > 0 && *message != '\n')
			putc_unlocked('\n', stream);
		first = false;
	}
	return true;
}

static void trailer(FILE *stream, const char *token, const char *value)
{
	if (!value || !*value)
		return;
	fprintf(stream, "%s: ", token);
	wording_clean(stream, value);
	putc_unlocked('\n', stream);
}

void wording_trailers(FILE *stream, const char *id, const char *segment,
                      const struct context *context)
{
	trailer(stream, "Task", id);
	trailer(stream, "Segment", segment);
	if (context) {
		trailer(stream, "Interface", context->interface);
		trailer(stream, "Trigger", context->trigger);
	}
}

char *wording_lost(char text[WORDING_LOST], const char *why, const char *winner)
{
	static const struct {
		const char *why, *words;
	} reasons[] = {
	        {"static beats dynamic", "is static"},
	        {"later since", "is later"},
	        {"lower MAC", "has the lower MAC"},
	        {"order of text", "comes first by its text"},
	        {"the change outlives the removal", "outlives a removal"},
	};
	bool task = winner && strchr(winner, '/');
	const char *whose = !winner ? "it" : *winner ? winner : "main";

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if (strcmp(why, reasons[i].why) != 0)
			continue;
		snprintf(text, WORDING_LOST, "%s%.100s%s %s", task ? "that of " : "", whose,
		         winner && !task ? "'s" : "", reasons[i].words);
		return text;
	}
	snprintf(text, WORDING_LOST, "%.200s", why);
	return text;
}

char *wording_finish(FILE *stream, char **text)
{
	if (fclose(stream) == 0)
		return *text;
	free(*text);
	return NULL;
}

/* Each node once, in the order of the list. Of one node all names are one text. */
static void say_nodes(FILE *stream, const struct wording *wording)
{
	const struct transition *transition = wording->transition;

	for (size_t i = 0; i < wording->transitions; i++) {
		const char *node = transition[i].node;
		size_t first = i;

		for (size_t j = i; j-- > 0 && first == i;)
			first = transition[j].node == node ? j : i;
		if (first == i)
			trailer(stream, "Node", node ? node : wording->node);
	}
}

/* What changes several addresses, or none. */
static void name_several(FILE *stream, struct address lowest, size_t count)
{
	char address[ADDRESS_TEXT];

	if (count > 0)
		fprintf(stream, "%s and %zu more", address_format(address, lowest), count - 1);
	else
		fputs("0 addresses", stream);
}

static struct address lowest_address(const struct wording *wording)
{
	struct address lowest = {UINT64_MAX, UINT64_MAX};

	for (size_t i = 0; i < wording->transitions; i++)
		if (address_compare(wording->transition[i].address, lowest) < 0)
			lowest = wording->transition[i].address;
	return lowest;
}

char *wording_task(const struct wording *wording)
{
	const char *own = wording->context ? wording->context->message : NULL;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	if (own && wording_operator(stream, own)) {
		/* the operator's own message is enough */
	} else if (wording->transitions == 1) {
		fprintf(stream, "%s: ", wording->kind);
		describe(stream, wording->kind, wording->transition, wording->before[0]);
		putc_unlocked('\n', stream);
	} else {
		fprintf(stream, "%s: ", wording->kind);
		name_several(stream, lowest_address(wording), wording->transitions);
		fputs("\n\n", stream);
		for (size_t i = 0; i < wording->transitions; i++) {
			describe(stream, wording->kind, &wording->transition[i],
			         wording->before[i]);
			say_node(stream, &wording->transition[i]);
		}
	}
	putc_unlocked('\n', stream);
	wording_trailers(stream, wording->id, wording->segment, wording->context);
	say_nodes(stream, wording);
	return wording_finish(stream, &text);
}

void wording_merge_subject(FILE *stream, const struct wording *wording)
{
	fprintf(stream, "merge: %s ", wording->kind);
	if (wording->transitions == 1)
		describe(stream, wording->kind, wording->transition, wording->before[0]);
	else
		/* The caller has only the first of them. */
		name_several(stream,
		             wording->transition ? wording->transition->address
		                                 : (struct address){0},
		             wording->transitions);
}

char *wording_merge(const struct wording *wording)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	wording_merge_subject(stream, wording);
	fputs("\n\n", stream);
	wording_trailers(stream, wording->id, wording->segment, wording->context);
	return wording_finish(stream, &text);
}

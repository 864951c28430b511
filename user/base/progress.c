/* SPDX-License-Identifier: MIT */
/*
 * Draws the progress bar: text, bar, per cent, rate, time left, as far as the terminal's columns
 * reach. One write for each drawing. It never fails. It writes only to a terminal that can clear a
 * line, and only from the foreground.
 */
#include "base/progress.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define SECOND      INT64_C(1000000000)
#define FIRST_AFTER (SECOND / 5)  /* shorter work needs no bar */
#define DRAW_EVERY  (SECOND / 15) /* fast enough for the eye */
#define READ_SOON   (SECOND / 100)
#define READ_LATE   (SECOND / 25)

#define COLUMNS_UNKNOWN 80
#define COLUMNS_MAX     512
#define BAR_MAX         40
#define BAR_MIN         8
#define CELL            sizeof("\xe2\x94\x81") /* bytes for a column of the bar, and some more */
#define LINE            (COLUMNS_MAX * CELL)

#define CLEAR "\r\x1b[K"

/* Whether a bar is on the terminal. */
static atomic_bool shown;

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

static void write_out(const char *text, size_t length)
{
	/* A bar that is cut off does no harm: the next drawing clears the line first. */
	if (write(STDERR_FILENO, text, length) < 0)
		return;
}

char *progress_count(char text[PROGRESS_COUNT_TEXT], uint64_t count)
{
	char digits[PROGRESS_COUNT_TEXT];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
	char *out = text;

	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
	return text;
}

static atomic_bool off;

void progress_off(void)
{
	atomic_store(&off, true);
}

static bool is_terminal(void)
{
	const char *term = getenv("TERM");

	return !atomic_load(&off) && isatty(STDERR_FILENO) && term && *term &&
	       strcmp(term, "dumb") != 0;
}

/* A job in the background must not draw over the shell's prompt. A terminal that is not the
 * process's controlling one has no foreground group. */
static bool in_foreground(void)
{
	pid_t group = tcgetpgrp(STDERR_FILENO);

	return group < 0 || group == getpgrp();
}

static bool speaks_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

void progress_begin(struct progress *progress, const char *text, uint64_t total)
{
	*progress = (struct progress){.total = total, .next = UINT64_MAX, .stride = 1};
	snprintf(progress->text, sizeof(progress->text), "%s", text);
	if (!is_terminal())
		return;
	progress->next = 0;
	progress->began = progress->read = now();
}

static char *format_rate(char text[PROGRESS_COUNT_TEXT], double rate)
{
	static const char *const units[] = {"", "k", "M", "G"};
	size_t unit = 0;

	while (rate >= 9999.5 && unit + 1 < sizeof(units) / sizeof(*units)) {
		rate /= 1000;
		unit++;
	}
	snprintf(text, PROGRESS_COUNT_TEXT, "%.*f%s/s", rate < 9.95 ? 1 : 0, rate, units[unit]);
	return text;
}

static char *format_left(char text[PROGRESS_COUNT_TEXT], double seconds)
{
	unsigned left = seconds < 359999 ? (unsigned)(seconds + 0.5) : 359999;

	if (left >= 3600)
		snprintf(text, PROGRESS_COUNT_TEXT, "%u:%02u:%02u left", left / 3600,
		         left / 60 % 60, left % 60);
	else
		snprintf(text, PROGRESS_COUNT_TEXT, "%u:%02u left", left / 60, left % 60);
	return text;
}

static size_t append_bar(char *line, unsigned columns, double part)
{
	const char *full = "=", *empty = "-";
	const char *no_color = getenv("NO_COLOR"); /* https://no-color.org */
	bool colour = !(no_color && *no_color);
	unsigned filled = (unsigned)(part * columns);
	size_t length = 0;

	if (speaks_utf8()) {
		full = "\xe2\x94\x81"; /* a heavy line, and a light one */
		empty = "\xe2\x94\x80";
	}
	length += (size_t)sprintf(line + length, "%s", colour ? "\x1b[36m" : "");
	for (unsigned i = 0; i < filled; i++)
		length += (size_t)sprintf(line + length, "%s", full);
	length += (size_t)sprintf(line + length, "%s", colour ? "\x1b[0;2m" : "");
	for (unsigned i = filled; i < columns; i++)
		length += (size_t)sprintf(line + length, "%s", empty);
	return length + (size_t)sprintf(line + length, "%s", colour ? "\x1b[0m" : "");
}

static unsigned columns_of_terminal(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return COLUMNS_UNKNOWN;
	return size.ws_col < COLUMNS_MAX ? size.ws_col : COLUMNS_MAX;
}

static void draw(const struct progress *progress, uint64_t done, int64_t time)
{
	/* The last column stays free: some terminals go to the next line there. */
	unsigned columns = columns_of_terminal() - 1, bar;
	double seconds = (double)(time - progress->began) / (double)SECOND;
	double rate = (double)done / seconds, part = 0;
	char number[PROGRESS_COUNT_TEXT], parts[3 * PROGRESS_COUNT_TEXT], line[LINE + 64];
	size_t length, tail = 0, text = strlen(progress->text);

	if (progress->total && done < progress->total)
		part = (double)done / (double)progress->total;
	else if (progress->total)
		part = 1;
	/* The most useful part comes first: a narrow terminal gets only the beginning. */
	if (progress->total)
		tail = (size_t)sprintf(parts, "  %3u %%", (unsigned)(part * 100));
	else
		tail = (size_t)sprintf(parts, "  %s", progress_count(number, done));
	if (text + tail + 12 <= columns)
		tail += (size_t)sprintf(parts + tail, "  %s", format_rate(number, rate));
	if (part > 0 && text + tail + 16 <= columns)
		tail += (size_t)sprintf(parts + tail, "  %s",
		                        format_left(number, seconds / part - seconds));
	if (tail > columns)
		return;
	if (text > columns - tail)
		text = columns - tail;
	length = (size_t)sprintf(line, CLEAR "%.*s", (int)text, progress->text);
	bar = columns - (unsigned)(text + tail);
	if (progress->total && bar >= BAR_MIN + 2) {
		length += (size_t)sprintf(line + length, "  ");
		length += append_bar(line + length, bar - 2 < BAR_MAX ? bar - 2 : BAR_MAX, part);
	}
	length += (size_t)sprintf(line + length, "%s", parts);
	atomic_store(&shown, true);
	write_out(line, length);
}

void progress_look(struct progress *progress, uint64_t done)
{
	int64_t time = now(), passed = time - progress->read;

	/* Doubles the stride until it takes about 20 ms, so that the bar moves whatever a step
	 * takes. */
	if (passed < READ_SOON)
		progress->stride *= 2;
	else if (passed > READ_LATE)
		progress->stride = progress->stride / (uint64_t)(passed / READ_SOON) + 1;
	progress->read = time;
	progress->next = done + progress->stride;
	if (time - progress->began < FIRST_AFTER || time - progress->drawn < DRAW_EVERY ||
	    !in_foreground())
		return;
	progress->drawn = time;
	draw(progress, done, time);
}

bool progress_hide(void)
{
	int saved = errno;
	bool was = atomic_exchange(&shown, false);

	if (was)
		write_out(CLEAR, strlen(CLEAR));
	errno = saved;
	return was;
}

void progress_end(struct progress *progress)
{
	progress->next = UINT64_MAX;
	(void)progress_hide();
}

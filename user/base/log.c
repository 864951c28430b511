/* SPDX-License-Identifier: MIT */
/*
 * Log lines to standard error. One write a line, so that lines of several threads, or of
 * children that share the descriptor, never mix. It never fails and never changes errno.
 */
#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/progress.h"

#define LOG_LINE 1024 /* longer lines are cut; the longest fault fits */

/* How the whole process logs: the one thing that all rooms share without being handed it. */
static atomic_int current_level = LOG_LEVEL_INFO;
static atomic_int timestamps;

void log_set_level(enum log_level level)
{
	atomic_store(&current_level, (int)level);
}

enum log_level log_level(void)
{
	return (enum log_level)atomic_load(&current_level);
}

void log_set_timestamps(int on)
{
	atomic_store(&timestamps, on);
}

static size_t print_time(char *line, size_t size)
{
	struct timespec now;
	struct tm utc;
	size_t length;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	length = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
	return length +
	       (size_t)snprintf(line + length, size - length, ".%03ldZ ", now.tv_nsec / 1000000);
}

/* A message may quote text from outside, in which a line break would forge a log line. */
static void flatten(char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = ' ';
}

void log_write(enum log_level level, const char *format, ...)
{
	static const char *const names[] = {"error", "warning", "info", "debug"};
	char line[LOG_LINE];
	size_t length = 0, start;
	int saved = errno, written;
	va_list arguments;

	if ((int)level > atomic_load(&current_level))
		return;
	if (atomic_load(&timestamps))
		length = print_time(line, sizeof(line));
	length += (size_t)snprintf(line + length, sizeof(line) - length, "%s: ", names[level]);
	start = length;
	errno = saved; /* for %m */
	va_start(arguments, format);
	written = vsnprintf(line + length, sizeof(line) - length, format, arguments);
	va_end(arguments);
	if (written > 0)
		length += (size_t)written;
	if (length > sizeof(line) - 1)
		length = sizeof(line) - 1;
	/* A caller's own newline does not make an empty line. */
	while (length > start && line[length - 1] == '\n')
		length--;
	flatten(line + start, length - start);
	line[length++] = '\n';
	(void)progress_hide();
	for (size_t done = 0; done < length;) {
		ssize_t n = write(STDERR_FILENO, line + done, length - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	errno = saved;
}

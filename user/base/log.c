/* SPDX-License-Identifier: MIT */
/*
 * Log lines to standard error. One write a line, so that lines of several threads, or of
 * children that share the descriptor, never mix. It never fails and never changes errno.
 */
#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/progress.h"

#define LOG_LINE 1024 /* longer lines are cut; the longest fault fits */

/* How the whole process logs: the one thing that all rooms share without being handed it. */
static atomic_int current_level = LOG_LEVEL_INFO;
static atomic_int current_style = LOG_STYLE_PLAIN;

const char *const log_levels[] = {[LOG_LEVEL_ERROR] = "error",
                                  [LOG_LEVEL_WARNING] = "warning",
                                  [LOG_LEVEL_INFO] = "info",
                                  [LOG_LEVEL_DEBUG] = "debug",
                                  NULL};

void log_set_level(enum log_level level)
{
	atomic_store(&current_level, (int)level);
}

enum log_level log_level(void)
{
	return (enum log_level)atomic_load(&current_level);
}

void log_set_style(enum log_style style)
{
	atomic_store(&current_style, (int)style);
}

enum log_style log_service_style(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat status;

	/* systemd.exec(5): another file may have taken the stream's place since. */
	if (!stream || sscanf(stream, "%ju:%ju", &device, &inode) != 2 ||
	    fstat(STDERR_FILENO, &status) < 0 || status.st_dev != device || status.st_ino != inode)
		return LOG_STYLE_STAMPED;
	return LOG_STYLE_JOURNAL;
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
	static const int priority[] = {3, 4, 6, 7}; /* syslog(3) */
	int style = atomic_load(&current_style);
	char line[LOG_LINE];
	size_t length = 0, start;
	int saved = errno, written;
	va_list arguments;

	if ((int)level > atomic_load(&current_level))
		return;
	if (style == LOG_STYLE_JOURNAL) {
		length = (size_t)snprintf(line, sizeof(line), "<%d>", priority[level]);
	} else {
		if (style == LOG_STYLE_STAMPED)
			length = print_time(line, sizeof(line));
		length += (size_t)snprintf(line + length, sizeof(line) - length,
		                           "%s: ", log_levels[level]);
	}
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

// SPDX-License-Identifier: MIT
/*
 * libgit2 parses the file. It ends at the first mistake, so that part is blanked and the rest is
 * parsed again, from memory. Never reads another file.
 */
#include "config/parse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FILE_MAX    (1 << 20)
#define ATTEMPTS    20 /* each mistake of syntax costs a parse of the whole file */
#define MEMORY_PATH 32

static void add_whole(struct source *source, int error, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
static void add_whole(struct source *source, int error, const char *format, ...)
{
	char reason[PROBLEM_TEXT];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	problems_add(source->problems, 0, error, reason);
}

/* Reads the whole file; its text ends in a NUL then. False: a problem was added. */
static bool load_text(struct source *source)
{
	FILE *file = fopen(source->path, "re");
	char *buffer = file ? malloc(FILE_MAX + 1) : NULL;
	size_t length = buffer ? fread(buffer, 1, FILE_MAX + 1, file) : 0;
	bool fine = false;

	if (!buffer || ferror(file)) {
		add_whole(source, -errno, "cannot be read: %s", strerror(errno));
	} else if (length > FILE_MAX) {
		add_whole(source, -EFBIG, "larger than %d bytes: not a configuration", FILE_MAX);
	} else if (memchr(buffer, '\0', length)) {
		add_whole(source, -EINVAL, "contains a NUL byte: not a configuration");
	} else {
		buffer[length] = '\0';
		fine = true;
	}
	if (file)
		fclose(file);
	if (fine)
		source->text = buffer;
	else
		free(buffer);
	return fine;
}

/* Line numbers stay what they are. */
static void blank(struct source *source, size_t from, size_t end)
{
	source->blanked = true;
	for (size_t i = from; i < end; i++)
		if (source->text[i] != '\n')
			source->text[i] = ' ';
}

static size_t line_offset(const char *text, unsigned line)
{
	const char *at = text;

	while (--line > 0 && *(at += strcspn(at, "\n")))
		at++;
	return (size_t)(at - text);
}

/* Where a line ends that the next one does not continue. A section's header takes its section with
 * it, whose variables would be another one's. */
static size_t part_end(const char *text, size_t from)
{
	size_t end = from;
	bool header = text[from + strspn(text + from, " \t")] == '[';

	do {
		end += strcspn(text + end, "\n");
		end += text[end] == '\n';
	} while (text[end] && (header ? text[end + strspn(text + end, " \t")] != '['
	                              : end >= 2 && text[end - 2] == '\\'));
	return end;
}

/* libgit2 would follow an include while it parses. */
static void blank_includes(struct source *source)
{
	for (size_t i = 0; i < source->scan.items; i++) {
		const struct scan_item *item = &source->scan.item[i];
		size_t length = strcspn(item->name, "."), end = i + 1;

		if (!item->header ||
		    (strncmp(item->name, "include", length) != 0 &&
		     strncmp(item->name, "includeif", length) != 0) ||
		    (length != strlen("include") && length != strlen("includeif")))
			continue;
		while (end < source->scan.items && !source->scan.item[end].header)
			end++;
		blank(source, item->at,
		      end < source->scan.items ? source->scan.item[end].at : strlen(source->text));
		problems_add(source->problems, item->line, -EINVAL,
		             "unknown section 'include': other files are not included; write "
		             "everything into this one");
	}
}

/* libgit2 says "failed to parse config file: REASON (in PATH:LINE, column N)". Adds the problem,
 * and returns the line; 0: unknown. */
static unsigned add_syntax(struct source *source, const char *path)
{
	static const char prefix[] = "failed to parse config file: ", in[] = " (in ";
	const git_error *last = git_error_last();
	const char *message = last ? last->message : "not a valid git-config file";
	const char *where = strstr(message, in);
	const char *reason = message;
	char text[PROBLEM_TEXT];
	unsigned line = 0;

	if (!strncmp(message, prefix, sizeof(prefix) - 1))
		reason += sizeof(prefix) - 1;
	if (where && !strncmp(where + sizeof(in) - 1, path, strlen(path)) &&
	    sscanf(where + sizeof(in) - 1 + strlen(path), ":%u", &line) == 1)
		snprintf(text, sizeof(text), "%.*s", (int)(where - reason), reason);
	else
		snprintf(text, sizeof(text), "%s", reason);
	problems_add(source->problems, line, -EINVAL, text);
	return line;
}

/* A descriptor of a file in memory with the text, and its path; or a negative errno. */
static int put_in_memory(char path[MEMORY_PATH], const char *text)
{
	int descriptor = memfd_create("configuration", MFD_CLOEXEC);
	size_t length = strlen(text);

	if (descriptor < 0)
		return -errno;
	if (write(descriptor, text, length) != (ssize_t)length) {
		close(descriptor);
		return -EIO;
	}
	snprintf(path, MEMORY_PATH, "/proc/self/fd/%d", descriptor);
	return descriptor;
}

/* One attempt. Returns whether another one may read more. */
static bool parse(struct source *source, git_config **file)
{
	char memory[MEMORY_PATH];
	const char *path = source->blanked ? memory : source->path;
	int descriptor = source->blanked ? put_in_memory(memory, source->text) : -1;
	unsigned line = 0;
	size_t from;

	if (source->blanked && descriptor < 0)
		add_whole(source, descriptor, "cannot be parsed: %s", strerror(-descriptor));
	else if (git_config_open_ondisk(file, path) < 0)
		line = add_syntax(source, path);
	if (descriptor >= 0)
		close(descriptor);
	if (line == 0)
		return false;
	from = line_offset(source->text, line);
	blank(source, from, part_end(source->text, from));
	return true;
}

/* git refuses this; libgit2 1.5 ignores it. */
static void add_unclosed(struct source *source)
{
	for (size_t i = 0; i < source->scan.items; i++)
		if (source->scan.item[i].unclosed)
			problems_add(source->problems, source->scan.item[i].line, -EINVAL,
			             "a quote (\") is not closed");
}

int parse_open(struct source *source, git_config **file)
{
	int error;

	*file = NULL;
	if (!load_text(source))
		return 0;
	error = scan_read(&source->scan, source->text);
	if (error)
		return error;
	blank_includes(source);
	for (int attempt = 0; attempt < ATTEMPTS && parse(source, file); attempt++)
		;
	if (!source->blanked) {
		add_unclosed(source);
		return 0;
	}
	scan_clear(&source->scan);
	error = scan_read(&source->scan, source->text);
	if (!error)
		add_unclosed(source);
	return error;
}

void parse_close(struct source *source, git_config *file)
{
	git_config_free(file);
	scan_clear(&source->scan);
	free(source->text);
	source->text = NULL;
}

struct scan_item *parse_next(struct source *source, const char *name)
{
	for (size_t i = source->next; i < source->scan.items; i++) {
		struct scan_item *item = &source->scan.item[i];

		if (!item->header && !strcmp(item->name, name)) {
			source->next = i + 1;
			return item;
		}
	}
	return NULL;
}

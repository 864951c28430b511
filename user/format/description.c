// SPDX-License-Identifier: MIT
/* Writes the description, and knows its own and git's from a person's. */
#include "format/description.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GITS  "Unnamed repository"
#define OURS  ": arpkeeper, instance "
#define NAMED 8 /* segments */
#define BYTES 2048

static char *make_text(const struct repository_settings *settings, const char *host)
{
	size_t named = settings->segments < NAMED ? settings->segments : NAMED, size;
	char *text = NULL;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	fputs("ARP table of ", stream);
	for (size_t i = 0; i < named; i++)
		fprintf(stream, "%s%s", i ? ", " : "", settings->segment[i].name);
	if (named < settings->segments)
		fprintf(stream, " and %zu more", settings->segments - named);
	fprintf(stream, " at %s" OURS "%s\n", host, settings->instance);
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}

/* Whether there is something to write: no text, git's, or another of ours. */
static bool is_due(const char *path, const char *text)
{
	char present[BYTES];
	FILE *file = own_stream(path, "r");
	size_t length;

	if (!file)
		return errno == ENOENT;
	length = fread(present, 1, sizeof(present) - 1, file);
	fclose(file);
	present[length] = '\0';
	return strcmp(present, text) != 0 &&
	       (length == 0 || strstr(present, OURS) || !strncmp(present, GITS, strlen(GITS)));
}

int description_write(git_repository *repository, const struct repository_settings *settings,
                      const char *host, struct fault *fault)
{
	char path[PATH_MAX], *text;
	int error = 0;

	if (!settings->instance || settings->segments == 0)
		return 0;
	text = make_text(settings, host);
	if (!text)
		return fault_set(fault, -ENOMEM, "out of memory");
	snprintf(path, sizeof(path), "%sdescription", git_repository_path(repository));
	if (is_due(path, text))
		error = own_create(path, 0644, text, strlen(text), fault);
	free(text);
	return error;
}

/* SPDX-License-Identifier: MIT */
/* A hosts(5) file, read once. Never asks the resolver, which may ask a server for each of a million
 * names. */
#include "lists/hosts.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct host {
	const char *name; /* behind it */
	struct address address;
};

static int compare(const void *left, const void *right)
{
	const struct host *a = left, *b = right;

	return strcasecmp(a->name, b->name);
}

static int add(struct hosts *hosts, const char *name, struct address address)
{
	size_t size = strlen(name) + 1;
	struct host *host = malloc(sizeof(*host) + size), **found;

	if (!host)
		return -ENOMEM;
	*host = (struct host){memcpy(host + 1, name, size), address};
	found = tsearch(host, &hosts->tree, compare);
	/* The first one counts, but that of IPv6 less. */
	if (found && *found != host && !address_is_v4((*found)->address) && address_is_v4(address))
		(*found)->address = address;
	if (!found || *found != host)
		free(host);
	return found ? 0 : -ENOMEM;
}

static int add_line(struct hosts *hosts, char *line)
{
	char *rest = NULL, *word;
	struct address address;
	int error = 0;

	line[strcspn(line, "#\n")] = '\0';
	word = strtok_r(line, " \t\r", &rest);
	if (!word || address_parse(&address, word) < 0)
		return 0;
	while (!error && (word = strtok_r(NULL, " \t\r", &rest)))
		error = add(hosts, word, address);
	return error;
}

int hosts_read(struct hosts *hosts, const char *path, struct fault *fault)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	int error = 0;

	*hosts = (struct hosts){0};
	if (!file)
		return fault_set(fault, -errno, "cannot read the host names of %s: %s", path,
		                 strerror(errno));
	while (!error && getline(&line, &room, file) >= 0)
		error = add_line(hosts, line);
	if (error)
		fault_set(fault, error, "%s: out of memory", path);
	free(line);
	fclose(file);
	return error;
}

bool hosts_find(const struct hosts *hosts, struct address *address, const char *name)
{
	const struct host wanted = {.name = name};
	struct host *const *found = tfind(&wanted, &hosts->tree, compare);

	if (found)
		*address = (*found)->address;
	return found != NULL;
}

void hosts_clear(struct hosts *hosts)
{
	tdestroy(hosts->tree, free);
	hosts->tree = NULL;
}

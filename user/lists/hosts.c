/* SPDX-License-Identifier: MIT */
/* A hosts(5) file, read once and searched by bisection. Never asks the resolver, which may ask a
 * server for each of a million names. */
#include "lists/hosts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/wire.h"

struct host {
	char *name;
	size_t order; /* in the file: the first one counts */
	uint32_t address;
};

static int compare(const void *left, const void *right)
{
	const struct host *a = left, *b = right;
	int order = strcasecmp(a->name, b->name);

	if (order)
		return order;
	return a->order < b->order ? -1 : a->order > b->order;
}

static int add(struct hosts *hosts, const char *name, uint32_t address)
{
	struct host *host;

	if (array_reserve(&hosts->host, &hosts->room, hosts->count + 1))
		return -ENOMEM;
	host = &hosts->host[hosts->count];
	*host = (struct host){strdup(name), hosts->count, address};
	if (!host->name)
		return -ENOMEM;
	hosts->count++;
	return 0;
}

static int add_line(struct hosts *hosts, char *line)
{
	char *rest = NULL, *word;
	uint32_t address;
	int error = 0;

	line[strcspn(line, "#\n")] = '\0';
	word = strtok_r(line, " \t\r", &rest);
	if (!word || ipv4_parse(&address, word) < 0)
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
	if (hosts->count > 0)
		qsort(hosts->host, hosts->count, sizeof(*hosts->host), compare);
	return error;
}

bool hosts_find(const struct hosts *hosts, uint32_t *address, const char *name)
{
	size_t low = 0, high = hosts->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcasecmp(hosts->host[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == hosts->count || strcasecmp(hosts->host[low].name, name) != 0)
		return false;
	*address = hosts->host[low].address;
	return true;
}

void hosts_clear(struct hosts *hosts)
{
	for (size_t i = 0; i < hosts->count; i++)
		free(hosts->host[i].name);
	free(hosts->host);
	*hosts = (struct hosts){0};
}

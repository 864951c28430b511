// SPDX-License-Identifier: MIT
/*
 * Reads lines such as "286FB9     (base 16)\t\tNokia Shanghai Bell Co., Ltd." into one table, by
 * prefix. It is the process's own, and constant once it is loaded.
 */
#include "web/vendor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#define PREFIXES   (1u << 24)
#define MARK       "(base 16)"
#define NAME_MAX   128 /* bytes of a vendor's name */
#define LINES_MAX  2000000
#define GROUP_BITS 0x030000u /* a group's address, and one that is locally administered */

struct vendor {
	uint32_t prefix;
	char *name; /* owned */
};

static struct {
	struct vendor *item;
	size_t count, room;
} vendors;

struct vendor_match {
	uint8_t bit[PREFIXES / 8];
};

static int compare(const void *left, const void *right)
{
	const struct vendor *a = left, *b = right;

	return (a->prefix > b->prefix) - (a->prefix < b->prefix);
}

static void add_line(char *line)
{
	char *mark = strstr(line, MARK), *end, *name;
	unsigned long prefix = strtoul(line, &end, 16);

	if (!mark || end != line + 6 || prefix >= PREFIXES)
		return;
	name = mark + strlen(MARK);
	name += strspn(name, " \t");
	name[strcspn(name, "\r\n")] = '\0';
	if (!*name || strlen(name) > NAME_MAX || text_reason(name, strlen(name)) ||
	    array_reserve(&vendors.item, &vendors.room, vendors.count + 1))
		return;
	name = strdup(name);
	if (name)
		vendors.item[vendors.count++] = (struct vendor){(uint32_t)prefix, name};
}

size_t vendor_load(const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;

	for (size_t lines = 0; file && lines < LINES_MAX && getline(&line, &room, file) > 0;
	     lines++)
		add_line(line);
	free(line);
	if (file)
		fclose(file);
	if (vendors.count)
		qsort(vendors.item, vendors.count, sizeof(*vendors.item), compare);
	return vendors.count;
}

void vendor_clear(void)
{
	for (size_t i = 0; i < vendors.count; i++)
		free(vendors.item[i].name);
	free(vendors.item);
	memset(&vendors, 0, sizeof(vendors));
}

static uint32_t prefix_of(struct mac mac)
{
	return (uint32_t)mac.octet[0] << 16 | (uint32_t)mac.octet[1] << 8 | mac.octet[2];
}

const char *vendor_of(struct mac mac)
{
	const struct vendor wanted = {.prefix = prefix_of(mac)};
	const struct vendor *found =
	        vendors.count && !(wanted.prefix & GROUP_BITS)
	                ? bsearch(&wanted, vendors.item, vendors.count, sizeof(wanted), compare)
	                : NULL;

	return found ? found->name : NULL;
}

struct vendor_match *vendor_match(const char *text)
{
	struct vendor_match *match = NULL;

	for (size_t i = 0; i < vendors.count; i++) {
		const struct vendor *vendor = &vendors.item[i];

		if (!strcasestr(vendor->name, text))
			continue;
		if (!match)
			match = calloc(1, sizeof(*match));
		if (!match)
			return NULL;
		match->bit[vendor->prefix / 8] |= (uint8_t)(1u << vendor->prefix % 8);
	}
	return match;
}

bool vendor_matches(const struct vendor_match *match, struct mac mac)
{
	const uint32_t prefix = prefix_of(mac);

	return match && !(prefix & GROUP_BITS) && match->bit[prefix / 8] >> prefix % 8 & 1;
}

void vendor_match_free(struct vendor_match *match)
{
	free(match);
}

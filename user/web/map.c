// SPDX-License-Identifier: MIT
/* Draws the map from the live copy, or as of a moment from the repository. */
#include "web/map.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "web/eventjson.h"
#include "web/parameter.h"
#include "web/past.h"

#define WAIT_SECONDS 10

/* By enum slot_state. */
static const char letters[SLOT_STATES] = {'.', 'd', 's', 'l', 't', 'p', 'x'};

struct map {
	const char *segment; /* NULL: the only one */
	char name[SEGMENT_NAME_MAX + 1];
	int64_t at; /* Unix seconds; 0: now */
	struct fault *fault;
	struct prefix prefix;
	char *states, *ages; /* owned: a character an address, and a NUL */
};

char map_age(int64_t since, int64_t now)
{
	int64_t age = now > since ? now - since : 0;
	char digit = '0';

	if (!since)
		return '.';
	for (; age >= 10 && digit < '9'; age /= 10)
		digit++;
	return digit;
}

static int map_read(struct map *map, const struct api_request *request, struct fault *fault)
{
	const char *segment = request->parameter(request->context, "segment");
	const char *prefix = request->parameter(request->context, "prefix");
	size_t size;
	int error;

	map->segment = segment && *segment ? segment : NULL;
	map->fault = fault;
	if (!prefix || !*prefix) {
		fault_set(fault, -EINVAL, "prefix: give one, such as 10.0.0.0/16");
		return -EINVAL;
	}
	error = prefix_parse(&map->prefix, prefix, fault);
	if (!error && prefix_size(map->prefix) > MAP_ADDRESSES)
		error = fault_set(fault, -EINVAL,
		                  "prefix = '%.40s' is larger than a /%d: give a part of it",
		                  prefix, (int)address_bits(map->prefix.network) - MAP_BITS);
	if (!error)
		error = parameter_time(&map->at, request, "at", fault);
	if (error)
		return error;
	size = (size_t)prefix_size(map->prefix);
	map->states = malloc(size + 1);
	map->ages = malloc(size + 1);
	if (!map->states || !map->ages) {
		fault_set(fault, -ENOMEM, "out of memory");
		return -ENOMEM;
	}
	memset(map->states, letters[SLOT_EMPTY], size);
	memset(map->ages, '.', size);
	map->states[size] = map->ages[size] = '\0';
	return 0;
}

static void map_clear(struct map *map)
{
	free(map->states);
	free(map->ages);
}

static int map_write(json_t **answer, const struct map *map, struct fault *fault)
{
	char prefix[PREFIX_TEXT];

	*answer = json_pack("{s:s?, s:s, s:o, s:s, s:s}", "segment", map->segment, "prefix",
	                    prefix_format(prefix, map->prefix), "at", json_of_time(map->at),
	                    "states", map->states, "ages", map->ages);
	return *answer ? 0 : fault_set(fault, -ENOMEM, "out of memory");
}

static void draw(struct map *map, const struct rows *rows, unsigned segment)
{
	const struct range range = range_of(map->prefix);
	const int64_t now = time(NULL);

	for (size_t i = 0; i < rows->blocks; i++) {
		const struct rows_block *block = &rows->block[i];

		if (block->segment != segment || !rows_reach(block, range))
			continue;
		for (size_t j = 0; j < block->count; j++) {
			const struct row row = rows_row(block, j);
			size_t at;

			if (!range_contains(range, row.address))
				continue;
			at = (size_t)address_minus(row.address, range.first);
			map->states[at] = row.flags & ROW_FROZEN ? 'f' : letters[row.state];
			map->ages[at] = map_age(row.since, now);
		}
	}
}

/* The segment's number; -1: the table does not have it. */
static int choose_segment(struct map *map, const struct rows *rows, struct fault *fault)
{
	if (map->segment)
		return rows_find_segment(rows, map->segment);
	if (rows->segments > 1)
		return fault_set(fault, -EINVAL, "segment: name one of the %zu", rows->segments);
	map->segment = rows->segments ? rows->segment[0] : NULL;
	return rows->segments ? 0 : -1;
}

static int draw_now(struct web *web, struct map *map, json_t **answer, struct fault *fault)
{
	const struct rows *rows = copy_look(&web->copy, fault);
	int segment, error;

	if (!rows)
		return -ENOTCONN;
	segment = choose_segment(map, rows, fault);
	if (segment >= 0)
		draw(map, rows, (unsigned)segment);
	error = segment == -EINVAL ? -EINVAL : map_write(answer, map, fault);
	copy_leave(&web->copy);
	return error;
}

/* --- as of a moment --------------------------------------------------------------------------- */

static int draw_entry(void *context, const char *segment, struct address address,
                      const struct entry *before, const struct entry *entry)
{
	struct map *map = context;
	size_t at = (size_t)address_minus(address, map->prefix.network);

	(void)before;
	if (!map->segment) {
		snprintf(map->name, sizeof(map->name), "%s", segment);
		map->segment = map->name;
	}
	if (strcmp(map->segment, segment) != 0)
		return fault_set(map->fault, -EINVAL,
		                 "segment: several have addresses of this prefix: name one");
	if (!entry)
		return 0;
	map->states[at] = letters[entry->state == ENTRY_STATIC ? SLOT_STATIC : SLOT_DYNAMIC];
	map->ages[at] = map_age(entry->since, map->at);
	return 0;
}

static int draw_then(struct web *web, struct map *map, const struct api_request *request,
                     json_t **answer, struct fault *fault)
{
	struct reader *reader = NULL;
	struct reader_moment moment;
	int error;

	if (!gate_enter(&web->past, WAIT_SECONDS))
		return fault_set(fault, -ECONNREFUSED,
		                 "too many look into the past at once: try again");
	error = past_open(&reader, request, fault);
	if (!error)
		error = reader_at(reader, &moment, map->at, fault);
	if (!error)
		error = reader_diff(reader, NULL, &moment, &map->prefix, map->segment, draw_entry,
		                    map, fault);
	if (!error)
		error = map_write(answer, map, fault);
	error = past_close(reader, error);
	gate_leave(&web->past);
	return error;
}

int live_map(struct web *web, const struct api_request *request, json_t **answer,
             struct fault *fault)
{
	struct map map = {.segment = NULL};
	int error = map_read(&map, request, fault);

	if (!error && map.at) {
		error = draw_then(web, &map, request, answer, fault);
	} else if (!error) {
		follow_looked(&web->follow);
		error = draw_now(web, &map, answer, fault);
	}
	map_clear(&map);
	return error;
}

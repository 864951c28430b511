// SPDX-License-Identifier: MIT
/*
 * Cuckoo hashing with two lines of two entries for each address. At most half of the entries are in
 * use, so there is nearly always a free one within a few moves: by calculation, one of 256
 * addresses finds none in one table of 10^7, and in larger tables that is rarer still.
 */
#include "offload/index6_lines.h"

#include <errno.h>
#include <string.h>

#define LINES_LEAST  256u /* a small table would fail more often */
#define SEARCH_LINES 256  /* looked into for a free entry */

static uint32_t line_count(uint32_t places)
{
	uint32_t lines = LINES_LEAST;

	while (lines < places)
		lines *= 2;
	return lines;
}

uint32_t lines_elements(uint32_t places)
{
	return places ? 1 + line_count(places) : 1;
}

void lines_begin(union index6_line *line, uint32_t places, const uint64_t random[2])
{
	line->header.mask = places ? line_count(places) - 1 : 0;
	line->header.multiplier[0] = random[0] | 1;
	line->header.multiplier[1] = random[1] | 1;
	line->header.places = places;
	line->header.used = 0;
	__atomic_store_n(&line->header.format, INDEX6_FORMAT, __ATOMIC_RELEASE);
}

/* An entry is read by programs at any time, so each word is stored whole. */
static void entry_clear(struct index6_entry *entry)
{
	__atomic_store_n(&entry->leads, 0, __ATOMIC_SEQ_CST);
}

static void entry_write(struct index6_entry *entry, const struct index6_entry *from)
{
	entry_clear(entry);
	__atomic_store_n(&entry->high, from->high, __ATOMIC_RELAXED);
	__atomic_store_n(&entry->low, from->low, __ATOMIC_RELAXED);
	__atomic_store_n(&entry->leads, from->leads, __ATOMIC_RELEASE);
}

static struct index6_entry entry_of(const struct neigh_key6 *key, uint32_t slot)
{
	struct index6_entry entry = {.leads = index6_leads(key->segment, slot)};

	memcpy(&entry.high, key->address, sizeof(entry.high));
	memcpy(&entry.low, key->address + sizeof(entry.high), sizeof(entry.low));
	return entry;
}

static uint32_t segment_of(const struct index6_entry *entry)
{
	return (uint32_t)(entry->leads >> 32) - 1;
}

static bool is_same_address(const struct index6_entry *a, const struct index6_entry *b)
{
	return a->high == b->high && a->low == b->low && a->leads >> 32 == b->leads >> 32;
}

static void lines_of(const union index6_line *line, const struct index6_entry *entry,
                     uint32_t at[2])
{
	uint64_t hash = index6_hash(line, segment_of(entry), entry->high, entry->low);

	at[0] = index6_first(line, hash);
	at[1] = index6_second(line, hash);
}

/* The entry of that address in one line; NULL: it is not there. */
static const struct index6_entry *seek_in(const union index6_line *line,
                                          const struct index6_entry *entry)
{
	for (unsigned way = 0; way < INDEX6_WAYS; way++)
		if (is_same_address(&line->entry[way], entry))
			return &line->entry[way];
	return NULL;
}

/* In the first line if it is in both. */
static const struct index6_entry *seek(const union index6_line *line,
                                       const struct index6_entry *entry)
{
	const struct index6_entry *found;
	uint32_t at[2];

	if (!line->header.places)
		return NULL;
	lines_of(line, entry, at);
	found = seek_in(&line[at[0]], entry);
	return found ? found : seek_in(&line[at[1]], entry);
}

/* The same, to be written. */
static struct index6_entry *line_entry(union index6_line *line, const struct index6_entry *entry)
{
	const struct index6_entry *found = seek(line, entry);

	return found ? line->entry + (found - line->entry) : NULL;
}

static struct index6_entry *free_in(union index6_line *line)
{
	for (unsigned way = 0; way < INDEX6_WAYS; way++)
		if (!line->entry[way].leads)
			return &line->entry[way];
	return NULL;
}

/* A line that was looked into, and the entry of an earlier one that could move to it. */
struct step {
	uint32_t line;
	int from; /* the step that has the entry; -1: none, the new address may be here */
	unsigned way;
};

static bool was_seen(const struct step *step, unsigned steps, uint32_t line)
{
	for (unsigned i = 0; i < steps; i++)
		if (step[i].line == line)
			return true;
	return false;
}

static uint32_t other_line(const union index6_line *line, const struct index6_entry *entry,
                           uint32_t here)
{
	uint32_t at[2];

	lines_of(line, entry, at);
	return at[0] == here ? at[1] : at[0];
}

/* Moves entries towards the free one, the last first: each is in both lines before it is gone from
 * the old one. Returns the entry that is free then. */
static struct index6_entry *move_along(union index6_line *line, const struct step *step, int last,
                                       struct index6_entry *hole)
{
	while (step[last].from >= 0) {
		struct index6_entry *moved =
		        &line[step[step[last].from].line].entry[step[last].way];

		entry_write(hole, moved);
		entry_clear(moved);
		hole = moved;
		last = step[last].from;
	}
	return hole;
}

/* A free entry in one of the address's lines: in the nearest by breadth-first search. */
static struct index6_entry *make_room(union index6_line *line, const struct index6_entry *entry)
{
	struct step step[SEARCH_LINES];
	unsigned steps = 2;
	uint32_t at[2];

	lines_of(line, entry, at);
	step[0] = (struct step){.line = at[0], .from = -1};
	step[1] = (struct step){.line = at[1], .from = -1};
	for (unsigned i = 0; i < steps; i++) {
		struct index6_entry *hole = free_in(&line[step[i].line]);

		if (hole)
			return move_along(line, step, (int)i, hole);
		for (unsigned way = 0; way < INDEX6_WAYS && steps < SEARCH_LINES; way++) {
			uint32_t to =
			        other_line(line, &line[step[i].line].entry[way], step[i].line);

			if (!was_seen(step, steps, to))
				step[steps++] = (struct step){to, (int)i, way};
		}
	}
	return NULL;
}

int64_t lines_find(const union index6_line *line, const struct neigh_key6 *key)
{
	const struct index6_entry wanted = entry_of(key, 0), *found = seek(line, &wanted);

	return found ? (int64_t)(uint32_t)found->leads : -1;
}

int lines_put(union index6_line *line, const struct neigh_key6 *key, uint32_t slot)
{
	const struct index6_entry entry = entry_of(key, slot);
	struct index6_entry *found = line_entry(line, &entry), *room;

	if (found) {
		__atomic_store_n(&found->leads, entry.leads, __ATOMIC_RELEASE);
		return 0;
	}
	if (line->header.used >= line->header.places)
		return -E2BIG;
	room = make_room(line, &entry);
	if (!room)
		return -E2BIG;
	entry_write(room, &entry);
	line->header.used++;
	return 0;
}

bool lines_remove(union index6_line *line, const struct neigh_key6 *key)
{
	const struct index6_entry wanted = entry_of(key, 0);
	struct index6_entry *found = line_entry(line, &wanted);

	if (!found)
		return false;
	entry_clear(found);
	line->header.used--;
	return true;
}

/* An entry by its number; NULL when it is free, or is left of one that is in the other line. */
static const struct index6_entry *entry_at(const union index6_line *line, uint32_t number)
{
	const struct index6_entry *entry =
	        &line[1 + number / INDEX6_WAYS].entry[number % INDEX6_WAYS];

	return entry->leads && seek(line, entry) == entry ? entry : NULL;
}

static uint32_t entries_of(const union index6_line *line)
{
	return line->header.places ? INDEX6_WAYS * (line->header.mask + 1) : 0;
}

int lines_visit(const union index6_line *line,
                int (*visit)(void *context, const struct neigh_key6 *key, uint32_t slot),
                void *context)
{
	int result = 0;

	for (uint32_t i = 0; !result && i < entries_of(line); i++) {
		const struct index6_entry *entry = entry_at(line, i);
		struct neigh_key6 key;

		if (!entry)
			continue;
		key.segment = segment_of(entry);
		memcpy(key.address, &entry->high, sizeof(entry->high));
		memcpy(key.address + sizeof(entry->high), &entry->low, sizeof(entry->low));
		result = visit(context, &key, (uint32_t)entry->leads);
	}
	return result;
}

bool lines_fit(const union index6_line *line, uint32_t elements, uint32_t places)
{
	return elements == lines_elements(places) && line->header.format == INDEX6_FORMAT &&
	       line->header.places == places &&
	       line->header.mask == (places ? line_count(places) - 1 : 0);
}

void lines_tidy(union index6_line *line)
{
	line->header.used = 0;
	for (uint32_t i = 0; i < entries_of(line); i++) {
		if (entry_at(line, i))
			line->header.used++;
		else
			entry_clear(&line[1 + i / INDEX6_WAYS].entry[i % INDEX6_WAYS]);
	}
}

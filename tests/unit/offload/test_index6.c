// SPDX-License-Identifier: MIT
/* The index of IPv6 addresses in memory: full tables, moves, what a killed agent leaves, readers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "offload/index6_lines.h"

static const uint64_t numbers[2] = {0x9216d5d98979fb1b, 0xd1310ba698dfb5ac};

static union index6_line *index_of(uint32_t places)
{
	union index6_line *line = calloc(lines_elements(places), sizeof(*line));

	assert_non_null(line);
	lines_begin(line, places, numbers);
	return line;
}

/* Segment and network are counted alike, as a careful operator does. */
static struct neigh_key6 key_of(uint32_t number)
{
	struct neigh_key6 key = {.segment = number % 16,
	                         .address = {0x20, 0x01, 0x0d, 0xb8, [7] = number % 16}};
	uint32_t host = htonl(number / 16);

	memcpy(key.address + 12, &host, sizeof(host));
	return key;
}

static void put(union index6_line *line, uint32_t number)
{
	const struct neigh_key6 key = key_of(number);

	assert_int_equal(lines_put(line, &key, number), 0);
}

static int64_t slot_of(const union index6_line *line, uint32_t number)
{
	const struct neigh_key6 key = key_of(number);

	return lines_find(line, &key);
}

static void a_full_index_has_each_address(void **state)
{
	static const uint32_t sizes[] = {1, 2, 3, 255, 256, 257, 4096, 65536};

	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		union index6_line *line = index_of(sizes[i]);
		const struct neigh_key6 more = key_of(sizes[i]);

		for (uint32_t number = 0; number < sizes[i]; number++)
			put(line, number);
		for (uint32_t number = 0; number < sizes[i]; number++)
			assert_int_equal(slot_of(line, number), number);
		assert_int_equal(lines_find(line, &more), -1);
		assert_int_equal(lines_put(line, &more, 0), -E2BIG);
		free(line);
	}
}

static void an_index_for_no_address_has_none(void **state)
{
	union index6_line *line = index_of(0);
	const struct neigh_key6 key = key_of(1);

	(void)state;
	assert_int_equal(lines_elements(0), 1);
	assert_int_equal(lines_put(line, &key, 0), -E2BIG);
	assert_int_equal(lines_find(line, &key), -1);
	assert_false(lines_remove(line, &key));
	free(line);
}

/* Addresses come and go in a full index: 40 times as many as it has. */
static void none_is_lost_while_others_come_and_go(void **state)
{
	const uint32_t places = 1024;
	union index6_line *line = index_of(places);

	(void)state;
	for (uint32_t number = 0; number < 40 * places; number++) {
		if (number >= places) {
			const struct neigh_key6 oldest = key_of(number - places);

			assert_true(lines_remove(line, &oldest));
			assert_false(lines_remove(line, &oldest));
		}
		put(line, number);
		assert_int_equal(line->header.used, number < places ? number + 1 : places);
		if (number % 512)
			continue;
		for (uint32_t i = number < places ? 0 : number - places + 1; i <= number; i++)
			assert_int_equal(slot_of(line, i), i);
	}
	free(line);
}

static void an_address_gets_another_slot(void **state)
{
	union index6_line *line = index_of(1);
	const struct neigh_key6 key = key_of(5);

	(void)state;
	put(line, 5);
	assert_int_equal(lines_put(line, &key, 77), 0);
	assert_int_equal(lines_find(line, &key), 77);
	assert_int_equal(line->header.used, 1);
	free(line);
}

static int count_visit(void *context, const struct neigh_key6 *key, uint32_t slot)
{
	const struct neigh_key6 wanted = key_of(slot);
	uint32_t *count = context;

	assert_memory_equal(key, &wanted, sizeof(wanted));
	++*count;
	return 0;
}

/* An agent was killed when an entry that moved was in both of its lines. */
static void an_entry_in_both_of_its_lines_counts_once(void **state)
{
	union index6_line *line = index_of(64);
	struct index6_entry entry;
	uint32_t count = 0, first, second;
	uint64_t hash;

	(void)state;
	put(line, 9);
	put(line, 10);
	memcpy(&entry.high, key_of(9).address, 8);
	memcpy(&entry.low, key_of(9).address + 8, 8);
	entry.leads = index6_leads(key_of(9).segment, 9);
	hash = index6_hash(line, key_of(9).segment, entry.high, entry.low);
	first = index6_first(line, hash);
	second = index6_second(line, hash);
	assert_int_not_equal(first, second);
	assert_true(line[first].entry[0].leads == entry.leads);
	line[second].entry[1] = entry;
	assert_int_equal(lines_visit(line, count_visit, &count), 0);
	assert_int_equal(count, 2);
	lines_tidy(line);
	assert_int_equal(line->header.used, 2);
	assert_true(line[second].entry[1].leads == 0);
	assert_int_equal(slot_of(line, 9), 9);
	free(line);
}

static void an_index_of_another_size_does_not_fit(void **state)
{
	union index6_line *line = index_of(300);

	(void)state;
	assert_true(lines_fit(line, lines_elements(300), 300));
	assert_false(lines_fit(line, lines_elements(300), 301));
	assert_false(lines_fit(line, lines_elements(600), 300));
	line->header.format++;
	assert_false(lines_fit(line, lines_elements(300), 300));
	free(line);
}

struct race {
	union index6_line *line;
	uint32_t wrong, found;
	int stop;
};

/* As the program reads: `leads` before and after the address. */
static int64_t read_entry(const struct index6_entry *entry, uint64_t high, uint64_t low)
{
	uint64_t leads = __atomic_load_n(&entry->leads, __ATOMIC_ACQUIRE);
	bool same = __atomic_load_n(&entry->low, __ATOMIC_ACQUIRE) == low &&
	            __atomic_load_n(&entry->high, __ATOMIC_ACQUIRE) == high;

	same = same && __atomic_load_n(&entry->leads, __ATOMIC_ACQUIRE) == leads;
	return same && leads >> 32 == 1 ? (int64_t)(uint32_t)leads : -1;
}

static void *race_read(void *context)
{
	struct race *race = context;

	for (uint32_t host = 0; !__atomic_load_n(&race->stop, __ATOMIC_RELAXED); host++) {
		const uint64_t number = host % 1024;
		const uint64_t hash = index6_hash(race->line, 0, number, number);
		const uint32_t at[2] = {index6_first(race->line, hash),
		                        index6_second(race->line, hash)};

		for (unsigned i = 0; i < 4; i++) {
			int64_t slot =
			        read_entry(&race->line[at[i / 2]].entry[i % 2], number, number);

			race->found += slot >= 0;
			race->wrong += slot >= 0 && slot % 1024 != (int64_t)number;
		}
	}
	return NULL;
}

/* Entries are rewritten and move as fast as they can. The slot says which address it is of. */
static void a_reader_never_gets_the_slot_of_another_address(void **state)
{
	struct race race = {.line = index_of(512)};
	pthread_t reader;

	(void)state;
	assert_int_equal(pthread_create(&reader, NULL, race_read, &race), 0);
	for (uint32_t turn = 0; turn < 500000; turn++) {
		const uint64_t put_number = turn % 1024, gone = (turn + 512) % 1024;
		struct neigh_key6 key = {0};

		memcpy(key.address, &gone, 8);
		memcpy(key.address + 8, &gone, 8);
		(void)lines_remove(race.line, &key);
		memcpy(key.address, &put_number, 8);
		memcpy(key.address + 8, &put_number, 8);
		assert_int_equal(
		        lines_put(race.line, &key, (turn / 1024 % 4096) * 1024 + turn % 1024), 0);
	}
	__atomic_store_n(&race.stop, 1, __ATOMIC_RELAXED);
	assert_int_equal(pthread_join(reader, NULL), 0);
	assert_true(race.found > 0);
	assert_int_equal(race.wrong, 0);
	free(race.line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_full_index_has_each_address),
	        cmocka_unit_test(an_index_for_no_address_has_none),
	        cmocka_unit_test(none_is_lost_while_others_come_and_go),
	        cmocka_unit_test(an_address_gets_another_slot),
	        cmocka_unit_test(an_entry_in_both_of_its_lines_counts_once),
	        cmocka_unit_test(an_index_of_another_size_does_not_fit),
	        cmocka_unit_test(a_reader_never_gets_the_slot_of_another_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

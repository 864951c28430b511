// SPDX-License-Identifier: MIT
/* Which older states of main stay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/store.h"

#define MANY 100000

static git_oid commit(unsigned number)
{
	git_oid id = {{0}};

	memcpy(id.id, &number, sizeof(number));
	return id;
}

static unsigned number_of(const git_oid *id)
{
	unsigned number;

	memcpy(&number, id->id, sizeof(number));
	return number;
}

/* The newest anchor that one who has `commit` has, too; 0: none. */
static unsigned nearest(const struct anchors *anchors, unsigned has)
{
	unsigned best = 0;

	for (int kind = 0; kind < ANCHOR_KINDS; kind++)
		for (size_t i = 0; i < anchors->list[kind].count; i++) {
			unsigned number = number_of(&anchors->list[kind].item[i].id);

			if (number <= has && number > best)
				best = number;
		}
	return best;
}

/* main moves on to `id`, as an owner of a store reports it. */
static void move(struct anchors *anchors, unsigned from, unsigned to, uint64_t now)
{
	git_oid before = commit(from), after = commit(to);

	anchors_leave(anchors, &before);
	anchors_written(anchors);
	anchors_move(anchors, &after, to - from, now);
}

static void a_reader_finds_what_it_read(void **state)
{
	static const unsigned reads[] = {1, 17, 18, 1000, 1001, 5000, 40000, 99000, 99999};
	struct anchors anchors = {0};
	size_t next = 0;

	(void)state;
	for (unsigned i = 1; i <= MANY; i++) {
		git_oid id = commit(i);

		move(&anchors, i - 1, i, 10000ull * i);
		if (next < sizeof(reads) / sizeof(*reads) && i == reads[next]) {
			anchors_read(&anchors, &id, 10000ull * i + 9000);
			next++;
		}
	}
	for (size_t i = 0; i < next; i++)
		assert_int_equal(nearest(&anchors, reads[i]), reads[i]);
	anchors_clear(&anchors);
}

/* With more readers than anchors, and with none that are noticed: the older, the further. */
static void the_distance_grows_with_the_age(void **state)
{
	(void)state;
	for (unsigned every = 0; every <= 7; every += 7) {
		struct anchors anchors = {0};

		for (unsigned i = 1; i <= MANY; i++) {
			git_oid id = commit(i);

			move(&anchors, i - 1, i, 10000ull * i);
			if (every && i % every == 0)
				anchors_read(&anchors, &id, 10000ull * i + 9000);
			assert_in_range(anchors.list[0].count, 0, ANCHORS_MAX);
			assert_in_range(anchors.list[1].count, 0, ANCHORS_MAX);
		}
		for (unsigned has = 1; has <= MANY; has++)
			if (has - nearest(&anchors, has) > 2 * ANCHOR_STEP + (MANY - has) * 2 / 3)
				fail_msg("%u: %u", has, nearest(&anchors, has));
		anchors_clear(&anchors);
	}
}

/* It was told of main a moment before it took the objects. */
static void while_main_moves_an_older_state_is_kept_too(void **state)
{
	struct anchors anchors = {0};
	git_oid last = commit(100);

	(void)state;
	for (unsigned i = 1; i <= 100; i++)
		move(&anchors, i - 1, i, 200 * i);
	anchors_read(&anchors, &last, 200 * 100);
	assert_int_equal(nearest(&anchors, 100), 100);
	assert_in_range(nearest(&anchors, 95), 90, 95);
	assert_true(anchors_wait(&anchors));
	anchors_clear(&anchors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_reader_finds_what_it_read),
	        cmocka_unit_test(the_distance_grows_with_the_age),
	        cmocka_unit_test(while_main_moves_an_older_state_is_kept_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

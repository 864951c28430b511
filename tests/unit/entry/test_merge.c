/* SPDX-License-Identifier: MIT */
/*
 * The merge rule: each three-way case by name, then its laws over every triple of a small
 * domain and over random ones of a larger. Production calls the same function.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entry/entry.h"

#define ROUNDS 100000

static struct entry make(uint8_t mac, enum entry_state state, int64_t since)
{
	return (struct entry){.mac = {{2, 0, 0, 0, 0, mac}}, .state = state, .since = since};
}

static struct entry with_note(struct entry entry, const char *note)
{
	entry.note = (char *)note;
	return entry;
}

/* Both orders must give the same entry; the choice mirrors. Returns the winner. */
static const struct entry *merge(const struct entry *base, const struct entry *ours,
                                 const struct entry *theirs, enum merge_choice expected)
{
	static const enum merge_choice mirrored[] = {
	        [MERGE_TRIVIAL] = MERGE_TRIVIAL,
	        [MERGE_TOOK_OURS] = MERGE_TOOK_THEIRS,
	        [MERGE_TOOK_THEIRS] = MERGE_TOOK_OURS,
	};
	enum merge_choice choice, other;
	const struct entry *result = entry_merge(base, ours, theirs, &choice);

	assert_int_equal(choice, expected);
	assert_true(entry_equal(entry_merge(base, theirs, ours, &other), result));
	assert_int_equal(other, mirrored[expected]);
	return result;
}

static void changed_on_one_side_is_that_side(void **state)
{
	struct entry base = make(1, ENTRY_DYNAMIC, 10), same = base;
	struct entry changed = make(2, ENTRY_DYNAMIC, 5);

	(void)state;
	assert_ptr_equal(merge(&base, &same, &changed, MERGE_TRIVIAL), &changed);
	assert_ptr_equal(merge(&base, &changed, &same, MERGE_TRIVIAL), &changed);
	assert_ptr_equal(merge(NULL, NULL, &changed, MERGE_TRIVIAL), &changed);
}

static void a_change_of_a_note_alone_is_a_change(void **state)
{
	struct entry base = make(1, ENTRY_DYNAMIC, 10), same = base;
	struct entry noted = with_note(base, "rack 3");

	(void)state;
	assert_ptr_equal(merge(&base, &same, &noted, MERGE_TRIVIAL), &noted);
	assert_ptr_equal(merge(&noted, &noted, &same, MERGE_TRIVIAL), &same);
}

static void a_static_entry_made_dynamic_on_one_side_is_dynamic(void **state)
{
	struct entry base = make(1, ENTRY_STATIC, 10), same = base;
	struct entry changed = make(1, ENTRY_DYNAMIC, 10);

	(void)state;
	assert_ptr_equal(merge(&base, &same, &changed, MERGE_TRIVIAL), &changed);
}

static void removed_on_one_side_and_unchanged_on_the_other_is_removed(void **state)
{
	struct entry base = make(1, ENTRY_STATIC, 10), same = base;

	(void)state;
	assert_null(merge(&base, &same, NULL, MERGE_TRIVIAL));
	assert_null(merge(&base, NULL, &same, MERGE_TRIVIAL));
	assert_null(merge(&base, NULL, NULL, MERGE_TRIVIAL));
	assert_null(merge(NULL, NULL, NULL, MERGE_TRIVIAL));
}

static void a_change_outlives_a_removal(void **state)
{
	struct entry base = make(1, ENTRY_STATIC, 10), changed = make(2, ENTRY_DYNAMIC, 5);

	(void)state;
	assert_ptr_equal(merge(&base, &changed, NULL, MERGE_TOOK_OURS), &changed);
	assert_ptr_equal(merge(&base, NULL, &changed, MERGE_TOOK_THEIRS), &changed);
	assert_string_equal(entry_merge_reason(&changed, NULL), "the change outlives the removal");
}

static void the_same_change_on_both_sides_is_not_a_conflict(void **state)
{
	struct entry base = make(1, ENTRY_DYNAMIC, 10), a = make(2, ENTRY_STATIC, 20), b = a;
	enum merge_choice choice;

	(void)state;
	merge(&base, &a, &b, MERGE_TRIVIAL);
	merge(NULL, &a, &b, MERGE_TRIVIAL);
	assert_ptr_equal(entry_merge(&base, &a, &b, &choice), &a); /* ours */
}

static void static_beats_dynamic_even_when_older(void **state)
{
	struct entry base = make(1, ENTRY_DYNAMIC, 10);
	struct entry a = make(9, ENTRY_STATIC, 5), b = make(2, ENTRY_DYNAMIC, 99);

	(void)state;
	assert_ptr_equal(merge(&base, &a, &b, MERGE_TOOK_OURS), &a);
	assert_ptr_equal(merge(NULL, &a, &b, MERGE_TOOK_OURS), &a);
	assert_string_equal(entry_merge_reason(&a, &b), "static beats dynamic");
}

static void later_since_beats_lower_mac(void **state)
{
	struct entry base = make(1, ENTRY_DYNAMIC, 10);
	struct entry a = make(9, ENTRY_DYNAMIC, 30), b = make(2, ENTRY_DYNAMIC, 20);

	(void)state;
	assert_ptr_equal(merge(&base, &a, &b, MERGE_TOOK_OURS), &a);
	assert_string_equal(entry_merge_reason(&a, &b), "later since");
}

static void lower_mac_decides_at_the_same_second(void **state)
{
	struct entry a = make(2, ENTRY_DYNAMIC, 30), b = make(9, ENTRY_DYNAMIC, 30);

	(void)state;
	assert_ptr_equal(merge(NULL, &a, &b, MERGE_TOOK_OURS), &a);
	assert_string_equal(entry_merge_reason(&a, &b), "lower MAC");
}

static void lower_text_decides_the_rest(void **state)
{
	struct entry plain = make(2, ENTRY_STATIC, 30);
	struct entry a = with_note(plain, "a"), b = with_note(plain, "b");

	(void)state;
	assert_ptr_equal(merge(NULL, &a, &b, MERGE_TOOK_OURS), &a);
	assert_string_equal(entry_merge_reason(&a, &b), "order of text");
	assert_ptr_equal(merge(NULL, &a, &plain, MERGE_TOOK_THEIRS), &plain);
	a.after = 20;
	assert_ptr_equal(merge(NULL, &a, &b, MERGE_TOOK_THEIRS), &b);
}

/* The laws. Versions come from a small domain, so that equal ones, and versions equal to the base,
 * are as common as they are interesting. */

#define DOMAIN_MAX 900

struct domain {
	struct entry entry[DOMAIN_MAX];
	size_t entries;
};

static void fill(struct domain *domain, unsigned macs, unsigned sinces, unsigned texts)
{
	static const char *const text[] = {NULL, "a", "b"};

	domain->entries = 0;
	for (unsigned i = 0; i < 3 * macs * sinces * texts * texts * texts; i++) {
		unsigned rest = i / 3;
		struct entry entry = {.state = i % 3 ? ENTRY_STATIC : ENTRY_DYNAMIC,
		                      .router = i % 3 == 2};

		entry.mac = (struct mac){{2, 0, 0, 0, 0, (uint8_t)(rest % macs)}};
		rest /= macs;
		entry.since = rest % sinces;
		rest /= sinces;
		entry.origin = (char *)text[rest % texts];
		rest /= texts;
		entry.note = (char *)text[rest % texts];
		rest /= texts;
		entry.extra = (char *)text[rest % texts];
		assert_true(domain->entries < DOMAIN_MAX);
		domain->entry[domain->entries++] = entry;
	}
}

/* NULL (absent) for the index behind the last. */
static const struct entry *pick(const struct domain *domain, size_t index)
{
	return index < domain->entries ? &domain->entry[index] : NULL;
}

static const struct entry *merged(const struct entry *base, const struct entry *a,
                                  const struct entry *b)
{
	enum merge_choice choice;
	const struct entry *result = entry_merge(base, a, b, &choice);

	assert_true(result == a || result == b || result == base);
	return result;
}

/* NULL when all laws hold for this base and these three versions; else the law that does not. */
static const char *broken_law(const struct entry *base, const struct entry *a,
                              const struct entry *b, const struct entry *c)
{
	const struct entry *ab = merged(base, a, b);

	if (!entry_equal(ab, merged(base, b, a)))
		return "commutative";
	if (!entry_equal(merged(base, ab, c), merged(base, a, merged(base, b, c))))
		return "associative";
	if (merged(base, a, a) != a)
		return "idempotent";
	if (!entry_equal(merged(base, ab, a), ab) || !entry_equal(merged(base, ab, b), ab))
		return "absorbing (merging again what is merged changes nothing)";
	if (!entry_equal(merged(base, a, base), a))
		return "neutral (an unchanged side changes nothing)";
	return NULL;
}

static void the_laws_hold_for_every_triple_of_a_small_domain(void **state)
{
	struct domain domain;

	(void)state;
	fill(&domain, 2, 2, 1);
	for (size_t i = 0; i <= domain.entries; i++)
		for (size_t j = 0; j <= domain.entries; j++)
			for (size_t k = 0; k <= domain.entries; k++)
				for (size_t l = 0; l <= domain.entries; l++) {
					const char *law =
					        broken_law(pick(&domain, i), pick(&domain, j),
					                   pick(&domain, k), pick(&domain, l));

					if (law)
						fail_msg("not %s: base %zu, versions %zu %zu %zu",
						         law, i, j, k, l);
				}
}

static unsigned seed_of_this_run(void)
{
	const char *given = getenv("TEST_SEED");

	return given ? (unsigned)strtoul(given, NULL, 10) : 20261122;
}

static void the_laws_hold_for_random_triples(void **state)
{
	const unsigned seed = seed_of_this_run();
	static struct domain domain;

	(void)state;
	fill(&domain, 3, 3, 3);
	srandom(seed);
	for (int i = 0; i < ROUNDS; i++) {
		/* Half of the rounds from a few versions only, so that they collide. */
		size_t few = i % 2 ? domain.entries : 5;
		size_t first = (size_t)random() % (domain.entries + 2 - few), pool[4];
		const char *law;

		for (size_t j = 0; j < 4; j++)
			pool[j] = first + (size_t)random() % few;
		law = broken_law(pick(&domain, pool[0]), pick(&domain, pool[1]),
		                 pick(&domain, pool[2]), pick(&domain, pool[3]));
		if (law)
			fail_msg("TEST_SEED=%u, round %d: not %s", seed, i, law);
	}
}

static void nodes_that_merge_in_any_order_end_up_equal(void **state)
{
	const unsigned seed = seed_of_this_run();
	static struct domain domain;

	(void)state;
	fill(&domain, 3, 3, 2);
	srandom(seed);
	for (int i = 0; i < 5000; i++) {
		const struct entry *base = pick(&domain, (size_t)random() % (domain.entries + 1));
		const struct entry *version[6], *first = NULL;

		for (size_t j = 0; j < 6; j++)
			version[j] = random() % 4 ? pick(&domain,
			                                 (size_t)random() % (domain.entries + 1))
			                          : base;
		for (int order = 0; order < 8; order++) {
			const struct entry *result = version[0];

			for (size_t j = 1; j < 6; j++)
				result = merged(base, result, version[j]);
			if (!order)
				first = result;
			if (!entry_equal(result, first))
				fail_msg("TEST_SEED=%u, round %d, order %d", seed, i, order);
			for (size_t j = 5; j > 0; j--) { /* Fisher-Yates */
				size_t k = (size_t)random() % (j + 1);
				const struct entry *other = version[j];

				version[j] = version[k];
				version[k] = other;
			}
		}
	}
}

static void undoing_wins_only_where_the_change_still_stands(void **state)
{
	const char *notes[] = {NULL, "x"};
	struct entry before = {.mac = {{2, 0, 0, 0, 0, 1}}, .since = 1};
	struct entry left = {.mac = {{2, 0, 0, 0, 0, 2}}, .state = ENTRY_STATIC, .since = 2};
	enum merge_choice choice;

	(void)state;
	assert_ptr_equal(entry_undo(&left, &left, &before, &choice), &before);
	assert_int_equal(choice, MERGE_TRIVIAL);
	assert_null(entry_undo(&left, &left, NULL, &choice));
	assert_int_equal(choice, MERGE_TRIVIAL);
	assert_ptr_equal(entry_undo(NULL, NULL, &before, &choice), &before);
	assert_int_equal(choice, MERGE_TRIVIAL);
	/* As before already. */
	assert_ptr_equal(entry_undo(&left, &before, &before, &choice), &before);
	assert_int_equal(choice, MERGE_TRIVIAL);
	assert_null(entry_undo(&left, NULL, NULL, &choice));
	assert_int_equal(choice, MERGE_TRIVIAL);
	/* Changed since: by a removal, or by as little as a note; whatever its rank. */
	assert_null(entry_undo(&left, NULL, &before, &choice));
	assert_int_equal(choice, MERGE_TOOK_OURS);
	for (int64_t since = 0; since < 4; since++)
		for (size_t i = 0; i < 2; i++) {
			struct entry ours = left;

			ours.since = since;
			ours.note = (char *)notes[i];
			if (entry_equal(&ours, &left))
				continue;
			assert_ptr_equal(entry_undo(&left, &ours, &before, &choice), &ours);
			assert_int_equal(choice, MERGE_TOOK_OURS);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(undoing_wins_only_where_the_change_still_stands),
	        cmocka_unit_test(changed_on_one_side_is_that_side),
	        cmocka_unit_test(a_change_of_a_note_alone_is_a_change),
	        cmocka_unit_test(a_static_entry_made_dynamic_on_one_side_is_dynamic),
	        cmocka_unit_test(removed_on_one_side_and_unchanged_on_the_other_is_removed),
	        cmocka_unit_test(a_change_outlives_a_removal),
	        cmocka_unit_test(the_same_change_on_both_sides_is_not_a_conflict),
	        cmocka_unit_test(static_beats_dynamic_even_when_older),
	        cmocka_unit_test(later_since_beats_lower_mac),
	        cmocka_unit_test(lower_mac_decides_at_the_same_second),
	        cmocka_unit_test(lower_text_decides_the_rest),
	        cmocka_unit_test(the_laws_hold_for_every_triple_of_a_small_domain),
	        cmocka_unit_test(the_laws_hold_for_random_triples),
	        cmocka_unit_test(nodes_that_merge_in_any_order_end_up_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

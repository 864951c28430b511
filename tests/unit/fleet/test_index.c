/* SPDX-License-Identifier: MIT */
/* The index against a plain table, its floors, its memory; claims as text; ranks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/fleet.h"

#define NODES     5
#define ADDRESSES 200
#define ROUNDS    200000
#define MILLION   1000000u
#define NOW       INT64_C(1800000000)

static uint32_t random_state = 1;

static uint32_t pick(uint32_t below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(random_state >> 4) * below >> 28);
}

/* Both families by turns; hosts of one network, and of many. */
static struct address place(uint32_t number)
{
	if (number % 2 == 0)
		return address_v4(0x0a000000 + number);
	return (struct address){UINT64_C(0x20010db800000000) + number % 4, number};
}

static struct claim random_claim(void)
{
	struct claim claim = {.state = (enum claim_state)pick(4), .since = NOW - 5 + pick(10)};

	if (claim.state == CLAIM_NONE)
		return (struct claim){.state = CLAIM_NONE};
	claim.after = pick(2) ? claim.since - pick(5) : 0;
	if (claim_is_present(&claim))
		claim.mac = (struct mac){{2, 0, 0, 0, 0, (uint8_t)(1 + pick(2))}};
	claim.text[19] = (uint8_t)pick(2);
	return claim;
}

static struct fleet *make_fleet(void)
{
	static const char *const name[] = {"m", "a", "z", "b", "y"};
	struct fleet *fleet;
	unsigned node;

	assert_int_equal(fleet_new(&fleet, name[0], NULL), 0);
	for (unsigned i = 0; i < NODES; i++) {
		assert_int_equal(fleet_node(fleet, name[i], &node), 0);
		assert_int_equal(node, i);
		assert_string_equal(fleet_node_name(fleet, i), name[i]);
	}
	assert_int_equal(fleet_nodes(fleet), NODES);
	return fleet;
}

static int64_t operators_time(const struct claim *claim)
{
	return claim->state == CLAIM_STATIC ? claim->since : claim->after;
}

/* The order of docs/fleet.md, written down once more, rule by rule. */
static bool is_greater(const struct claim *a, const char *name_a, const struct claim *b,
                       const char *name_b)
{
	if (operators_time(a) != operators_time(b))
		return operators_time(a) > operators_time(b);
	if ((a->state == CLAIM_STATIC) != (b->state == CLAIM_STATIC))
		return a->state == CLAIM_STATIC;
	if (a->since != b->since)
		return a->since > b->since;
	if ((a->state == CLAIM_GONE) != (b->state == CLAIM_GONE))
		return b->state == CLAIM_GONE;
	if (memcmp(a->mac.octet, b->mac.octet, 6) != 0)
		return memcmp(a->mac.octet, b->mac.octet, 6) < 0;
	if (a->text[19] != b->text[19])
		return a->text[19] < b->text[19];
	return strcmp(name_a, name_b) < 0;
}

static void check_address(const struct fleet *fleet, unsigned segment, struct address address,
                          const struct claim *table)
{
	struct claim winner, got;
	unsigned node = 0, best = NODES;

	for (unsigned i = 0; i < NODES; i++) {
		assert_int_equal(fleet_get(fleet, i, segment, address, &got),
		                 table[i].state != CLAIM_NONE);
		assert_memory_equal(got.mac.octet, table[i].mac.octet, 6);
		assert_true(got.state == table[i].state && got.since == table[i].since &&
		            got.after == table[i].after && got.text[19] == table[i].text[19]);
		if (table[i].state != CLAIM_NONE &&
		    (best == NODES || is_greater(&table[i], fleet_node_name(fleet, i), &table[best],
		                                 fleet_node_name(fleet, best))))
			best = i;
	}
	assert_int_equal(fleet_view(fleet, segment, address, &winner, &node),
	                 best < NODES && claim_is_present(&table[best]));
	if (best < NODES)
		assert_int_equal(node, best);
	else
		assert_int_equal(winner.state, CLAIM_NONE);
}

struct walk {
	const struct fleet *fleet;
	struct claim last;
	unsigned last_node;
	size_t count;
};

static int descends(void *context, unsigned node, unsigned segment, struct address address,
                    const struct claim *claim)
{
	struct walk *walk = context;

	(void)segment;
	(void)address;
	if (walk->count)
		assert_true(is_greater(&walk->last, fleet_node_name(walk->fleet, walk->last_node),
		                       claim, fleet_node_name(walk->fleet, node)));
	walk->last = *claim;
	walk->last_node = node;
	walk->count++;
	return 0;
}

static int count(void *context, unsigned node, unsigned segment, struct address address,
                 const struct claim *claim)
{
	size_t *counted = context;

	(void)node;
	(void)segment;
	(void)address;
	(void)claim;
	++*counted;
	return 0;
}

static void the_index_is_like_a_plain_table(void **state)
{
	static struct claim table[2][ADDRESSES][NODES];
	struct fleet *fleet = make_fleet();

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned node = pick(NODES), segment = pick(2), address = pick(ADDRESSES);
		struct claim claim = random_claim();

		assert_int_equal(fleet_put(fleet, node, segment, place(address), &claim), 0);
		table[segment][address][node] = claim;
		check_address(fleet, segment, place(address), table[segment][address]);
	}
	for (unsigned node = 0; node < NODES; node++) {
		size_t counted = 0, held = 0;

		for (unsigned i = 0; i < 2 * ADDRESSES; i++)
			held += table[i % 2][i / 2][node].state != CLAIM_NONE;
		fleet_each_of(fleet, node, count, &counted);
		assert_int_equal(counted, held);
		assert_int_equal(fleet_count(fleet, node), held);
	}
	for (unsigned i = 0; i < 2 * ADDRESSES; i++) {
		struct walk walk = {.fleet = fleet};
		size_t held = 0;

		check_address(fleet, i % 2, place(i / 2), table[i % 2][i / 2]);
		for (unsigned node = 0; node < NODES; node++)
			held += table[i % 2][i / 2][node].state != CLAIM_NONE;
		fleet_each_at(fleet, i % 2, place(i / 2), descends, &walk);
		assert_int_equal(walk.count, held);
	}
	fleet_free(fleet);
}

static struct address v4_host(uint32_t number)
{
	return address_v4(0x0a000000 + number);
}

static struct address v6_host(uint32_t number)
{
	return (struct address){UINT64_C(0x20010db800000000),
	                        UINT64_C(0x025000fffe000000) + number};
}

/* A million claims of one family, away, and in another segment again. */
static void fill(struct fleet *fleet, const char *family, struct address host(uint32_t number),
                 size_t most)
{
	struct claim claim = {.state = CLAIM_DYNAMIC, .mac = {{2, 0, 0, 0, 0, 1}}, .since = NOW};
	size_t before = fleet_bytes(fleet), full;

	fleet_clock(fleet, NOW + 1);
	for (uint32_t i = 0; i < MILLION; i++)
		assert_int_equal(fleet_put(fleet, i % NODES, 0, host(i), &claim), 0);
	full = fleet_bytes(fleet);
	print_message("a million claims of %s: %.1f bytes each\n", family,
	              (double)(full - before) / MILLION);
	assert_true(full - before <= most * MILLION);
	for (uint32_t i = 0; i < MILLION; i++)
		assert_int_equal(fleet_put(fleet, i % NODES, 0, host(i), NULL), 0);
	for (unsigned i = 0; i < NODES; i++)
		assert_int_equal(fleet_count(fleet, i), 0);
	for (uint32_t i = 0; i < MILLION; i++)
		assert_int_equal(fleet_put(fleet, i % NODES, 1, host(i + MILLION), &claim), 0);
	assert_int_equal(fleet_bytes(fleet), full); /* what was removed is used again */
	for (uint32_t i = 0; i < MILLION; i++)
		assert_int_equal(fleet_put(fleet, i % NODES, 1, host(i + MILLION), NULL), 0);
}

static void a_claim_takes_sixty_bytes(void **state)
{
	struct fleet *fleet = make_fleet();

	(void)state;
	fill(fleet, "IPv4", v4_host, 60);
	fleet_free(fleet);
	fleet = make_fleet();
	fill(fleet, "IPv6", v6_host, 76);
	/* A fleet that has had both. */
	fill(fleet, "IPv4, too", v4_host, 60);
	fleet_free(fleet);
}

static void what_is_out_of_range_is_refused(void **state)
{
	struct claim claim = {.state = CLAIM_STATIC, .mac = {{2, 0, 0, 0, 0, 1}}, .since = NOW};
	struct fleet *fleet = make_fleet(), *other = NULL;
	struct fault fault;
	unsigned node;

	(void)state;
	assert_int_equal(fleet_put(fleet, NODES, 0, place(1), &claim), -EINVAL);
	assert_int_equal(fleet_put(fleet, 0, FLEET_SEGMENTS, place(1), &claim), -EINVAL);
	claim.after = NOW + 1;
	assert_int_equal(fleet_put(fleet, 0, 0, place(1), &claim), -EINVAL);
	claim.since = claim.after = CLAIM_TIME_LAST + 1;
	assert_int_equal(fleet_put(fleet, 0, 0, place(1), &claim), -EINVAL);
	claim.since = claim.after = CLAIM_TIME_LAST;
	assert_int_equal(fleet_put(fleet, 0, FLEET_SEGMENTS - 1, place(1), &claim), 0);
	assert_true(fleet_own(fleet, FLEET_SEGMENTS - 1, place(1), &claim));
	assert_true(claim.since == CLAIM_TIME_LAST && claim.after == CLAIM_TIME_LAST);
	assert_int_equal(fleet_node(fleet, "a/b", &node), -EINVAL);
	assert_int_equal(fleet_new(&other, "..", &fault), -EINVAL);
	assert_null(other);
	assert_string_equal(fault.text, "'..' is not a node's name");
	fleet_free(fleet);
}

static int sum_floors(void *context, unsigned segment, struct address address, int64_t floor)
{
	(void)segment;
	*(int64_t *)context += floor - NOW + (uint8_t)address.low;
	return 0;
}

static void floors_are_kept_while_they_are_ahead(void **state)
{
	struct claim claim = {.state = CLAIM_STATIC, .mac = {{2, 0, 0, 0, 0, 1}}}, own;
	struct claim said = claim;
	struct fleet *fleet = make_fleet();
	int64_t sum = 0;

	(void)state;
	fleet_clock(fleet, NOW);
	claim.since = NOW - 1;
	assert_int_equal(fleet_put(fleet, 1, 0, place(1), &claim), 0);
	assert_int_equal(fleet_put(fleet, 1, 0, place(1), NULL), 0);
	assert_int_equal(fleet_floors(fleet), 0); /* past */
	claim.since = NOW + 50;
	assert_int_equal(fleet_put(fleet, 1, 0, place(1), &claim), 0);
	assert_int_equal(fleet_floors(fleet), 0); /* it stands */
	assert_int_equal(fleet_put(fleet, 1, 0, place(1), NULL), 0);
	assert_int_equal(fleet_floor(fleet, 0, place(1)), NOW + 50);
	assert_int_equal(fleet_raise(fleet, 0, place(2), NOW + 100), 0);
	assert_int_equal(fleet_raise(fleet, 0, place(2), NOW + 90), 0);
	assert_int_equal(fleet_floors(fleet), 2);
	assert_int_equal(fleet_each_floor(fleet, sum_floors, &sum), 0);
	assert_int_equal(sum, 50 + 1 + 100 + 2);

	assert_true(fleet_say(fleet, 0, place(1), FLEET_DECLARE, &said, NOW, &own));
	assert_int_equal(own.since, NOW + 51);
	said.state = CLAIM_DYNAMIC; /* an agent's word needs no floor */
	assert_true(fleet_say(fleet, 0, place(1), FLEET_LEARN, &said, NOW, &own));
	assert_int_equal(own.since, NOW);

	fleet_clock(fleet, NOW + 50);
	assert_int_equal(fleet_floor(fleet, 0, place(1)), NOW + 50);
	fleet_clock(fleet, NOW + 51);
	assert_int_equal(fleet_floor(fleet, 0, place(1)), 0);
	fleet_clock(fleet, NOW); /* it does not go back */
	assert_int_equal(fleet_floor(fleet, 0, place(1)), 0);
	fleet_clock(fleet, NOW + 1000);
	assert_int_equal(fleet_floors(fleet), 0);
	fleet_free(fleet);
}

static void a_withdrawn_claim_leaves_no_mark(void **state)
{
	struct claim claim = {.state = CLAIM_DYNAMIC, .mac = {{2, 0, 0, 0, 0, 1}}, .since = NOW};
	struct fleet *fleet = make_fleet();
	struct claim own;

	(void)state;
	assert_int_equal(fleet_put(fleet, 1, 0, place(1), &claim), 0);
	claim.since++;
	assert_int_equal(fleet_put(fleet, FLEET_OWN, 0, place(1), &claim), 0);
	assert_true(fleet_say(fleet, 0, place(1), FLEET_EXPIRE, NULL, NOW, &own));
	assert_int_equal(own.state, CLAIM_GONE);
	assert_true(fleet_say(fleet, 0, place(1), FLEET_WITHDRAW, NULL, NOW, &own));
	assert_int_equal(own.state, CLAIM_NONE);
	assert_int_equal(fleet_put(fleet, FLEET_OWN, 0, place(1), NULL), 0);
	assert_false(fleet_say(fleet, 0, place(1), FLEET_WITHDRAW, NULL, NOW, &own));
	/* It expires only its own. */
	assert_false(fleet_say(fleet, 0, place(1), FLEET_EXPIRE, NULL, NOW, &own));
	fleet_free(fleet);
}

#define HEAD "mac 02:50:2a:16:6d:01\nstate dynamic\nsince 2026-11-22T10:15:00Z\n"

static void a_claim_has_one_spelling(void **state)
{
	static const char *const good[] = {
	        HEAD "after 2026-11-22T10:15:00Z\nnote b\n", HEAD,
	        "state gone\nsince 2026-11-22T10:15:00Z\n",
	        "state gone\nsince 2026-11-22T10:15:00Z\nafter 2026-11-22T10:14:00Z\n"};
	static const struct {
		const char *text, *reason;
	} bad[] = {
	        {"state gone\n", "line 2: is not 'since'"},
	        {"state gone\nsince 2026-11-22T10:15:00Z", "line 2: is not 'since'"},
	        {"state gone\nsince 2026-11-31T10:15:00Z\n", "line 2: is not 'since'"},
	        {"state gone\nsince 2026-11-22T10:15:00Z\nafter 1970-01-01T00:00:00Z\n",
	         "line 3: a mark has only"},
	        {"state gone\nsince 2026-11-22T10:15:00Z\nafter 2026-11-22T10:15:01Z\n",
	         "line 3: after is later than since"},
	        {"state gone\nsince 2026-11-22T10:15:00Z\nnote a\n", "line 3: is not 'after'"},
	        {"state gone\nsince 2026-11-22T10:15:00Z\nafter 2026-11-22T10:15:00Z\nnote a\n",
	         "line 4: a mark has only"},
	        {"mac 02:50:2a:16:6d:01\nstate gone\nsince 2026-11-22T10:15:00Z\n",
	         "line 2: state 'gone' is not"},
	};
	uint8_t id[CLAIM_TEXT_ID] = {7};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct claim in_place, from;
		struct claim_value value;
		char *text, *copy = strdup(good[i]);

		assert_int_equal(claim_parse(&value, good[i], strlen(good[i]), NULL), 0);
		text = claim_print(&value);
		assert_string_equal(text, good[i]);
		assert_int_equal(claim_parse_in_place(&in_place, copy, strlen(copy), id, NULL), 0);
		from = claim_from(&value, id);
		assert_true(from.state == in_place.state && from.since == in_place.since &&
		            from.after == in_place.after && mac_equal(from.mac, in_place.mac));
		assert_memory_equal(from.text, in_place.text, sizeof(from.text));
		free(text);
		free(copy);
		claim_value_clear(&value);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fault fault = {""}, other = {""};
		struct claim_value value;
		struct claim in_place;
		char *copy = strdup(bad[i].text);

		assert_int_equal(claim_parse(&value, bad[i].text, strlen(bad[i].text), &fault),
		                 -EINVAL);
		assert_int_equal(claim_parse_in_place(&in_place, copy, strlen(copy), id, &other),
		                 -EINVAL);
		assert_string_equal(fault.text, other.text);
		if (!strstr(fault.text, bad[i].reason))
			fail_msg("'%s' is not in '%s'", bad[i].reason, fault.text);
		free(copy);
	}
}

static void ranks_are_shared_evenly(void **state)
{
	static const char *const node[] = {"leaf1", "leaf2", "leaf3", "leaf4", "leaf5"};
	unsigned first[2][NODES] = {{0}}, moved = 0;
	char ranks[2][9] = {"", ""};

	(void)state;
	for (uint32_t number = 0; number < 20000; number++) {
		struct address address = number % 2 ? v6_host(number / 2) : v4_host(number / 2);
		unsigned seen = 0;

		for (unsigned i = 0; i < NODES; i++) {
			unsigned rank = fleet_rank("lan", address, node[i], node, NODES);

			seen |= 1u << rank;
			first[number % 2][i] += rank == 0;
			/* Without the last one, nobody else's addresses change hands. */
			moved += i < NODES - 1 && rank == 0 &&
			         fleet_rank("lan", address, node[i], node, NODES - 1) != 0;
		}
		assert_int_equal(seen, (1u << NODES) - 1);
	}
	assert_int_equal(moved, 0);
	for (unsigned i = 0; i < NODES; i++) {
		assert_in_range(first[0][i], 1800, 2200);
		assert_in_range(first[1][i], 1800, 2200);
	}
	/* The same on every machine, and in every version: nodes of a wire may differ in it. */
	for (uint32_t i = 0; i < 8; i++) {
		ranks[0][i] =
		        (char)('0' + fleet_rank("lan", v4_host(0x311 + i), "leaf1", node, NODES));
		ranks[1][i] =
		        (char)('0' + fleet_rank("lan", v6_host(0x311 + i), "leaf1", node, NODES));
	}
	assert_string_equal(ranks[0], "42034402");
	assert_string_equal(ranks[1], "33211321");
}

/* Pairs that agree in all rules but one, and those after it. */
static void the_rule_that_decides_is_known(void **state)
{
	const struct claim base = {.state = CLAIM_DYNAMIC,
	                           .mac = {{2, 0, 0, 0, 0, 9}},
	                           .since = NOW,
	                           .after = NOW - 9,
	                           .text = {9}};
	struct claim greater[CLAIM_RULES], lower = base;

	(void)state;
	for (unsigned i = 0; i < CLAIM_RULES; i++)
		greater[i] = base;
	greater[0].after++;
	greater[1].state = CLAIM_STATIC;
	greater[1].since = base.after;
	greater[2].since++;
	greater[4].mac.octet[5]--;
	greater[5].text[0]--;
	lower.state = CLAIM_GONE;
	lower.mac = (struct mac){{0}};
	assert_int_equal(claim_rule(&greater[3], &lower), 4);
	for (unsigned rule = 1; rule <= CLAIM_RULES; rule++) {
		const struct claim *other = rule == 4 ? &lower : &base;

		assert_int_equal(claim_rule(&greater[rule - 1], other), rule);
		assert_int_equal(claim_rule(other, &greater[rule - 1]), rule);
		assert_true(rule == CLAIM_RULES ? claim_compare(&greater[rule - 1], other) == 0
		                                : claim_compare(&greater[rule - 1], other) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_rule_that_decides_is_known),
	        cmocka_unit_test(the_index_is_like_a_plain_table),
	        cmocka_unit_test(a_claim_takes_sixty_bytes),
	        cmocka_unit_test(what_is_out_of_range_is_refused),
	        cmocka_unit_test(floors_are_kept_while_they_are_ahead),
	        cmocka_unit_test(a_withdrawn_claim_leaves_no_mark),
	        cmocka_unit_test(a_claim_has_one_spelling),
	        cmocka_unit_test(ranks_are_shared_evenly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

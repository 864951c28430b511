/* SPDX-License-Identifier: MIT */
/*
 * Every sequence of a few steps at one address: an operator sets or unsets it, an agent learns or
 * expires it, or a node gets another's branches. Clocks are 80 s apart, and a step takes 10 s.
 * After each sequence all nodes exchange everything until they rest, and the end is judged:
 *
 *     equal     all nodes have the same view
 *     ends      tidying comes to an end
 *     kept      the one word that came after all others is the view
 *     gone      where all words that nothing came after are removals, nothing shows
 *     static    agents alone do not remove what an operator declared
 *
 * The views, words, clocks, floors and tidying are the production code's. With a rule taken away,
 * the same search must find a violation.
 *
 *     FLEET_SEARCH="NODES STEPS [alone] [release]" build/unit/fleet/test_search     a deeper one
 *
 * alone: a node may also get a branch without those that its author had (no causal delivery).
 * release: operators may set dynamic entries, too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fleet/fleet.h"

#ifdef __SANITIZE_ADDRESS__ /* ten times slower */
#define FEWER 2
#else
#define FEWER 0
#endif
#define NODES_MAX    4
#define STEPS_MAX    16
#define VERSIONS_MAX 64
#define ROUNDS_MAX   12
#define SETS_MAX     5 /* edits before an operator's last set, so that MACs stay apart */
#define SEGMENT      0
#define BEGIN        INT64_C(1800000000)

/* A rule that the test takes away. */
enum without {
	NOTHING,
	HYBRID_CLOCK,
	MARKS_AT_EXPIRY,
	MARKS_OF_BEATEN,
	BEATEN_MARKS,
	FLOORS,
	PASSED
};

enum step { SET, UNSET, LEARN, EXPIRE, RELEASE, GET, GET_ALONE };

static const char *const step_name[] = {"sets a static",
                                        "unsets",
                                        "learns",
                                        "expires",
                                        "sets a dynamic",
                                        "gets all that is known to",
                                        "gets only the branch of"};

/* A word of a node, and which words it came after (a bit each). */
struct edit {
	unsigned node;
	int version;
	uint32_t past;
	struct claim said;
	bool operators, removal;
};

/* What backtracking restores; branches and edits only grow. */
struct search_place {
	int64_t now;
	int version[NODES_MAX];
	int known[NODES_MAX][NODES_MAX]; /* [who][whose] */
	int64_t floor[NODES_MAX];
	unsigned edits, steps;
};

struct search {
	unsigned nodes, depth;
	bool alone;    /* branches may come without what their author had */
	bool release;  /* operators may set dynamic entries, too */
	bool to_first; /* the first violation ends the search */
	enum without without;

	struct search_place at;
	struct claim branch[NODES_MAX][VERSIONS_MAX]; /* version 0 says nothing */
	struct edit edit[STEPS_MAX];
	struct {
		enum step step;
		unsigned node, other;
	} path[STEPS_MAX];

	struct fleet *judge[NODES_MAX]; /* to look at an end: floors do not matter there */
	struct claim judged[NODES_MAX][NODES_MAX];
	unsigned long states, violations;
	int rounds; /* at most, until rest */
	char first[1024];
};

static const struct address address = ADDRESS_V4(0x0a000311);
static const int skew[NODES_MAX] = {40, -40, 0, -15};
static const char *const name[NODES_MAX] = {"a", "b", "c", "d"};

static unsigned number_of(unsigned node, unsigned other)
{
	if (node == other)
		return FLEET_OWN;
	return other < node ? other + 1 : other;
}

static struct fleet *fleet_of(const struct search *search, unsigned node)
{
	struct fleet *fleet;
	unsigned number;

	assert_int_equal(fleet_new(&fleet, name[node], NULL), 0);
	for (unsigned i = 0; i < search->nodes; i++)
		if (i != node) {
			assert_int_equal(fleet_node(fleet, name[i], &number), 0);
			assert_int_equal(number, number_of(node, i));
		}
	return fleet;
}

static const struct claim *known(const struct search *search, unsigned node, unsigned other)
{
	return &search->branch[other][search->at.known[node][other]];
}

static bool same(const struct claim *a, const struct claim *b)
{
	return a->state == b->state && a->since == b->since && a->after == b->after &&
	       mac_equal(a->mac, b->mac);
}

static int64_t clock_of(const struct search *search, unsigned node)
{
	return BEGIN + 10 * search->at.now + skew[node];
}

/* The node's index as it would be, with its floor. */
static struct fleet *index_of(const struct search *search, unsigned node)
{
	struct fleet *fleet = fleet_of(search, node);

	fleet_clock(fleet, clock_of(search, node));
	if (search->without != FLOORS)
		fleet_raise(fleet, SEGMENT, address, search->at.floor[node]);
	for (unsigned i = 0; i < search->nodes; i++)
		fleet_put(fleet, number_of(node, i), SEGMENT, address, known(search, node, i));
	return fleet;
}

static void append(struct search *search, unsigned node, const struct claim *claim)
{
	int version = ++search->at.version[node];

	assert_true(version < VERSIONS_MAX);
	search->branch[node][version] = *claim;
	search->at.known[node][node] = version;
}

static bool is_winner(const struct fleet *fleet)
{
	struct claim winner;
	unsigned node;

	fleet_view(fleet, SEGMENT, address, &winner, &node);
	return winner.state != CLAIM_NONE && node == FLEET_OWN;
}

/* Rule 4, or what a variant makes of it. */
static bool tidied(const struct search *search, const struct fleet *fleet, struct claim *own)
{
	bool changed = fleet_tidy(fleet, SEGMENT, address, own);

	if (search->without == MARKS_OF_BEATEN && changed && own->state == CLAIM_GONE)
		own->state = CLAIM_NONE;
	if (search->without == BEATEN_MARKS && !changed && own->state == CLAIM_GONE &&
	    !is_winner(fleet)) {
		own->state = CLAIM_NONE;
		changed = true;
	}
	return changed;
}

static void tidy(struct search *search, unsigned node, struct fleet *fleet)
{
	struct claim own;

	while (tidied(search, fleet, &own)) {
		append(search, node, &own);
		fleet_put(fleet, FLEET_OWN, SEGMENT, address, &own);
	}
}

static bool say(struct search *search, unsigned node, struct fleet *fleet, enum step step,
                struct claim *own)
{
	static const enum fleet_word word[] = {FLEET_DECLARE, FLEET_UNSET, FLEET_LEARN,
	                                       FLEET_EXPIRE, FLEET_DECLARE};
	struct claim said = {.state = step == SET ? CLAIM_STATIC : CLAIM_DYNAMIC,
	                     .mac = {{2, 0, 0, 0, (uint8_t)step, (uint8_t)(1 + node)}}};
	int64_t now = clock_of(search, node);

	if (step == SET || step == RELEASE)
		said.mac.octet[3] = (uint8_t)(search->at.edits % 2);
	if (!fleet_say(fleet, SEGMENT, address, word[step], &said, now, own))
		return false;
	if (search->without == HYBRID_CLOCK) {
		own->after = own->since && own->after == own->since ? now : own->after;
		own->since = now;
	}
	if (search->without == MARKS_AT_EXPIRY && step == EXPIRE)
		own->state = CLAIM_NONE;
	return true;
}

/* False: nobody would do that here. */
static bool take_word(struct search *search, unsigned node, enum step step)
{
	struct fleet *fleet = index_of(search, node);
	struct edit *edit = &search->edit[search->at.edits];
	struct claim own;
	bool said = say(search, node, fleet, step, &own);

	if (said) {
		*edit = (struct edit){.node = node,
		                      .said = own,
		                      .operators = step == SET || step == UNSET || step == RELEASE,
		                      .removal = step == UNSET || step == EXPIRE};
		for (unsigned i = 0; i < search->at.edits; i++)
			if (search->edit[i].version <= search->at.known[node][search->edit[i].node])
				edit->past |= 1u << i | search->edit[i].past;
		search->at.edits++;
		append(search, node, &own);
		edit->version = search->at.version[node];
		fleet_put(fleet, FLEET_OWN, SEGMENT, address, &own);
		tidy(search, node, fleet);
		search->at.floor[node] = fleet_floor(fleet, SEGMENT, address);
	}
	fleet_free(fleet);
	return said;
}

/* False: there is nothing to get. */
static bool take_branches(struct search *search, unsigned node, unsigned other, bool alone)
{
	struct fleet *fleet;
	bool any = false, more = false;
	unsigned i;

	for (i = 0; i < search->nodes; i++)
		if (i != node && search->at.known[other][i] > search->at.known[node][i]) {
			any |= !alone || i == other;
			more |= i != other;
		}
	if (!any || (alone && !more))
		return false;
	fleet = index_of(search, node);
	for (i = 0; i < search->nodes; i++)
		if (i != node && search->at.known[other][i] > search->at.known[node][i] &&
		    (!alone || i == other)) {
			/* Also claims that the branch had between its tips leave a floor. */
			if (search->without != PASSED)
				for (int v = search->at.known[node][i];
				     v < search->at.known[other][i]; v++)
					fleet_raise(fleet, SEGMENT, address,
					            search->branch[i][v].since);
			search->at.known[node][i] = search->at.known[other][i];
			fleet_put(fleet, number_of(node, i), SEGMENT, address,
			          known(search, node, i));
		}
	tidy(search, node, fleet);
	search->at.floor[node] = fleet_floor(fleet, SEGMENT, address);
	fleet_free(fleet);
	return true;
}

static void violation(struct search *search, const char *what)
{
	size_t used = 0;

	if (search->violations++)
		return;
	for (unsigned i = 0; i < search->at.steps && used < sizeof(search->first); i++)
		used += (size_t)snprintf(
		        search->first + used, sizeof(search->first) - used, "%s %s%s%s; ",
		        name[search->path[i].node], step_name[search->path[i].step],
		        search->path[i].step >= GET ? " " : "",
		        search->path[i].step >= GET ? name[search->path[i].other] : "");
	if (used < sizeof(search->first))
		snprintf(search->first + used, sizeof(search->first) - used, "%s", what);
}

static void judge_words(struct search *search, const struct claim *view)
{
	uint32_t all = (1u << search->at.edits) - 1, dead = 0, last;
	bool shows = claim_is_present(view), gone = true;

	for (unsigned i = 0; i < search->at.edits; i++)
		dead |= search->edit[i].past;
	last = all & ~dead;
	for (unsigned i = 0; i < search->at.edits; i++) {
		const struct edit *edit = &search->edit[i];
		bool rival = false;

		if (!(last >> i & 1))
			continue;
		gone &= edit->removal;
		if (last == 1u << i && !edit->removal &&
		    (view->state != edit->said.state || !mac_equal(view->mac, edit->said.mac)))
			violation(search, "the last word is lost");
		if (edit->removal || edit->said.state != CLAIM_STATIC ||
		    view->state == CLAIM_STATIC)
			continue;
		for (unsigned k = 0; k < search->at.edits; k++)
			rival |= k != i && search->edit[k].operators && !(edit->past >> k & 1);
		if (!rival)
			violation(search, "agents removed a static");
	}
	if (search->at.edits && gone && shows)
		violation(search, "what was removed is back");
}

/* The index that looks at ends has what the node knows now. */
static struct fleet *looking(struct search *search, unsigned node)
{
	for (unsigned i = 0; i < search->nodes; i++) {
		const struct claim *claim = known(search, node, i);

		if (same(claim, &search->judged[node][i]))
			continue;
		fleet_put(search->judge[node], number_of(node, i), SEGMENT, address, claim);
		search->judged[node][i] = *claim;
	}
	return search->judge[node];
}

static void judge(struct search *search)
{
	struct search_place before = search->at;
	struct claim view, other, own;
	bool again = true;
	unsigned node;
	int rounds = 0;

	while (again && rounds < ROUNDS_MAX) {
		again = false;
		rounds++;
		for (unsigned i = 0; i < search->nodes; i++) {
			again |= memcmp(search->at.known[i], search->at.version,
			                sizeof(search->at.version)) != 0;
			memcpy(search->at.known[i], search->at.version, sizeof(search->at.version));
		}
		for (unsigned i = 0; i < search->nodes; i++)
			if (tidied(search, looking(search, i), &own)) {
				append(search, i, &own);
				again = true;
			}
	}
	if (again)
		violation(search, "tidying never ends");
	if (rounds > search->rounds)
		search->rounds = rounds;
	fleet_view(looking(search, 0), SEGMENT, address, &view, &node);
	for (unsigned i = 1; i < search->nodes; i++) {
		fleet_view(looking(search, i), SEGMENT, address, &other, &node);
		if (!same(&view, &other))
			violation(search, "views differ");
	}
	judge_words(search, &view);
	search->at = before;
}

static void descend(struct search *search);

static void try(struct search *search, enum step step, unsigned node, unsigned other)
{
	struct search_place before = search->at;
	bool done;

	search->at.now++;
	done = step >= GET ? take_branches(search, node, other, step == GET_ALONE)
	                   : take_word(search, node, step);
	if (done) {
		search->path[search->at.steps].step = step;
		search->path[search->at.steps].node = node;
		search->path[search->at.steps].other = other;
		search->at.steps++;
		descend(search);
	}
	search->at = before;
}

static void descend(struct search *search)
{
	search->states++;
	judge(search);
	if (search->at.steps == search->depth || (search->to_first && search->violations))
		return;
	for (unsigned node = 0; node < search->nodes; node++) {
		if (search->at.edits < SETS_MAX)
			try(search, SET, node, node);
		try(search, UNSET, node, node);
		try(search, LEARN, node, node);
		try(search, EXPIRE, node, node);
		if (search->release && search->at.edits < SETS_MAX)
			try(search, RELEASE, node, node);
		for (unsigned other = 0; other < search->nodes; other++) {
			if (other == node)
				continue;
			try(search, GET, node, other);
			if (search->alone)
				try(search, GET_ALONE, node, other);
		}
	}
}

static void search_all(struct search *search)
{
	struct timespec begin, end;
	double seconds;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (unsigned i = 0; i < search->nodes; i++) {
		search->judge[i] = fleet_of(search, i);
		fleet_clock(search->judge[i], CLAIM_TIME_LAST);
	}
	descend(search);
	for (unsigned i = 0; i < search->nodes; i++)
		fleet_free(search->judge[i]);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
	print_message("%u nodes, %u steps: %lu sequences, %.1f s of CPU, rest after %d rounds at "
	              "most, %lu violations%s%s\n",
	              search->nodes, search->depth, search->states, seconds, search->rounds,
	              search->violations, search->violations ? "; the first: " : "", search->first);
}

static void expect_none(struct search search)
{
	search_all(&search);
	assert_int_equal(search.violations, 0);
}

static void expect_some(struct search search)
{
	search.to_first = true;
	search_all(&search);
	assert_int_not_equal(search.violations, 0);
}

static void two_nodes_agree_and_lose_no_word(void **state)
{
	(void)state;
	expect_none((struct search){.nodes = 2, .depth = 9 - FEWER});
}

static void three_nodes_agree_and_lose_no_word(void **state)
{
	(void)state;
	expect_none((struct search){.nodes = 3, .depth = 5, .alone = true});
}

static void operators_may_set_dynamic_entries(void **state)
{
	(void)state;
	expect_none((struct search){.nodes = 2, .depth = 6, .release = true});
}

static void the_hybrid_clock_is_needed(void **state)
{
	(void)state;
	expect_some((struct search){.nodes = 2, .depth = 5, .without = HYBRID_CLOCK});
}

static void marks_at_expiry_are_needed(void **state)
{
	(void)state;
	expect_some((struct search){.nodes = 2, .depth = 5, .without = MARKS_AT_EXPIRY});
}

static void beaten_marks_are_needed(void **state)
{
	(void)state;
	expect_some((struct search){.nodes = 3, .depth = 6, .without = BEATEN_MARKS});
}

static void floors_are_needed(void **state)
{
	(void)state;
	expect_some((struct search){.nodes = 2, .depth = 8, .without = FLOORS});
}

static void floors_of_claims_between_tips_are_needed(void **state)
{
	(void)state;
	if (FEWER)
		skip();
	expect_some((struct search){.nodes = 3, .depth = 6, .release = true, .without = PASSED});
}

/* FLEET_SEARCH. */
static void a_deeper_search_finds_nothing(void **state)
{
	const char *text = getenv("FLEET_SEARCH");
	struct search search = {0};
	char *end;

	(void)state;
	if (!text)
		return;
	search.alone = strstr(text, "alone") != NULL;
	search.release = strstr(text, "release") != NULL;
	search.nodes = (unsigned)strtoul(text, &end, 10);
	search.depth = (unsigned)strtoul(end, NULL, 10);
	assert_true(search.nodes > 0 && search.nodes <= NODES_MAX && search.depth <= STEPS_MAX);
	expect_none(search);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(two_nodes_agree_and_lose_no_word),
	        cmocka_unit_test(three_nodes_agree_and_lose_no_word),
	        cmocka_unit_test(operators_may_set_dynamic_entries),
	        cmocka_unit_test(the_hybrid_clock_is_needed),
	        cmocka_unit_test(marks_at_expiry_are_needed),
	        cmocka_unit_test(beaten_marks_are_needed),
	        cmocka_unit_test(floors_are_needed),
	        cmocka_unit_test(floors_of_claims_between_tips_are_needed),
	};
	const struct CMUnitTest deeper[] = {
	        cmocka_unit_test(a_deeper_search_finds_nothing),
	};

	if (getenv("FLEET_SEARCH"))
		return cmocka_run_group_tests(deeper, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

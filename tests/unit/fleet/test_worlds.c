/* SPDX-License-Identifier: MIT */
/*
 * Random worlds: two to six nodes with skewed clocks that also jump, one or two hubs, and two
 * addresses. Agents learn and expire, operators set and unset; links to hubs fail, a fetch or a
 * push breaks off in the middle, nodes exchange directly, hubs are wiped, and a node dies between
 * any two of its writes. What a node keeps over its death is its disk: its own branch, the tips it
 * judged, its floors, and what it fetched. In the end all is well again, and the nodes exchange
 * until they rest. Then, for each address:
 *
 *     all views are equal, and rest is reached
 *     the word that came after all others is the view; where all such are removals, nothing shows
 *     (an agent's word, only if no fetch broke off between two branches)
 *     agents alone do not remove a static
 *     a static shown is one that no operator's later word replaced; where none is shown, such a
 *     word, or no operator, wanted that
 *
 * The views, words, clocks, floors and tidying are the production code's. With a rule taken away,
 * the same worlds must find a violation.
 *
 *     FLEET_WORLDS=1000000 build/unit/fleet/test_worlds     that many
 *     FLEET_SEED=17                                          other ones
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

#define WORLDS      10000
#define WORLDS_FEW  1000000 /* in which a variant must fail */
#define NODES_MAX   6
#define HUBS_MAX    2
#define ADDRESSES   2
#define EVENTS_MAX  300
#define EDITS_MAX   60
#define COMMITS_MAX 1000
#define ROUNDS_MAX  30
#define BEGIN       INT64_C(1800000000)
#define SKEW_S      300
#define MACS        6

enum without { NOTHING, HYBRID_CLOCK, MARKS_AT_EXPIRY, BEATEN_MARKS, FLOORS };

struct commit {
	int64_t time;
	struct claim claim[ADDRESSES];
};

struct edit {
	unsigned node;
	int version;
	uint64_t past; /* the edits that it came after, a bit each */
	struct claim said;
	bool operators, removal;
};

struct node {
	int skew;
	/* The disk. */
	struct commit commit[COMMITS_MAX]; /* of the own branch; 0 says nothing */
	int tip[NODES_MAX];                /* own and others' */
	int fetched[NODES_MAX];
	int64_t floor[ADDRESSES];
	/* Memory. */
	struct fleet *index;
	int64_t clock;
};

struct world {
	uint64_t random;
	enum without without;
	unsigned nodes, hubs, addresses;
	bool own_first; /* a look writes the own branch before others' tips */
	bool tears;     /* a fetch may break off between two branches */
	bool torn;      /* one did: a node has branches without what their authors had */
	int64_t time;
	struct node node[NODES_MAX];
	int hub[HUBS_MAX][NODES_MAX];
	bool cut[NODES_MAX][HUBS_MAX];
	struct edit edit[ADDRESSES][EDITS_MAX];
	unsigned edits[ADDRESSES];
	unsigned deaths, marks, breaks;
	const char *wrong; /* NULL: nothing */
};

struct totals {
	unsigned long worlds, words, deaths, breaks, marks, violations;
	uint64_t first; /* the seed of the first violation */
	const char *wrong;
};

static uint32_t pick(struct world *world, uint32_t below)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 7;
	world->random ^= world->random << 17;
	return (uint32_t)((world->random >> 20) % below);
}

static bool perhaps(struct world *world, uint32_t percent)
{
	return pick(world, 100) < percent;
}

static unsigned number_of(unsigned node, unsigned other)
{
	if (node == other)
		return FLEET_OWN;
	return other < node ? other + 1 : other;
}

static void wrong(struct world *world, const char *what)
{
	if (!world->wrong)
		world->wrong = what;
}

/* The node's clock: never before its newest commit. */
static int64_t now_of(struct world *world, unsigned i)
{
	struct node *node = &world->node[i];
	int64_t now = BEGIN + world->time + node->skew;

	if (now > node->clock)
		node->clock = now;
	fleet_clock(node->index, node->clock);
	return node->clock;
}

/* Addresses of both families, by turns. */
static struct address place(unsigned address)
{
	return address % 2 ? (struct address){UINT64_C(0x20010db800000000), 0x311 + address}
	                   : address_v4(0x0a000311 + address);
}

static void put(struct world *world, unsigned i, unsigned other, unsigned address,
                const struct claim *claim)
{
	assert_int_equal(
	        fleet_put(world->node[i].index, number_of(i, other), 0, place(address), claim), 0);
}

static const struct claim *branch(const struct world *world, unsigned i, int version,
                                  unsigned address)
{
	return &world->node[i].commit[version].claim[address];
}

static bool is_winner(const struct fleet *fleet, unsigned address)
{
	struct claim winner;
	unsigned node;

	fleet_view(fleet, 0, place(address), &winner, &node);
	return winner.state != CLAIM_NONE && node == FLEET_OWN;
}

static bool tidied(const struct world *world, const struct fleet *fleet, unsigned address,
                   struct claim *own)
{
	bool changed = fleet_tidy(fleet, 0, place(address), own);

	if (world->without == BEATEN_MARKS && !changed && own->state == CLAIM_GONE &&
	    !is_winner(fleet, address)) {
		*own = (struct claim){.state = CLAIM_NONE};
		return true;
	}
	return changed;
}

static void store_floors(struct world *world, unsigned i)
{
	for (unsigned a = 0; a < ADDRESSES; a++)
		if (world->without != FLOORS)
			world->node[i].floor[a] = fleet_floor(world->node[i].index, 0, place(a));
}

/* A commit of the own branch, as its index has it. */
static void commit(struct world *world, unsigned i)
{
	struct node *node = &world->node[i];
	struct commit *made = &node->commit[++node->tip[i]];

	assert_true(node->tip[i] < COMMITS_MAX);
	made->time = node->clock;
	for (unsigned a = 0; a < ADDRESSES; a++) {
		fleet_own(node->index, 0, place(a), &made->claim[a]);
		world->marks += made->claim[a].state == CLAIM_GONE;
	}
}

/* Tidies the index; whether the own branch must follow. */
static bool tidy(struct world *world, unsigned i)
{
	bool any = false;

	for (unsigned a = 0; a < ADDRESSES; a++) {
		struct claim own;

		if (!tidied(world, world->node[i].index, a, &own))
			continue;
		put(world, i, i, a, &own);
		any = true;
	}
	return any;
}

/* Reads the disk. */
static void start(struct world *world, unsigned i)
{
	static const char *const name[NODES_MAX] = {"a", "b", "c", "d", "e", "f"};
	struct node *node = &world->node[i];
	unsigned number;

	fleet_free(node->index);
	assert_int_equal(fleet_new(&node->index, name[i], NULL), 0);
	for (unsigned k = 0; k < world->nodes; k++)
		if (k != i)
			assert_int_equal(fleet_node(node->index, name[k], &number), 0);
	node->clock = node->commit[node->tip[i]].time;
	now_of(world, i);
	for (unsigned a = 0; a < ADDRESSES; a++) {
		if (world->without != FLOORS)
			fleet_raise(node->index, 0, place(a), node->floor[a]);
		for (unsigned k = 0; k < world->nodes; k++)
			put(world, i, k, a, branch(world, k, node->tip[k], a));
	}
	if (tidy(world, i)) {
		store_floors(world, i);
		commit(world, i);
	}
}

/* Whether the node dies here: between two writes. */
static bool dies(struct world *world, unsigned i, uint32_t percent)
{
	if (!perhaps(world, percent))
		return false;
	world->deaths++;
	start(world, i);
	return true;
}

static void store_tips(struct node *node, unsigned nodes, unsigned own)
{
	for (unsigned k = 0; k < nodes; k++)
		if (k != own && node->fetched[k] > node->tip[k])
			node->tip[k] = node->fetched[k];
}

/* What was fetched is judged and applied. */
static void look(struct world *world, unsigned i, uint32_t death)
{
	struct node *node = &world->node[i];
	bool ours;

	now_of(world, i);
	for (unsigned k = 0; k < world->nodes; k++)
		for (unsigned a = 0; a < ADDRESSES; a++) {
			if (k == i || node->fetched[k] <= node->tip[k])
				continue;
			for (int v = node->tip[k]; v < node->fetched[k] && world->without != FLOORS;
			     v++)
				fleet_raise(node->index, 0, place(a),
				            branch(world, k, v, a)->since);
			put(world, i, k, a, branch(world, k, node->fetched[k], a));
		}
	ours = tidy(world, i);
	store_floors(world, i);
	if (dies(world, i, death))
		return;
	if (!world->own_first)
		store_tips(node, world->nodes, i);
	if (!world->own_first && dies(world, i, death))
		return;
	if (ours)
		commit(world, i);
	if (world->own_first && dies(world, i, death))
		return;
	store_tips(node, world->nodes, i);
}

/* All branches of another's, or, where the connection breaks, some of them. */
static void fetch(struct world *world, unsigned i, const int *from, bool breaks)
{
	struct node *node = &world->node[i];
	unsigned first = pick(world, world->nodes);
	bool some = false;

	for (unsigned n = 0; n < world->nodes; n++) {
		unsigned k = (first + n) % world->nodes;

		if (k == i || from[k] <= node->fetched[k])
			continue;
		if (breaks && perhaps(world, 15) && (!some || world->tears)) {
			world->breaks++;
			world->torn |= some;
			return;
		}
		node->fetched[k] = from[k];
		some = true;
	}
}

/* What the hub has not: others' branches first. */
static void push(struct world *world, unsigned i, int *hub, bool breaks)
{
	struct node *node = &world->node[i];

	for (unsigned n = 0; n <= world->nodes; n++) {
		unsigned k = n < world->nodes ? n : i;

		if ((n < world->nodes && k == i) || hub[k] >= node->tip[k])
			continue;
		if (breaks && perhaps(world, 10)) {
			world->breaks++;
			return;
		}
		hub[k] = node->tip[k];
	}
}

static void say(struct world *world, unsigned i, unsigned a)
{
	static const enum fleet_word words[] = {FLEET_LEARN,   FLEET_LEARN, FLEET_EXPIRE,
	                                        FLEET_DECLARE, FLEET_UNSET, FLEET_EXPIRE};
	enum fleet_word word = words[pick(world, sizeof(words) / sizeof(words[0]))];
	struct claim said = {.state = CLAIM_DYNAMIC}, own;
	struct node *node = &world->node[i];
	int64_t now = now_of(world, i);
	struct edit *edit = &world->edit[a][world->edits[a]];

	if (world->edits[a] == EDITS_MAX)
		return;
	said.mac = (struct mac){{2, 0, 0, 0, 0, (uint8_t)(1 + pick(world, MACS))}};
	if (word == FLEET_DECLARE) {
		said.mac.octet[4] = (uint8_t)(1 + world->edits[a]);
		said.state = perhaps(world, 80) ? CLAIM_STATIC : CLAIM_DYNAMIC;
	}
	if (!fleet_say(node->index, 0, place(a), word, &said, now, &own))
		return;
	if (world->without == HYBRID_CLOCK) {
		own.after = own.since && own.after == own.since ? now : own.after;
		own.since = now > own.after ? now : own.after;
	}
	if (world->without == MARKS_AT_EXPIRY && word == FLEET_EXPIRE)
		own = (struct claim){.state = CLAIM_NONE};
	put(world, i, i, a, &own);
	store_floors(world, i);
	if (dies(world, i, 3))
		return; /* nobody was told that it was done */
	*edit = (struct edit){.node = i,
	                      .version = node->tip[i] + 1,
	                      .said = own,
	                      .operators = word == FLEET_DECLARE || word == FLEET_UNSET,
	                      .removal = word == FLEET_EXPIRE || word == FLEET_UNSET};
	for (unsigned k = 0; k < world->edits[a]; k++)
		if (world->edit[a][k].version <= node->tip[world->edit[a][k].node])
			edit->past |= UINT64_C(1) << k | world->edit[a][k].past;
	world->edits[a]++;
	commit(world, i);
	if (tidy(world, i)) { /* of the variants alone */
		assert_int_not_equal(world->without, NOTHING);
		commit(world, i);
	}
}

static void happen(struct world *world)
{
	unsigned i = pick(world, world->nodes), h = pick(world, world->hubs);
	unsigned other = pick(world, world->nodes);

	world->time += pick(world, 20);
	switch (pick(world, 17)) {
	case 0 ... 5:
		say(world, i, pick(world, world->addresses));
		break;
	case 6 ... 8:
		if (!world->cut[i][h])
			fetch(world, i, world->hub[h], true);
		if (!dies(world, i, 4))
			look(world, i, 4);
		break;
	case 9 ... 11:
		if (!world->cut[i][h])
			push(world, i, world->hub[h], true);
		(void)dies(world, i, 4);
		break;
	case 12:
		world->cut[i][h] = perhaps(world, 50);
		break;
	case 13: /* an exchange without a hub */
		fetch(world, i, world->node[other].tip, true);
		look(world, i, 4);
		break;
	case 14:
		(void)dies(world, i, 20);
		break;
	case 15:
		if (perhaps(world, 20))
			memset(world->hub[h], 0, sizeof(world->hub[h]));
		break;
	default:
		if (perhaps(world, 10)) /* the clock is put right, or wrong */
			world->node[i].skew = (int)pick(world, 2 * SKEW_S) - SKEW_S;
		break;
	}
}

static void rest(struct world *world)
{
	int round;
	bool again = true;

	for (round = 0; again && round < ROUNDS_MAX; round++) {
		again = false;
		for (unsigned i = 0; i < world->nodes; i++) {
			int before[NODES_MAX];

			memcpy(before, world->node[i].tip, sizeof(before));
			fetch(world, i, world->hub[0], false);
			look(world, i, 0);
			again |= memcmp(before, world->node[i].tip, sizeof(before)) != 0 ||
			         memcmp(world->hub[0], world->node[i].tip, sizeof(before)) != 0;
			push(world, i, world->hub[0], false);
		}
	}
	if (again)
		wrong(world, "tidying never ends");
}

static uint64_t unreplaced(const struct world *world, unsigned a, bool operators_only)
{
	uint64_t some = 0, replaced = 0;

	for (unsigned k = 0; k < world->edits[a]; k++) {
		if (operators_only && !world->edit[a][k].operators)
			continue;
		some |= UINT64_C(1) << k;
		replaced |= world->edit[a][k].past;
	}
	return some & ~replaced;
}

static void judge_operators(struct world *world, unsigned a, const struct claim *view)
{
	uint64_t last = unreplaced(world, a, true);
	bool wanted = last == 0;

	for (unsigned k = 0; k < world->edits[a]; k++) {
		const struct edit *edit = &world->edit[a][k];

		if (!(last >> k & 1))
			continue;
		if (view->state == CLAIM_STATIC)
			wanted |= !edit->removal && edit->said.state == CLAIM_STATIC &&
			          mac_equal(edit->said.mac, view->mac);
		else
			wanted |= edit->removal || edit->said.state != CLAIM_STATIC;
	}
	if (!wanted)
		wrong(world, view->state == CLAIM_STATIC ? "a static is back"
		                                         : "an operator's static is lost");
}

static void judge_last(struct world *world, unsigned a, const struct claim *view)
{
	uint64_t last = unreplaced(world, a, false);
	bool gone = true;

	for (unsigned k = 0; k < world->edits[a]; k++) {
		const struct edit *edit = &world->edit[a][k];
		bool rival = false;

		if (!(last >> k & 1))
			continue;
		gone &= edit->removal;
		/* With a torn fetch, what an agent learned may yield to a claim that is gone
		 * already. The agent learns it again when it hears the host, which no world
		 * does. */
		if (last == UINT64_C(1) << k && !edit->removal &&
		    (edit->operators || !world->torn) &&
		    (view->state != edit->said.state || !mac_equal(view->mac, edit->said.mac)))
			wrong(world, "the last word is lost");
		if (edit->removal || edit->said.state != CLAIM_STATIC ||
		    view->state == CLAIM_STATIC)
			continue;
		for (unsigned m = 0; m < world->edits[a]; m++)
			rival |= m != k && world->edit[a][m].operators && !(edit->past >> m & 1);
		if (!rival)
			wrong(world, "agents removed a static");
	}
	if (world->edits[a] && gone && claim_is_present(view))
		wrong(world, "what was removed is back");
}

static void judge(struct world *world)
{
	for (unsigned a = 0; a < ADDRESSES; a++) {
		struct claim view, other;
		unsigned node;

		fleet_view(world->node[0].index, 0, place(a), &view, &node);
		for (unsigned i = 1; i < world->nodes; i++) {
			fleet_view(world->node[i].index, 0, place(a), &other, &node);
			if (view.state != other.state || view.since != other.since ||
			    view.after != other.after || !mac_equal(view.mac, other.mac))
				wrong(world, "views differ");
		}
		judge_operators(world, a, &view);
		judge_last(world, a, &view);
	}
}

static void live(struct world *world, uint64_t seed, enum without without)
{
	unsigned events;

	memset(world, 0, sizeof(*world));
	world->random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	world->without = without;
	for (unsigned i = 0; i < 8; i++)
		(void)pick(world, 2);
	world->nodes = 2 + pick(world, perhaps(world, 50) ? 2 : NODES_MAX - 1);
	world->addresses = 1 + pick(world, ADDRESSES);
	world->hubs = 1 + pick(world, HUBS_MAX);
	world->own_first = perhaps(world, 50);
	world->tears = perhaps(world, 50);
	events = 10 + pick(world, EVENTS_MAX - 10);
	for (unsigned i = 0; i < world->nodes; i++) {
		world->node[i].skew = (int)pick(world, 2 * SKEW_S) - SKEW_S;
		start(world, i);
	}
	for (unsigned e = 0; e < events; e++)
		happen(world);
	rest(world);
	judge(world);
	for (unsigned i = 0; i < world->nodes; i++)
		fleet_free(world->node[i].index);
}

static struct totals live_all(unsigned long first, unsigned long worlds, enum without without)
{
	struct world *world = malloc(sizeof(*world));
	const char *seed = getenv("FLEET_SEED");
	uint64_t base = seed ? strtoull(seed, NULL, 10) << 32 : 0;
	struct totals totals = {0};
	struct timespec begin, end;

	assert_non_null(world);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (; totals.worlds < worlds && (without == NOTHING || !totals.violations);
	     totals.worlds++) {
		live(world, base + first + totals.worlds, without);
		for (unsigned a = 0; a < ADDRESSES; a++)
			totals.words += world->edits[a];
		totals.deaths += world->deaths;
		totals.breaks += world->breaks;
		totals.marks += world->marks;
		if (world->wrong && !totals.violations++) {
			totals.wrong = world->wrong;
			totals.first = first + totals.worlds;
		}
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	free(world);
	print_message("%lu worlds, %lu words, %lu deaths, %lu broken exchanges, %lu commits with a "
	              "mark, %.1f s of CPU: %lu violations",
	              totals.worlds, totals.words, totals.deaths, totals.breaks, totals.marks,
	              (double)(end.tv_sec - begin.tv_sec) +
	                      (double)(end.tv_nsec - begin.tv_nsec) / 1e9,
	              totals.violations);
	print_message(totals.violations ? "; the first in world %llu: %s\n" : "\n",
	              (unsigned long long)totals.first, totals.wrong);
	return totals;
}

static void worlds_come_to_one_table(void **state)
{
	const char *worlds = getenv("FLEET_WORLDS");

	(void)state;
	assert_int_equal(
	        live_all(1, worlds ? strtoul(worlds, NULL, 10) : WORLDS, NOTHING).violations, 0);
}

static void each_rule_is_needed(void **state)
{
	(void)state;
	assert_int_not_equal(live_all(1, WORLDS_FEW, HYBRID_CLOCK).violations, 0);
	assert_int_not_equal(live_all(1, WORLDS_FEW, MARKS_AT_EXPIRY).violations, 0);
	/* These show in one world of many ten thousand: it begins shortly before one. */
	assert_int_not_equal(live_all(53300, WORLDS_FEW, BEATEN_MARKS).violations, 0);
	assert_int_not_equal(live_all(548700, WORLDS_FEW, FLOORS).violations, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(worlds_come_to_one_table),
	        cmocka_unit_test(each_rule_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

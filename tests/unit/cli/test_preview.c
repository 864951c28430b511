/* SPDX-License-Identifier: MIT */
/*
 * What a preview says is what the merge then does, address by address, over random histories: of an
 * agent that learns and forgets, and of people who edit, merge each other and older states of main,
 * remove, write what is invalid or has no history in common, and change too much at once.
 * PREVIEW_WORLDS=100 makes so many.
 */
#include "../history/owner.h"

#include "reader/reader.h"

#define HOSTS  12 /* 10.0.0.1 to .12, .12 is the host's own in some worlds */
#define STEPS  70
#define PEOPLE 4
#define OLD    40 /* states of main that were ever fetched */

struct world {
	struct owner *owner;
	git_repository *repository;
	git_oid tip[PEOPLE], old[OLD];
	unsigned olds, merged, refused, guarded, conflicts, known;
	int64_t clock;
};

/* What a preview said, as a table. */
struct said {
	struct entry *then[HOSTS + 1];
	bool named[HOSTS + 1];
	size_t changed, conflicts;
	bool own; /* something was said of the host's own address */
	unsigned own_host;
};

static unsigned any(unsigned of)
{
	return (unsigned)rand() % of;
}

/* --- people ----------------------------------------------------------------------------------- */

static void write_blob(struct world *world, git_oid *id, const char *text)
{
	assert_int_equal(git_blob_create_from_buffer(id, world->repository, text, strlen(text)), 0);
}

static void write_entry(struct world *world, git_oid *id, const char *state, const char *since)
{
	char text[256];

	snprintf(text, sizeof(text), "mac 02:00:00:00:00:%02x\nstate %s\nsince %s\n%s", 1 + any(6),
	         state, since, any(4) ? "" : "note by hand\n");
	write_blob(world, id, text);
}

/* The path and the file of an edit that is refused. */
static void make_invalid(struct world *world, char path[64], git_tree_update *update)
{
	static const char *const paths[] = {"lan/10.0/10.0.0/10.0.0.5", "lan/10.9/10.9.0/10.9.0.1",
	                                    "wan/10.0/10.0.0/10.0.0.5", "lan/plan.txt"};
	unsigned kind = any(4);

	strcpy(path, paths[kind]);
	if (kind == 0 && any(2))
		write_entry(world, &update->id, "static", "2099-01-01T00:00:00Z");
	else
		write_entry(world, &update->id, kind ? "static" : "nonsense",
		            "2025-11-22T10:00:01Z");
	update->action = GIT_TREE_UPDATE_UPSERT;
}

static void edit(struct world *world, git_oid *tree, bool valid)
{
	const char *const since = any(2) ? "2025-11-22T10:00:01Z" : "2025-11-22T10:00:02Z";
	git_tree_update update = {.filemode = GIT_FILEMODE_BLOB, .action = GIT_TREE_UPDATE_UPSERT};
	char path[ENTRY_PATH_MAX] = "plan.txt";
	git_tree_entry *there = NULL;
	git_tree *base;

	assert_int_equal(git_tree_lookup(&base, world->repository, tree), 0);
	update.path = path;
	if (!valid)
		make_invalid(world, path, &update);
	else if (any(6) == 0)
		write_blob(world, &update.id, any(2) ? "one plan\n" : "another plan\n");
	else {
		entry_path(path, "lan", address_v4(FIRST + 1 + any(HOSTS)));
		if (any(3) == 0)
			update.action = GIT_TREE_UPDATE_REMOVE;
		write_entry(world, &update.id, any(2) ? "static" : "dynamic", since);
	}
	if (update.action == GIT_TREE_UPDATE_UPSERT ||
	    git_tree_entry_bypath(&there, base, path) == 0)
		assert_int_equal(git_tree_create_updated(tree, world->repository, base, 1, &update),
		                 0);
	git_tree_entry_free(there);
	git_tree_free(base);
}

static void tree_of(struct world *world, git_oid *tree, const git_oid *id)
{
	git_commit *commit;

	assert_int_equal(git_commit_lookup(&commit, world->repository, id), 0);
	*tree = *git_commit_tree_id(commit);
	git_commit_free(commit);
}

/* A commit upon `tip`, which it becomes. `other` may be NULL, as may `tip` be an orphan's. */
static void commit(struct world *world, git_oid *tip, const git_oid *other, const git_oid *tree,
                   bool orphan)
{
	git_commit *parent[2] = {NULL};
	size_t parents = orphan ? 0 : other ? 2 : 1;
	git_signature *who;
	git_tree *root;

	world->clock += any(5);
	assert_int_equal(git_signature_new(&who, "bob", "bob@example.net", world->clock, 0), 0);
	assert_int_equal(git_tree_lookup(&root, world->repository, tree), 0);
	for (size_t i = 0; i < parents; i++)
		assert_int_equal(git_commit_lookup(&parent[i], world->repository, i ? other : tip),
		                 0);
	assert_int_equal(git_commit_create(tip, world->repository, NULL, who, who, NULL, "by hand",
	                                   root, parents, (const git_commit **)parent),
	                 0);
	git_commit_free(parent[0]);
	git_commit_free(parent[1]);
	git_tree_free(root);
	git_signature_free(who);
}

static void person_edits(struct world *world, unsigned person)
{
	git_oid *tip = &world->tip[person], tree;

	tree_of(world, &tree, tip);
	for (unsigned i = 0; i <= any(4); i++)
		edit(world, &tree, any(25) != 0);
	commit(world, tip, NULL, &tree, any(40) == 0);
}

/* Takes either side's files, and perhaps an edit of its own. */
static void person_merges(struct world *world, unsigned person)
{
	const git_oid other = any(2) ? world->tip[any(PEOPLE)] : world->old[any(world->olds)];
	git_oid *tip = &world->tip[person], tree;

	if (git_oid_equal(&other, tip))
		return;
	tree_of(world, &tree, any(2) ? tip : &other);
	if (any(2))
		edit(world, &tree, true);
	commit(world, tip, &other, &tree, false);
}

static void fetch(struct world *world, git_oid *into)
{
	git_oid main;

	assert_int_equal(git_reference_name_to_id(&main, world->repository, "refs/heads/main"), 0);
	world->old[world->olds < OLD ? world->olds++ : any(OLD)] = main;
	if (into)
		*into = main;
}

static void set_ref(struct world *world, const char *name, const git_oid *id)
{
	git_reference *reference = NULL;

	assert_int_equal(git_reference_create(&reference, world->repository, name, id, 1, NULL), 0);
	git_reference_free(reference);
}

/* --- the preview, and the merge --------------------------------------------------------------- */

static bool is_own(void *context, const char *segment, struct address address)
{
	const struct owner *owner = context;

	assert_string_equal(segment, "lan");
	return owner->own && address_number(address) == FIRST + owner->own;
}

static int note(void *context, const struct preview_row *row)
{
	unsigned host = address_number(row->address) - FIRST;
	struct said *said = context;

	assert_in_range(host, 1, HOSTS);
	assert_false(said->named[host]);
	assert_true(row->changed || row->kept);
	if (row->kept)
		assert_true(!row->changed && row->why && entry_equal(row->now, row->then));
	else
		assert_false(entry_equal(row->now, row->then));
	said->named[host] = true;
	said->own |= host == said->own_host;
	said->changed += row->changed;
	said->conflicts += row->why != NULL;
	entry_free(said->then[host]);
	said->then[host] = entry_copy(row->then);
	return 0;
}

static void ask(struct world *world, uint32_t confirmed, const char *branch)
{
	struct owner *owner = world->owner;

	owner->has_outcome = false;
	assert_int_equal(history_merge(owner->history, branch, confirmed, on_outcome, owner), 0);
	assert_true(wait_outcome(owner));
	assert_true(settle(owner));
	assert_table(owner);
}

static void assert_as_before(struct world *world, const git_oid *main)
{
	git_oid now;

	assert_int_equal(git_reference_name_to_id(&now, world->repository, "refs/heads/main"), 0);
	assert_true(git_oid_equal(&now, main));
}

/* The id of plan.txt in main; zero: none. */
static git_oid plan_of(struct world *world)
{
	git_tree_entry *file = NULL;
	git_oid main, tree, id = {{0}};
	git_tree *root;

	assert_int_equal(git_reference_name_to_id(&main, world->repository, "refs/heads/main"), 0);
	tree_of(world, &tree, &main);
	assert_int_equal(git_tree_lookup(&root, world->repository, &tree), 0);
	if (git_tree_entry_bypath(&file, root, "plan.txt") == 0)
		id = *git_tree_entry_id(file);
	git_tree_entry_free(file);
	git_tree_free(root);
	return id;
}

static void assert_done(struct world *world, const struct preview *preview, struct said *said)
{
	struct owner *owner = world->owner;
	const git_oid plan = plan_of(world);
	git_oid now;

	ask(world, (uint32_t)preview->confirm, "review/x");
	if (owner->outcome.status)
		fail_msg("%s", owner->outcome.text);
	for (unsigned host = 1; host <= HOSTS; host++)
		if (!entry_equal(said->then[host], owner->table[host]))
			fail_msg("10.0.0.%u is not what the preview said: %s", host,
			         owner->outcome.text);
	assert_int_equal(owner->outcome.applied, preview->changed);
	/* The agent names its own address in any case, the tests' owner where it matters. */
	if (!said->own)
		assert_int_equal(owner->outcome.chosen, said->conflicts);
	now = plan_of(world);
	assert_int_equal(!git_oid_equal(&plan, &now), preview->files > 0);
	world->merged++;
}

/* Refuses what the preview refuses, and asks for what it said. */
static void assert_agrees(struct world *world, const struct preview *preview, struct said *said)
{
	struct owner *owner = world->owner;
	char path[PREVIEW_PATH];
	const char *reason;
	git_oid main;

	assert_int_equal(git_oid_fromstr(&main, preview->main), 0);
	assert_as_before(world, &main);
	if (preview->invalid > 0) {
		ask(world, 0, "review/x");
		assert_int_equal(owner->outcome.status, -EINVAL);
		assert_true(preview_invalid(preview, 0, path, &reason));
		assert_non_null(strstr(owner->outcome.text, path));
		assert_non_null(strstr(owner->outcome.text, reason));
		assert_null(preview->command);
		assert_as_before(world, &main);
		world->refused++;
		return;
	}
	if (preview->known) {
		ask(world, 0, "review/x");
		assert_int_equal(owner->outcome.status, 0);
		assert_null(preview->command);
		assert_as_before(world, &main);
		world->known++;
		return;
	}
	if (preview->guarded) {
		ask(world, 0, "review/x");
		assert_int_equal(owner->outcome.status, -EPERM);
		ask(world, (uint32_t)preview->confirm - 1, "review/x");
		assert_int_equal(owner->outcome.status, -EPERM);
		assert_as_before(world, &main);
		world->guarded++;
	}
	assert_done(world, preview, said);
}

static void look_and_merge(struct world *world, unsigned person)
{
	struct owner *owner = world->owner;
	struct said said = {.own_host = owner->own ? owner->own : UINT32_MAX};
	struct preview *preview = NULL;
	struct reader *reader = NULL;
	struct fault fault = {""};

	set_ref(world, "refs/heads/review/x", &world->tip[person]);
	for (unsigned host = 1; host <= HOSTS; host++)
		said.then[host] = entry_copy(owner->table[host]);
	assert_int_equal(reader_open(&reader, owner->path, &fault), 0);
	if (reader_preview(&preview, reader,
	                   &(struct preview_request){
	                           .name = "review/x", .is_own = is_own, .context = owner},
	                   &fault))
		fail_msg("%s", fault.text);
	assert_int_equal(preview_each(preview, note, &said), 0);
	assert_int_equal(said.changed, preview->changed);
	assert_int_equal(said.conflicts, preview->kept + preview->overwritten);
	world->conflicts += said.conflicts > 0;
	assert_agrees(world, preview, &said);
	preview_free(preview);
	reader_close(reader);
	for (unsigned host = 1; host <= HOSTS; host++)
		entry_free(said.then[host]);
	/* What was refused, or has nothing in common, is begun anew. */
	if (world->owner->outcome.status || any(3) == 0)
		fetch(world, &world->tip[person]);
}

static void agent_acts(struct world *world)
{
	unsigned host = 1 + any(HOSTS);

	if (host == world->owner->own)
		return;
	change(world->owner, any(2) ? "learn" : "operator", host, any(3) ? 1 + any(6) : 0);
	assert_true(settle(world->owner));
	if (any(2))
		fetch(world, NULL);
}

static void live(struct owner *owner, unsigned seed, struct world *totals)
{
	static const uint32_t guards[] = {GUARD_OFF, GUARD_AUTO, 1, 3};
	struct world world = {.owner = owner, .clock = SINCE + 100000};

	srand(seed);
	owner->interval_ms = 0;
	owner->guard = guards[seed % 4];
	owner->own = seed % 3 ? 0 : HOSTS;
	owner_open(owner);
	assert_int_equal(git_repository_open(&world.repository, owner->path), 0);
	agent_acts(&world);
	for (unsigned person = 0; person < PEOPLE; person++)
		fetch(&world, &world.tip[person]);
	for (unsigned step = 0; step < STEPS; step++)
		switch (any(8)) {
		case 0:
		case 1:
			agent_acts(&world);
			break;
		case 2:
		case 3:
		case 4:
			person_edits(&world, any(PEOPLE));
			break;
		case 5:
			person_merges(&world, any(PEOPLE));
			break;
		default:
			look_and_merge(&world, any(PEOPLE));
		}
	git_repository_free(world.repository);
	assert_whole(owner);
	totals->merged += world.merged;
	totals->refused += world.refused;
	totals->guarded += world.guarded;
	totals->conflicts += world.conflicts;
	totals->known += world.known;
}

static void what_a_preview_says_is_what_the_merge_then_does(void **state)
{
	const char *number = getenv("PREVIEW_WORLDS");
	unsigned worlds = number ? (unsigned)strtoul(number, NULL, 10) : 8;
	struct world totals = {0};

	(void)state;
	for (unsigned seed = 1; seed <= worlds; seed++) {
		struct owner *owner = owner_new();

		live(owner, seed, &totals);
		owner_free(owner);
	}
	if (getenv("TEST_VERBOSE"))
		print_message("%u merged, %u refused, %u guarded, %u with conflicts, %u known\n",
		              totals.merged, totals.refused, totals.guarded, totals.conflicts,
		              totals.known);
	/* Each of these has happened. */
	assert_true(totals.merged > 20 && totals.refused > 5 && totals.guarded > 2);
	assert_true(totals.conflicts > 5 && totals.known > 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_a_preview_says_is_what_the_merge_then_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

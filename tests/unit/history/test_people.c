// SPDX-License-Identifier: MIT
/*
 * People and an operator at random: people commit, merge any main that they ever fetched and each
 * other's branches, resolve conflicts either way, and push again and again. Nothing that was unset
 * is back unless a commit that was pushed since has changed that very address.
 */
#include "owner.h"

#include <git2.h>

#define WORLDS   6
#define STEPS    60
#define PEOPLE   3
#define HOSTS    5 /* of both families */
#define MADE_MAX 600

/* A commit that a person made, or that main named: what each address has there. */
struct made {
	git_oid id;
	unsigned mac[HOSTS];
	bool edits[HOSTS]; /* a person's, and it has the address otherwise than each parent */
	int parent[2];     /* of a person's; -1: none */
	bool known;
};

struct world {
	struct owner *owner;
	git_repository *repository;
	struct made made[MADE_MAX];
	int count, tip[PEOPLE];
	bool unset[HOSTS];
	unsigned mac; /* the last one that was given out */
};

static unsigned mac_at(const struct entry *entry)
{
	return entry ? entry->mac.octet[4] * 256u + entry->mac.octet[5] : 0;
}

/* No two MACs have the same `since`, and a later MAC need not be later. */
static struct entry *entry_of(unsigned mac)
{
	return mac ? make_entry(mac, ENTRY_STATIC, SINCE + (int)(mac * 7919 % 100003)) : NULL;
}

/* As an operator's `set` or `unset`. */
static void say(struct owner *owner, unsigned h, unsigned mac)
{
	const struct task_context context = {.segment = "lan", .trigger = "set"};

	entry_free(owner->table[h + 1]);
	owner->table[h + 1] = entry_of(mac);
	assert_int_equal(history_record(owner->history, "operator", &context, 0, place(1 + h),
	                                entry_of(mac), NULL, NULL),
	                 0);
	assert_true(settle(owner));
}

/* What main names now. */
static int note_main(struct world *world)
{
	struct made *made = &world->made[world->count];

	assert_in_range(world->count, 0, MADE_MAX - 1);
	*made = (struct made){.parent = {-1, -1}, .known = true};
	assert_int_equal(git_reference_name_to_id(&made->id, world->repository, "refs/heads/main"),
	                 0);
	for (unsigned h = 0; h < HOSTS; h++)
		made->mac[h] = mac_at(world->owner->table[h + 1]);
	return world->count++;
}

/* The tree of a commit, with these addresses in it. */
static void write_tree(struct world *world, git_oid *tree, const struct made *made)
{
	git_index *index = NULL;

	assert_int_equal(git_index_new(&index), 0);
	for (unsigned h = 0; h < HOSTS; h++) {
		struct entry *entry = entry_of(made->mac[h]);
		git_index_entry file = {.mode = GIT_FILEMODE_BLOB};
		char path[ENTRY_PATH_MAX], *text;

		if (!entry)
			continue;
		text = entry_print(entry);
		file.path = entry_path(path, "lan", place(1 + h));
		assert_int_equal(git_blob_create_from_buffer(&file.id, world->repository, text,
		                                             strlen(text)),
		                 0);
		assert_int_equal(git_index_add(index, &file), 0);
		free(text);
		entry_free(entry);
	}
	assert_int_equal(git_index_write_tree_to(tree, index, world->repository), 0);
	git_index_free(index);
}

static int commit_as(struct world *world, struct made *made, int person)
{
	git_commit *parent[2] = {NULL};
	git_signature *by = NULL;
	git_tree *tree = NULL;
	size_t parents = 0;
	git_oid id;

	write_tree(world, &id, made);
	assert_int_equal(git_signature_now(&by, "p", "p@x"), 0);
	assert_int_equal(git_tree_lookup(&tree, world->repository, &id), 0);
	for (; parents < 2 && made->parent[parents] >= 0; parents++)
		assert_int_equal(git_commit_lookup(&parent[parents], world->repository,
		                                   &world->made[made->parent[parents]].id),
		                 0);
	for (unsigned h = 0; h < HOSTS; h++) {
		made->edits[h] = true;
		for (size_t p = 0; p < parents; p++)
			if (world->made[made->parent[p]].mac[h] == made->mac[h])
				made->edits[h] = false;
	}
	assert_int_equal(git_commit_create(&made->id, world->repository, NULL, by, by, NULL, "edit",
	                                   tree, parents, (const git_commit **)parent),
	                 0);
	git_commit_free(parent[0]);
	git_commit_free(parent[1]);
	git_tree_free(tree);
	git_signature_free(by);
	assert_in_range(world->count, 0, MADE_MAX - 1);
	world->made[world->count] = *made;
	world->tip[person] = world->count;
	return world->count++;
}

static unsigned any(unsigned of)
{
	return (unsigned)random() % of;
}

/* A commit on the person's own branch. */
static void person_edits(struct world *world, int person)
{
	struct made made = world->made[world->tip[person]];
	unsigned h = any(HOSTS);

	made.parent[0] = world->tip[person];
	made.parent[1] = -1;
	made.known = false;
	made.mac[h] = any(3) == 0 ? 0 : ++world->mac;
	commit_as(world, &made, person);
}

/* Of any main that was ever fetched, or of a colleague's branch; conflicts are resolved at random.
 */
static void person_merges(struct world *world, int person)
{
	int other = (int)any((unsigned)world->count), mine = world->tip[person];
	struct made made = {.parent = {mine, other}};

	if (other == mine)
		return;
	if (any(2)) {
		made.parent[0] = other;
		made.parent[1] = mine;
	}
	for (unsigned h = 0; h < HOSTS; h++)
		made.mac[h] = any(12) == 0 ? ++world->mac : world->made[made.parent[any(2)]].mac[h];
	commit_as(world, &made, person);
}

static void operator_acts(struct world *world)
{
	unsigned h = any(HOSTS);
	bool set = any(2);

	say(world->owner, h, set ? ++world->mac : 0);
	world->unset[h] = !set;
	note_main(world);
}

/* Marks what main will know, and what of it changes an address. */
static void mark(struct world *world, int at, bool *edits)
{
	struct made *made = world->made + (at < 0 ? 0 : at);

	if (at < 0 || made->known)
		return;
	made->known = true;
	for (unsigned h = 0; h < HOSTS; h++)
		edits[h] |= made->edits[h];
	mark(world, made->parent[0], edits);
	mark(world, made->parent[1], edits);
}

static void person_pushes(struct world *world, int person)
{
	struct owner *owner = world->owner;
	const struct made *tip = &world->made[world->tip[person]];
	bool edits[HOSTS] = {false}, known = tip->known;
	git_reference *ref = NULL;

	assert_int_equal(git_reference_create(&ref, world->repository, "refs/heads/merge/x",
	                                      &tip->id, 1, NULL),
	                 0);
	git_reference_free(ref);
	merges(owner, "merge/x");
	assert_true(wait_shell(owner, "! git -C \"$R\" rev-parse -q --verify merge/x >/dev/null"));
	mark(world, world->tip[person], edits);
	for (unsigned h = 0; h < HOSTS; h++) {
		if (known)
			assert_false(edits[h]);
		if (world->unset[h] && owner->table[h + 1] && !edits[h])
			fail_msg("host %u was unset, and is back", h + 1);
		world->unset[h] &= !owner->table[h + 1];
	}
	world->tip[person] = any(4) ? world->tip[person] : note_main(world);
}

static void live(struct owner *owner, unsigned seed)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	srandom(seed);
	world->owner = owner;
	owner->interval_ms = 0;
	owner_open(owner);
	assert_int_equal(git_repository_open(&world->repository, owner->path), 0);
	say(owner, 0, ++world->mac);
	for (int person = 0; person < PEOPLE; person++)
		world->tip[person] = note_main(world);
	for (unsigned step = 0; step < STEPS; step++) {
		int person = (int)any(PEOPLE);

		switch (any(8)) {
		case 0:
		case 1:
			operator_acts(world);
			break;
		case 2:
		case 3:
			person_edits(world, person);
			break;
		case 4:
		case 5:
			person_merges(world, person);
			break;
		default:
			person_pushes(world, person);
		}
	}
	git_repository_free(world->repository);
	free(world);
	assert_whole(owner);
}

static void whatever_people_push_nothing_is_back_that_they_did_not_edit(void **state)
{
	(void)state;
	owner_mixes(true);
	for (unsigned seed = 1; seed <= WORLDS; seed++) {
		struct owner *owner = owner_new();

		live(owner, seed);
		owner_free(owner);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(whatever_people_push_nothing_is_back_that_they_did_not_edit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

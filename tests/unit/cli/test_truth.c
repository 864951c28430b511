/* SPDX-License-Identifier: MIT */
/*
 * `log`, `at`, `diff` and main say the same of every address at every commit of main's line, over
 * random histories: those of an agent, with merges, reverts, repairs and pushes; and such as any
 * git can make, in which merges decide as they like. TRUTH_ROUNDS=100 makes so many of
 * the former, and three times as many of the latter.
 */
#include "../history/owner.h"

#include "reader/reader.h"

#define HOSTS 12 /* of which each has a life */
#define STEPS 60
#define TIPS  6 /* branches of people */

struct event {
	char main[41];
	struct address address;
	struct entry *before, *after;
	enum reader_fate fate;
	char text[512];
};

struct events {
	struct event *event;
	size_t count, room;
};

struct model {
	struct owner *owner;
	git_repository *repository;
	git_oid tip[TIPS]; /* of people */
	unsigned pushes;
	int64_t clock;
	bool invalid; /* some files are */
};

/* --- commits by people, without a work tree --------------------------------------------------- */

static void write_entry(struct model *model, git_oid *blob, bool valid)
{
	char text[256];
	int length = snprintf(text, sizeof(text), "mac 02:00:00:00:00:%02x\nstate %s\nsince %s\n",
	                      1u + (unsigned)rand() % 9,
	                      !valid       ? "nonsense"
	                      : rand() % 2 ? "static"
	                                   : "dynamic",
	                      rand() % 2 ? "2025-11-22T10:00:01Z" : "2025-11-22T10:00:02Z");

	model->invalid |= !valid;
	assert_int_equal(git_blob_create_from_buffer(blob, model->repository, text, (size_t)length),
	                 0);
}

/* Changes some addresses of a tree. */
static void edit_tree(struct model *model, git_oid *tree, bool valid)
{
	git_tree_update update[3];
	char path[3][ENTRY_PATH_MAX];
	git_tree *base = NULL;
	size_t count = 0;

	assert_int_equal(git_tree_lookup(&base, model->repository, tree), 0);
	for (unsigned i = 0; i < 1 + (unsigned)rand() % 3; i++) {
		unsigned host = 1 + (unsigned)rand() % HOSTS;
		git_tree_entry *there = NULL;
		bool known = false, exists;

		entry_path(path[count], "lan", address_v4(FIRST + host));
		for (size_t j = 0; j < count; j++)
			known |= !strcmp(path[j], path[count]);
		exists = git_tree_entry_bypath(&there, base, path[count]) == 0;
		git_tree_entry_free(there);
		if (known || (!exists && rand() % 3 == 0))
			continue;
		update[count] = (git_tree_update){.action = GIT_TREE_UPDATE_REMOVE,
		                                  .filemode = GIT_FILEMODE_BLOB,
		                                  .path = path[count]};
		if (!exists || rand() % 3) {
			update[count].action = GIT_TREE_UPDATE_UPSERT;
			write_entry(model, &update[count].id, valid);
		}
		count++;
	}
	if (count > 0)
		assert_int_equal(
		        git_tree_create_updated(tree, model->repository, base, count, update), 0);
	git_tree_free(base);
}

static void tree_of(struct model *model, git_oid *tree, const git_oid *id)
{
	git_commit *commit;

	assert_int_equal(git_commit_lookup(&commit, model->repository, id), 0);
	*tree = *git_commit_tree_id(commit);
	git_commit_free(commit);
}

static void make_commit(struct model *model, git_oid *id, const git_oid *tree,
                        const git_oid *const *parent, size_t parents)
{
	git_signature *who;
	git_commit *commit[2];
	git_tree *root;

	assert_int_equal(git_signature_new(&who, "bob", "bob@example.net", model->clock, 0), 0);
	assert_int_equal(git_tree_lookup(&root, model->repository, tree), 0);
	for (size_t i = 0; i < parents; i++)
		assert_int_equal(git_commit_lookup(&commit[i], model->repository, parent[i]), 0);
	assert_int_equal(git_commit_create(id, model->repository, NULL, who, who, NULL, "by hand",
	                                   root, parents, (const git_commit **)commit),
	                 0);
	for (size_t i = 0; i < parents; i++)
		git_commit_free(commit[i]);
	git_tree_free(root);
	git_signature_free(who);
}

/* A commit on a person's branch: an edit, or a merge of two that decides as it likes. */
static void go_on(struct model *model, git_oid *tip, const git_oid *other, bool valid)
{
	const git_oid *const parent[] = {tip, other};
	git_oid tree, id;

	tree_of(model, &tree, other && rand() % 2 ? other : tip);
	if (!other || rand() % 3 == 0)
		edit_tree(model, &tree, valid);
	make_commit(model, &id, &tree, parent, other ? 2 : 1);
	*tip = id;
}

static void read_main(struct model *model, git_oid *id)
{
	assert_int_equal(git_reference_name_to_id(id, model->repository, "refs/heads/main"), 0);
}

static void set_ref(struct model *model, const char *name, const git_oid *id)
{
	git_reference *reference = NULL;
	int error;

	/* The agent may hold the lock for a moment. */
	while ((error = git_reference_create(&reference, model->repository, name, id, 1, "test")) ==
	       GIT_ELOCKED)
		turn(model->owner);
	assert_int_equal(error, 0);
	git_reference_free(reference);
}

/* --- what is said ----------------------------------------------------------------------------- */

static int remember(void *context, const struct reader_event *event)
{
	struct events *events = context;
	struct event *one;

	assert_int_equal(array_reserve(&events->event, &events->room, events->count + 1), 0);
	one = &events->event[events->count++];
	*one = (struct event){.address = event->address,
	                      .before = entry_copy(event->before),
	                      .after = entry_copy(event->after),
	                      .fate = event->fate};
	memcpy(one->main, event->main, sizeof(one->main));
	snprintf(one->text, sizeof(one->text), "%08x %s %s %u %lld %s",
	         address_number(event->address), event->commit, event->main, event->fate,
	         (long long)event->time, event->why);
	return 0;
}

static int ignore(void *context, const struct reader_event *event)
{
	(void)context;
	(void)event;
	return 0;
}

static void forget(struct events *events)
{
	for (size_t i = 0; i < events->count; i++) {
		entry_free(events->event[i].before);
		entry_free(events->event[i].after);
	}
	free(events->event);
	*events = (struct events){.count = 0};
}

static int fill(void *context, const char *segment, struct address address,
                const struct entry *before, const struct entry *after)
{
	struct entry **table = context;

	assert_string_equal(segment, "lan");
	assert_null(before);
	table[address_number(address) - FIRST] = entry_copy(after);
	return 0;
}

static int apply(void *context, const char *segment, struct address address,
                 const struct entry *before, const struct entry *after)
{
	struct entry **slot = (struct entry **)context + (address_number(address) - FIRST);

	(void)segment;
	assert_true(entry_equal(*slot, before));
	entry_free(*slot);
	*slot = entry_copy(after);
	return 0;
}

static void clear_table(struct entry *table[HOSTS + 1])
{
	for (unsigned i = 0; i <= HOSTS; i++) {
		entry_free(table[i]);
		table[i] = NULL;
	}
}

static void assert_same(struct entry *const a[HOSTS + 1], struct entry *const b[HOSTS + 1],
                        const char *commit, const char *what)
{
	for (unsigned i = 0; i <= HOSTS; i++)
		if (!entry_equal(a[i], b[i]))
			fail_msg("%s says something else of host %u at %.12s", what, i, commit);
}

/* What the files of a commit say, where all are valid. */
static bool read_tree(git_repository *repository, const char *id, struct entry *table[HOSTS + 1])
{
	git_commit *commit;
	git_tree *tree;
	git_oid oid;
	bool valid = true;

	assert_int_equal(git_oid_fromstr(&oid, id), 0);
	assert_int_equal(git_commit_lookup(&commit, repository, &oid), 0);
	assert_int_equal(git_commit_tree(&tree, commit), 0);
	for (unsigned i = 1; i <= HOSTS; i++) {
		git_tree_entry *file = NULL;
		char path[ENTRY_PATH_MAX];
		struct fault fault;

		entry_path(path, "lan", address_v4(FIRST + i));
		if (git_tree_entry_bypath(&file, tree, path) == 0)
			valid &= validate_blob(&table[i], repository, git_tree_entry_id(file),
			                       &fault) == 0;
		git_tree_entry_free(file);
	}
	git_tree_free(tree);
	git_commit_free(commit);
	return valid;
}

/* Each address by itself, by the index, is what it is within all of it, without. */
static void assert_lives(struct reader *reader, const struct events *all)
{
	struct fault fault = {""};

	for (uint32_t host = 1; host <= HOSTS; host++) {
		const struct address address = address_v4(FIRST + host);
		const struct reader_query query = {.address = &address};
		struct events one = {.count = 0};
		size_t next = 0;

		if (reader_log(reader, &query, remember, &one, &fault))
			fail_msg("%s", fault.text);
		for (size_t i = 0; i < all->count; i++) {
			if (!address_equal(all->event[i].address, address))
				continue;
			assert_true(next < one.count);
			assert_string_equal(one.event[next++].text, all->event[i].text);
		}
		assert_int_equal(next, one.count);
		forget(&one);
	}
}

static bool has_mac(const struct entry *entry, struct mac mac)
{
	return entry && mac_equal(entry->mac, mac);
}

/* And so is each MAC. */
static void assert_macs(struct reader *reader, const struct events *all)
{
	struct fault fault = {""};

	for (uint8_t octet = 1; octet <= 9; octet++) {
		const struct mac mac = {{2, 0, 0, 0, 0, octet}};
		const struct reader_query query = {.mac = &mac};
		struct events some = {.count = 0};
		size_t next = 0;

		if (reader_log(reader, &query, remember, &some, &fault))
			fail_msg("%s", fault.text);
		for (size_t i = 0; i < all->count; i++) {
			if (!has_mac(all->event[i].before, mac) &&
			    !has_mac(all->event[i].after, mac))
				continue;
			assert_true(next < some.count);
			assert_string_equal(some.event[next++].text, all->event[i].text);
		}
		assert_int_equal(next, some.count);
		forget(&some);
	}
}

/* What did not take effect is not what main says, or was there before. */
static void assert_fate(const struct event *event, struct entry *const now[HOSTS + 1],
                        struct entry *const before[HOSTS + 1])
{
	const struct entry *main = now[address_number(event->address) - FIRST];

	if (event->fate == READER_LOST)
		assert_false(entry_equal(event->after, main));
	if (event->fate == READER_KNOWN) {
		assert_true(entry_equal(event->after, main));
		assert_true(entry_equal(main, before[address_number(event->address) - FIRST]));
	}
}

/* Takes the events of one commit of the line back, newest first. */
static size_t take_back(const struct events *events, size_t at, const char *commit,
                        struct entry *table[HOSTS + 1], struct entry *before[HOSTS + 1])
{
	struct entry *now[HOSTS + 1];

	for (unsigned i = 0; i <= HOSTS; i++)
		now[i] = entry_copy(table[i]);
	for (; at < events->count && !strcmp(events->event[at].main, commit); at++) {
		const struct event *event = &events->event[at];
		struct entry **slot = &table[address_number(event->address) - FIRST];

		if (event->fate != READER_TOOK) {
			assert_fate(event, now, before);
			continue;
		}
		if (!entry_equal(*slot, event->after))
			fail_msg("log: %s does not lead to what came next", event->text);
		entry_free(*slot);
		*slot = entry_copy(event->before);
	}
	clear_table(now);
	return at;
}

static bool find_parent(git_repository *repository, char parent[41], const char *id)
{
	git_commit *commit;
	git_oid oid;
	bool has;

	assert_int_equal(git_oid_fromstr(&oid, id), 0);
	assert_int_equal(git_commit_lookup(&commit, repository, &oid), 0);
	has = git_commit_parentcount(commit) > 0;
	if (has)
		git_oid_tostr(parent, 41, git_commit_parent_id(commit, 0));
	git_commit_free(commit);
	return has;
}

static void look_at(struct reader *reader, const struct reader_moment *from,
                    const struct reader_moment *to, reader_difference_fn *handle,
                    struct entry *table[HOSTS + 1])
{
	struct fault fault = {""};

	if (reader_diff(reader, from, to, NULL, NULL, handle, table, &fault))
		fail_msg("%s", fault.text);
}

/* From main's tip back along its line. */
static void assert_truth(struct model *model)
{
	const struct address address = address_v4(FIRST + 2);
	const struct reader_query everything = {.limit = 0}, one = {.address = &address};
	struct entry *table[HOSTS + 1] = {NULL}, *at[HOSTS + 1] = {NULL},
	                            *files[HOSTS + 1] = {NULL};
	struct reader_moment moment = {"", 0}, before = {"", 0};
	struct events events = {.count = 0};
	struct fault fault = {""};
	struct reader *reader;
	size_t next = 0;

	assert_int_equal(reader_open(&reader, model->owner->path, &fault), 0);
	/* With the index, so that clocks do not matter. */
	assert_int_equal(reader_log(reader, &one, ignore, NULL, &fault), 0);
	assert_int_equal(reader_log(reader, &everything, remember, &events, &fault), 0);
	assert_int_equal(reader_at(reader, &moment, INT64_MAX / 2, &fault), 0);
	look_at(reader, NULL, &moment, fill, table);
	for (bool more = true; more; moment = before) {
		more = find_parent(model->repository, before.commit, moment.commit);
		look_at(reader, NULL, &moment, fill, at);
		assert_same(table, at, moment.commit, "at");
		if (read_tree(model->repository, moment.commit, files))
			assert_same(files, at, moment.commit, "main");
		clear_table(files);
		if (more)
			look_at(reader, NULL, &before, fill, files);
		next = take_back(&events, next, moment.commit, table, files);
		assert_same(table, files, moment.commit, "log");
		if (more)
			look_at(reader, &before, &moment, apply, files);
		assert_same(files, at, moment.commit, "diff");
		clear_table(files);
		clear_table(at);
	}
	assert_int_equal(next, events.count);
	assert_lives(reader, &events);
	/* Which MAC an invalid file is followed by, the index does not know. */
	if (!model->invalid)
		assert_macs(reader, &events);
	clear_table(table);
	forget(&events);
	reader_close(reader);
}

/* --- histories of an agent -------------------------------------------------------------------- */

static void some_changes(struct model *model)
{
	struct owner *owner = model->owner;
	uint64_t task = rand() % 2 ? history_begin(owner->history, "import") : 0;

	for (int i = rand() % 5; i >= 0; i--) {
		unsigned host = 2 + (unsigned)rand() % (HOSTS - 1);
		unsigned mac = owner->table[host] && rand() % 3 == 0 ? 0 : 1 + (unsigned)rand() % 9;

		if (mac == 0 && !owner->table[host])
			continue;
		if (task && rand() % 2)
			task_change(owner, task, host, mac);
		else
			change(owner,
			       !mac                 ? "expire"
			       : owner->table[host] ? "move"
			                            : "learn",
			       host, mac);
		if (rand() % 3 == 0)
			turn(owner);
	}
	if (task)
		assert_int_equal(history_end(owner->history, task, NULL, NULL), 0);
}

static void push_request(struct model *model)
{
	git_oid *tip = &model->tip[rand() % TIPS];
	char name[64];

	for (int i = rand() % 3; i >= 0; i--)
		go_on(model, tip, rand() % 4 == 0 ? &model->tip[rand() % TIPS] : NULL, true);
	snprintf(name, sizeof(name), "refs/heads/merge/%u", ++model->pushes);
	set_ref(model, name, tip);
	model->owner->has_outcome = false;
	assert_int_equal(history_merge(model->owner->history, name, 0, on_outcome, model->owner),
	                 0);
	if (rand() % 2)
		assert_true(wait_outcome(model->owner));
}

static void on_looked(void *argument, const struct history_outcome *outcome)
{
	unsigned *looked = argument;

	(void)outcome;
	(*looked)++;
}

/* Waits until the agent has seen what others did, and has recorded all of it. */
static void look_around(struct model *model)
{
	struct owner *owner = model->owner;
	unsigned looked = 0;

	assert_int_equal(history_merge(owner->history, NULL, 0, on_looked, &looked), 0);
	assert_true(wait_for(owner, &looked, 1));
	assert_true(settle(owner));
}

/* By a push, or by hand: what is invalid then is repaired. */
static void move_main(struct model *model)
{
	git_oid *tip = &model->tip[rand() % TIPS], main;

	assert_true(settle(model->owner));
	read_main(model, &main);
	if (rand() % 2)
		*tip = main;
	else
		go_on(model, tip, &main, true); /* turns the line */
	go_on(model, tip, NULL, rand() % 3 > 0);
	set_ref(model, "refs/heads/main", tip);
	if (rand() % 2)
		some_changes(model);
	look_around(model);
}

static void undo_something(struct model *model)
{
	char text[COMMIT_TEXT], parent[COMMIT_TEXT];
	const char *commit = text;
	const struct history_revert what = {
	        .name = "it", .author = "ann", .commit = &commit, .commits = 1};
	git_oid main;

	assert_true(settle(model->owner));
	read_main(model, &main);
	git_oid_tostr(text, sizeof(text), &main);
	for (int i = rand() % 8; i > 0 && find_parent(model->repository, parent, text); i--)
		memcpy(text, parent, sizeof(text));
	model->owner->has_outcome = false;
	assert_int_equal(history_revert(model->owner->history, &what, on_outcome, model->owner), 0);
	assert_true(wait_outcome(model->owner));
}

static void step(struct model *model)
{
	git_oid main;

	switch (rand() % 8) {
	case 0:
	case 1:
		push_request(model);
		break;
	case 2:
		move_main(model);
		break;
	case 3:
		undo_something(model);
		break;
	case 4:
		read_main(model, &main);
		model->tip[rand() % TIPS] = main; /* as git pull */
		break;
	case 5:
		assert_true(settle(model->owner));
		if (rand() % 4 == 0) {
			assert_int_equal(owner_close(model->owner, 5000), 0);
			owner_open(model->owner);
		}
		break;
	default:
		some_changes(model);
	}
	turn(model->owner);
}

static void begin(struct model *model, unsigned seed)
{
	git_oid main;

	srand(seed);
	*model = (struct model){.owner = owner_new(), .clock = SINCE};
	model->owner->interval_ms = 5;
	model->owner->own = 1;
	owner_open(model->owner);
	assert_int_equal(git_repository_open_bare(&model->repository, model->owner->path), 0);
	read_main(model, &main);
	for (unsigned i = 0; i < TIPS; i++)
		model->tip[i] = main;
}

static void end(struct model *model)
{
	git_repository_free(model->repository);
	owner_free(model->owner);
}

static unsigned rounds(void)
{
	const char *text = getenv("TRUTH_ROUNDS");

	return text ? (unsigned)strtoul(text, NULL, 10) : 1;
}

static void an_agents_history_is_told_as_it_was(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= rounds(); seed++) {
		struct model model;

		begin(&model, seed);
		for (int i = 0; i < STEPS; i++)
			step(&model);
		look_around(&model);
		assert_table(model.owner);
		assert_truth(&model);
		assert_int_equal(owner_close(model.owner, 5000), 0);
		end(&model);
	}
}

/* --- histories of any git --------------------------------------------------------------------- */

static void any_history_is_told_as_it_was(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 3 * rounds(); seed++) {
		struct model model;
		git_oid *main;

		begin(&model, seed);
		assert_int_equal(owner_close(model.owner, 5000), 0);
		main = &model.tip[0];
		for (int i = 0; i < 3 * STEPS; i++) {
			git_oid *tip = &model.tip[rand() % TIPS],
			        *other = &model.tip[rand() % TIPS];
			bool merge = rand() % 3 == 0 && !git_oid_equal(tip, other);

			/* Clocks differ. */
			model.clock += rand() % 5 ? rand() % 3 : -(rand() % 20);
			go_on(&model, tip, merge ? other : NULL, seed % 2 || rand() % 8 > 0);
			/* The index is brought up to it each time. */
			if (i % 30 == 29) {
				go_on(&model, main, &model.tip[rand() % (TIPS - 1) + 1], true);
				set_ref(&model, "refs/heads/main", main);
				assert_truth(&model);
			}
		}
		end(&model);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_agents_history_is_told_as_it_was),
	        cmocka_unit_test(any_history_is_told_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

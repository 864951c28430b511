/* SPDX-License-Identifier: MIT */
/*
 * The invariant of posts: at any moment at which a recorder dies, what it made durable and what is
 * still posted are together everything that was posted, each change once, in order. A model of a
 * recorder dies at random moments.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/posts.h"

#define LIVES   20000 /* of recorders */
#define CHANGES 400   /* in a world, then another one begins */
#define TASKS   3

static const struct prefix prefix = {ADDRESS_V4(0x0a000000), 24};
static unsigned seed;

static unsigned dice(unsigned sides)
{
	return (unsigned)rand_r(&seed) % sides;
}

/* Numbers of changes, in order. */
struct row {
	unsigned change[CHANGES];
	unsigned count;
};

static void row_add(struct row *row, unsigned change)
{
	row->change[row->count++] = change;
}

static void row_move(struct row *to, struct row *from)
{
	for (unsigned i = 0; i < from->count; i++)
		row_add(to, from->change[i]);
	from->count = 0;
}

struct task {
	uint64_t token; /* 0: not open */
	struct row pending, branch;
	uint64_t last, committed;
	char tip[COMMIT_TEXT];
};

/* A recorder: it takes posts in order, and publishes. */
struct recorder {
	struct post *at; /* what it takes next */
	uint64_t number; /* taken */
	struct row head; /* main, with what is not durable */
	struct task task[TASKS];
};

struct world {
	struct posts posts;
	struct recorder recorder;
	struct row main; /* this and the branches are durable */
	struct task branch[TASKS];
	char applied[COMMIT_TEXT];
	unsigned posted, commits;
	uint64_t open; /* the owner's task; 0: none */
	uint64_t tokens;
	unsigned answered, waited;
};

static void name_commit(struct world *world, char commit[COMMIT_TEXT])
{
	snprintf(commit, COMMIT_TEXT, "%040x", ++world->commits);
}

/* --- the owner ------------------------------------------------------------------------------- */

static void on_done(void *argument, int status, const char *commit)
{
	struct world *world = argument;

	assert_int_equal(status, 0);
	assert_int_equal(strlen(commit), 40);
	world->answered++;
}

static void post_change(struct world *world)
{
	uint64_t task = world->open && dice(3) ? world->open : 0;
	struct packet packet = {.kind = PACKET_CHANGE,
	                        .change = {.task = task,
	                                   .kind = "learn",
	                                   .address = address_plus(prefix.network, 1 + dice(5))}};
	struct post *post = post_new(&packet);

	assert_non_null(post);
	post->task = task;
	post->address = packet.change.address;
	/* The model's number of the change. */
	post->segment = world->posted++;
	if (!task && dice(4) == 0) {
		post->done = on_done;
		post->argument = world;
		world->waited++;
	}
	posts_add(&world->posts, post);
}

static void post_task(struct world *world)
{
	bool end = world->open != 0;
	struct packet packet = {
	        .kind = end ? PACKET_END : PACKET_BEGIN,
	        .task = {.token = end ? world->open : ++world->tokens, .kind = "x"}};
	struct post *post = post_new(&packet);

	post->task = packet.task.token;
	posts_add(&world->posts, post);
	world->open = end ? 0 : packet.task.token;
}

/* --- the recorder ---------------------------------------------------------------------------- */

static struct task *find_task(struct recorder *recorder, uint64_t token)
{
	for (unsigned i = 0; i < TASKS; i++)
		if (recorder->task[i].token == token)
			return &recorder->task[i];
	return NULL;
}

static void task_commit(struct world *world, struct task *task)
{
	if (task->pending.count > 0)
		name_commit(world, task->tip);
	row_move(&task->branch, &task->pending);
	task->committed = task->last;
}

static void task_merge(struct world *world, struct task *task)
{
	task_commit(world, task);
	row_move(&world->recorder.head, &task->branch);
	task->tip[0] = '\0';
}

/* Takes one post; false: there is none. */
static bool take(struct world *world)
{
	struct recorder *recorder = &world->recorder;
	struct post *post = NULL;
	struct task *task;

	for (size_t i = 0; i < world->posts.sent_count && !post; i++)
		if (world->posts.sent[i].number > recorder->number)
			post = world->posts.sent[i].post;
	if (!post)
		return false;
	recorder->number = post->number;
	task = post->task ? find_task(recorder, post->task) : NULL;
	if (post->kind == PACKET_BEGIN) {
		task = find_task(recorder, 0);
		assert_non_null(task);
		*task = (struct task){.token = post->task};
	} else if (post->kind == PACKET_END) {
		if (task)
			task_merge(world, task);
		if (task)
			task->token = 0;
	} else if (task) {
		row_add(&task->pending, post->segment);
		task->last = post->number;
		if (dice(4) == 0)
			task_commit(world, task);
		if (dice(8) == 0)
			task_merge(world, task);
	} else {
		row_add(&recorder->head, post->segment);
	}
	return true;
}

static void tell(struct world *world, bool durable, const char *applied)
{
	struct history_open_task open[TASKS];
	struct history_progress progress = {.taken = world->recorder.number, .task = open};

	for (unsigned i = 0; i < TASKS; i++) {
		const struct task *task = &world->recorder.task[i];

		if (!task->token || task->pending.count + task->branch.count == 0)
			continue;
		open[progress.tasks] = (struct history_open_task){task->token, task->committed, ""};
		memcpy(open[progress.tasks++].tip, task->tip, COMMIT_TEXT);
	}
	memcpy(progress.before, world->applied, COMMIT_TEXT);
	memcpy(progress.applied, applied, COMMIT_TEXT);
	assert_int_equal(durable ? posts_durable(&world->posts, &progress)
	                         : posts_prepared(&world->posts, &progress),
	                 0);
}

/* DONE, for changes that are durable. */
static void answer(struct world *world)
{
	for (size_t i = 0; i < world->posts.sent_count; i++) {
		struct post *post = world->posts.sent[i].post;

		if (!post || !post->done || !post->durable)
			continue;
		assert_ptr_equal(posts_answered(&world->posts, post->number, PACKET_DONE), post);
		post->done(post->argument, 0, world->applied);
		free(post);
	}
}

/* True: the recorder died in it. */
static bool publish(struct world *world)
{
	struct recorder *recorder = &world->recorder;
	char applied[COMMIT_TEXT];

	memcpy(applied, world->applied, COMMIT_TEXT);
	if (recorder->head.count != world->main.count)
		name_commit(world, applied);
	tell(world, false, applied);
	if (dice(5) == 0)
		return dice(2); /* nothing was written: it dies, or the disk is full */
	world->main = recorder->head;
	memcpy(world->applied, applied, COMMIT_TEXT);
	memcpy(world->branch, recorder->task, sizeof(world->branch));
	if (dice(3) == 0)
		return true;
	tell(world, true, applied);
	if (dice(4) == 0)
		return true;
	answer(world);
	return false;
}

/* Everything is in main or posted, once, in order of each address and task. */
static void check(const struct world *world)
{
	const struct post *post = world->posts.unsent.first;
	unsigned char seen[CHANGES] = {0};
	size_t changes = 0, i = 0;
	unsigned last = 0;

	for (unsigned j = 0; j < world->main.count; j++)
		assert_int_equal(seen[world->main.change[j]]++, 0);
	while (i < world->posts.sent_count || post) {
		const struct post *at = post;

		if (i < world->posts.sent_count)
			at = world->posts.sent[i++].post;
		else
			post = post->next;
		if (!at || at->kind != PACKET_CHANGE)
			continue;
		assert_int_equal(seen[at->segment]++, 0);
		assert_true(changes == 0 || at->segment > last);
		last = at->segment;
		changes++;
	}
	for (unsigned j = 0; j < world->posted; j++)
		assert_int_equal(seen[j], 1);
	assert_int_equal(changes, world->posts.changes);
}

/* The next recorder starts: main gets what branches have. */
static void restart(struct world *world)
{
	struct recorder *recorder = &world->recorder;
	char tips[TASKS][COMMIT_TEXT];
	struct packet_loading start = {.adopted = tips};

	memcpy(start.applied, world->applied, COMMIT_TEXT);
	for (unsigned i = 0; i < TASKS; i++) {
		if (!world->branch[i].tip[0])
			continue;
		memcpy(tips[start.count++], world->branch[i].tip, COMMIT_TEXT);
		row_move(&world->main, &world->branch[i].branch);
	}
	memcpy(start.tip, world->applied, COMMIT_TEXT);
	memset(world->branch, 0, sizeof(world->branch));
	*recorder = (struct recorder){.head = world->main};
	posts_resume(&world->posts, &start);
	check(world);
}

static void live(struct world *world)
{
	struct buffer out = {0};
	bool dead = false;

	while (!dead && world->posted < CHANGES) {
		switch (dice(6)) {
		case 0:
		case 1:
			post_change(world);
			break;
		case 2:
			post_task(world);
			break;
		case 3:
			assert_int_equal(posts_send(&world->posts, &out, 1 << 20), 0);
			out.length = 0;
			break;
		case 4:
			while (dice(4) && take(world))
				;
			break;
		default:
			dead = publish(world) || dice(10) == 0;
		}
	}
	buffer_clear(&out);
}

static void nothing_is_lost_and_nothing_is_recorded_twice(void **state)
{
	struct world *world = NULL;

	(void)state;
	seed = 20261127;
	for (unsigned i = 0; i < LIVES; i++) {
		if (!world) {
			world = calloc(1, sizeof(*world));
			posts_init(&world->posts, 1 << 20);
			name_commit(world, world->applied);
		}
		live(world);
		restart(world);
		if (world->posted < CHANGES)
			continue;
		posts_clear(&world->posts);
		assert_true(world->answered <= world->waited);
		free(world);
		world = NULL;
	}
	if (world)
		posts_clear(&world->posts);
	free(world);
}

/* --- limits ---------------------------------------------------------------------------------- */

static void add_change(struct posts *posts, struct address address, history_done_fn *done)
{
	const struct packet packet = {.kind = PACKET_CHANGE,
	                              .change = {.kind = "learn", .address = address}};
	struct post *post = post_new(&packet);

	post->address = address;
	post->done = done;
	posts_add(posts, post);
}

static void beyond_the_backlog_the_last_change_of_each_address_stays(void **state)
{
	struct posts posts;

	(void)state;
	posts_init(&posts, 1000);
	for (unsigned i = 0; i < 5000; i++) {
		add_change(&posts, address_plus(prefix.network, 1 + i % 100),
		           i == 7 ? on_done : NULL);
		posts_fold(&posts);
	}
	assert_true(posts.changes < 2000);
	assert_int_equal(posts.dropped, 5000 - posts.changes);
	/* The one with a waiter is the first, still. */
	assert_true(posts.unsent.first->done == on_done);
	posts_clear(&posts);
}

static void no_more_is_sent_than_a_recorder_takes(void **state)
{
	struct buffer out = {0};
	struct posts posts;

	(void)state;
	posts_init(&posts, 1000);
	for (unsigned i = 0; i < 5000; i++)
		add_change(&posts, address_plus(prefix.network, 1), NULL);
	assert_int_equal(posts_send(&posts, &out, SIZE_MAX), 0);
	assert_int_equal(posts.number, 500);
	assert_int_equal(posts_taken(&posts, 501), -EPROTO);
	assert_int_equal(posts_taken(&posts, 400), 0);
	assert_int_equal(posts_send(&posts, &out, SIZE_MAX), 0);
	assert_int_equal(posts.number, 900);
	posts_clear(&posts);
	buffer_clear(&out);
}

/* Marks are answered while the changes around them are far from durable, as in an import. */
static void answers_in_any_order_are_found_among_many_posts(void **state)
{
	const struct packet mark = {.kind = PACKET_MARK};
	const struct history_progress all = {.taken = 6000};
	struct buffer out = {0};
	struct posts posts;

	(void)state;
	posts_init(&posts, 20000);
	for (unsigned i = 1; i <= 6000; i++) {
		struct post *post = i % 3 == 0 ? post_new(&mark) : NULL;

		if (post) {
			post->done = on_done;
			posts_add(&posts, post);
		} else {
			add_change(&posts, address_plus(prefix.network, i), NULL);
		}
	}
	assert_int_equal(posts_send(&posts, &out, SIZE_MAX), 0);
	for (unsigned i = 6000; i > 0; i -= 3) {
		struct post *post = posts_answered(&posts, i, PACKET_DONE);

		assert_int_equal(post->number, i);
		free(post);
		assert_null(posts_answered(&posts, i, PACKET_DONE));
		assert_null(posts_answered(&posts, i - 1, PACKET_DONE));
	}
	assert_int_equal(posts.changes, 4000);
	assert_int_equal(posts_durable(&posts, &all), 0);
	assert_int_equal(posts.changes, 0);
	assert_int_equal(posts.sent_count, 0);
	posts_clear(&posts);
	buffer_clear(&out);
}

static void a_recorder_cannot_answer_what_it_was_not_asked(void **state)
{
	const struct history_progress more = {.taken = 2};
	struct buffer out = {0};
	struct posts posts;

	(void)state;
	posts_init(&posts, 1000);
	add_change(&posts, address_plus(prefix.network, 1), NULL);
	posts_send(&posts, &out, SIZE_MAX);
	assert_null(posts_answered(&posts, 1, PACKET_DONE));
	assert_null(posts_answered(&posts, 2, PACKET_OUTCOME));
	assert_int_equal(posts_durable(&posts, &more), -EPROTO);
	assert_int_equal(posts_prepared(&posts, &more), -EPROTO);
	posts_clear(&posts);
	buffer_clear(&out);
}

static void on_outcome(void *argument, const struct history_outcome *outcome)
{
	(void)argument;
	(void)outcome;
}

/* Else its client would wait for ever. */
static void an_answer_of_another_kind_leaves_the_post(void **state)
{
	const struct packet merge = {.kind = PACKET_MERGE};
	struct buffer out = {0};
	struct posts posts;
	struct post *post;

	(void)state;
	posts_init(&posts, 16);
	post = post_new(&merge);
	assert_non_null(post);
	post->outcome = on_outcome;
	posts_add(&posts, post);
	assert_int_equal(posts_send(&posts, &out, SIZE_MAX), 0);
	assert_null(posts_answered(&posts, 1, PACKET_DONE));
	assert_ptr_equal(posts_answered(&posts, 1, PACKET_OUTCOME), post);
	free(post);
	posts_clear(&posts);
	buffer_clear(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(nothing_is_lost_and_nothing_is_recorded_twice),
	        cmocka_unit_test(beyond_the_backlog_the_last_change_of_each_address_stays),
	        cmocka_unit_test(no_more_is_sent_than_a_recorder_takes),
	        cmocka_unit_test(answers_in_any_order_are_found_among_many_posts),
	        cmocka_unit_test(an_answer_of_another_kind_leaves_the_post),
	        cmocka_unit_test(a_recorder_cannot_answer_what_it_was_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

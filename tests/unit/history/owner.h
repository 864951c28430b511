/* SPDX-License-Identifier: MIT */
/*
 * What the history tests share: a folder for each test, stock git as the checker, and an owner. The
 * owner is a table in memory with a loop of its own, which merges by the rule. It outlives the
 * history that it opens, as the BPF map outlives the agent.
 */
#ifndef TESTS_UNIT_HISTORY_OWNER_H
#define TESTS_UNIT_HISTORY_OWNER_H

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "history/history.h"

#include "../gitshell.h"

#ifdef __SANITIZE_ADDRESS__
/* A segment's second prefix is set by git_config_set_multivar(), whose regular expression libgit2
 * 1.5 leaks with PCRE2 (format/settings.c). */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libpcre2\n";
}
#endif

#define OWNED     static __attribute__((unused))
#define ADDRESSES 1024 /* 10.0.0.0/22 */
#define FIRST     0x0a000000u
#define SINCE     1763800000
#define WAIT_MS   20000

struct owner {
	char folder[64]; /* of the test */
	char path[128];  /* of the repository */
	struct entry *table[ADDRESSES];
	uv_loop_t loop;
	struct history *history;
	struct fault fault;
	uint32_t interval_ms;
	const char *program;
	const char *node;  /* NULL: the machine's */
	uint32_t guard;    /* history.guard */
	unsigned own;      /* the table refuses what others say of this host; 0: of none */
	struct seed *seed; /* to start from; the test's own */
	const struct fleet_options *fleet; /* NULL: in none */
	char raised[4096];                 /* "kind: words" lines; history's thread writes it */
	unsigned answered, done, failed, notices;
	atomic_uint again;
	char commit[COMMIT_TEXT];
	char last_notice[1024];
	char noticed[4096]; /* all of them, as far as there is room */
	struct history_outcome outcome;
	bool has_outcome;
	bool slowly; /* the test merges what is `held`, with owner_merge_some() */
	struct history_proposal *held;
};

#define NETWORK    UINT64_C(0x20010db800000007) /* 2001:db8:0:7::/64 */
#define LINK_LOCAL UINT64_C(0xfe80000000000000)

static struct prefix owner_prefix[] = {
        {ADDRESS_V4(FIRST), 22},
        {{NETWORK, 0}, 64},
        {{LINK_LOCAL, 0}, 64},
};
static struct segment owner_segment = {"lan", owner_prefix, 1};
/* Odd hosts have IPv6 addresses, some of them those of the link. */
static bool owner_mixed;

OWNED void owner_mixes(bool mixed)
{
	owner_mixed = mixed;
	owner_segment.prefixes = mixed ? 3 : 1;
}

OWNED struct address place(unsigned host)
{
	if (owner_mixed && host % 8 == 7)
		return (struct address){LINK_LOCAL, UINT64_C(0x005000fffe000000) + host};
	if (owner_mixed && host % 2)
		return (struct address){NETWORK, host};
	return address_v4(FIRST + host);
}

/* The host that has it. */
OWNED unsigned host_at(struct address address)
{
	unsigned host = address_number(address) & 0xffffff;

	assert_true(address_equal(place(host), address));
	return host;
}

OWNED struct owner *owner_new(void)
{
	struct owner *owner = calloc(1, sizeof(*owner));

	assert_non_null(owner);
	strcpy(owner->folder, "/tmp/akhistory-XXXXXX");
	assert_non_null(mkdtemp(owner->folder));
	snprintf(owner->path, sizeof(owner->path), "%s/history.git", owner->folder);
	owner->interval_ms = 50;
	owner->program = "/bin/true";
	log_set_level(getenv("TEST_VERBOSE") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
	assert_int_equal(uv_loop_init(&owner->loop), 0);
	return owner;
}

/* Merges the next `count` items. */
OWNED void owner_merge_some(struct owner *owner, struct history_proposal *proposal, size_t count)
{
	for (; proposal->merged < proposal->items && count > 0; count--) {
		struct history_item *item = &proposal->item[proposal->merged++];
		struct entry **ours = &owner->table[host_at(item->address)];
		const struct entry *winner = proposal_decide(proposal, item, *ours);

		if (owner->own && address_equal(item->address, place(owner->own)) &&
		    winner != *ours) {
			winner = *ours;
			item->choice = proposal->undo ? MERGE_TOOK_OURS : MERGE_REFUSED;
		}
		assert_int_equal(proposal_set_result(item, winner), 0);
		if (winner != *ours) {
			struct entry *copy = entry_copy(winner);

			entry_free(*ours);
			*ours = copy;
		}
	}
}

OWNED void owner_merge(struct owner *owner, struct history_proposal *proposal)
{
	owner_merge_some(owner, proposal, proposal->items);
}

OWNED void on_propose(void *context, struct history_proposal *proposal)
{
	struct owner *owner = context;

	owner->answered++;
	if (owner->slowly) {
		owner->held = proposal;
		return;
	}
	owner_merge(owner, proposal);
	history_proposal_done(owner->history, proposal);
}

OWNED void on_notice(void *context, const char *line)
{
	struct owner *owner = context;

	owner->notices++;
	snprintf(owner->last_notice, sizeof(owner->last_notice), "%s", line);
	strncat(owner->noticed, line, sizeof(owner->noticed) - strlen(owner->noticed) - 1);
	log_debug("notice: %s", line);
}

/* On history's thread. */
OWNED void on_raised(void *context, const struct history_alert *alert)
{
	struct owner *owner = context;
	size_t used = strlen(owner->raised);

	snprintf(owner->raised + used, sizeof(owner->raised) - used, "%s: %s\n", alert->kind,
	         alert->words);
}

/* On history's thread. */
OWNED void on_again(void *context)
{
	struct owner *owner = context;

	atomic_fetch_add(&owner->again, 1);
}

OWNED int owner_try_open(struct owner *owner)
{
	struct history_options options = {.path = owner->path,
	                                  .instance = "default",
	                                  .control = "/run/arpkeeper/control.sock",
	                                  .program = owner->program,
	                                  .node = owner->node,
	                                  .segment = &owner_segment,
	                                  .segments = 1,
	                                  .interval_ms = owner->interval_ms,
	                                  .guard = owner->guard,
	                                  .fleet = owner->fleet,
	                                  .raised = on_raised,
	                                  .seed = owner->seed,
	                                  .loop = &owner->loop,
	                                  .propose = on_propose,
	                                  .notice = on_notice,
	                                  .again = on_again,
	                                  .context = owner};

	return history_open(&owner->history, &options, &owner->fault);
}

/* As in the agent: the table merges with what was applied and what main says. */
OWNED void owner_open(struct owner *owner)
{
	bool named[ADDRESSES] = {false};
	struct history_proposal *chunk;
	uint64_t about;
	int error = owner_try_open(owner);

	if (!error)
		error = history_load(owner->history, &about, &owner->fault);
	while (!error && (error = history_load_next(owner->history, &chunk, &owner->fault)) > 0) {
		for (size_t i = 0; i < chunk->items; i++)
			named[host_at(chunk->item[i].address)] = true;
		owner_merge(owner, chunk);
		error = 0;
	}
	if (error)
		fail_msg("%s", owner->fault.text);
	/* No chunk has the entries that are only in the map. */
	for (unsigned i = 0; i < ADDRESSES; i++)
		if (owner->table[i] && !named[i])
			assert_int_equal(history_load_found(owner->history, 0, place(i),
			                                    entry_copy(owner->table[i]), false),
			                 0);
	assert_int_equal(history_loaded(owner->history, &owner->fault), 0);
}

OWNED int owner_close(struct owner *owner, uint32_t timeout_ms)
{
	int error = history_close(owner->history, timeout_ms);

	owner->history = NULL;
	uv_run(&owner->loop, UV_RUN_DEFAULT);
	return error;
}

OWNED void owner_forget_table(struct owner *owner)
{
	for (unsigned i = 0; i < ADDRESSES; i++) {
		entry_free(owner->table[i]);
		owner->table[i] = NULL;
	}
}

OWNED void owner_free(struct owner *owner)
{
	if (owner->history)
		owner_close(owner, 1000);
	assert_int_equal(uv_loop_close(&owner->loop), 0);
	owner_forget_table(owner);
	gitshell_remove(owner->folder);
	free(owner);
}

OWNED struct entry *make_entry(unsigned mac, enum entry_state state, int64_t since)
{
	struct entry entry = {.mac = {{2, 0, (uint8_t)(mac >> 24), (uint8_t)(mac >> 16),
	                               (uint8_t)(mac >> 8), (uint8_t)mac}},
	                      .state = state,
	                      .since = since};

	return entry_copy(&entry);
}

OWNED void on_done(void *argument, int status, const char *commit)
{
	struct owner *owner = argument;

	owner->done++;
	owner->failed += status != 0;
	strcpy(owner->commit, commit);
}

OWNED void on_outcome(void *argument, const struct history_outcome *outcome)
{
	struct owner *owner = argument;

	owner->outcome = *outcome;
	owner->has_outcome = true;
}

/* Changes the table, and posts it. `mac` 0: removed. */
OWNED void change_with(struct owner *owner, const char *kind, unsigned host, unsigned mac,
                       const struct task_context *context, history_done_fn *done)
{
	struct entry *after = mac ? make_entry(mac, ENTRY_DYNAMIC, SINCE + (int)mac) : NULL;

	entry_free(owner->table[host]);
	owner->table[host] = entry_copy(after);
	assert_int_equal(
	        history_record(owner->history, kind, context, 0, place(host), after, done, owner),
	        0);
}

OWNED void change(struct owner *owner, const char *kind, unsigned host, unsigned mac)
{
	struct task_context context = {.segment = "lan", .interface = "eth0", .trigger = "request"};

	change_with(owner, kind, host, mac, &context, NULL);
}

OWNED void task_change(struct owner *owner, uint64_t task, unsigned host, unsigned mac)
{
	struct task_context context = {.segment = "lan", .interface = "eth0", .trigger = "reply"};
	struct entry *after = mac ? make_entry(mac, ENTRY_DYNAMIC, SINCE + (int)mac) : NULL;

	entry_free(owner->table[host]);
	owner->table[host] = entry_copy(after);
	assert_int_equal(history_task_change(owner->history, task, &context, 0, place(host), after),
	                 0);
}

/* Runs the owner's loop for a moment. */
OWNED void turn(struct owner *owner)
{
	uv_run(&owner->loop, UV_RUN_NOWAIT);
	usleep(1000);
}

/* Waits until everything posted is durable, or time is up. */
OWNED bool settle(struct owner *owner)
{
	struct history_status status;

	for (int i = 0; i < WAIT_MS; i++) {
		turn(owner);
		history_status(owner->history, &status);
		if (status.queued == 0 && !strcmp(status.tip, status.applied))
			return true;
	}
	return false;
}

OWNED bool wait_for(struct owner *owner, const unsigned *counter, unsigned value)
{
	for (int i = 0; i < WAIT_MS && *counter < value; i++)
		turn(owner);
	return *counter >= value;
}

OWNED bool wait_outcome(struct owner *owner)
{
	for (int i = 0; i < WAIT_MS && !owner->has_outcome; i++)
		turn(owner);
	return owner->has_outcome;
}

/* Waits until a command succeeds. */
OWNED bool wait_shell(struct owner *owner, const char *command)
{
	for (int i = 0; i < 200; i++) {
		if (shell(owner, "%s", command) == 0)
			return true;
		for (int j = 0; j < 50; j++)
			turn(owner);
	}
	return false;
}

/* git makes the same ids from a stream of the same history. */
OWNED void assert_as_git_makes_it(struct owner *owner)
{
	assert_int_equal(
	        shell(owner, "rm -rf again.git && git init -q --bare again.git && "
	                     "git -C \"$R\" fast-export --reencode=no --full-tree main >stream && "
	                     "git -C again.git fast-import --quiet <stream && "
	                     "[ \"$(git -C again.git rev-parse main)\" = "
	                     "\"$(git -C \"$R\" rev-parse main)\" ]"),
	        0);
}

OWNED int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Stock git reads the table's content from main. */
OWNED void assert_table(struct owner *owner)
{
	char *block[ADDRESSES], name[ENTRY_PATH_MAX], path[2 * PATH_MAX];
	size_t blocks = 0;
	FILE *stream;

	for (unsigned i = 0; i < ADDRESSES; i++)
		if (owner->table[i]) {
			char *entry = entry_print(owner->table[i]);

			assert_true(asprintf(&block[blocks++], "%s\n%s",
			                     entry_path(name, "lan", place(i)), entry) > 0);
			free(entry);
		}
	qsort(block, blocks, sizeof(*block), compare_names);
	snprintf(path, sizeof(path), "%s/want", owner->folder);
	stream = fopen(path, "w");
	assert_non_null(stream);
	for (size_t i = 0; i < blocks; i++) {
		fprintf(stream, "%s\n", block[i]);
		free(block[i]);
	}
	fclose(stream);
	assert_int_equal(shell(owner,
	                       "git -C \"$R\" ls-tree -r --format='%%(objectname) %%(path)' "
	                       "main -- lan | git -C \"$R\" cat-file --batch='%%(rest)' >have; "
	                       "cmp -s want have || { diff want have | head -20; exit 1; }"),
	                 0);
}

/* Merges a branch, as the command does; afterwards table and main are equal. */
OWNED void merges(struct owner *owner, const char *branch)
{
	owner->has_outcome = false;
	history_merge(owner->history, branch, 0, on_outcome, owner);
	assert_true(wait_outcome(owner));
	if (owner->outcome.status)
		fail_msg("%s", owner->outcome.text);
	assert_true(settle(owner));
	assert_table(owner);
}

#define TEST(name)       cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define MIXED_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_mixed, tear_down)

OWNED int set_up(void **state)
{
	owner_mixes(false);
	*state = owner_new();
	return 0;
}

/* Every second host is one of IPv6. */
OWNED int set_up_mixed(void **state)
{
	owner_mixes(true);
	*state = owner_new();
	return 0;
}

OWNED int tear_down(void **state)
{
	owner_free(*state);
	return 0;
}

#endif

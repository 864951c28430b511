// SPDX-License-Identifier: MIT
/*
 * bench_history: the history engine's throughput, through its public interface only (history.h),
 * with a
 * loop as its owner, as in the agent. Prints one line of JSON. history.py drives it, makes the
 * repository, and gives the same history to `git fast-import`.
 *
 *   pairs   tasks that overlap in pairs: begin A, begin B, changes, end A (fast-forward), end B
 *           (a merge commit). First comes a task that touches every directory, and a short run
 *           that finds how many pairs fill the time. Neither is timed.
 *   lone    one change at a time on an idle engine: from the post until it is durable.
 *   soak    pairs until the given number of changes is durable; a line of figures every half
 * second.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "history/history.h"

#define NETWORK        0x0a000000u /* 10.0.0.0, as tests/system/million.py has it */
#define DIRECTORY      256u        /* addresses in a directory */
#define QUEUED_MOST    50000       /* the owner waits when so many changes are not durable */
#define CALIBRATE_S    0.15
#define CALIBRATE_MOST 2000 /* changes queued meanwhile, so that the time is kept */
#define PAIRS_LEAST    3    /* so that the first and the last flush are only a part */
#define SAMPLE_MS      500
#define LONE_PAUSE_MS  250 /* longer than the interval: the engine is idle again */

struct bench {
	const char *repository, *mode, *kind;
	uint32_t entries, k, count; /* count: of lone changes; of changes in a soak */
	double seconds;
	struct history *history;
	uv_loop_t loop;
	uv_timer_t timer;
	uint64_t random;
	int64_t now;         /* of `since`: every change is later than the value it replaces */
	uint64_t pairs_left; /* to be posted */
	uint64_t posted;     /* changes */
	size_t queued_most;
	double until; /* post pairs until then; 0: until pairs_left is 0 */
	bool durable; /* the last one is durable */
	char commit[COMMIT_TEXT];
	double begun;
	clockid_t thread_clock; /* history's thread */
};

static void fail(const char *what)
{
	fprintf(stderr, "bench_history: %s\n", what);
	exit(1);
}

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* xorshift64*: the same numbers in every run. */
static uint64_t draw(struct bench *bench)
{
	bench->random ^= bench->random >> 12;
	bench->random ^= bench->random << 25;
	bench->random ^= bench->random >> 27;
	return bench->random * UINT64_C(2685821657736338717);
}

static struct address draw_address(struct bench *bench)
{
	return address_v4(NETWORK + 1 + (uint32_t)((draw(bench) >> 32) * bench->entries >> 32));
}

static struct entry *draw_entry(struct bench *bench)
{
	struct entry *entry = calloc(1, sizeof(*entry));
	uint64_t bits = draw(bench);

	if (!entry || !(entry->origin = strdup("bench/eth0")))
		fail("out of memory");
	memcpy(entry->mac.octet, &bits, sizeof(entry->mac.octet));
	entry->mac.octet[0] = 2;
	entry->since = bench->now;
	return entry;
}

static const struct task_context context = {
        .segment = "lan", .interface = "eth0", .trigger = "request"};

static void change(struct bench *bench, uint64_t task, struct address address)
{
	if (history_task_change(bench->history, task, &context, 0, address, draw_entry(bench)))
		fail("a change was not taken");
	bench->posted++;
}

static void on_done(void *argument, int status, const char *commit)
{
	struct bench *bench = argument;

	if (status)
		fail("a task did not become durable");
	memcpy(bench->commit, commit, COMMIT_TEXT);
	bench->durable = true;
}

static void post_pair(struct bench *bench, bool last)
{
	uint64_t a = history_begin(bench->history, bench->kind);
	uint64_t b = history_begin(bench->history, bench->kind);

	for (uint32_t i = 0; i < bench->k; i++)
		change(bench, a, draw_address(bench));
	for (uint32_t i = 0; i < bench->k; i++)
		change(bench, b, draw_address(bench));
	history_end(bench->history, a, NULL, NULL);
	history_end(bench->history, b, last ? on_done : NULL, bench);
}

static uint64_t queued(struct bench *bench)
{
	struct history_status status;

	history_status(bench->history, &status);
	return status.queued;
}

/* Posts as many as the queue may hold, and the rest when the timer fires again. */
static void on_timer(uv_timer_t *timer)
{
	struct bench *bench = timer->data;
	uint64_t checked = 0;

	while (bench->pairs_left > 0) {
		if (bench->posted >= checked) {
			if (queued(bench) > bench->queued_most)
				return;
			/* Asking takes a lock, so it does not happen for every change. */
			checked = bench->posted + 500;
		}
		if (bench->until > 0 && seconds(CLOCK_MONOTONIC) > bench->until)
			bench->pairs_left = 1;
		post_pair(bench, --bench->pairs_left == 0);
	}
}

/* Turns the loop until the last task is durable; returns the seconds since the first post. */
static double turn(struct bench *bench)
{
	bench->durable = false;
	bench->begun = seconds(CLOCK_MONOTONIC);
	uv_timer_start(&bench->timer, on_timer, 0, 1);
	while (!bench->durable)
		uv_run(&bench->loop, UV_RUN_ONCE);
	uv_timer_stop(&bench->timer);
	return seconds(CLOCK_MONOTONIC) - bench->begun;
}

static double run_pairs(struct bench *bench, uint64_t pairs, double until)
{
	bench->pairs_left = pairs;
	bench->until = until;
	bench->posted = 0;
	return turn(bench);
}

/*
 * One task that changes an entry of every directory. After it, both sides have the directories in
 * memory.
 */
static void touch_directories(struct bench *bench)
{
	uint64_t task = history_begin(bench->history, bench->kind);

	for (uint32_t i = 0; i < bench->entries; i += DIRECTORY)
		change(bench, task, address_v4(NETWORK + 1 + i));
	history_end(bench->history, task, on_done, bench);
	bench->pairs_left = 0;
	turn(bench);
}

static double peak_mb(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	unsigned long kib = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "VmHWM: %lu", &kib) == 1)
			break;
	if (!file || !kib)
		fail("/proc/self/status has no peak of memory");
	fclose(file);
	return (double)kib * 1024 / 1e6;
}

static double cpu(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void pairs(struct bench *bench)
{
	char from[COMMIT_TEXT];
	double took, written;
	uint64_t count;

	touch_directories(bench);
	bench->queued_most = CALIBRATE_MOST;
	/* One pair of large tasks is enough. */
	took = run_pairs(bench, bench->k < CALIBRATE_MOST ? UINT64_MAX : 1,
	                 seconds(CLOCK_MONOTONIC) + CALIBRATE_S);
	count = (uint64_t)(bench->seconds / took * (double)bench->posted / (2.0 * bench->k));
	bench->queued_most = QUEUED_MOST;
	memcpy(from, bench->commit, sizeof(from));
	written = seconds(bench->thread_clock);
	took = run_pairs(bench, count > PAIRS_LEAST ? count : PAIRS_LEAST, 0);
	written = seconds(bench->thread_clock) - written;
	printf("{\"changes\": %lu, \"seconds\": %.6f, \"from\": \"%s\", \"tip\": \"%s\", "
	       "\"peak_mb\": %.1f, \"thread_cpu\": %.4f}\n",
	       (unsigned long)bench->posted, took, from, bench->commit, peak_mb(), written);
}

static void on_pause(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

/*
 * Turns the loop for LONE_PAUSE_MS. uv_stop() ends the turn also when the timer fires before the
 * poll; UV_RUN_ONCE would then poll for an event that never comes.
 */
static void pause_briefly(struct bench *bench)
{
	uv_update_time(&bench->loop);
	uv_timer_start(&bench->timer, on_pause, LONE_PAUSE_MS, 0);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
}

/* A learned change has no waiter: the length of the queue shows when it is durable. */
static void lone(struct bench *bench)
{
	printf("{\"ms\": [");
	for (uint32_t i = 0; i < bench->count; i++) {
		double begun;

		pause_briefly(bench);
		begun = seconds(CLOCK_MONOTONIC);
		if (history_record(bench->history, bench->kind, &context, 0, draw_address(bench),
		                   draw_entry(bench), NULL, NULL))
			fail("a change was not taken");
		while (queued(bench) > 0)
			usleep(50);
		printf("%s%.3f", i ? ", " : "", (seconds(CLOCK_MONOTONIC) - begun) * 1e3);
	}
	printf("]}\n");
}

/* Packs, and bytes of all objects. */
static void weigh(const char *repository, unsigned *packs, uint64_t *bytes)
{
	char path[4096];
	struct dirent *item;
	DIR *directory;

	snprintf(path, sizeof(path), "%s/objects/pack", repository);
	directory = opendir(path);
	if (!directory)
		fail("the repository's packs cannot be listed");
	*packs = 0;
	*bytes = 0;
	while ((item = readdir(directory))) {
		struct stat status;

		if (fstatat(dirfd(directory), item->d_name, &status, 0) || !S_ISREG(status.st_mode))
			continue;
		*packs += strlen(item->d_name) > 5 &&
		          !strcmp(item->d_name + strlen(item->d_name) - 5, ".pack");
		*bytes += (uint64_t)status.st_size;
	}
	closedir(directory);
}

static void on_sample(uv_timer_t *timer)
{
	struct bench *bench = timer->data;
	uint64_t bytes, durable = bench->posted - queued(bench);
	unsigned packs;

	weigh(bench->repository, &packs, &bytes);
	printf("{\"time\": %.3f, \"changes\": %lu, \"packs\": %u, \"bytes\": %lu, "
	       "\"thread_cpu\": %.4f, \"upkeep_cpu\": %.4f}\n",
	       seconds(CLOCK_MONOTONIC) - bench->begun, (unsigned long)durable, packs,
	       (unsigned long)bytes, seconds(bench->thread_clock), cpu(RUSAGE_CHILDREN));
	fflush(stdout);
}

static void soak(struct bench *bench)
{
	uv_timer_t sampler = {.data = bench};
	siginfo_t child;

	bench->queued_most = QUEUED_MOST;
	uv_timer_init(&bench->loop, &sampler);
	uv_timer_start(&sampler, on_sample, 0, SAMPLE_MS);
	run_pairs(bench, bench->count / (2 * bench->k), 0);
	/* Running upkeep belongs to these changes. Its CPU time is known after its end. */
	while (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0)
		uv_run(&bench->loop, UV_RUN_ONCE);
	on_sample(&sampler);
	uv_close((uv_handle_t *)&sampler, NULL);
}

static void on_thread(void *argument)
{
	struct bench *bench = argument;

	pthread_getcpuclockid(pthread_self(), &bench->thread_clock);
}

/* The table takes main's content. */
static void take_theirs(struct history_proposal *proposal)
{
	for (size_t i = 0; i < proposal->items; i++)
		proposal->item[i].result = entry_copy(proposal->item[i].theirs);
}

static void on_propose(void *argument, struct history_proposal *proposal)
{
	struct bench *bench = argument;

	take_theirs(proposal);
	history_proposal_done(bench->history, proposal);
}

static void open_history(struct bench *bench)
{
	static const struct prefix prefix = {.network = ADDRESS_V4(NETWORK), .length = 12};
	static const struct segment segment = {.name = "lan", .prefix = &prefix, .prefixes = 1};
	struct history_options options = {.path = bench->repository,
	                                  .instance = "bench",
	                                  .control = "/nonexistent/control.sock",
	                                  .program = getenv("ARPKEEPER"),
	                                  .segment = &segment,
	                                  .segments = 1,
	                                  .interval_ms = 200,
	                                  .loop = &bench->loop,
	                                  .propose = on_propose,
	                                  .on_thread = on_thread,
	                                  .context = bench};
	struct history_proposal *chunk;
	uint64_t about;
	int more;
	struct fault fault;

	if (!options.program)
		fail("ARPKEEPER must name the program that upkeep and hooks run");
	if (history_open(&bench->history, &options, &fault) ||
	    history_load(bench->history, &about, &fault))
		fail(fault.text);
	while ((more = history_load_next(bench->history, &chunk, &fault)) > 0)
		take_theirs(chunk);
	if (more < 0 || history_loaded(bench->history, &fault))
		fail(fault.text);
}

int main(int argc, char **argv)
{
	struct bench bench = {.mode = "pairs",
	                      .kind = "learn",
	                      .entries = 1000,
	                      .k = 1,
	                      .count = 100,
	                      .seconds = 1,
	                      .random = 0x9e3779b97f4a7c15,
	                      .now = time(NULL)};
	int option;

	while ((option = getopt(argc, argv, "m:n:k:c:s:t:")) != -1) {
		if (option == 'm')
			bench.mode = optarg;
		else if (option == 't')
			bench.kind = optarg;
		else if (option == 'n')
			bench.entries = (uint32_t)strtoul(optarg, NULL, 10);
		else if (option == 'k')
			bench.k = (uint32_t)strtoul(optarg, NULL, 10);
		else if (option == 'c')
			bench.count = (uint32_t)strtoul(optarg, NULL, 10);
		else if (option == 's')
			bench.seconds = strtod(optarg, NULL);
	}
	if (optind + 1 != argc || !bench.entries || !bench.k)
		fail("usage: bench_history [-m pairs|lone|soak] [-n ENTRIES] [-k CHANGES] "
		     "[-c COUNT] [-s SECONDS] [-t KIND] REPOSITORY");
	bench.repository = argv[optind];
	uv_loop_init(&bench.loop);
	uv_timer_init(&bench.loop, &bench.timer);
	bench.timer.data = &bench;
	open_history(&bench);
	if (!strcmp(bench.mode, "lone"))
		lone(&bench);
	else if (!strcmp(bench.mode, "soak"))
		soak(&bench);
	else
		pairs(&bench);
	if (history_close(bench.history, 60000))
		fail("history did not end in time");
	return 0;
}

// SPDX-License-Identifier: MIT
/*
 * bench_gather: what a look at fetched branches costs when one of them has changed, through
 * history's public interface only, with an owner that has a table in memory.
 *
 *   bench_gather FOLDER BRANCHES CLAIMS ROUNDS
 *
 * Makes a repository in FOLDER with so many claims in all, in equal parts, as branches that were
 * fetched, and looks. Each round changes one claim of one branch, and looks again: elapsed until
 * the change is proposed to the table, and the CPU time of the process until it is durable. Prints
 * one line of JSON. Times are medians, in microseconds. $ARPKEEPER is what does upkeep.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "history/history.h"

#define NETWORK 0x0a000000u /* 10.0.0.0/12 */

struct bench {
	char path[4096];
	uint32_t branches, claims, rounds;
	struct history *history;
	uv_loop_t loop;
	struct entry **table; /* by host */
	bool done;
	double proposed;
	size_t items;
};

static const uint8_t share[] = {SHARE_ALL};
static const struct fleet_options fleet = {"bench", 10000, share};
static struct prefix prefix = {ADDRESS_V4(NETWORK), 12};
static const struct segment segment = {"lan", &prefix, 1};

static void fail(const char *what)
{
	fprintf(stderr, "bench_gather: %s\n", what);
	exit(1);
}

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void on_propose(void *context, struct history_proposal *proposal)
{
	struct bench *bench = context;

	bench->proposed = seconds(CLOCK_MONOTONIC);
	bench->items = proposal->items;
	for (; proposal->merged < proposal->items; proposal->merged++) {
		struct history_item *item = &proposal->item[proposal->merged];
		struct entry **ours = &bench->table[address_number(item->address) - NETWORK];
		const struct entry *winner = proposal_decide(proposal, item, *ours);

		if (proposal_set_result(item, winner))
			fail("out of memory");
		if (winner != *ours) {
			struct entry *copy = entry_copy(winner);

			entry_free(*ours);
			*ours = copy;
		}
	}
	history_proposal_done(bench->history, proposal);
}

static void on_notice(void *context, const char *line)
{
	(void)context;
	(void)line;
}

static void on_outcome(void *argument, const struct history_outcome *outcome)
{
	struct bench *bench = argument;

	if (outcome->status)
		fail(outcome->text);
	bench->done = true;
}

static void on_done(void *argument, int status, const char *commit)
{
	struct bench *bench = argument;

	(void)commit;
	if (status)
		fail("a look did not become durable");
	bench->done = true;
}

static void wait_done(struct bench *bench)
{
	bench->done = false;
	while (!bench->done)
		uv_run(&bench->loop, UV_RUN_ONCE);
}

static void look(struct bench *bench)
{
	if (history_merge(bench->history, NULL, 0, on_outcome, bench))
		fail("out of memory");
	wait_done(bench);
	if (history_mark(bench->history, on_done, bench))
		fail("out of memory");
	wait_done(bench);
}

static FILE *fast_import(const struct bench *bench)
{
	char command[sizeof(bench->path) + 128];
	FILE *stream;

	snprintf(command, sizeof(command),
	         "git -C '%s' -c safe.directory='*' -c core.fsync=none -c fastimport.unpackLimit=1 "
	         "fast-import --quiet",
	         bench->path);
	/* NOLINTNEXTLINE(cert-env33-c): the path is the benchmark's own */
	stream = popen(command, "we");
	if (!stream)
		fail("no git");
	return stream;
}

static void finish(FILE *stream)
{
	if (pclose(stream))
		fail("git fast-import failed");
}

static void write_commit(FILE *stream, unsigned branch, unsigned count)
{
	char words[128];
	int length = snprintf(words, sizeof(words), "claims\n\nNode: n%u\nCount: %u\nBoot: %032u\n",
	                      branch, count, branch);

	fprintf(stream,
	        "commit refs/fleet/from/hub/lan/n%u\ncommitter n%u <arpkeeper@n%u> %u +0000\n"
	        "data %d\n%s\n",
	        branch, branch, branch, 1790000000 + count, length, words);
	if (count > 1)
		fprintf(stream, "from refs/fleet/from/hub/lan/n%u^0\n", branch);
}

static void write_claim(FILE *stream, uint32_t host, unsigned version)
{
	uint32_t address = NETWORK + host;
	char text[128];
	int length = snprintf(text, sizeof(text),
	                      "mac 02:%02x:%02x:%02x:%02x:%02x\nstate dynamic\n"
	                      "since 2026-01-01T%02u:%02u:00Z\n",
	                      version >> 8 & 255, version & 255, host >> 16, host >> 8 & 255,
	                      host & 255, version / 60 % 24, version % 60);

	fprintf(stream, "M 100644 inline lan/%u.%u/%u.%u.%u/%u.%u.%u.%u\ndata %d\n%s\n",
	        address >> 24, address >> 16 & 255, address >> 24, address >> 16 & 255,
	        address >> 8 & 255, address >> 24, address >> 16 & 255, address >> 8 & 255,
	        address & 255, length, text);
}

/* Branch b has the hosts from b * each on. */
static void make_branches(const struct bench *bench, uint32_t each)
{
	FILE *stream = fast_import(bench);

	for (uint32_t b = 0; b < bench->branches; b++) {
		write_commit(stream, b, 1);
		for (uint32_t i = 0; i < each; i++)
			write_claim(stream, 1 + b * each + i, 1);
	}
	finish(stream);
}

static void change_one(const struct bench *bench, uint32_t each, unsigned version)
{
	/* Far from each other. */
	uint32_t branch = (uint32_t)((uint64_t)version * 7919 % bench->branches);
	FILE *stream = fast_import(bench);

	write_commit(stream, branch, version);
	write_claim(stream, 1 + branch * each + version % each, version);
	finish(stream);
}

static void open_history(struct bench *bench)
{
	struct history_options options = {.path = bench->path,
	                                  .instance = "bench",
	                                  .control = "/nonexistent",
	                                  .program = getenv("ARPKEEPER"),
	                                  .node = "bench",
	                                  .segment = &segment,
	                                  .segments = 1,
	                                  .interval_ms = 50,
	                                  .fleet = &fleet,
	                                  .loop = &bench->loop,
	                                  .propose = on_propose,
	                                  .notice = on_notice,
	                                  .context = bench};
	struct history_proposal *chunk;
	struct fault fault = {""};
	uint64_t about;
	int error = history_open(&bench->history, &options, &fault);

	if (!error)
		error = history_load(bench->history, &about, &fault);
	while (!error && (error = history_load_next(bench->history, &chunk, &fault)) > 0)
		error = 0;
	if (!error)
		error = history_loaded(bench->history, &fault);
	if (error)
		fail(fault.text);
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(double *value, uint32_t count)
{
	qsort(value, count, sizeof(*value), by_size);
	return value[count / 2] * 1e6;
}

static void run_rounds(struct bench *bench, uint32_t each)
{
	double *elapsed = calloc(bench->rounds, sizeof(double));
	double *used = calloc(bench->rounds, sizeof(double));
	double *idle = calloc(bench->rounds, sizeof(double));
	unsigned version = 2;

	if (!elapsed || !used || !idle)
		fail("out of memory");
	for (uint32_t i = 0; i < bench->rounds; i++) {
		double begun, cpu;

		change_one(bench, each, version);
		version++;
		bench->items = 0;
		begun = seconds(CLOCK_MONOTONIC);
		cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
		look(bench);
		used[i] = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
		elapsed[i] = bench->proposed - begun;
		if (bench->items != 1)
			fail("a change of one claim did not propose one item");
		cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
		look(bench);
		idle[i] = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	}
	printf("{\"branches\": %u, \"claims\": %u, \"proposed\": %.1f, \"cpu\": %.1f, "
	       "\"nothing\": %.1f}\n",
	       bench->branches, bench->claims, median(elapsed, bench->rounds),
	       median(used, bench->rounds), median(idle, bench->rounds));
	free(elapsed);
	free(used);
	free(idle);
}

int main(int count, char **argument)
{
	static struct bench bench;
	uint32_t each;

	if (count != 5 || !getenv("ARPKEEPER"))
		fail("give FOLDER BRANCHES CLAIMS ROUNDS, and ARPKEEPER in the environment");
	snprintf(bench.path, sizeof(bench.path), "%s", argument[1]);
	bench.branches = (uint32_t)strtoul(argument[2], NULL, 10);
	bench.claims = (uint32_t)strtoul(argument[3], NULL, 10);
	bench.rounds = (uint32_t)strtoul(argument[4], NULL, 10);
	if (!bench.branches || !bench.rounds || bench.claims < bench.branches ||
	    bench.claims > 1u << 20)
		fail("there is no such world");
	each = bench.claims / bench.branches;
	bench.table = calloc((size_t)bench.claims + 2, sizeof(struct entry *));
	if (!bench.table || uv_loop_init(&bench.loop))
		fail("out of memory");
	log_set_level(LOG_LEVEL_ERROR);
	open_history(&bench);
	make_branches(&bench, each);
	look(&bench);
	run_rounds(&bench, each);
	history_close(bench.history, 60000);
	uv_run(&bench.loop, UV_RUN_DEFAULT);
	for (uint32_t i = 0; i < bench.claims + 2; i++)
		entry_free(bench.table[i]);
	free(bench.table);
	return uv_loop_close(&bench.loop) ? 1 : 0;
}

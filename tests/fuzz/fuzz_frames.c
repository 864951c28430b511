// SPDX-License-Identifier: MIT
/*
 * The differential fuzzer: libFuzzer invents worlds and frames, and this compares the program with
 * the reference. libFuzzer sees which rules of the reference an input reaches, and goes on from
 * there.
 *
 * It does not reach two counters: the ring buffer is never full here, nor is a driver's buffer.
 *
 *     FUZZ_FRAMES=N    ends after N frames, FUZZ_SECONDS=N after N seconds, with status 0
 *                      if all were equal and each verdict was reached
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "world.h"

#define STEPS_MAX 64
/* A run with fewer frames need not reach every verdict. */
#define FRAMES_ENOUGH 100000
/* A world takes some 100 µs. It runs again when the clock ticks meanwhile. */
#define TRIES 100000

static struct pair pair;
static uint64_t counted[COUNTERS], frames, frames_wanted, ticks;
static unsigned actions[8];
static time_t end;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long long wanted(const char *name)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	frames_wanted = wanted("FUZZ_FRAMES");
	if (wanted("FUZZ_SECONDS"))
		end = time(NULL) + (time_t)wanted("FUZZ_SECONDS");
	pair_open(&pair);
	return 0;
}

/* The summary. Status 1 if the run never reached some rule, because then it shows too little. */
static _Noreturn void finish(void)
{
#define NAME(id, name, help) name,
	static const char *const names[] = {ARPKEEPER_COUNTERS(NAME)};
#undef NAME
	int status = 0;

	printf("# %llu frames equal; passed %u, dropped %u, sent back %u, redirected %u; "
	       "%llu worlds anew for a tick of the clock\n#",
	       (unsigned long long)frames, actions[XDP_PASS], actions[XDP_DROP], actions[XDP_TX],
	       actions[XDP_REDIRECT], (unsigned long long)ticks);
	for (int i = 0; i < COUNTERS; i++)
		printf(" %s %llu", names[i], (unsigned long long)counted[i]);
	printf("\n");
	for (int i = 0; i < COUNTERS; i++)
		if (!counted[i] && i != COUNTER_EVENTS_LOST && i != COUNTER_ND_PASS_NO_ROOM &&
		    frames >= FRAMES_ENOUGH) {
			printf("# no frame was counted as %s: the fuzzer does not reach it\n",
			       names[i]);
			status = 1;
		}
	fflush(stdout);
	/* libFuzzer takes exit() within a run for a crash. */
	_Exit(status);
}

static void note(void)
{
	frames++;
	actions[pair.got.action % 8]++;
	for (int i = 0; i < COUNTERS; i++)
		counted[i] += pair.got.counted[i];
}

static enum pair_result play(struct input input)
{
	uint8_t frame[REFERENCE_FRAME];

	world_begin(&pair, &input);
	for (unsigned step = 0; step < STEPS_MAX && input.at < input.end; step++) {
		unsigned length = world_step(&pair, &input, frame);
		enum pair_result result;

		if (!length)
			continue;
		result = pair_send(&pair, frame, length);
		if (result == PAIR_TICKED)
			return result;
		if (result == PAIR_DIFFERENT) {
			fprintf(stderr, "step %u, after %llu equal frames in this run:\n", step,
			        (unsigned long long)frames);
			pair_explain(&pair, frame, length, stderr);
			abort();
		}
		note();
	}
	return PAIR_EQUAL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, data + size};

	for (unsigned tries = 0; play(input) == PAIR_TICKED; tries++, ticks++)
		if (tries == TRIES) {
			fprintf(stderr, "the clock ticks in every run\n");
			abort();
		}
	if ((frames_wanted && frames >= frames_wanted) || (end && time(NULL) >= end))
		finish();
	return 0;
}

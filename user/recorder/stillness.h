/* SPDX-License-Identifier: MIT */
/*
 * Whether history's thread hangs. It may be busy for long: a merge of a million entries, a git that
 * looks through what was pushed, a slow disk. So a thread whose loop does not turn is given
 * STILL_MS if nothing of it moves, and BUSY_MS if it uses the CPU or waits for a process.
 */
#ifndef USER_RECORDER_STILLNESS_H
#define USER_RECORDER_STILLNESS_H

#include <stdbool.h>
#include <stdint.h>

#define STILL_MS 60000
#define BUSY_MS  600000

/* What there is to see of the thread. */
struct sign {
	unsigned beats;  /* turns of its loop that were counted */
	uint64_t cpu_ns; /* that it has used */
	bool child;      /* the process has a child */
};

struct stillness {
	struct sign last;
	bool begun;
	uint64_t looked_ms;
	uint64_t turned_ms, moved_ms; /* when the loop last turned; and when anything moved */
};

/* Call it each second or so, with a clock that does not go back. For how long the thread has hung,
 * in milliseconds; 0: it does not. */
uint64_t stillness_look(struct stillness *stillness, const struct sign *sign, uint64_t now_ms);

#endif

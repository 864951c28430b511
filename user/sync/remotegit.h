/* SPDX-License-Identifier: MIT */
/*
 * A git that talks to another machine. It runs in a process group of its own, is bounded in time,
 * memory and what it writes, and all of the group is killed when it ends or is late.
 */
#ifndef USER_SYNC_REMOTEGIT_H
#define USER_SYNC_REMOTEGIT_H

#include <stdint.h>

#include "store/store.h"

#define REMOTEGIT_SAID 400

struct remotegit {
	const char *directory; /* the repository that it works in: not the agent's */
	const char *url;
	char *said;          /* the URL for people; owned by the caller */
	uint64_t end_ms;     /* CLOCK_MONOTONIC: then it is killed */
	uint32_t silence_ms; /* likewise, after so long without a word of it */
	uint64_t file_bytes; /* of a file that it writes */
	/* What the last one complained of: its first two lines, without the URL. */
	char words[REMOTEGIT_SAID];
	int status; /* of the last one, as waitpid() has it */
};

uint64_t remotegit_now_ms(void);
/*
 * Runs `git <arguments>`, up to a NULL; "\x01" stands for the URL. `line` gets what it prints, and
 * `complaint` (may be NULL) each line of its standard error; a non-zero result ends it. 0;
 * -EREMOTEIO: it failed, see `words` and `status`; -ETIMEDOUT, -EMSGSIZE (it printed too much),
 * -ENOENT (no git). The fault names the remote, except for -EREMOTEIO with nothing said.
 */
int remotegit_run(struct remotegit *git, const char *const *arguments, gitchild_line_fn *line,
                  gitchild_line_fn *complaint, void *context, struct fault *fault);

#endif

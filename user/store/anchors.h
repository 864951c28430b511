/* SPDX-License-Identifier: MIT */
/*
 * Anchors: older states of main that stay as references, refs/arpkeeper/anchor/.... git tells a
 * client that pushes what all references name, and the client leaves out what these have. Without
 * anchors, every reference has moved on after some tasks, and an old clone sends the whole history.
 *
 *     seen/<number>   what a reader got, or a client pushed: the store's owner says so
 *     step/<number>   a state of main every ANCHOR_STEP commits, for the readers that it missed
 *
 * The number counts commits. There are at most ANCHORS_MAX of each. They lie the further apart the
 * older they are: the one goes that its neighbour replaces at the lowest cost for its age.
 */
#ifndef USER_STORE_ANCHORS_H
#define USER_STORE_ANCHORS_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/refs.h"

#define ANCHOR_REFS    "refs/arpkeeper/anchor/"
#define ANCHORS_MAX    32
#define ANCHOR_STEP    16
#define ANCHOR_CALM_MS 1000 /* between what a reader was told of main, and what we hear of it */

enum anchor_kind { ANCHOR_SEEN, ANCHOR_STEPS, ANCHOR_KINDS };

struct anchor {
	uint64_t number;
	git_oid id;
	bool written;
};

struct anchor_list {
	struct anchor item[ANCHORS_MAX + 1]; /* oldest first */
	size_t count;
	uint64_t *gone; /* owned: numbers whose references are to be removed */
	size_t gone_count, gone_room;
};

/* A state of main, and since when it was that. */
struct anchor_past {
	git_oid id;
	uint64_t since;
	bool known;
};

struct anchors {
	struct anchor_list list[ANCHOR_KINDS];
	uint64_t number;            /* of the commits up to main */
	struct anchor_past now;     /* main */
	struct anchor_past past[2]; /* a calm apart, oldest first */
};

/* Reads them. 0, or a negative errno. */
int anchors_load(struct anchors *anchors, git_repository *repository, struct fault *fault);
void anchors_clear(struct anchors *anchors);
/* main is about to move on from `id`: that may become a step. Again after an error. */
void anchors_leave(struct anchors *anchors, const git_oid *id);
/* main is at `id` after so many commits more; `now` in milliseconds. */
void anchors_move(struct anchors *anchors, const git_oid *id, uint64_t commits, uint64_t now);
/* A client reads the repository, and main is at `id`. If main has just moved, the client may have
 * been told an older state: that is kept, too. */
void anchors_read(struct anchors *anchors, const git_oid *id, uint64_t now);
/* A client has this commit, which will be part of main. */
void anchors_pushed(struct anchors *anchors, const git_oid *id);

/* Whether one is to be written. It is not left unwritten for long: history may be thinned. */
bool anchors_wait(const struct anchors *anchors);
/* At most so many changes of references are to be written. */
size_t anchors_most(const struct anchors *anchors);
/* Lists them; their number. */
size_t anchors_plan(const struct anchors *anchors, struct ref_change *change);
/* They are written. */
void anchors_written(struct anchors *anchors);

#endif

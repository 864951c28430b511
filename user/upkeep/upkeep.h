/* SPDX-License-Identifier: MIT */
/*
 * Keeps a repository small and quick to read, beside any git process that works in it.
 *
 * The process that writes the repository calls upkeep_init(), and upkeep_note() after each flush.
 * Each UPKEEP_FLUSHES flushes start a child, `<program> hook upkeep`, which calls chores_run():
 * it joins packs, removes what piles up, and thins old history. The child has a low priority. At
 * most one runs for a repository, and it may be killed at any moment.
 *
 * What could go wrong beside another git process, and what upkeep does about it:
 *
 * - A reader looks for an object while its pack is replaced. The new pack is written aside,
 *   checked, made durable and moved in. The old packs stay for a minute, and a later run removes
 *   them, each index before its pack (retired.h). git fsck, cp -a, go-git and others open packs
 *   long after they have listed them.
 * - `git gc` removes objects that are being joined. References already name what a joined pack
 *   holds, so a gc that starts later keeps it. A gc that started earlier does not know the new
 * pack. While upkeep joins, it holds gc.pid as `git gc` does. If git holds it, the next run joins.
 * - A multi-pack index names packs that are gone, and git then misses their objects. Upkeep holds
 *   multi-pack-index.lock while it removes old packs, and removes the index. An index begun before
 *   that may be put in place later: upkeep removes it at its next run, the writer three seconds
 *   after this one. Until then git takes what is in several packs from the newest one. So the new
 *   pack's time is one second after its newest input. (Beside `multi-pack-index write` in a loop, 2
 *   of 100 `rev-list` failed without that second, and none of 3,000 with it.)
 * - `git multi-pack-index expire`, begun before a join, would remove the new pack. The repository's
 *   configuration says core.multiPackIndex = false: git then expires nothing, and reads no such
 *   index. (libgit2 reads one all the same, hence the point above.)
 * - A pack belongs to another program: it has a .keep that is not ours, a .promisor, .mtimes or
 *   .bitmap. Upkeep leaves it alone.
 * - A pack is damaged. Each copied object's checksum is compared with the pack's index, each new
 *   delta is applied once, and a sample of the new pack is hashed. A damaged pack is reported and
 *   left out.
 * - A push was accepted just before the history that it builds on is thinned. The removal follows
 *   ten minutes after the boundary was written (retain.c).
 * - The clock is wrong, and everything seems old. Nothing is thinned by a clock that is not
 * believed (walltime.h), and at most half at once.
 * - Loose objects are packed by `git pack-objects`, and `git prune-packed` removes only those that
 *   are in a pack.
 */
#ifndef USER_UPKEEP_UPKEEP_H
#define USER_UPKEEP_UPKEEP_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "upkeep/chores.h"
#include "upkeep/retain.h"

#define UPKEEP_FLUSHES 16 /* between two runs: one small pack each */

struct upkeep {
	uv_process_t process;
	bool running;
	uv_timer_t later; /* after a run: multiindex.h */
	bool has_later;
	unsigned flushes;    /* since the last run */
	const char *program; /* this binary; borrowed. NULL: no child is ever started */
	uint32_t keep;       /* history.keep, seconds; 0: everything */
	const char *archive; /* history.archive; borrowed; NULL: none */
	/* What a person must see to; on the loop's thread; may be NULL. */
	void (*warned)(void *context, const char *line);
	void *context;
	int64_t since;         /* retain_since(), after the last run */
	const char *directory; /* the repository's; borrowed */
};

/* `git_directory` ends in '/'. The caller sets `program`, `keep`, `archive` and `warned`. */
void upkeep_init(struct upkeep *upkeep, const char *git_directory);
/* `commits` have become durable: a flush, unless it is 0. Starts the child when it is time. */
void upkeep_note(struct upkeep *upkeep, uv_loop_t *loop, uint64_t commits);
/* Starts a child without waiting for flushes; if one runs, the next flush after it does. */
void upkeep_now(struct upkeep *upkeep, uv_loop_t *loop);
/* Ends a running child; its handle is closed once the loop has run out. */
void upkeep_stop(struct upkeep *upkeep);

#endif

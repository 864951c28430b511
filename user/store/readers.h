/* SPDX-License-Identifier: MIT */
/*
 * Notices that a client clones or fetches from the repository, which git has no hook for. It
 * watches two files that are there for this alone:
 *
 *     info/attributes         `git pack-objects` opens it when it packs for a clone or a fetch
 *     objects/info/readers    a clone by plain path, and `cp -a`, copy or link it with the packs
 *
 * Programs that show differences open the first one, too. Who reads in other ways is not noticed.
 */
#ifndef USER_STORE_READERS_H
#define USER_STORE_READERS_H

#include <uv.h>

#include "base/base.h"

#define READERS_FILES 2

struct readers {
	uv_poll_t poll;
	int inotify; /* -1: nothing is noticed */
	int watch[READERS_FILES];
	char directory[512];
	void (*read)(void *context); /* NULL: not started */
	void *context;
};

/* Makes the files if they are missing. `directory` ends in '/'. `read` is called once for a moment
 * in which there were clients. What cannot be watched is logged, and not noticed. */
int readers_start(struct readers *readers, uv_loop_t *loop, const char *directory,
                  void (*read)(void *context), void *context);
/* Looks at once, without the loop. */
void readers_look(struct readers *readers);
/* Its handle is closing; it is gone when the loop has run out. */
void readers_stop(struct readers *readers);

#endif

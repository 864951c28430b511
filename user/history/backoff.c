// SPDX-License-Identifier: MIT
/* Counts time only: the caller waits and tries again. */
#include "history/backoff.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "store/store.h"

#define FIRST_MS         200
#define LAST_MS          5000
#define LOCK_PATIENCE_MS 1000 /* until it is logged */
#define PATIENCE_MS      100  /* of other trouble: git's upkeep removes empty folders, say */
#define LOCK_STALE_S     10

/* The age in seconds of a lock file that a dead process seems to have left; -1: none. */
static long stale_lock(git_repository *repository, char *path, size_t size)
{
	static const char *const locks[] = {MAIN_REF, APPLIED_REF, "packed-refs", "HEAD", "config"};
	struct stat status;

	for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
		long age;

		snprintf(path, size, "%s%s.lock", git_repository_path(repository), locks[i]);
		age = stat(path, &status) == 0 ? (long)(time(NULL) - status.st_mtime) : -1;
		if (age >= LOCK_STALE_S)
			return age;
	}
	return -1;
}

void backoff_fail(struct backoff *backoff, struct shared_status *status, git_repository *repository,
                  uint64_t now, int error, const struct fault *fault)
{
	char path[512], text[FAULT_TEXT];
	long age = -1;

	if (backoff->ms == 0)
		backoff->since = now;
	if (now - backoff->since < (error == -EBUSY ? LOCK_PATIENCE_MS : PATIENCE_MS)) {
		backoff->ms = BACKOFF_LOCK_MS;
		return;
	}
	backoff->ms = backoff->ms < FIRST_MS ? FIRST_MS : 2 * backoff->ms;
	if (backoff->ms > LAST_MS)
		backoff->ms = LAST_MS;
	if (error == -EBUSY)
		age = stale_lock(repository, path, sizeof(path));
	if (age >= 0)
		snprintf(text, sizeof(text),
		         "%.300s has been there for %ld s: a git process that died left it; if "
		         "none is running, remove it",
		         path, age);
	else
		snprintf(text, sizeof(text), "%s", fault->text);
	status_trouble(status, text);
	if (!backoff->said)
		log_error("history cannot be written, changes are kept and tried again: %s", text);
	backoff->said = true;
}

void backoff_end(struct backoff *backoff, struct shared_status *status)
{
	if (backoff->said)
		log_info("history is written again");
	if (backoff->ms > 0)
		status_trouble(status, "");
	*backoff = (struct backoff){0};
}

// SPDX-License-Identifier: MIT
/* The status under its lock. Knows numbers and texts only. */
#include "history/status.h"

#include <stdio.h>

void status_init(struct shared_status *status, const char *path)
{
	*status = (struct shared_status){.value = {.path = ""}};
	snprintf(status->value.path, sizeof(status->value.path), "%s", path);
	uv_mutex_init(&status->lock);
}

void status_destroy(struct shared_status *status)
{
	uv_mutex_destroy(&status->lock);
}

void status_read(struct shared_status *status, struct history_status *copy)
{
	uv_mutex_lock(&status->lock);
	*copy = status->value;
	uv_mutex_unlock(&status->lock);
}

void status_queued(struct shared_status *status, uint64_t changes)
{
	uv_mutex_lock(&status->lock);
	status->value.queued += changes;
	uv_mutex_unlock(&status->lock);
}

void status_published(struct shared_status *status, const git_oid *main, const git_oid *applied,
                      int64_t kept_since, uint64_t changes, uint64_t commits)
{
	uv_mutex_lock(&status->lock);
	git_oid_tostr(status->value.tip, COMMIT_TEXT, main);
	git_oid_tostr(status->value.applied, COMMIT_TEXT, applied);
	status->value.kept_since = kept_since;
	status->value.queued -= changes < status->value.queued ? changes : status->value.queued;
	status->value.commits += commits;
	uv_mutex_unlock(&status->lock);
}

void status_fleet(struct shared_status *status, const struct history_fleet *fleet)
{
	uv_mutex_lock(&status->lock);
	status->value.fleet = *fleet;
	uv_mutex_unlock(&status->lock);
}

void status_all_inside(struct shared_status *status)
{
	uv_mutex_lock(&status->lock);
	status->value.all_inside = true;
	uv_mutex_unlock(&status->lock);
}

void status_trouble(struct shared_status *status, const char *text)
{
	uv_mutex_lock(&status->lock);
	snprintf(status->value.trouble, sizeof(status->value.trouble), "%s", text);
	uv_mutex_unlock(&status->lock);
}

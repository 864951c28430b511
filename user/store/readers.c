// SPDX-License-Identifier: MIT
/*
 * inotify on two files. libuv's own watches do not report that a file is opened.
 */
#include "store/readers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define EVENTS (IN_OPEN | IN_ATTRIB) /* a link to it changes its attributes */

static const struct {
	const char *name, *text;
} files[READERS_FILES] = {
        {"info/attributes",
         "# arpkeeper watches this file: git opens it for a clone or a fetch.\n"},
        {"objects/info/readers", "arpkeeper watches this file: a clone by plain path copies it.\n"},
};

/* A file that is there stays as it is. */
static int make(const char *path, const char *text)
{
	struct fault ignored;
	char folder[PATH_MAX];
	int error;

	if (access(path, F_OK) == 0)
		return 0;
	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	error = own_folder(folder);
	if (!error)
		error = own_create(path, 0644, text, strlen(text), &ignored);
	return error == -EEXIST ? 0 : error;
}

/* Watches what is not watched. */
static int arm(struct readers *readers)
{
	int result = 0;

	for (int i = 0; i < READERS_FILES; i++) {
		char path[PATH_MAX];
		int error;

		if (readers->watch[i] >= 0)
			continue;
		snprintf(path, sizeof(path), "%s%s", readers->directory, files[i].name);
		error = make(path, files[i].text);
		if (!error)
			readers->watch[i] = inotify_add_watch(readers->inotify, path, EVENTS);
		if (!error && readers->watch[i] < 0)
			error = -errno;
		if (error) {
			log_warning("%s cannot be watched: %s; a push from an old clone may send "
			            "more than it must",
			            path, strerror(-error));
			result = error;
		}
	}
	return result;
}

/* Whether a client was there. A file that was removed or replaced is watched anew. */
static bool drain(struct readers *readers)
{
	char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool seen = false, lost = false;
	ssize_t length;

	while ((length = read(readers->inotify, buffer, sizeof(buffer))) > 0) {
		for (const char *at = buffer; at < buffer + length;) {
			const struct inotify_event *event = (const void *)at;

			seen |= (event->mask & (EVENTS | IN_Q_OVERFLOW)) != 0;
			for (int i = 0; i < READERS_FILES && (event->mask & IN_IGNORED); i++)
				if (readers->watch[i] == event->wd) {
					readers->watch[i] = -1;
					lost = true;
				}
			at += sizeof(*event) + event->len;
		}
	}
	if (lost)
		(void)arm(readers);
	return seen;
}

void readers_look(struct readers *readers)
{
	if (readers->read && readers->inotify >= 0 && drain(readers))
		readers->read(readers->context);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	readers_look(poll->data);
}

int readers_start(struct readers *readers, uv_loop_t *loop, const char *directory,
                  void (*read)(void *context), void *context)
{
	int error;

	*readers = (struct readers){.watch = {-1, -1}, .context = context};
	snprintf(readers->directory, sizeof(readers->directory), "%s", directory);
	readers->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (readers->inotify < 0) {
		log_warning("clients of %s are not noticed: %s", directory, strerror(errno));
		return 0;
	}
	error = uv_poll_init(loop, &readers->poll, readers->inotify);
	if (error < 0) {
		close(readers->inotify);
		return error;
	}
	readers->poll.data = readers;
	readers->read = read;
	(void)arm(readers);
	return uv_poll_start(&readers->poll, UV_READABLE, on_readable);
}

static void on_closed(uv_handle_t *handle)
{
	struct readers *readers = handle->data;

	close(readers->inotify);
}

void readers_stop(struct readers *readers)
{
	if (!readers->read)
		return;
	readers->read = NULL;
	uv_close((uv_handle_t *)&readers->poll, on_closed);
}

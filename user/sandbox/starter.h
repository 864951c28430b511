/* SPDX-License-Identifier: MIT */
/*
 * The starter: a small process that has entered the sandbox. It starts this program anew as the
 * recorder, ends it, and reports its end. The keeper can do none of it: it may neither become nor
 * signal another user. So no process keeps the rights to do it.
 *
 *     error = starter_open(&starter, &options, "recorder", &report, &fault);    root, one thread
 *     ...
 *     error = starter_start(starter, socket, &pid, &fault);      the socket is its descriptor 3
 *     ...
 *     when starter_fd() is readable:
 *     while ((error = starter_next(starter, &pid, &status)) == 0)
 *             that recorder ended
 *
 * The keeper believes nothing that the starter says but this: which process it started, and that it
 * ended. A recorder cannot end its starter where Landlock has scopes (Linux 6.12).
 */
#ifndef USER_SANDBOX_STARTER_H
#define USER_SANDBOX_STARTER_H

#include "base/base.h"
#include "sandbox/types.h"

struct starter;

/* Forks the starter, which enters the sandbox. `command` is what the program is run with. The fault
 * is the sandbox's if it could not be entered. starter_close() when it succeeded. */
int starter_open(struct starter **out, const struct sandbox_options *options, const char *command,
                 struct sandbox_report *report, struct fault *fault);
/* Ends the starter; NULL is fine. Recorders that are left have 30 seconds to end. */
void starter_close(struct starter *starter);

/* Starts a recorder whose descriptor 3 is `socket`, which the caller closes. Waits for the answer:
 * a millisecond. At most four live at a time. */
int starter_start(struct starter *starter, int socket, pid_t *pid, struct fault *fault);
/* Sends SIGKILL to a recorder. A pid that is none of its recorders is ignored. */
int starter_kill(struct starter *starter, pid_t pid);

/* Readable when a recorder, or the starter itself, ended. starter_start() may have read that
 * already: call starter_next() after it. */
int starter_fd(const struct starter *starter);
/* 0: that recorder ended, with waitpid()'s status. -EAGAIN: no more for now. -EPIPE: the starter
 * itself ended, or said something that is not possible. */
int starter_next(struct starter *starter, pid_t *pid, int *status);

#endif

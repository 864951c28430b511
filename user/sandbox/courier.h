/* SPDX-License-Identifier: MIT */
/*
 * The courier: a small process that runs one command for each text that it is given, one after the
 * other: the operator's, or this program with other arguments. Neither keeper nor recorder could:
 * the keeper may not become another user, and the recorder, like all that it starts, may not open a
 * socket.
 *
 *     error = courier_open(&courier, &options, &fault);      root, one thread
 *     ...
 *     error = courier_send(courier, text, false);            never waits
 *     ...
 *     courier_close(courier);
 *
 * The operator's command gets the text on its standard input, a line, and no argument. It has the
 * user, no capabilities, no_new_privs, an environment of four variables, a session of its own, and
 * three descriptors; its standard error goes to the log, a few lines a run. It may open files and
 * sockets as its user may: no Landlock and no seccomp hold it, but a signal reaches its own
 * processes only (Linux 6.12). When it ends, all processes that it has left are killed, in
 * whichever session they are (descendants.h).
 */
#ifndef USER_SANDBOX_COURIER_H
#define USER_SANDBOX_COURIER_H

#include <stdbool.h>

#include "base/base.h"
#include "sandbox/types.h"

struct courier;

/* Forks the courier, which becomes the user and checks the command. The log has from it what goes
 * wrong: a failure once, until the command works again; and how many texts were dropped. */
int courier_open(struct courier **out, const struct courier_options *options, struct fault *fault);
/* `news`: it gives way to other texts. -EPIPE: the courier has ended. -EMSGSIZE: the text is longer
 * than COURIER_TEXT_MAX. A text that finds no room counts as dropped. */
int courier_send(struct courier *courier, const char *text, bool news);
/* What it has said of that last, a moment ago. */
void courier_count(struct courier *courier, struct courier_counts *counts);
/* Texts that wait, and the command, have five seconds more. It does not wait for them. NULL is
 * fine. */
void courier_close(struct courier *courier);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The page's server: a process of its own, which reads the agent's control socket and the
 * repository as any user may, and changes nothing.
 *
 *     web_run(&options, &fault);        until SIGINT or SIGTERM
 *
 * A request reaches a handler (web/api.h) by the table in web/route.c. What the handlers of the
 * live table look at is a copy (web/copy.h), which one thread keeps (web/follow.h).
 */
#ifndef USER_WEB_H
#define USER_WEB_H

#include <jansson.h>

#include "base/base.h"
#include "sandbox/sandbox.h"
#include "web/eventjson.h"
#include "web/host.h"
#include "web/listen.h"
#include "web/previewjson.h"

struct web_options {
	const char *listen;     /* as listen_parse() takes it */
	const char *control;    /* path of the agent's control socket */
	const char *repository; /* path */
	/* For root: the user that the process becomes. Others stay who they are. */
	const struct sandbox_user *user;
	/* Adds to the agent's answer to `stats` what a command knows; or NULL. */
	void (*complete)(json_t *stats, const char *repository);
};

/* Ends with 0 on SIGINT and SIGTERM; a negative errno and a fault before that. */
int web_run(const struct web_options *options, struct fault *fault);

#endif

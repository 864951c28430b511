// SPDX-License-Identifier: MIT
/* The order of an exchange: list, fetch, push. */
#include "sync/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sync/answers.h"
#include "sync/fetching.h"
#include "sync/operators.h"
#include "sync/pushing.h"
#include "sync/seen.h"

/* git runs what this file names. */
static int check_settings(struct fault *fault)
{
	const char *home = getenv("HOME");
	char path[PATH_MAX];
	struct stat status;

	if (!home || snprintf(path, sizeof(path), "%s/.gitconfig", home) >= (int)sizeof(path) ||
	    stat(path, &status) < 0)
		return 0;
	if ((status.st_uid == 0 || status.st_uid == geteuid()) &&
	    !(status.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	return fault_set(
	        fault, -EPERM,
	        "%s: another user can write it, and so change what git runs: `chown` it to "
	        "root or to the agent's user, and `chmod go-w`",
	        path);
}

static int make_aside(struct exchange *exchange, struct fault *fault)
{
	char path[PATH_MAX], suffix[NODE_NAME_MAX + 8];
	int error;

	snprintf(path, sizeof(path), "%.*s", (int)strlen(exchange->directory) - 1,
	         exchange->directory);
	snprintf(suffix, sizeof(suffix), "sync-%s", exchange->request->remote);
	error = quarantine_make_as(&exchange->aside, path, suffix, true, fault);
	if (!error)
		snprintf(exchange->aside_directory, sizeof(exchange->aside_directory), "%s/",
		         exchange->aside.path);
	return error;
}

/* What requests made of this node's branches is pushed before they are answered. */
static int push_all(struct exchange *exchange, struct fault *fault)
{
	int error = exchange->operators.handed ? tips_renew(&exchange->tips, exchange->request,
	                                                    exchange->directory, fault)
	                                       : 0;

	if (!error)
		error = pushing_run(exchange, fault);
	return error ? error : answers_send(exchange, fault);
}

static int exchange_all(struct exchange *exchange, struct fault *fault)
{
	struct fault later = {""};
	int pushed, error = fetching_run(exchange, fault);

	if (!error)
		error = operators_take(exchange, fault);
	/* A remote that serves nothing may still take something; one that hangs may not. */
	pushed = error && error != -EREMOTEIO ? 0 : push_all(exchange, &later);
	if (!error && !pushed)
		error = seen_exchange(exchange, fault);
	return error || !pushed ? error : fault_set(fault, pushed, "%s", later.text);
}

int sync_run(struct sync_report *report, const struct sync_request *request, const char *directory,
             struct fault *fault)
{
	const uint64_t begun = remotegit_now_ms();
	struct exchange exchange = {
	        .request = request, .report = report, .directory = directory, .aside.lock = -1};
	int error;

	*report = (struct sync_report){0};
	exchange.git = (struct remotegit){.directory = exchange.aside_directory,
	                                  .url = request->url,
	                                  .said = remoteurl_said(request->url),
	                                  .end_ms = begun + request->timeout_ms,
	                                  .silence_ms = request->silence_ms,
	                                  .file_bytes = request->pack_bytes};
	error = exchange.git.said ? check_settings(fault)
	                          : fault_set(fault, -ENOMEM, "out of memory");
	if (!error)
		error = make_aside(&exchange, fault);
	if (!error)
		error = tips_list(&exchange.tips, &exchange.git, request, directory,
		                  &report->listed, fault);
	if (!error)
		error = exchange_all(&exchange, fault);
	tips_clear(&exchange.tips);
	quarantine_remove(&exchange.aside);
	free(exchange.git.said);
	report->milliseconds = (uint32_t)(remotegit_now_ms() - begun);
	return error;
}

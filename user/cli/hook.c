/* SPDX-License-Identifier: MIT */
/*
 * `arpkeeper hook`: what git runs in the repository when somebody pushes. pre-receive judges;
 * post-receive tells the agent, and the pusher what came of it. It never makes a push fail
 * that has happened already. And what the agent itself runs beside it: upkeep.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/base.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/table.h"
#include "lookback/lookback.h"
#include "reader/reader.h"
#include "upkeep/upkeep.h"

#define MAIN          "refs/heads/main"
#define MERGE         "refs/heads/merge/"
#define REF_MAX       1024
#define HEX           40 /* letters of an object id */
#define REPLY_SECONDS 60

/* The agent's socket; -1 when it cannot be told, which the pusher has read then. */
static int connect_agent(void)
{
	const struct timeval patience = {.tv_sec = REPLY_SECONDS};
	const char *repository = getenv("GIT_DIR");
	struct reader *reader = NULL;
	struct fault fault = {""};
	char *control = NULL;
	int error, socket = -1;

	error = reader_open(&reader, repository ? repository : ".", &fault);
	if (error == 0)
		error = reader_control(reader, &control, &fault);
	if (error == 0)
		error = socket = client_connect(control, &fault);
	if (control && (error == -ENOENT || error == -ECONNREFUSED))
		puts("received; no agent is running: it will be merged when the agent starts");
	else if (error < 0)
		line_write(stdout, "received, but the agent could not be told: %s", fault.text);
	else
		setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	free(control);
	reader_close(reader);
	return error < 0 ? -1 : socket;
}

static void reconcile(int socket, const char *ref)
{
	json_t *request = json_pack("{s:s, s:s}", "command", "reconcile", "ref", ref);
	struct fault fault = {""};
	json_t *response = client_call(socket, request, &fault);

	if (response)
		lines_write(stdout, json_string_value(json_object_get(response, "text")));
	else
		line_write(stdout, "received, but %s", fault.text);
	json_decref(response);
	json_decref(request);
}

static int post_receive(void)
{
	char line[REF_MAX + 2 * HEX + 4], new[HEX + 1], ref[REF_MAX];
	int socket = -1;
	bool tried = false;

	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%*40s %40s %1023s", new, ref) != 2 ||
		    strspn(new, "0") == strlen(new) || /* deleted */
		    (strcmp(ref, MAIN) != 0 && strncmp(ref, MERGE, strlen(MERGE)) != 0))
			continue;
		if (!tried)
			socket = connect_agent();
		tried = true;
		if (socket >= 0)
			reconcile(socket, ref);
	}
	client_close(socket);
	return EXIT_OK;
}

/* upkeep --repo DIR [--keep SECONDS] [--now] */
static int upkeep(int argc, char **argv)
{
	/* The index first: an agent without one keeps its commits in memory until it is made. */
	struct chores chores = {.own = lookback_tend};
	struct fault fault = {""};
	char directory[PATH_MAX];
	bool fine = true;

	for (int i = 2; i < argc && fine; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (!strcmp(argv[i], "--now")) {
			chores.now = true;
		} else if (!strcmp(argv[i], "--repo") && value && *value) {
			i++;
			snprintf(directory, sizeof(directory), "%s%s", argv[i],
			         argv[i][strlen(argv[i]) - 1] == '/' ? "" : "/");
			chores.git_directory = directory;
		} else if (!strcmp(argv[i], "--keep") && value) {
			chores.keep = (uint32_t)strtoul(argv[++i], NULL, 10);
		} else {
			fine = false;
		}
	}
	if (!fine || !chores.git_directory) {
		log_error("usage: arpkeeper hook upkeep --repo DIR [--keep SECONDS] [--now]");
		return EXIT_USAGE;
	}
	if (chores_run(&chores, &fault) < 0) {
		log_warning("upkeep of %s: %s", directory, fault.text);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

int command_hook(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "pre-receive") == 0)
		return prereceive_run();
	if (argc == 2 && strcmp(argv[1], "post-receive") == 0)
		return post_receive();
	if (argc >= 2 && strcmp(argv[1], "upkeep") == 0)
		return upkeep(argc, argv);
	log_error("usage: arpkeeper hook pre-receive|post-receive, run by git in the repository");
	return EXIT_USAGE;
}

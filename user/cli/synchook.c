// SPDX-License-Identifier: MIT
/* Wires an exchange to its asker. The courier of the agent runs it (agent/fleet.h). */
#include "cli/synchook.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "cli/ask.h"
#include "cli/command.h"
#include "client/client.h"
#include "store/store.h"
#include "sync/sync.h"

#define REPLY_SECONDS 30

/* Takes `report` over. */
static int tell(const char *control, json_t *report, struct fault *fault)
{
	const struct timeval patience = {.tv_sec = REPLY_SECONDS};
	json_t *response = NULL;
	FILE *agent = NULL;
	int error = client_connect(&agent, control, fault);

	if (error < 0) {
		json_decref(report);
		return error;
	}
	setsockopt(fileno(agent), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	response = client_call(
	        agent, json_pack("{s:s, s:o}", "command", "synced", "report", report), fault);
	error = response ? 0 : -EIO;
	json_decref(response);
	client_close(agent);
	return error;
}

/* What became of a request that is in the repository. */
static enum sync_verdict ask_of_request(void *context, const char *reference, char *words,
                                        size_t size)
{
	const struct timeval patience = {.tv_sec = REPLY_SECONDS};
	json_t *question, *response = NULL;
	FILE *agent = NULL;
	const char *text;
	bool refused;

	if (client_connect(&agent, context, NULL) < 0)
		return SYNC_PENDING;
	setsockopt(fileno(agent), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	question = json_pack("{s:s, s:s}", "command", "reconcile", "ref", reference);
	if (question && client_send(agent, question, NULL) == 0)
		response = client_next(agent, NULL);
	json_decref(question);
	text = json_text(response, "text");
	refused = json_is_true(json_object_get(response, "refused"));
	if (refused)
		text = json_text(response, "error");
	if (text)
		snprintf(words, size, "%s", text);
	json_decref(response);
	client_close(agent);
	return refused ? SYNC_DECLINED : SYNC_PENDING;
}

int synchook_run(const char *repository)
{
	const size_t length = strlen(repository);
	struct sync_request request = {0};
	struct sync_report report = {0};
	struct fault fault = {""};
	char directory[PATH_MAX], *text = NULL;
	size_t room = 0;
	int error, status = EXIT_OK;

	snprintf(directory, sizeof(directory), "%s%s", repository,
	         length && repository[length - 1] == '/' ? "" : "/");
	if (getline(&text, &room, stdin) <= 0) {
		log_error("hook sync: there is no request on standard input");
		free(text);
		return EXIT_FAILED;
	}
	error = syncrequest_read(&request, text, &fault);
	free(text);
	if (request.control) {
		request.ask = ask_of_request;
		request.ask_context = (void *)request.control;
	}
	if (!error)
		error = gitclean_libgit2() < 0
		                ? fault_set(&fault, -EIO, "libgit2 cannot be started")
		                : sync_run(&report, &request, directory, &fault);
	if (!request.json || !request.remote) {
		log_error("hook sync: %s", fault.text);
		status = EXIT_FAILED;
	} else if (request.control) {
		struct fault why = {""};

		if (tell(request.control, syncreport_json(&report, &request, fault.text), &why)) {
			log_warning("hook sync: the agent takes no report: %s", why.text);
			status = EXIT_FAILED;
		}
	} else {
		json_print(syncreport_json(&report, &request, fault.text));
		status = error ? EXIT_FAILED : EXIT_OK;
	}
	syncrequest_clear(&request);
	return status;
}

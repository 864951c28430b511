// SPDX-License-Identifier: MIT
/*
 * libmicrohttpd's daemon, a thread a connection: a request that takes long delays no other one. A
 * request with a body is refused before any of it is read.
 */
#include "web/http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "web/live.h"
#include "web/reply.h"
#include "web/route.h"
#include "web/target.h"

#define CONNECTION_MEMORY (64u << 10) /* its headers, and what is about to be sent */
#define IDLE_SECONDS      30          /* nothing is sent or taken: the connection ends */
#define STACK             (1u << 20)
#define LOG_TEXT          256
#define METRICS           "text/plain; version=0.0.4; charset=utf-8"
#define OPEN_METRICS      "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* A request from its first line to its end. */
struct request {
	bool begun; /* its headers have been judged */
	char target[TARGET_MOST + 2];
};

/* The target as it was sent; libmicrohttpd's own copy is cut at '?', and decoded. */
static void *begin_request(void *web, const char *target, struct MHD_Connection *connection)
{
	struct request *request = malloc(sizeof(*request));

	(void)web;
	(void)connection;
	if (request) {
		request->begun = false;
		snprintf(request->target, sizeof(request->target), "%s", target);
	}
	return request;
}

static void end_request(void *web, struct MHD_Connection *connection, void **request,
                        enum MHD_RequestTerminationCode how)
{
	(void)web;
	(void)connection;
	(void)how;
	free(*request);
	*request = NULL;
}

static enum MHD_Result reply_metrics(struct MHD_Connection *connection, struct web *web)
{
	const char *accept =
	        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	const bool open_metrics = accept && strstr(accept, "application/openmetrics-text");
	size_t length = 0;
	char *text = live_metrics(web, open_metrics, &length);

	return reply_text(connection, MHD_HTTP_OK, open_metrics ? OPEN_METRICS : METRICS, text,
	                  length);
}

static enum MHD_Result reply_api(struct MHD_Connection *connection, struct web *web,
                                 const struct target *wanted)
{
	struct fault fault = {""};
	json_t *answer;
	int error = route_answer(web, wanted, &answer, &fault);

	if (!error)
		return reply_json(connection, MHD_HTTP_OK, answer);
	text_mend(fault.text);
	return reply_error(connection, route_status(error), fault.text);
}

/* An answer for each path: those of the API, and else the page's files. */
static enum MHD_Result answer_path(struct MHD_Connection *connection, struct web *web,
                                   const struct target *wanted)
{
	if (!strcmp(wanted->path, "/events"))
		return reply_events(connection, web);
	if (!strcmp(wanted->path, "/metrics"))
		return reply_metrics(connection, web);
	if (!strcmp(wanted->path, "/healthz") || !strncmp(wanted->path, "/api/", strlen("/api/")))
		return reply_api(connection, web, wanted);
	return reply_asset(connection, wanted->path);
}

struct host {
	const char *text;
	unsigned count;
};

static enum MHD_Result take_host(void *context, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
	struct host *host = context;

	(void)kind;
	if (strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0) {
		host->text = value;
		host->count++;
	}
	return MHD_YES;
}

static bool is_own(struct MHD_Connection *connection, const struct web *web)
{
	struct host host = {NULL, 0};

	MHD_get_connection_values(connection, MHD_HEADER_KIND, take_host, &host);
	return listen_is_host(&web->listen, host.count == 1 ? host.text : NULL);
}

static bool has_body(struct MHD_Connection *connection)
{
	const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
	                                                 MHD_HTTP_HEADER_CONTENT_LENGTH);

	return (length && strcmp(length, "0") != 0) ||
	       MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
	                                   MHD_HTTP_HEADER_TRANSFER_ENCODING);
}

/* What an answer before the end of the request refuses: the connection ends with it. */
static enum MHD_Result judge(struct MHD_Connection *connection, const struct web *web,
                             const char *method)
{
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return reply_error(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
		                   "the page only reads: GET and HEAD");
	if (!is_own(connection, web))
		return reply_error(connection, MHD_HTTP_FORBIDDEN,
		                   "this name is not one of this page: open it as localhost, or "
		                   "let the proxy send the Host that it connects to");
	if (has_body(connection))
		return reply_error(connection, MHD_HTTP_BAD_REQUEST, "a request has no body");
	return MHD_YES;
}

static enum MHD_Result answer(struct MHD_Connection *connection, struct web *web, const char *line)
{
	struct fault fault = {""};
	struct target wanted;
	enum MHD_Result result;
	int error = target_parse(&wanted, line, &fault);

	if (error)
		text_mend(fault.text);
	result = error ? reply_error(connection, route_status(error), fault.text)
	               : answer_path(connection, web, &wanted);
	target_clear(&wanted);
	return result;
}

static enum MHD_Result on_request(void *given, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **context)
{
	struct request *request = *context;
	struct web *web = given;

	(void)url;
	(void)version;
	(void)upload;
	if (!request || *upload_size)
		return MHD_NO;
	if (!request->begun) {
		request->begun = true;
		pthread_mutex_lock(&web->lock);
		web->requests++;
		pthread_mutex_unlock(&web->lock);
		return judge(connection, web, method);
	}
	return answer(connection, web, request->target);
}

static void on_log(void *context, const char *format, va_list arguments)
{
	char text[LOG_TEXT];

	(void)context;
	vsnprintf(text, sizeof(text), format, arguments);
	text[strcspn(text, "\r\n")] = '\0';
	text_mend(text);
	log_debug("web: %s", text);
}

struct MHD_Daemon *http_start(struct web *web, int descriptor, struct fault *fault)
{
	struct MHD_Daemon *daemon = MHD_start_daemon(
	        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
	                MHD_USE_ITC | MHD_USE_ERROR_LOG,
	        0, NULL, NULL, on_request, web, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
	        MHD_OPTION_LISTEN_SOCKET, descriptor, MHD_OPTION_CONNECTION_LIMIT, HTTP_CONNECTIONS,
	        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	        MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_THREAD_STACK_SIZE,
	        (size_t)STACK, MHD_OPTION_URI_LOG_CALLBACK, begin_request, NULL,
	        MHD_OPTION_NOTIFY_COMPLETED, end_request, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1,
	        MHD_OPTION_END);

	if (!daemon)
		fault_set(fault, -EIO,
		          "libmicrohttpd cannot serve on %s (--log-level debug says why)",
		          web->listen.text);
	return daemon;
}

void http_stop(struct MHD_Daemon *daemon)
{
	MHD_stop_daemon(daemon);
}

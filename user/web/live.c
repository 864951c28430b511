// SPDX-License-Identifier: MIT
/* Asks the agent, at most twice a second however many ask. */
#include "web/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "client/client.h"
#include "entry/entry.h"

#define KEPT_MS 500

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static int ask_agent(struct web *web, json_t **answer, const char *command, struct fault *fault)
{
	FILE *agent;
	int error = client_ask(&agent, answer, web->control, json_pack("{s:s}", "command", command),
	                       fault);

	if (error)
		/* Which of them, the sentence says. */
		return client_is_absent(error) || error == -EREMOTEIO ? -ECONNREFUSED : error;
	client_close(agent);
	json_object_del(*answer, "ok");
	return 0;
}

/* A copy of its own for each caller. */
static int ask_once(struct web *web, struct web_answer *kept, json_t **answer, const char *command,
                    struct fault *fault)
{
	int error = 0;

	pthread_mutex_lock(&web->lock);
	if (!kept->value || now_ms() - kept->at_ms > KEPT_MS) {
		json_decref(kept->value);
		kept->value = NULL;
		error = ask_agent(web, &kept->value, command, fault);
		if (!error && web->complete && kept == &web->stats)
			web->complete(kept->value, web->repository);
		kept->at_ms = now_ms();
	}
	*answer = error ? NULL : json_deep_copy(kept->value);
	pthread_mutex_unlock(&web->lock);
	if (!error && !*answer)
		error = fault_set(fault, -ENOMEM, "out of memory");
	return error;
}

int live_status(struct web *web, const struct api_request *request, json_t **answer,
                struct fault *fault)
{
	(void)request;
	return ask_once(web, &web->status, answer, "status", fault);
}

int live_stats(struct web *web, const struct api_request *request, json_t **answer,
               struct fault *fault)
{
	(void)request;
	return ask_once(web, &web->stats, answer, "stats", fault);
}

int live_health(struct web *web, const struct api_request *request, json_t **answer,
                struct fault *fault)
{
	struct fault why = {""};
	const struct rows *rows = copy_look(&web->copy, &why);
	char asked[TIME_TEXT];
	json_t *addresses = rows ? json_integer((json_int_t)rows->count) : json_null();
	uint64_t dropped;
	unsigned readers;

	(void)request;
	if (rows)
		time_format(asked, web->copy.loaded);
	if (rows)
		copy_leave(&web->copy);
	events_count(&web->events, &readers, &dropped);
	*answer = json_pack("{s:b, s:s, s:o, s:s?, s:s?, s:I, s:I}", "agent",
	                    follow_is_watching(&web->follow), "version", ARPKEEPER_VERSION,
	                    "addresses", addresses, "asked", rows ? asked : NULL, "why",
	                    rows ? NULL : why.text, "readers", (json_int_t)readers, "dropped",
	                    (json_int_t)dropped);
	return *answer ? 0 : fault_set(fault, -ENOMEM, "out of memory");
}

static void put(FILE *out, const char *family, const char *sample, const char *type,
                const char *help, uint64_t value)
{
	fprintf(out, "# HELP %s %s.\n# TYPE %s %s\n%s %llu\n", family, help, family, type, sample,
	        (unsigned long long)value);
}

char *live_metrics(struct web *web, bool open_metrics, size_t *length)
{
	struct fault fault;
	json_t *stats = NULL;
	char *text = NULL;
	FILE *out = open_memstream(&text, length);
	uint64_t dropped, requests;
	unsigned readers;
	int error;

	if (!out)
		return NULL;
	error = live_stats(web, NULL, &stats, &fault);
	events_count(&web->events, &readers, &dropped);
	pthread_mutex_lock(&web->lock);
	requests = web->requests;
	pthread_mutex_unlock(&web->lock);
	put(out, "arpkeeper_up", "arpkeeper_up", "gauge", "1 while the agent answers", !error);
	put(out, "arpkeeper_web_readers", "arpkeeper_web_readers", "gauge", "Readers of /events",
	    readers);
	put(out,
	    open_metrics ? "arpkeeper_web_readers_dropped" : "arpkeeper_web_readers_dropped_total",
	    "arpkeeper_web_readers_dropped_total", "counter",
	    "Readers of /events that were too slow", dropped);
	put(out, open_metrics ? "arpkeeper_web_requests" : "arpkeeper_web_requests_total",
	    "arpkeeper_web_requests_total", "counter", "Requests to the page's server", requests);
	if (!error)
		prometheus_write(out, stats, open_metrics);
	if (open_metrics)
		fputs("# EOF\n", out);
	json_decref(stats);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

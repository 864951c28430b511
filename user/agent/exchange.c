/* SPDX-License-Identifier: MIT */
/* Counts, and remembers what was left out. Starts nothing. */
#include "agent/exchange.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/alerts.h"
#include "agent/publish.h"

#define LEASE_POLLS 18 /* three times as long as the holder may take to look again */
#define LEASE_LEAST 5  /* seconds more */

#define SEEN_NAME "seen" /* as a report names what nodes have seen */

static uint64_t number(const json_t *report, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(report, key));

	return value > 0 ? (uint64_t)value : 0;
}

static bool is_known(const struct exchange *exchange, const char *branch, const char *id)
{
	for (size_t i = 0; i < exchange->skips; i++)
		if (!strcmp(exchange->skipped[i].branch, branch) &&
		    !strcmp(exchange->skipped[i].id, id))
			return true;
	return false;
}

/* Of a branch only its last bad tip counts; of too many branches, the first go. */
static void skip(struct exchange *exchange, const char *branch, const char *id, bool pushed)
{
	struct exchange_skipped *at = exchange->skipped;
	size_t index = 0;

	while (index < exchange->skips && strcmp(at[index].branch, branch) != 0)
		index++;
	if (index == exchange->skips && index == EXCHANGE_SKIPPED) {
		memmove(at, at + 1, (EXCHANGE_SKIPPED - 1) * sizeof(*at));
		index--;
	} else if (index == exchange->skips) {
		exchange->skips++;
	}
	snprintf(at[index].branch, sizeof(at[index].branch), "%s", branch);
	snprintf(at[index].id, sizeof(at[index].id), "%s", id);
	at[index].pushed = pushed ? exchange->serial : 0;
}

/* Not what was refused here: a tip of this node's, which says nothing of the remote's. */
static void forget(struct exchange *exchange, const char *branch)
{
	struct exchange_skipped *at = exchange->skipped;

	for (size_t i = 0; i < exchange->skips; i++) {
		if (at[i].pushed || strcmp(at[i].branch, branch) != 0)
			continue;
		memmove(&at[i], &at[i + 1], (exchange->skips - i - 1) * sizeof(*at));
		exchange->skips--;
		return;
	}
}

/* Once for each tip. */
static void take_refused(struct exchange *exchange, const json_t *refused)
{
	const char *branch = json_string_value(json_object_get(refused, "branch"));
	const char *id = json_string_value(json_object_get(refused, "id"));
	const char *why = json_string_value(json_object_get(refused, "why"));
	const char *text = json_string_value(json_object_get(refused, "text"));
	char words[512];
	struct history_alert alert = {.words = words};
	bool known;

	if (!branch || !id || !why || !text || strlen(branch) >= EXCHANGE_NAME ||
	    strlen(id) >= COMMIT_TEXT)
		return;
	known = is_known(exchange, branch, id);
	/* Of nodes' branches; each exchange pushes them again. */
	skip(exchange, branch, id, !strcmp(why, "refused") && strchr(branch, '/'));
	if (known)
		return;
	snprintf(words, sizeof(words), "branch %.135s of remote %.63s is left out (%.20s): %.200s",
	         branch, exchange->config->name, why, text);
	alert.kind = !strcmp(why, "rewound")      ? "branch-rewound"
	             : !strcmp(why, "invalid")    ? "branch-invalid"
	             : !strcmp(why, "unanswered") ? "unanswered"
	                                          : NULL;
	if (alert.kind)
		alerts_found(exchange->agent, &alert);
	else
		log_warning("%s", words);
}

static const char *text(const json_t *json, const char *key)
{
	const char *value = json_string_value(json_object_get(json, key));

	return value ? value : "";
}

static void take_operators(struct exchange *exchange, const json_t *operators)
{
	const char *lease = text(operators, "lease");
	uint64_t waiting = number(operators, "waiting");

	if (!operators || json_is_null(operators))
		return;
	/* A lease is silent only while there is something to do for its holder. */
	if (!waiting || !exchange->waiting || strcmp(exchange->lease, lease) != 0)
		exchange->unmoved_ms = uv_now(&exchange->agent->loop);
	exchange->waiting = waiting;
	exchange->merged += number(operators, "merged");
	exchange->declined += number(operators, "declined");
	snprintf(exchange->lease, sizeof(exchange->lease), "%s", lease);
	snprintf(exchange->holder, sizeof(exchange->holder), "%s", text(operators, "holder"));
}

json_t *exchange_operators(const struct exchange *exchange)
{
	const struct config_remote *config = exchange->config;
	uint64_t unmoved =
	        exchange->waiting ? uv_now(&exchange->agent->loop) - exchange->unmoved_ms : 0;
	uint32_t seconds = config->poll_ms / 1000 * LEASE_POLLS + LEASE_LEAST;

	return config->operators ? json_pack("{s:s, s:s, s:I, s:I}", "lease", exchange->lease,
	                                     "holder", exchange->holder, "unmoved",
	                                     (json_int_t)unmoved, "seconds", (json_int_t)seconds)
	                         : NULL;
}

#define LOOK_POLLS 6 /* a minute, by default */

bool exchange_looks(struct exchange *exchange)
{
	uint64_t now = uv_now(&exchange->agent->loop);

	if (exchange->config->push == PUSH_OFF || exchange->config->fetch == FETCH_OFF ||
	    !exchange->stirred ||
	    (exchange->seen_ms &&
	     now - exchange->seen_ms < (uint64_t)LOOK_POLLS * exchange->config->poll_ms))
		return false;
	exchange->seen_ms = now;
	exchange->stirred = false;
	return true;
}

void exchange_clear(struct exchange *exchange)
{
	json_decref(exchange->seen);
	exchange->seen = NULL;
}

static void take_seen(struct exchange *exchange, const json_t *seen)
{
	const json_t *node;
	json_t *behind;
	size_t index;

	if (!json_is_object(seen))
		return;
	behind = json_array();
	json_array_foreach (json_object_get(seen, "behind"), index, node)
		json_array_append_new(behind,
		                      json_pack("{s:s, s:s, s:I, s:o}", "node", text(node, "node"),
		                                "branch", text(node, "branch"), "commits",
		                                (json_int_t)number(node, "commits"), "since",
		                                value_time((int64_t)number(node, "since"))));
	exchange->stirred |= json_array_size(behind) > 0;
	json_decref(exchange->seen);
	exchange->seen = json_pack("{s:I, s:o}", "nodes", (json_int_t)number(seen, "nodes"),
	                           "behind", behind);
}

bool exchange_reported(struct exchange *exchange, const json_t *report)
{
	const char *error = json_string_value(json_object_get(report, "error"));
	const json_t *refused, *cleared;
	bool told = json_is_object(json_object_get(report, "seen"));
	size_t index;

	if (error && *error)
		exchange_failed(exchange, error);
	exchange->exchanges++;
	exchange->fetched += number(report, "fetched");
	exchange->pushed += number(report, "pushed");
	exchange->bytes += number(report, "bytes");
	exchange->refusals += number(report, "refusals");
	exchange->listed = number(report, "listed");
	exchange->milliseconds = number(report, "milliseconds");
	take_operators(exchange, json_object_get(report, "operators"));
	exchange->stirred |= number(report, "fetched") + number(report, "pushed") > 0;
	take_seen(exchange, json_object_get(report, "seen"));
	json_array_foreach (json_object_get(report, "cleared"), index, cleared)
		if (json_is_string(cleared))
			forget(exchange, json_string_value(cleared));
	json_array_foreach (json_object_get(report, "refused"), index, refused) {
		take_refused(exchange, refused);
		told &= strcmp(text(refused, "branch"), SEEN_NAME) != 0;
	}
	if (told)
		forget(exchange, SEEN_NAME);
	if (error && *error)
		return true;
	exchange->tried = exchange->succeeded = time(NULL);
	if (exchange->error[0])
		log_info("remote %s is reached again", exchange->config->name);
	exchange->error[0] = '\0';
	return number(report, "fetched") == 0 && number(report, "pushed") == 0 &&
	       exchange->waiting == 0;
}

/* In the log once, until it changes or ends. */
void exchange_failed(struct exchange *exchange, const char *why)
{
	exchange->tried = time(NULL);
	exchange->failures++;
	if (strcmp(exchange->error, why) != 0)
		log_warning("remote %s: %s; it is tried again", exchange->config->name, why);
	snprintf(exchange->error, sizeof(exchange->error), "%s", why);
}

json_t *exchange_skip(const struct exchange *exchange)
{
	json_t *skipped = json_object();

	for (size_t i = 0; i < exchange->skips; i++)
		if (!exchange->skipped[i].pushed)
			json_object_set_new(skipped, exchange->skipped[i].branch,
			                    json_string(exchange->skipped[i].id));
	return skipped;
}

void exchange_forget(struct exchange *exchange)
{
	exchange->skips = 0;
	exchange->seen_ms = 0;
	exchange->stirred = true;
}

/* Whether it was left out, or refused, as of now. */
static bool is_left_out(const struct exchange *exchange, const struct exchange_skipped *skipped)
{
	return !skipped->pushed || skipped->pushed + exchange->running >= exchange->serial;
}

/* When the next one begins; null while one runs, and where none will. */
static json_t *next_time(const struct exchange *exchange)
{
	if (exchange->running || !uv_is_active((const uv_handle_t *)&exchange->timer))
		return json_null();
	return value_time(time(NULL) +
	                  (int64_t)(uv_timer_get_due_in(&exchange->timer) + 500) / 1000);
}

json_t *exchange_json(const struct exchange *exchange)
{
	const struct config_remote *config = exchange->config;
	char *url = remoteurl_said(config->url);
	json_t *refused = json_array(), *operators = json_null(), *json;

	if (config->operators)
		operators = json_pack("{s:s, s:I, s:I, s:I}", "holder", exchange->holder, "waiting",
		                      (json_int_t)exchange->waiting, "merged",
		                      (json_int_t)exchange->merged, "declined",
		                      (json_int_t)exchange->declined);
	for (size_t i = 0; i < exchange->skips; i++)
		if (is_left_out(exchange, &exchange->skipped[i]))
			json_array_append_new(refused, json_string(exchange->skipped[i].branch));
	json = json_pack(
	        "{s:s, s:s?, s:s, s:s, s:I, s:b, s:o, s:o, s:o, s:s?, s:I, s:I, s:I, s:I, "
	        "s:I, s:I, s:I, s:I, s:o, s:o, s:O?}",
	        "remote", config->name, "url", url, "fetch", config_fetches[config->fetch], "push",
	        config_pushes[config->push], "poll_ms", (json_int_t)config->poll_ms, "running",
	        exchange->running, "succeeded",
	        exchange->succeeded ? value_time(exchange->succeeded) : json_null(), "tried",
	        exchange->tried ? value_time(exchange->tried) : json_null(), "next",
	        next_time(exchange), "error", exchange->error[0] ? exchange->error : NULL,
	        "exchanges", (json_int_t)exchange->exchanges, "failures",
	        (json_int_t)exchange->failures, "fetched", (json_int_t)exchange->fetched, "pushed",
	        (json_int_t)exchange->pushed, "bytes", (json_int_t)exchange->bytes, "branches",
	        (json_int_t)exchange->listed, "milliseconds", (json_int_t)exchange->milliseconds,
	        "refusals", (json_int_t)exchange->refusals, "left_out", refused, "operators",
	        operators, "seen", exchange->seen);
	free(url);
	return json;
}

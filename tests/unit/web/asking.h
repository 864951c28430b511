/* SPDX-License-Identifier: MIT */
/*
 * Asks a handler of the page, as a request does. Each answer is added to the file that WEB_ANSWERS
 * names, if it is set, for tests/system/openapi.py: status, path with parameters, answer.
 */
#ifndef TESTS_UNIT_WEB_ASKING_H
#define TESTS_UNIT_WEB_ASKING_H

#include "../reader/maker.h"

#include <ctype.h>
#include <errno.h>

#include "web/address.h"
#include "web/alerts.h"
#include "web/changes.h"
#include "web/diff.h"
#include "web/mac.h"
#include "web/moments.h"
#include "web/tasks.h"
#include "web/timeline.h"

static const struct {
	api_handler *handler;
	const char *path;
} paths[] = {
        {api_changes, "/api/v1/changes"},  {api_timeline, "/api/v1/timeline"},
        {api_diff, "/api/v1/diff"},        {api_alerts, "/api/v1/alerts"},
        {api_address, "/api/v1/address/"}, {api_mac, "/api/v1/mac/"},
        {api_table_at, "/api/v1/table"},   {api_tasks, "/api/v1/tasks"},
        {api_task, "/api/v1/task/"},
};

/* "limit=3&kind=push", without any encoding. */
static inline const char *find_parameter(void *context, const char *name)
{
	/* Several are in use at a time. */
	static char values[32][256];
	static unsigned next;
	char *value = values[next++ % 32];
	const char *text = context;
	size_t length = strlen(name);

	for (; text; text = strchr(text, '&') ? strchr(text, '&') + 1 : NULL)
		if (strncmp(text, name, length) == 0 && text[length] == '=') {
			snprintf(value, sizeof(*values), "%.*s",
			         (int)strcspn(text + length + 1, "&"), text + length + 1);
			return value;
		}
	return NULL;
}

static inline void put_encoded(FILE *file, const char *text)
{
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || strchr("=&-._:", *text))
			fputc(*text, file);
		else
			fprintf(file, "%%%02X", (unsigned char)*text);
	}
}

static inline void note_answer(api_handler *handler, const char *subject, const char *parameters,
                               int error, const json_t *answer, const struct fault *fault)
{
	const char *path = getenv("WEB_ANSWERS");
	FILE *file = path ? fopen(path, "ae") : NULL;
	json_t *refusal = json_pack("{s:s}", "error", fault->text);
	char *text = json_dumps(error ? refusal : answer, JSON_COMPACT);

	assert_true(!path || file);
	for (size_t i = 0; file && i < sizeof(paths) / sizeof(*paths); i++) {
		if (paths[i].handler != handler)
			continue;
		/* Without a subject, no request reaches this handler. */
		if (paths[i].path[strlen(paths[i].path) - 1] == '/' && !*subject)
			continue;
		fprintf(file, "%d %s", !error ? 200 : error == -EINVAL ? 400 : 404, paths[i].path);
		put_encoded(file, subject);
		fputc('?', file);
		put_encoded(file, parameters);
		fprintf(file, " %s\n", text);
	}
	if (file)
		fclose(file);
	free(text);
	json_decref(refusal);
}

static inline int try_to_ask(json_t **answer, api_handler *handler, const char *repository,
                             const char *subject, const char *parameters, struct fault *fault)
{
	const struct api_request request = {.subject = subject,
	                                    .parameter = find_parameter,
	                                    .context = (void *)(uintptr_t)parameters,
	                                    .repository = repository};

	int error;

	*answer = NULL;
	fault->text[0] = '\0';
	error = handler(&request, answer, fault);
	note_answer(handler, subject, parameters, error, *answer, fault);
	return error;
}

/* The answer, which must be one. */
static inline json_t *ask(api_handler *handler, const char *repository, const char *subject,
                          const char *parameters)
{
	struct fault fault;
	json_t *answer;

	if (try_to_ask(&answer, handler, repository, subject, parameters, &fault) < 0)
		fail_msg("%s %s: %s", subject, parameters, fault.text);
	assert_non_null(answer);
	return answer;
}

static inline const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static inline json_int_t number_of(const json_t *object, const char *key)
{
	assert_true(json_is_integer(json_object_get(object, key)));
	return json_integer_value(json_object_get(object, key));
}

static inline size_t length_of(const json_t *object, const char *key)
{
	assert_true(json_is_array(json_object_get(object, key)));
	return json_array_size(json_object_get(object, key));
}

#endif

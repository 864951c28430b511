/* SPDX-License-Identifier: MIT */
/* Asks a handler of the page, as a request does. */
#ifndef TESTS_UNIT_WEB_ASKING_H
#define TESTS_UNIT_WEB_ASKING_H

#include "../reader/maker.h"

#include "web/api.h"

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

static inline int try_to_ask(json_t **answer, api_handler *handler, const char *repository,
                             const char *subject, const char *parameters, struct fault *fault)
{
	const struct api_request request = {.subject = subject,
	                                    .parameter = find_parameter,
	                                    .context = (void *)(uintptr_t)parameters,
	                                    .repository = repository};

	*answer = NULL;
	fault->text[0] = '\0';
	return handler(&request, answer, fault);
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

// SPDX-License-Identifier: MIT
/* Reads and checks a request. What it lets pass is safe as a reference's name and in a command
 * line.
 */
#include "sync/request.h"

#include <errno.h>
#include <string.h>

#define LOCK ".lock" /* git refuses such names in references */

static bool is_name(const char *text, size_t length)
{
	char name[NODE_NAME_MAX + 1];

	if (length > NODE_NAME_MAX)
		return false;
	memcpy(name, text, length);
	name[length] = '\0';
	return node_name_is_valid(name) && name[length - 1] != '.' &&
	       (length < strlen(LOCK) || strcmp(name + length - strlen(LOCK), LOCK) != 0);
}

bool syncrequest_name_is_valid(const char *name)
{
	size_t first = strcspn(name, "/");

	return name[first] == '/' && is_name(name, first) &&
	       is_name(name + first + 1, strlen(name + first + 1));
}

bool syncrequest_asked_is_valid(const char *name)
{
	if (strlen(name) >= SYNC_ASKED_NAME)
		return false;
	for (;;) {
		size_t length = strcspn(name, "/");

		if (!is_name(name, length))
			return false;
		if (!name[length])
			return true;
		name += length + 1;
	}
}

/* Each '*' stands for what has no slash: so few steps back are enough. */
static bool matches(const char *pattern, const char *name)
{
	const char *star = NULL, *from = NULL;

	while (*name) {
		if (*pattern == '*') {
			star = pattern++;
			from = name;
		} else if (*pattern == *name) {
			pattern++;
			name++;
		} else if (star && *from != '/') {
			pattern = star + 1;
			name = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

bool syncrequest_matches(const json_t *patterns, const char *name)
{
	const json_t *pattern;
	size_t index;

	json_array_foreach ((json_t *)patterns, index, pattern)
		if (matches(json_string_value(pattern) + strlen(SYNC_BRANCHES), name))
			return true;
	return false;
}

static int read_patterns(const json_t **patterns, const json_t *json, const char *key,
                         struct fault *fault)
{
	const json_t *list = json_object_get(json, key), *pattern;
	size_t index;

	if (list && !json_is_array(list))
		return fault_set(fault, -EINVAL, "the request's '%s' is not a list", key);
	json_array_foreach ((json_t *)list, index, pattern) {
		const char *text = json_string_value(pattern);

		if (!text || strncmp(text, SYNC_BRANCHES, strlen(SYNC_BRANCHES)) != 0)
			return fault_set(
			        fault, -EINVAL,
			        "the request's '%s' has a pattern that does not begin with "
			        "%s",
			        key, SYNC_BRANCHES);
	}
	*patterns = list;
	return 0;
}

static int read_skip(struct sync_request *request, struct fault *fault)
{
	const char *name;
	json_t *id;

	request->skip = json_object_get(request->json, "skip");
	if (request->skip && !json_is_object(request->skip))
		return fault_set(fault, -EINVAL, "the request's 'skip' is not an object");
	json_object_foreach ((json_t *)request->skip, name, id)
		if (!json_is_string(id))
			return fault_set(fault, -EINVAL,
			                 "the request's 'skip' has no id for %.100s", name);
	return 0;
}

/* Numbers above 0; `otherwise` where there is none. */
static uint64_t number_of(const json_t *json, const char *key, uint64_t otherwise)
{
	json_int_t number = json_integer_value(json_object_get(json, key));

	return number > 0 ? (uint64_t)number : otherwise;
}

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

static int read_operators(struct sync_request *request, struct fault *fault)
{
	const json_t *operators = json_object_get(request->json, "operators");

	request->node = json_string_value(json_object_get(request->json, "node"));
	if (request->node && !is_name(request->node, strlen(request->node)))
		return fault_set(fault, -EINVAL, "the request's 'node' is not a name");
	request->seen = request->node && json_is_true(json_object_get(request->json, "seen"));
	request->operators = operators != NULL;
	if (!operators)
		return 0;
	if (!request->node || !json_is_object(operators))
		return fault_set(fault, -EINVAL, "the request's 'operators' needs a 'node'");
	request->lease = text_of(operators, "lease");
	request->holder = text_of(operators, "holder");
	request->lease_unmoved_ms = number_of(operators, "unmoved", 0);
	request->lease_seconds = (uint32_t)number_of(operators, "seconds", SYNC_LEASE_SECONDS);
	return 0;
}

int syncrequest_read(struct sync_request *request, const char *text, struct fault *fault)
{
	json_error_t why;
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &why);
	int error;

	*request = (struct sync_request){.json = json};
	if (!json_is_object(json)) {
		syncrequest_clear(request);
		return fault_set(fault, -EINVAL, "the request is not a JSON object: %.100s",
		                 json ? "it is something else" : why.text);
	}
	request->remote = json_string_value(json_object_get(json, "remote"));
	request->url = json_string_value(json_object_get(json, "url"));
	request->control = json_string_value(json_object_get(json, "control"));
	request->serial = json_integer_value(json_object_get(json, "serial"));
	request->timeout_ms = (uint32_t)number_of(json, "timeout", SYNC_TIMEOUT_MS);
	request->silence_ms = (uint32_t)number_of(json, "silence", SYNC_SILENCE_MS);
	request->pack_bytes = number_of(json, "bytes", SYNC_PACK_BYTES);
	if (!request->remote || !is_name(request->remote, strlen(request->remote)))
		error = fault_set(fault, -EINVAL, "the request's 'remote' is not a name");
	else if (!request->url)
		error = fault_set(fault, -EINVAL, "the request has no 'url'");
	else
		error = remoteurl_check(request->url, fault);
	if (!error)
		error = read_patterns(&request->fetch, json, "fetch", fault);
	if (!error)
		error = read_patterns(&request->push, json, "push", fault);
	if (!error)
		error = read_patterns(&request->own, json, "own", fault);
	if (!error)
		error = read_skip(request, fault);
	if (!error)
		error = read_operators(request, fault);
	return error;
}

void syncrequest_clear(struct sync_request *request)
{
	json_decref(request->json);
	*request = (struct sync_request){0};
}

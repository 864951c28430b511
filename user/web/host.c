// SPDX-License-Identifier: MIT
/* Two questions on one connection. An agent that hangs is not waited for long. */
#include "web/host.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "client/client.h"

#define PATIENCE_S 5
#define KEY_TEXT   (SEGMENT_NAME_MAX + 1 + ADDRESS_TEXT)

static bool is_same(const char *path, const char *other)
{
	char one[PATH_MAX], two[PATH_MAX];

	return path && realpath(path, one) && realpath(other, two) && !strcmp(one, two);
}

static void note_own(struct host *host, const json_t *answer)
{
	const json_t *entry;
	char key[KEY_TEXT];
	size_t index;

	host->own = json_object();
	json_array_foreach (json_object_get(answer, "entries"), index, entry) {
		const char *segment = json_text(entry, "segment");
		const char *address = json_text(entry, "address");

		snprintf(key, sizeof(key), "%s/%s", segment ? segment : "", address ? address : "");
		json_object_set_new(host->own, key, json_true());
	}
}

void host_ask(struct host *host, const char *control, const char *repository)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	json_t *status = NULL, *entries = NULL;
	FILE *agent = NULL;
	struct fault ignored;

	*host = (struct host){0};
	if (client_connect(&agent, control, &ignored) < 0)
		return;
	setsockopt(fileno(agent), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	status = client_call(agent, json_pack("{s:s}", "command", "status"), &ignored);
	if (is_same(json_text(json_object_get(status, "repository"), "path"), repository))
		entries = client_call(agent,
		                      json_pack("{s:s, s:s}", "command", "show", "state", "local"),
		                      &ignored);
	if (entries) {
		host->asked = true;
		host->in_fleet = json_is_object(json_object_get(status, "fleet"));
		note_own(host, entries);
	}
	json_decref(entries);
	json_decref(status);
	client_close(agent);
}

void host_clear(struct host *host)
{
	json_decref(host->own);
	host->own = NULL;
}

bool host_has(void *context, const char *segment, struct address address)
{
	const struct host *host = context;
	char key[KEY_TEXT], text[ADDRESS_TEXT];

	if (!host->own || json_object_size(host->own) == 0)
		return false;
	snprintf(key, sizeof(key), "%s/%s", segment, address_format(text, address));
	return json_object_get(host->own, key) != NULL;
}

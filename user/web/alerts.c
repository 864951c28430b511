// SPDX-License-Identifier: MIT
/* Alerts of one kind about one address and the same stations are one group. */
#include "web/alerts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "web/eventjson.h"
#include "web/parameter.h"
#include "web/past.h"

struct group {
	struct incident latest;
	uint32_t hash;
	int64_t first;
	size_t count;
};

struct groups {
	struct group *group; /* owned; that of the latest alert first */
	size_t count, room;
	int64_t since; /* how far back was looked; 0: all the way */
};

struct asked {
	struct reader_query query;
	struct prefix prefix;
	struct address address;
	struct mac mac;
	size_t limit;
};

static uint32_t hash_of(const struct incident *incident)
{
	const char *texts[] = {incident->kind, incident->segment, incident->address, incident->mac,
	                       incident->other};
	uint32_t hash = FNV_BEGIN;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		hash = fnv_add(hash, texts[i], strlen(texts[i]) + 1);
	return hash;
}

static bool is_same(const struct incident *a, const struct incident *b)
{
	return !strcmp(a->kind, b->kind) && !strcmp(a->segment, b->segment) &&
	       !strcmp(a->address, b->address) && !strcmp(a->mac, b->mac) &&
	       !strcmp(a->other, b->other);
}

static int add(struct groups *groups, const struct incident *incident)
{
	uint32_t hash = hash_of(incident);

	for (size_t i = 0; i < groups->count; i++) {
		struct group *group = &groups->group[i];

		if (group->hash == hash && is_same(&group->latest, incident)) {
			group->count++;
			group->first = incident->time;
			return 0;
		}
	}
	if (array_reserve(&groups->group, &groups->room, groups->count + 1))
		return -ENOMEM;
	groups->group[groups->count++] = (struct group){
	        .latest = *incident, .hash = hash, .first = incident->time, .count = 1};
	return 0;
}

static int read_groups(struct groups *groups, struct reader *reader,
                       const struct reader_query *query, struct fault *fault)
{
	struct incidents *incidents = NULL;
	struct incident incident;
	int error = incidents_open(&incidents, reader, query, fault);

	if (!error)
		incidents_bound(incidents, API_ALERTS);
	while (!error && incidents_next(incidents, &incident) > 0)
		if (add(groups, &incident) < 0)
			error = fault_set(fault, -ENOMEM, "out of memory");
	if (!error && !incidents_left(incidents, &groups->since))
		groups->since = 0;
	incidents_close(incidents);
	return error;
}

static json_t *group_json(const struct group *group)
{
	const struct incident *latest = &group->latest;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o}", "kind",
	                 json_of_text(latest->kind), "segment", json_of_text(latest->segment),
	                 "address", json_of_text(latest->address), "mac", json_of_text(latest->mac),
	                 "other", json_of_text(latest->other), "count", (json_int_t)group->count,
	                 "first", json_of_time(group->first), "last", json_of_time(latest->time),
	                 "latest", incident_json(latest));
}

static json_t *groups_json(const struct groups *groups, size_t limit)
{
	json_t *list = json_array();

	for (size_t i = 0; i < groups->count && i < limit; i++)
		if (json_array_append_new(list, group_json(&groups->group[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	return json_pack("{s:o, s:I, s:o}", "groups", list, "total", (json_int_t)groups->count,
	                 "since", json_of_time(groups->since));
}

static int read_request(struct asked *asked, const struct api_request *request, struct fault *fault)
{
	struct reader_query *query = &asked->query;
	int error = parameter_time(&query->since, request, "since", fault);

	if (!error)
		error = parameter_time(&query->until, request, "until", fault);
	if (!error)
		error = parameter_number(&asked->limit, request, "limit", 1, API_LIMIT, fault);
	if (!error)
		error = parameter_segment(&query->segment, request, fault);
	if (!error)
		error = parameter_prefix(&asked->prefix, &query->prefix, request, "prefix", fault);
	if (!error)
		error = parameter_address(&asked->address, &query->address, request, "address",
		                          fault);
	if (!error)
		error = parameter_mac(&asked->mac, &query->mac, request, "mac", fault);
	if (!error && query->since && query->until && query->since > query->until)
		error = fault_set(fault, -EINVAL, "since: it is later than until");
	return error;
}

int api_alerts(const struct api_request *request, json_t **answer, struct fault *fault)
{
	struct asked asked = {.limit = 100};
	struct groups groups = {.count = 0};
	struct reader *reader = NULL;
	int error = read_request(&asked, request, fault);

	*answer = NULL;
	if (!error)
		error = past_open(&reader, request, fault);
	if (!error)
		error = read_groups(&groups, reader, &asked.query, fault);
	if (!error) {
		*answer = groups_json(&groups, asked.limit);
		if (!*answer)
			error = fault_set(fault, -ENOMEM, "out of memory");
	}
	free(groups.group);
	return past_close(reader, error);
}

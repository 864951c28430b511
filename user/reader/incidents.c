// SPDX-License-Identifier: MIT
/* Walks the branch `alerts`, and reads the trailers of its commits. An agent makes no others there.
 */
#include "reader/incidents.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/state.h"

struct incidents {
	struct reader *reader;
	struct reader_query query;
	git_commit *next; /* owned; NULL: the end */
	size_t bound;     /* alerts that may still be read */
	int64_t reached;  /* the time of the last one that was read */
};

int incidents_open(struct incidents **out, struct reader *reader, const struct reader_query *query,
                   struct fault *fault)
{
	struct incidents *incidents = calloc(1, sizeof(*incidents));
	git_oid id;
	int error;

	*out = incidents;
	if (!incidents)
		return fault_set(fault, -ENOMEM, "out of memory");
	incidents->reader = reader;
	incidents->query = *query;
	incidents->bound = SIZE_MAX;
	error = git_reference_name_to_id(&id, reader->repository, ALERTS_REF);
	/* In a clone that looks at origin's. */
	if (error == GIT_ENOTFOUND)
		error = git_reference_name_to_id(&id, reader->repository,
		                                 "refs/remotes/origin/alerts");
	if (error == GIT_ENOTFOUND)
		return 0;
	if (error < 0 || git_commit_lookup(&incidents->next, reader->repository, &id) < 0)
		return reader_git_fault(fault, reader);
	return 0;
}

static void fill(struct incident *incident, git_commit *commit)
{
	const struct {
		const char *key;
		char *text;
		size_t size;
	} wanted[] = {
	        {"Alert", incident->kind, sizeof(incident->kind)},
	        {"Segment", incident->segment, sizeof(incident->segment)},
	        {"Address", incident->address, sizeof(incident->address)},
	        {"MAC", incident->mac, sizeof(incident->mac)},
	        {"Other", incident->other, sizeof(incident->other)},
	};
	const char *subject = git_commit_summary(commit);
	git_message_trailer_array list = {0};

	*incident = (struct incident){.time = git_commit_time(commit)};
	git_oid_tostr(incident->commit, sizeof(incident->commit), git_commit_id(commit));
	snprintf(incident->subject, sizeof(incident->subject), "%s", subject ? subject : "");
	if (git_message_trailers(&list, git_commit_message(commit)) < 0)
		return;
	for (size_t i = 0; i < list.count; i++)
		for (size_t j = 0; j < sizeof(wanted) / sizeof(*wanted); j++)
			if (!strcmp(list.trailers[i].key, wanted[j].key))
				snprintf(wanted[j].text, wanted[j].size, "%s",
				         list.trailers[i].value);
	git_message_trailer_array_free(&list);
}

static bool is_wanted(const struct reader_query *query, const struct incident *incident)
{
	struct address address = {0};
	struct mac mac = {{0}}, other = {{0}};
	bool placed = address_parse(&address, incident->address) == 0;

	(void)mac_parse(&mac, incident->mac);
	(void)mac_parse(&other, incident->other);
	if (query->until && incident->time > query->until)
		return false;
	if (query->segment && strcmp(query->segment, incident->segment) != 0)
		return false;
	if (query->address && !(placed && address_equal(address, *query->address)))
		return false;
	if (query->prefix && !(placed && prefix_contains(*query->prefix, address)))
		return false;
	return !query->mac || mac_equal(mac, *query->mac) || mac_equal(other, *query->mac);
}

/* To the parent; the end, where history begins. */
static void step(struct incidents *incidents)
{
	git_commit *parent = NULL;

	if (git_commit_parentcount(incidents->next) == 0 ||
	    shallow_has(&incidents->reader->shallow, git_commit_id(incidents->next)) ||
	    git_commit_parent(&parent, incidents->next, 0) < 0)
		parent = NULL;
	git_commit_free(incidents->next);
	incidents->next = parent;
}

void incidents_bound(struct incidents *incidents, size_t alerts)
{
	incidents->bound = alerts;
}

bool incidents_left(const struct incidents *incidents, int64_t *since)
{
	if (!incidents->next || incidents->bound > 0)
		return false;
	*since = incidents->reached;
	return true;
}

int incidents_next(struct incidents *incidents, struct incident *incident)
{
	while (incidents->next && incidents->bound > 0) {
		incidents->bound--;
		fill(incident, incidents->next);
		incidents->reached = incident->time;
		/* Alerts come in the order of their time. */
		if (incidents->query.since && incident->time < incidents->query.since)
			return 0;
		step(incidents);
		if (is_wanted(&incidents->query, incident))
			return 1;
	}
	return 0;
}

void incidents_close(struct incidents *incidents)
{
	if (!incidents)
		return;
	git_commit_free(incidents->next);
	free(incidents);
}

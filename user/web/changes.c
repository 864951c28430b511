// SPDX-License-Identifier: MIT
/*
 * A page ends where it is full, or where as many commits were looked at as one request may. Then
 * the answer says where the next page begins: a commit of main, and how many changes after it were
 * listed already, since one commit may change more addresses than a page has rows.
 */
#include "web/changes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "web/eventjson.h"
#include "web/parameter.h"
#include "web/past.h"

#define COMMITS 1000 /* that one request looks at */

static const char *const kinds[] = {"learn",    "move",      "resolve", "expire",
                                    "operator", "external",  "recover", "import",
                                    "sync",     READER_PUSH, NULL};

struct asked {
	struct reader_query query;
	struct prefix prefix;
	struct address address;
	struct mac mac;
	const char *before;
	size_t limit, offset;
};

struct listing {
	json_t *list;
	size_t limit, skip;
	bool full;
	char before[41]; /* the last commit of main whose changes are all listed; "": none */
	char main[41];   /* whose changes are being listed */
	size_t listed;   /* changes after `before` that are listed, or passed over */
};

static int read_request(struct asked *asked, const struct api_request *request, struct fault *fault)
{
	struct reader_query *query = &asked->query;
	int error = parameter_address(&asked->address, &query->address, request, "address", fault);
	int kind = -1;

	query->by = parameter_text(request, "by");
	if (!error)
		error = parameter_mac(&asked->mac, &query->mac, request, "mac", fault);
	if (!error)
		error = parameter_prefix(&asked->prefix, &query->prefix, request, "prefix", fault);
	if (!error)
		error = parameter_segment(&query->segment, request, fault);
	if (!error)
		error = parameter_choice(&kind, request, "kind", kinds, fault);
	query->kind = kind < 0 ? NULL : kinds[kind];
	if (!error)
		error = parameter_time(&query->since, request, "since", fault);
	if (!error)
		error = parameter_time(&query->until, request, "until", fault);
	if (!error)
		error = parameter_number(&asked->limit, request, "limit", 1, API_LIMIT, fault);
	if (!error)
		error = parameter_number(&asked->offset, request, "offset", 0, API_OFFSET, fault);
	if (!error)
		error = parameter_commit(&asked->before, request, "before_commit", fault);
	if (!error && query->since && query->until && query->since > query->until)
		error = fault_set(fault, -EINVAL, "since: it is later than until");
	return error;
}

static int add(void *context, const struct reader_event *event)
{
	struct listing *listing = context;

	if (strcmp(listing->main, event->main) != 0) {
		if (*listing->main) {
			memcpy(listing->before, listing->main, sizeof(listing->before));
			listing->listed = 0;
		}
		snprintf(listing->main, sizeof(listing->main), "%s", event->main);
	}
	if (listing->skip == 0 && json_array_size(listing->list) == listing->limit) {
		listing->full = true;
		return 1;
	}
	listing->listed++;
	if (listing->skip > 0) {
		listing->skip--;
		return 0;
	}
	return json_array_append_new(listing->list, event_json(event)) < 0 ? -ENOMEM : 0;
}

/* Where the next page begins; null: this is the last one. */
static json_t *next_page(const struct listing *listing, const struct reader_page *page)
{
	const char *before = listing->before;
	size_t offset = listing->listed;

	if (!listing->full) {
		before = page->next;
		offset = 0;
	} else if (offset > API_OFFSET) {
		before = listing->main; /* without the rest of this commit's */
		offset = 0;
	}
	if (!listing->full && !*before)
		return json_null();
	return json_pack("{s:s?, s:I}", "before_commit", *before ? before : NULL, "offset",
	                 (json_int_t)offset);
}

static int list(json_t **answer, struct reader *reader, const struct asked *asked,
                struct fault *fault)
{
	struct reader_page page = {.before = asked->before, .commits = COMMITS};
	struct listing listing = {
	        .list = json_array(), .limit = asked->limit, .skip = asked->offset};
	int error;

	if (asked->before)
		snprintf(listing.before, sizeof(listing.before), "%s", asked->before);
	error = reader_page(reader, &asked->query, &page, add, &listing, fault);
	if (error == -ENOMEM)
		fault_set(fault, error, "out of memory");
	if (!error) {
		*answer = json_pack("{s:O, s:o}", "changes", listing.list, "next",
		                    next_page(&listing, &page));
		if (!*answer)
			error = fault_set(fault, -ENOMEM, "out of memory");
	}
	json_decref(listing.list);
	return error;
}

int api_changes(const struct api_request *request, json_t **answer, struct fault *fault)
{
	struct asked asked = {.limit = 100};
	struct reader *reader = NULL;
	int error = read_request(&asked, request, fault);

	*answer = NULL;
	if (!error)
		error = past_open(&reader, request, fault);
	if (!error)
		error = list(answer, reader, &asked, fault);
	return past_close(reader, error);
}

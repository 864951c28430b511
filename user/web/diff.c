// SPDX-License-Identifier: MIT
/* Counts all differences up to a bound, and lists a page of them. */
#include "web/diff.h"

#include <errno.h>
#include <time.h>

#include "client/client.h"
#include "web/eventjson.h"
#include "web/parameter.h"
#include "web/past.h"

struct moment {
	int64_t asked;
	struct reader_moment found;
};

struct asked {
	struct moment from, to;
	struct prefix prefix;
	const struct prefix *wanted;
	const char *segment;
	size_t limit, offset;
};

struct listing {
	const struct asked *asked;
	json_t *list;
	size_t total;
	bool more; /* than API_OFFSET: not all are counted */
};

static int read_request(struct asked *asked, const struct api_request *request, struct fault *fault)
{
	int error = parameter_time(&asked->from.asked, request, "from", fault);

	asked->to.asked = time(NULL);
	if (!error && !parameter_text(request, "from"))
		error = fault_set(fault, -EINVAL,
		                  "from: it is missing: give a time like 2026-11-22T10:15:00Z");
	if (!error)
		error = parameter_time(&asked->to.asked, request, "to", fault);
	if (!error)
		error = parameter_prefix(&asked->prefix, &asked->wanted, request, "prefix", fault);
	if (!error)
		error = parameter_segment(&asked->segment, request, fault);
	if (!error)
		error = parameter_number(&asked->limit, request, "limit", 1, API_LIMIT, fault);
	if (!error)
		error = parameter_number(&asked->offset, request, "offset", 0, API_OFFSET, fault);
	return error;
}

static int add(void *context, const char *segment, struct address address,
               const struct entry *before, const struct entry *after)
{
	struct listing *listing = context;
	const struct asked *asked = listing->asked;
	size_t number = listing->total;
	char text[ADDRESS_TEXT];

	if (number == API_OFFSET) {
		listing->more = true;
		return 1;
	}
	listing->total++;
	if (number < asked->offset || number - asked->offset >= asked->limit)
		return 0;
	return json_array_append_new(listing->list,
	                             json_pack("{s:s, s:s, s:o, s:o}", "segment", segment,
	                                       "address", address_format(text, address), "before",
	                                       json_entry(before), "after", json_entry(after))) < 0
	               ? -ENOMEM
	               : 0;
}

static json_t *moment_json(const struct moment *moment)
{
	return json_pack("{s:s, s:o}", "commit", moment->found.commit, "time",
	                 json_of_time(moment->asked));
}

static int compare(json_t **answer, struct reader *reader, struct asked *asked, struct fault *fault)
{
	struct listing listing = {.asked = asked, .list = json_array()};
	int error = reader_at(reader, &asked->from.found, asked->from.asked, fault);

	if (!error)
		error = reader_at(reader, &asked->to.found, asked->to.asked, fault);
	if (!error)
		error = reader_diff(reader, &asked->from.found, &asked->to.found, asked->wanted,
		                    asked->segment, add, &listing, fault);
	if (!error) {
		*answer = json_pack("{s:o, s:o, s:O, s:I, s:b}", "from", moment_json(&asked->from),
		                    "to", moment_json(&asked->to), "changes", listing.list, "total",
		                    (json_int_t)listing.total, "complete", !listing.more);
		error = *answer ? 0 : -ENOMEM;
	}
	if (error == -ENOMEM)
		fault_set(fault, error, "out of memory");
	json_decref(listing.list);
	return error;
}

int api_diff(const struct api_request *request, json_t **answer, struct fault *fault)
{
	struct asked asked = {.limit = 100};
	struct reader *reader = NULL;
	int error = read_request(&asked, request, fault);

	*answer = NULL;
	if (!error)
		error = past_open(&reader, request, fault);
	if (!error)
		error = compare(answer, reader, &asked, fault);
	return past_close(reader, error);
}

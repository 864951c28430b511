// SPDX-License-Identifier: MIT
/*
 * The strip of an address: of the changes that the answer lists, with states; of older ones by the
 * look-back index, without.
 */
#include "web/address.h"

#include <errno.h>
#include <string.h>

#include "client/client.h"
#include "web/eventjson.h"
#include "web/parameter.h"
#include "web/past.h"

#define LISTED 50 /* changes, unless asked for more: some 0.4 ms each in a long history */

struct listing {
	json_t *list;
	size_t limit;
	struct lives lives;
	bool more;     /* there are older changes */
	char main[41]; /* the commit of main that the last one came with */
};

static int add(void *context, const struct reader_event *event)
{
	struct listing *listing = context;

	if (json_array_size(listing->list) == listing->limit) {
		listing->more = true;
		return 1;
	}
	memcpy(listing->main, event->main, sizeof(listing->main));
	if (json_array_append_new(listing->list, event_json(event)) < 0)
		return -ENOMEM;
	return lives_add(&listing->lives, event);
}

static json_t *life_json(const struct life_span *span)
{
	char mac[MAC_TEXT];

	return json_pack("{s:s, s:s, s:s?, s:o, s:o, s:b, s:o, s:o, s:o, s:o}", "segment",
	                 span->segment, "mac", mac_format(mac, span->mac), "state",
	                 span->stateless ? NULL : entry_state_name(span->state), "since",
	                 json_of_time(span->since), "until",
	                 json_of_time(span->lasts ? 0 : span->until), "begins", !span->begun,
	                 "commit", json_of_text(span->commit), "task", json_of_text(span->task),
	                 "author", json_of_text(span->author), "ended_by",
	                 json_of_text(span->ended_by));
}

static json_t *lives_json(const struct lives *lives)
{
	json_t *list = json_array();

	for (size_t i = 0; i < lives->count; i++)
		if (json_array_append_new(list, life_json(&lives->span[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

/* The only segment that the lives are of; null: none, or several. */
static json_t *segment_json(const struct lives *lives, const char *asked)
{
	if (asked)
		return json_string(asked);
	for (size_t i = 1; i < lives->count; i++)
		if (strcmp(lives->span[i].segment, lives->span[0].segment) != 0)
			return json_null();
	return lives->count > 0 ? json_string(lives->span[0].segment) : json_null();
}

static int tell(json_t **answer, struct reader *reader, const struct reader_query *query,
                size_t limit, struct fault *fault)
{
	struct listing listing = {.list = json_array(), .limit = limit};
	json_t *alerts = NULL, *since = NULL;
	char address[ADDRESS_TEXT];
	bool more_lives = false;
	int error = reader_log(reader, query, add, &listing, fault);

	if (!error && listing.more)
		error = reader_strip(reader, &listing.lives, *query->address, query->segment,
		                     listing.main, API_LIMIT, &more_lives, fault);
	if (!error)
		error = past_alerts(&alerts, &since, reader, query, limit, fault);
	if (!error) {
		*answer = json_pack("{s:s, s:o, s:o, s:b, s:O, s:b, s:O, s:O}", "address",
		                    address_format(address, *query->address), "segment",
		                    segment_json(&listing.lives, query->segment), "lives",
		                    lives_json(&listing.lives), "more_lives", more_lives, "changes",
		                    listing.list, "more", listing.more, "alerts", alerts,
		                    "alerts_since", since);
		error = *answer ? 0 : -ENOMEM;
	}
	if (error == -ENOMEM)
		fault_set(fault, error, "out of memory");
	lives_clear(&listing.lives);
	json_decref(listing.list);
	json_decref(alerts);
	json_decref(since);
	return error;
}

int api_address(const struct api_request *request, json_t **answer, struct fault *fault)
{
	struct address address;
	struct reader_query query = {.address = &address};
	struct reader *reader = NULL;
	size_t limit = LISTED;
	int error = parameter_subject_address(&address, request, fault);

	*answer = NULL;
	if (!error)
		error = parameter_segment(&query.segment, request, fault);
	if (!error)
		error = parameter_number(&limit, request, "limit", 1, API_LIMIT, fault);
	query.limit = limit + 1; /* one more than are listed */
	if (!error)
		error = past_open(&reader, request, fault);
	if (!error)
		error = tell(answer, reader, &query, limit, fault);
	return past_close(reader, error);
}

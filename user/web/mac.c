// SPDX-License-Identifier: MIT
/* Which addresses a MAC held, made of the same changes that the answer lists. */
#include "web/mac.h"

#include <errno.h>

#include "client/client.h"
#include "web/eventjson.h"
#include "web/parameter.h"
#include "web/past.h"
#include "web/vendor.h"

struct listing {
	json_t *list;
	size_t limit;
	struct lives lives;
	bool more;
};

static int add(void *context, const struct reader_event *event)
{
	struct listing *listing = context;

	if (json_array_size(listing->list) == listing->limit) {
		listing->more = true;
		return 1;
	}
	if (json_array_append_new(listing->list, event_json(event)) < 0)
		return -ENOMEM;
	return lives_add(&listing->lives, event);
}

static json_t *held_json(const struct lives *lives)
{
	json_t *list = json_array();

	for (size_t i = 0; i < lives->count; i++) {
		const struct life_span *span = &lives->span[i];
		char address[ADDRESS_TEXT];
		json_t *held = json_pack("{s:s, s:s, s:o, s:o, s:b}", "segment", span->segment,
		                         "address", address_format(address, span->address), "since",
		                         json_of_time(span->since), "until",
		                         json_of_time(span->lasts ? 0 : span->until), "begins",
		                         !span->begun);

		if (json_array_append_new(list, held) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static int tell(json_t **answer, struct reader *reader, const struct reader_query *query,
                size_t limit, struct fault *fault)
{
	struct listing listing = {
	        .list = json_array(), .limit = limit, .lives = {.mac = query->mac}};
	json_t *alerts = NULL, *since = NULL;
	char mac[MAC_TEXT];
	int error = reader_log(reader, query, add, &listing, fault);

	if (!error)
		error = past_alerts(&alerts, &since, reader, query, limit, fault);
	if (!error) {
		*answer = json_pack("{s:s, s:o, s:o, s:O, s:b, s:O, s:O}", "mac",
		                    mac_format(mac, *query->mac), "vendor",
		                    json_of_text(vendor_of(*query->mac)), "held",
		                    held_json(&listing.lives), "changes", listing.list, "more",
		                    listing.more, "alerts", alerts, "alerts_since", since);
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

int api_mac(const struct api_request *request, json_t **answer, struct fault *fault)
{
	struct mac mac;
	struct reader_query query = {.mac = &mac};
	struct reader *reader = NULL;
	size_t limit = 100;
	int error = parameter_subject_mac(&mac, request, fault);

	*answer = NULL;
	if (!error)
		error = parameter_segment(&query.segment, request, fault);
	if (!error)
		error = parameter_number(&limit, request, "limit", 1, API_LIMIT, fault);
	if (!error)
		error = past_open(&reader, request, fault);
	if (!error)
		error = tell(answer, reader, &query, limit, fault);
	return past_close(reader, error);
}

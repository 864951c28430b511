// SPDX-License-Identifier: MIT
/* The timeline of any span, by the look-back index. Buckets in which nothing happened are left out.
 */
#include "web/timeline.h"

#include <errno.h>
#include <time.h>

#include "web/eventjson.h"
#include "web/parameter.h"
#include "web/past.h"

static int read_request(struct timeline_query *query, struct prefix *prefix,
                        const struct api_request *request, struct fault *fault)
{
	size_t buckets = 300;
	int error = parameter_time(&query->since, request, "since", fault);

	query->until = time(NULL);
	if (!error)
		error = parameter_time(&query->until, request, "until", fault);
	if (!error)
		error = parameter_number(&buckets, request, "buckets", 1, TIMELINE_BUCKETS, fault);
	if (!error)
		error = parameter_segment(&query->segment, request, fault);
	if (!error)
		error = parameter_prefix(prefix, &query->prefix, request, "prefix", fault);
	query->buckets = (unsigned)buckets;
	return error;
}

static json_t *bucket_json(const struct timeline *timeline, size_t number)
{
	const struct timeline_bucket *bucket = &timeline->bucket[number];
	int64_t at = timeline->since + (int64_t)number * timeline->seconds;

	return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I}", "at", json_of_time(at), "appeared",
	                 (json_int_t)bucket->appeared, "moved", (json_int_t)bucket->moved, "gone",
	                 (json_int_t)bucket->gone, "changed", (json_int_t)bucket->changed, "alerts",
	                 (json_int_t)bucket->alerts);
}

static bool is_empty(const struct timeline_bucket *bucket)
{
	return !bucket->appeared && !bucket->moved && !bucket->gone && !bucket->changed &&
	       !bucket->alerts;
}

static json_t *timeline_json(const struct timeline *timeline)
{
	json_t *list = json_array();
	bool all = timeline->alerts_since <= timeline->since;

	for (size_t i = 0; i < timeline->buckets; i++)
		if (!is_empty(&timeline->bucket[i]) &&
		    json_array_append_new(list, bucket_json(timeline, i)) < 0) {
			json_decref(list);
			return NULL;
		}
	return json_pack("{s:o, s:o, s:I, s:o, s:o}", "since", json_of_time(timeline->since),
	                 "until", json_of_time(timeline->until), "seconds",
	                 (json_int_t)timeline->seconds, "alerts_since",
	                 json_of_time(all ? 0 : timeline->alerts_since), "buckets", list);
}

int api_timeline(const struct api_request *request, json_t **answer, struct fault *fault)
{
	struct timeline_query query = {.buckets = 0};
	struct timeline timeline = {.bucket = NULL};
	struct reader *reader = NULL;
	struct prefix prefix;
	int error = read_request(&query, &prefix, request, fault);

	*answer = NULL;
	if (!error)
		error = past_open(&reader, request, fault);
	if (!error)
		error = reader_timeline(reader, &timeline, &query, fault);
	if (!error) {
		*answer = timeline_json(&timeline);
		if (!*answer)
			error = fault_set(fault, -ENOMEM, "out of memory");
	}
	timeline_clear(&timeline);
	return past_close(reader, error);
}

// SPDX-License-Identifier: MIT
/* Opens a reader of its own for each request. Writes nothing. */
#include "web/preview.h"

#include <errno.h>
#include <stdlib.h>

#include "client/client.h"
#include "web/host.h"
#include "web/past.h"
#include "web/previewjson.h"

#define ROWS_MOST    1000
#define REVIEWS_MOST 1000

static int add(void *context, const struct review *review)
{
	char time[TIME_TEXT];
	json_t *list = context;

	json_array_append_new(list,
	                      json_pack("{s:o, s:s, s:s, s:o, s:o, s:b}", "branch",
	                                json_of_text(review->branch), "commit", review->commit,
	                                "time", time_format(time, review->time), "author",
	                                json_of_text(review->author), "subject",
	                                json_of_text(review->subject), "merged", review->merged));
	return json_array_size(list) >= REVIEWS_MOST;
}

int api_reviews(const struct api_request *request, json_t **answer, struct fault *fault)
{
	struct reader *reader = NULL;
	json_t *list = json_array();
	int error = past_open(&reader, request, fault);

	if (!error)
		error = reader_reviews(reader, add, list, fault);
	if (error >= 0)
		*answer = json_pack("{s:O}", "reviews", list);
	json_decref(list);
	return past_close(reader, error < 0 ? error : 0);
}

int api_preview(const struct api_request *request, json_t **answer, struct fault *fault)
{
	const char *branch = request->parameter(request->context, "branch");
	struct preview *preview = NULL;
	struct reader *reader = NULL;
	struct host host = {0};
	char *control = NULL;
	struct fault ignored;
	int error;

	if (!branch || !*branch)
		return fault_set(fault, -EINVAL, "name the branch: ?branch=review/NAME");
	error = past_open(&reader, request, fault);
	if (error)
		return past_close(reader, error);
	if (reader_control(reader, &control, &ignored) == 0)
		host_ask(&host, control, request->repository);
	error = reader_preview(&preview, reader,
	                       &(struct preview_request){.name = branch,
	                                                 .in_fleet = host.in_fleet,
	                                                 .fleet_known = host.asked,
	                                                 .is_own = host_has,
	                                                 .context = &host},
	                       fault);
	if (error == -EPERM || error == -EACCES || error == -ENOSYS)
		error = fault_set(fault, error,
		                  "this branch has merges, or an old base, for which git must be "
		                  "run, and the page's server may not: `arpkeeper preview` can");
	if (!error)
		*answer = preview_json(preview, host.asked, ROWS_MOST);
	if (!error && !*answer)
		error = fault_set(fault, -ENOMEM, "out of memory");
	preview_free(preview);
	host_clear(&host);
	free(control);
	return past_close(reader, error);
}

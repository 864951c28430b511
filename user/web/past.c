// SPDX-License-Identifier: MIT
/* Opens the repository for one request, and reads what several answers have. */
#include "web/past.h"

#include <errno.h>

#include "web/eventjson.h"

int past_open(struct reader **reader, const struct api_request *request, struct fault *fault)
{
	int error = reader_open(reader, request->repository, fault);

	if (!error)
		reader_bound(*reader);
	return error;
}

int past_close(struct reader *reader, int error)
{
	reader_close(reader);
	/* There is no index yet: the agent makes it. */
	return error == -E2BIG ? -ECONNREFUSED : error;
}

int past_alerts(json_t **alerts, json_t **since, struct reader *reader,
                const struct reader_query *query, size_t limit, struct fault *fault)
{
	struct incidents *incidents = NULL;
	struct incident incident;
	int64_t reached = 0;
	int error = incidents_open(&incidents, reader, query, fault);

	*alerts = json_array();
	*since = NULL;
	if (!error)
		incidents_bound(incidents, API_ALERTS);
	while (!error && json_array_size(*alerts) < limit &&
	       incidents_next(incidents, &incident) > 0) {
		reached = incident.time;
		if (json_array_append_new(*alerts, incident_json(&incident)) < 0)
			error = fault_set(fault, -ENOMEM, "out of memory");
	}
	if (!error && !incidents_left(incidents, &reached) && json_array_size(*alerts) < limit)
		reached = 0;
	incidents_close(incidents);
	if (!error)
		*since = json_of_time(reached);
	return error;
}

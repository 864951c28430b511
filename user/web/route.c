// SPDX-License-Identifier: MIT
/* The table of the API: one line a handler. Knows nothing of HTTP but the numbers of its statuses.
 */
#include "web/route.h"

#include <errno.h>
#include <string.h>

#include "web/address.h"
#include "web/alerts.h"
#include "web/changes.h"
#include "web/diff.h"
#include "web/live.h"
#include "web/mac.h"
#include "web/map.h"
#include "web/preview.h"
#include "web/table.h"
#include "web/tasks.h"
#include "web/timeline.h"

#define WAIT_SECONDS 10

typedef int live_handler(struct web *web, const struct api_request *request, json_t **answer,
                         struct fault *fault);

static const struct route {
	const char *path; /* with a '/' at its end, a subject follows */
	live_handler *live;
	api_handler *past; /* reads the repository */
} routes[] = {
        {"/healthz", live_health, NULL},          {"/api/v1/status", live_status, NULL},
        {"/api/v1/stats", live_stats, NULL},      {"/api/v1/table", live_table, NULL},
        {"/api/v1/map", live_map, NULL},          {"/api/v1/changes", NULL, api_changes},
        {"/api/v1/timeline", NULL, api_timeline}, {"/api/v1/diff", NULL, api_diff},
        {"/api/v1/address/", NULL, api_address},  {"/api/v1/mac/", NULL, api_mac},
        {"/api/v1/alerts", NULL, api_alerts},     {"/api/v1/tasks", NULL, api_tasks},
        {"/api/v1/task/", NULL, api_task},        {"/api/v1/reviews", NULL, api_reviews},
        {"/api/v1/preview", NULL, api_preview},
};

/* What follows the route's path; NULL: it is another one. */
static const char *subject_of(const struct route *route, const char *path)
{
	size_t length = strlen(route->path);

	if (route->path[length - 1] != '/')
		return strcmp(route->path, path) == 0 ? "" : NULL;
	return strncmp(route->path, path, length) == 0 && path[length] &&
	                       !strchr(path + length, '/')
	               ? path + length
	               : NULL;
}

static const char *find_parameter(void *context, const char *name)
{
	return target_find(context, name);
}

static int perform(struct web *web, const struct route *route, const struct api_request *request,
                   json_t **answer, struct fault *fault)
{
	int error;

	if (route->live)
		return route->live(web, request, answer, fault);
	if (!gate_enter(&web->past, WAIT_SECONDS))
		return fault_set(fault, -ECONNREFUSED,
		                 "too many look into the past at once: try again");
	error = route->past(request, answer, fault);
	gate_leave(&web->past);
	return error;
}

int route_answer(struct web *web, const struct target *target, json_t **answer, struct fault *fault)
{
	struct api_request request = {.parameter = find_parameter,
	                              .context = (void *)target,
	                              .repository = web->repository};

	*answer = NULL;
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
		request.subject = subject_of(&routes[i], target->path);
		if (request.subject)
			return perform(web, &routes[i], &request, answer, fault);
	}
	return fault_set(fault, -ENOENT, "there is nothing at '%.100s'", target->path);
}

unsigned route_status(int error)
{
	switch (error) {
	case 0:
		return 200;
	case -EINVAL:
	case -ERANGE:
		return 400;
	case -ENOENT:
	case -ENODATA:
		return 404;
	case -E2BIG:
		return 414;
	case -ENOTCONN:
	case -ECONNREFUSED:
		return 503;
	default:
		return 500;
	}
}

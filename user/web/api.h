/* SPDX-License-Identifier: MIT */
/* How a request of the page reaches what answers it: a function a path, without HTTP. */
#ifndef USER_WEB_API_H
#define USER_WEB_API_H

#include <jansson.h>

#include "base/base.h"

/* One request for the past, or of the present: parameters by name, one JSON object as the answer.
 */
struct api_request {
	const char *subject; /* what follows the handler's path: "10.0.0.1" of
	                        /api/v1/address/10.0.0.1; "" if nothing */
	const char *(*parameter)(void *context, const char *name); /* the text after "name=",
	                                                              decoded; NULL: not given */
	void *context;
	const char *repository; /* path: a handler opens and closes its own struct reader (handlers
	                           run on several threads) */
};

/* 0 and *answer (the caller's); or a negative errno and a fault: -EINVAL 400, -ENOENT/-ENODATA 404,
 * -ENOTCONN/-ECONNREFUSED 503, else 500. */
typedef int api_handler(const struct api_request *request, json_t **answer, struct fault *fault);

#endif

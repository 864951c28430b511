/* SPDX-License-Identifier: MIT */
/* How much happened when: changes and alerts, counted by equal spans of time. */
#ifndef USER_WEB_TIMELINE_H
#define USER_WEB_TIMELINE_H

#include "web/api.h"

int api_timeline(const struct api_request *request, json_t **answer, struct fault *fault);

#endif

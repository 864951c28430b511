/* SPDX-License-Identifier: MIT */
/* Alerts, grouped by what they are about. */
#ifndef USER_WEB_ALERTS_H
#define USER_WEB_ALERTS_H

#include "web/api.h"

int api_alerts(const struct api_request *request, json_t **answer, struct fault *fault);

#endif

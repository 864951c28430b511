/* SPDX-License-Identifier: MIT */
/* What is asked about now: the agent's status and counters, and this process's own health. */
#ifndef USER_WEB_LIVE_H
#define USER_WEB_LIVE_H

#include "web/api.h"
#include "web/state.h"

/* As `status --json`, and `stats --json`. */
int live_status(struct web *web, const struct api_request *request, json_t **answer,
                struct fault *fault);
int live_stats(struct web *web, const struct api_request *request, json_t **answer,
               struct fault *fault);
int live_health(struct web *web, const struct api_request *request, json_t **answer,
                struct fault *fault);
/* The text of /metrics, malloc'ed; NULL: out of memory. Without an agent, it says that. */
char *live_metrics(struct web *web, bool open_metrics, size_t *length);

#endif

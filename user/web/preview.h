/* SPDX-License-Identifier: MIT */
/* What answers /api/v1/reviews and /api/v1/preview?branch=NAME. */
#ifndef USER_WEB_PREVIEW_H
#define USER_WEB_PREVIEW_H

#include "web/api.h"

/* {"reviews": [{"branch", "commit", "time", "author", "subject", "merged"}]} */
int api_reviews(const struct api_request *request, json_t **answer, struct fault *fault);
/* As `preview --json`, with at most 1,000 of each list. */
int api_preview(const struct api_request *request, json_t **answer, struct fault *fault);

#endif

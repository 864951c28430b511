/* SPDX-License-Identifier: MIT */
/* The live table, page by page. */
#ifndef USER_WEB_TABLE_H
#define USER_WEB_TABLE_H

#include "web/api.h"
#include "web/state.h"

/* /api/v1/table; with `at`, the table of that moment. */
int live_table(struct web *web, const struct api_request *request, json_t **answer,
               struct fault *fault);

#endif

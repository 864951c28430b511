/* SPDX-License-Identifier: MIT */
/* The live table, page by page. */
#ifndef USER_WEB_TABLE_H
#define USER_WEB_TABLE_H

#include "web/api.h"
#include "web/select.h"
#include "web/state.h"

/* /api/v1/table; with `at`, the table of that moment. */
int live_table(struct web *web, const struct api_request *request, json_t **answer,
               struct fault *fault);

/* What the parameters ask for. `mac` is where a MAC goes that the selection names. 0; -EINVAL and a
 * fault. */
int table_read(struct selection *selection, struct mac *mac, const struct api_request *request,
               struct fault *fault);
/* A row as `show --json` has it, with its vendor. NULL: out of memory. */
json_t *table_row_json(const struct rows *rows, const struct row *row);

#endif

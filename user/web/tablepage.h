/* SPDX-License-Identifier: MIT */
/* What a request for a table asks for, now or at a moment, and how its rows are written. */
#ifndef USER_WEB_TABLEPAGE_H
#define USER_WEB_TABLEPAGE_H

#include "web/api.h"
#include "web/select.h"

/* What the parameters ask for. `mac` is where a MAC goes that the selection names. 0; -EINVAL and a
 * fault. */
int table_read(struct selection *selection, struct mac *mac, const struct api_request *request,
               struct fault *fault);
/* A row as `show --json` has it, with its vendor. NULL: out of memory. */
json_t *table_row_json(const struct rows *rows, const struct row *row);

#endif

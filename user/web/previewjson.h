/* SPDX-License-Identifier: MIT */
/* A preview as JSON: for `arpkeeper preview --json`, and for the page. */
#ifndef USER_WEB_PREVIEWJSON_H
#define USER_WEB_PREVIEWJSON_H

#include <jansson.h>

#include "reader/reader.h"

/* All but the lists. `asked`: the agent has said which addresses are the host's own. NULL: out of
 * memory. */
json_t *preview_head_json(const struct preview *preview, bool asked);
/* A member of "changes", of "kept", of "invalid"; the last is NULL if there is no such one. */
json_t *preview_change_json(const struct preview_row *row);
json_t *preview_kept_json(const struct preview_row *row);
json_t *preview_invalid_json(const struct preview *preview, size_t number);
/* All of it, with at most so many of each list. NULL: out of memory. */
json_t *preview_json(const struct preview *preview, bool asked, size_t most);

#endif

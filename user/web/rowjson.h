/* SPDX-License-Identifier: MIT */
/* Rows as the agent writes them, and as the page reads them. */
#ifndef USER_WEB_ROWJSON_H
#define USER_WEB_ROWJSON_H

#include <jansson.h>

#include "web/rows.h"

/* "dynamic"; "" for SLOT_EMPTY. */
const char *row_state_name(unsigned state);
/* -1: there is no such state. */
int row_state_parse(const char *text, size_t length);
/* From an element of `entries` of `show --json`, whose texts are added to `rows`. 0; -EPROTO: not
 * one; -ENOMEM. */
int row_read(struct row *row, struct rows *rows, const json_t *entry);
/* As `show --json` has it. NULL: out of memory. */
json_t *row_json(const struct row *row, const char *segment);

#endif

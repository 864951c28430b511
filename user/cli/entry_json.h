/* SPDX-License-Identifier: MIT */
/* Entries of the repository as JSON, in the words of `show`. */
#ifndef USER_CLI_ENTRY_JSON_H
#define USER_CLI_ENTRY_JSON_H

#include <jansson.h>
#include <stdint.h>

#include "entry/entry.h"

/* {"mac", "state", "since", "origin", "note"}; null for NULL. NULL: out of memory. */
json_t *entry_json(const struct entry *entry);
/* The same as a row of a table: with "segment" and "address", and "seen", which is null. */
json_t *entry_json_row(const char *segment, uint32_t address, const struct entry *entry);

#endif

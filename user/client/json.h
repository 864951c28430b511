/* SPDX-License-Identifier: MIT */
/* JSON of the control protocol and of the commands: members of responses, entries in the words of
 * `show`, output. */
#ifndef USER_CLIENT_JSON_H
#define USER_CLIENT_JSON_H

#include <jansson.h>

#include "entry/entry.h"

/* A member of an object; NULL or 0 if it has none of that type. */
const char *json_text(const json_t *object, const char *key);
json_int_t json_number(const json_t *object, const char *key);
#define JSON_NUMBER 24
char *json_number_text(char text[JSON_NUMBER], const json_t *object, const char *key);
/* A VLAN as the agent gives it: a number, or text for two tags. "" if there is none. */
char *json_vlan(char text[JSON_NUMBER], const json_t *object);

/* A commit's text, which need not be UTF-8; null for NULL and "". */
json_t *json_of_text(const char *text);
/* {"mac", "state", "since", "origin", "note"}; null for NULL. NULL: out of memory. */
json_t *json_entry(const struct entry *entry);
/* The same as a row of a table: with "segment" and "address", and "seen", which is null. */
json_t *json_entry_row(const char *segment, struct address address, const struct entry *entry);

/* Prints an object, and frees it. NULL: prints nothing. */
void json_print(json_t *object);
/* Prints an agent's response without its "ok". */
void json_print_response(json_t *response);

#endif

/* SPDX-License-Identifier: MIT */
/* Parses a list in JSON. */
#ifndef USER_LISTS_JSON_H
#define USER_LISTS_JSON_H

#include "lists/list.h"

/* `name` is for the fault. -EINVAL: the text as a whole is not JSON, or not a list. */
int list_parse_json(struct list *list, const char *name, const char *text, size_t length,
                    const struct list_options *options, struct progress *progress,
                    struct fault *fault);

#endif

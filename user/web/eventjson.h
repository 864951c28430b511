/* SPDX-License-Identifier: MIT */
/* Changes and incidents as `arpkeeper log --json` prints them (docs/json.md). */
#ifndef USER_WEB_EVENTJSON_H
#define USER_WEB_EVENTJSON_H

#include <jansson.h>

#include "reader/reader.h"

/* NULL: out of memory. */
json_t *event_json(const struct reader_event *event);
json_t *incident_json(const struct incident *incident);
/* UTC text; null for 0. */
json_t *json_of_time(int64_t seconds);

#endif

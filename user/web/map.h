/* SPDX-License-Identifier: MIT */
/* A prefix at a glance: a letter and a digit for each address. */
#ifndef USER_WEB_MAP_H
#define USER_WEB_MAP_H

#include "web/api.h"
#include "web/state.h"

#define MAP_BITS      16 /* of addresses that differ */
#define MAP_ADDRESSES (1u << MAP_BITS)

/* /api/v1/map */
int live_map(struct web *web, const struct api_request *request, json_t **answer,
             struct fault *fault);

/* The digit of an age: 0 under ten seconds, 1 under a hundred, and so on to 9. '.' without one. */
char map_age(int64_t since, int64_t now);

#endif

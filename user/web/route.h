/* SPDX-License-Identifier: MIT */
/* Which function answers which path. */
#ifndef USER_WEB_ROUTE_H
#define USER_WEB_ROUTE_H

#include "web/api.h"
#include "web/state.h"
#include "web/target.h"

/* 0 and the answer, the caller's; a negative errno and a fault: see api.h; -ENOENT also for a path
 * that is not in the table. */
int route_answer(struct web *web, const struct target *target, json_t **answer,
                 struct fault *fault);
/* The status of HTTP for what a handler returned. */
unsigned route_status(int error);

#endif

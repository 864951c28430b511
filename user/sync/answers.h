/* SPDX-License-Identifier: MIT */
#ifndef USER_SYNC_ANSWERS_H
#define USER_SYNC_ANSWERS_H

#include "sync/exchange.h"

/*
 * Answers the requests that were decided: pushes their notes, then removes those whose notes are at
 * the remote. Publishes main, too, for people to base their requests on. 0, or a negative errno and
 * a fault; what the remote refuses is in the report.
 */
int answers_send(struct exchange *exchange, struct fault *fault);

#endif

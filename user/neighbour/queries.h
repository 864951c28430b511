/* SPDX-License-Identifier: MIT */
/* Requests in flight. */
#ifndef USER_NEIGHBOUR_QUERIES_H
#define USER_NEIGHBOUR_QUERIES_H

#include "neighbour/machine.h"

/* 0 or -ENOMEM. */
int queries_init(struct neighbour *neighbour);
bool queries_have_room(const struct neighbour *neighbour, enum queue_kind kind);
/* There is room, and the segment's link is up. */
bool queries_may_begin(const struct neighbour *neighbour, const struct cause *cause,
                       enum queue_kind kind);
/* The query about a slot, or NULL. The slot's state says in which queue it is, so look before that
 * changes. */
struct query *query_find(const struct neighbour *neighbour, uint32_t slot);
/* Begins a query with what in `how` is not zero. There must be room. The first request leaves at
 * once, or when `how` says that it is due, if the rate allows. */
void query_begin(struct neighbour *neighbour, const struct cause *cause, enum queue_kind kind,
                 const struct query *how);
/* The query has requests left again, or waits until it is due. */
void query_resume(struct neighbour *neighbour, struct query *query, uint64_t now_ms);
/* Sends a request to the cause's MAC, which shows life: at most one a second for each query. */
void query_hint(struct neighbour *neighbour, struct query *query, const struct cause *cause);
/* Ends the query, if there is one, and returns it; the caller ends its task. */
struct query query_take(struct neighbour *neighbour, uint32_t slot);
/* The same, and ends the task. */
void query_cancel(struct neighbour *neighbour, uint32_t slot);

/* A tick, queue by queue. The host of a verified binding has spoken since the query began. */
bool query_has_spoken(const struct neighbour *neighbour, const struct query *query);
/* All requests are out, and the wait after them is over. */
bool query_is_silent(const struct query *query, uint64_t now_ms);
/* Sends the requests that are due, the oldest first, as far as the rate allows. */
void queries_send(struct neighbour *neighbour, struct queue *queue, uint64_t now_ms);
/* Milliseconds until the queue has something to do; at most 1000. */
uint64_t queries_wait(const struct neighbour *neighbour, const struct queue *queue,
                      uint64_t now_ms);

#endif

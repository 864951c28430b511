/* SPDX-License-Identifier: MIT */
/* What became of the exchanges with one remote. */
#ifndef USER_AGENT_EXCHANGE_H
#define USER_AGENT_EXCHANGE_H

#include "agent/state.h"

#define EXCHANGE_SKIPPED 32  /* branches left out that are remembered */
#define EXCHANGE_NAME    136 /* bytes of a branch's name, as reports have it */

/* A tip that is not fetched again. */
struct exchange_skipped {
	char branch[EXCHANGE_NAME], id[COMMIT_TEXT];
	uint64_t pushed; /* the exchange that last pushed it, in vain; 0: it was not pushed */
};

struct exchange {
	struct agent *agent;
	const struct config_remote *config;
	struct courier *courier; /* NULL: it has ended */
	char label[NODE_NAME_MAX + 16];
	uv_timer_t timer;
	uint64_t serial; /* of the last exchange; 0: none yet */
	uint64_t begun_ms, ended_ms, wait_ms;
	uint64_t runs; /* of the courier, when it began */
	bool running, again;

	int64_t succeeded, tried; /* Unix seconds; 0: never */
	char error[FAULT_TEXT];   /* of the last one; "" */
	uint64_t exchanges, failures, fetched, pushed, bytes, refusals;
	uint64_t listed, milliseconds;
	/* Of people's requests at the remote, if this node may take them: */
	char holder[NODE_NAME_MAX + 1], lease[COMMIT_TEXT]; /* who does; "" */
	uint64_t unmoved_ms; /* since when requests have waited, and the lease was the same */
	uint64_t waiting, merged, declined;
	json_t *seen;     /* owned; what other nodes have not taken of this one; NULL: not known */
	uint64_t seen_ms; /* when that was looked at; 0: never */
	bool stirred;     /* something was exchanged since, or a node is behind */
	struct exchange_skipped skipped[EXCHANGE_SKIPPED];
	size_t skips;
};

/* Takes the numbers and errors of a report, and raises alerts. true: nothing happened. */
bool exchange_reported(struct exchange *exchange, const json_t *report);
void exchange_failed(struct exchange *exchange, const char *why);
/* {branch: id}: bad tips. */
json_t *exchange_skip(const struct exchange *exchange);
/* What the process is told of requests; NULL: this node does not take any. */
json_t *exchange_operators(const struct exchange *exchange);
/* Whether it is time to look what other nodes have seen; if so, the look begins. */
bool exchange_looks(struct exchange *exchange);
void exchange_clear(struct exchange *exchange);
void exchange_forget(struct exchange *exchange);
json_t *exchange_json(const struct exchange *exchange);

#endif

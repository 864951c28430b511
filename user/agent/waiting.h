/* SPDX-License-Identifier: MIT */
/* Clients of the control socket that wait until a change is durable. */
#ifndef USER_AGENT_WAITING_H
#define USER_AGENT_WAITING_H

#include "agent/person.h"
#include "agent/state.h"

struct waiting {
	struct waiting *next;
	struct agent *agent;
	uint64_t since_ms;
	bool answered; /* with an error, while history is in trouble */
	uint64_t client;
	char by[PERSON_TEXT]; /* who asked */
	char what[128];       /* "merge rack3", for the log; "": set.c knows */
	/* What `set` and `unset` answer (set.c). */
	unsigned segment;
	char outside[SEGMENT_NAME_MAX + 1]; /* instead: a folder of history (forget.c) */
	struct range range;
	struct mac mac;   /* zero: unset */
	bool one;         /* the client asked for an address, not for a range */
	bool with_role;   /* the client says what role it has, or that it has none */
	const char *hint; /* what the operator may have forgotten; NULL: nothing */
	size_t addresses, changes, skipped;
};

/* NULL: out of memory, or the request names an author and may not; the client is answered. */
struct waiting *waiting_new(struct agent *agent, const struct control_request *request);
void waiting_free(struct waiting *waiting);
/* Whether a text of the request, if it is there, is one line that history can take: a commit has
 * it. If not, the client is answered. */
bool waiting_is_line(struct agent *agent, const struct control_request *request, const char *key);
/* Likewise the request's "message", which may have several lines. */
bool waiting_has_message(struct agent *agent, const struct control_request *request);

#endif

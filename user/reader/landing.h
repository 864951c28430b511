/* SPDX-License-Identifier: MIT */
/*
 * What one commit of main's line did to an address: the line goes from main's tip along first
 * parents, and is what main has named. A merge on it brings other commits (side.h). Each of them
 * is reported with what became of it.
 */
#ifndef USER_READER_LANDING_H
#define USER_READER_LANDING_H

#include "reader/event.h"
#include "reader/state.h"

/* Whom events are reported to, and which. */
struct teller {
	struct reader *reader;
	struct reader_query query;
	size_t reported;
	int (*handle)(void *context, const struct reader_event *event);
	void *context;
	int stop; /* what handle returned */
	struct fault reason;
};

struct landing {
	struct teller *teller;
	git_commit *commit;
	git_commit *parent; /* NULL: the line begins here */
	bool begins;        /* because history was thinned */
	bool merge;
};

/* The commits of a merge that changed an address, newest first, and the address. */
struct landed {
	const char *segment;
	struct address address;
	const git_oid *side;
	size_t sides;
};

/* The task that a commit of the agent's belongs to; "": none, or another made it. */
void landing_task(char task[TASK_ID_MAX], const git_commit *commit);

/* 0, or a libgit2 error. landing_close() in any case. */
int landing_open(struct landing *landing, struct teller *teller, const git_oid *commit);
void landing_close(struct landing *landing);
/* Reports the events of an address, newest first. 0; READER_STOPPED when the caller has enough; or
 * a negative libgit2 error. */
int landing_report(struct landing *landing, const struct landed *landed);

#endif

/* SPDX-License-Identifier: MIT */
/* The agent object, for the files of this folder only. */
#ifndef USER_AGENT_STATE_H
#define USER_AGENT_STATE_H

#include <uv.h>

#include "agent/agent.h"
#include "agent/alerts.h"
#include "agent/correct.h"
#include "agent/importer.h"
#include "agent/kernel.h"
#include "agent/turns.h"
#include "control/control.h"
#include "history/history.h"
#include "neighbour/neighbour.h"
#include "offload/offload.h"
#include "ports/ports.h"

/* Who is behind the change that the table is making right now: set around neighbour_declare() and
 * neighbour_import(). */
struct operator_context {
	enum task_kind kind; /* of the changes that are his */
	uint64_t task;       /* that his changes belong to; 0: each is one of its own */
	bool said;           /* the task's commits know the rest already */
	const char *author;
	const char *message;
	const char *trigger; /* NULL: the change's own */
	history_done_fn *done;
	void *argument;
};

/* What people changed, on its way into the table. */
struct merge {
	uv_idle_t idle;
	struct history_proposal *proposal; /* history's; NULL: none */
};

struct agent {
	struct config config;
	const char *program;
	char hostname[65];
	int64_t started; /* Unix seconds */
	int lock;
	struct layout layout;
	struct segment *history_segment;
	bool memory, fresh; /* the history is in memory; and was not there before */
	bool keep;          /* programs, maps and what belongs to them stay at the end */
	const char *pull;   /* a repository to start from; NULL: none */
	int outside;        /* the network namespace that it is fetched in; -1: this one */
	struct seed *seed;  /* what was fetched, until the table is loaded */

	uv_loop_t loop;
	uv_poll_t links_poll, events_poll;
	uv_timer_t tick, scan, beat;
	uv_signal_t signal[3];
	bool ready, stopping;

	struct links *links;
	struct ports ports;
	struct announcer announcer;
	struct corrector corrector;
	struct kernel *kernel;
	struct offload *offload;
	struct neighbour *neighbour;
	struct history *history;
	struct control *control;
	struct merge merge;
	struct turns turns;
	struct waiting *waiting;           /* answers that wait for history: commands.c */
	const struct operator_context *by; /* NULL: nobody in particular */
	struct importer importer;
	struct alerts alerts;
};

struct neighbour_clock agent_clock(void);

/* startup.c: prefixes and layout from configuration and interfaces; then the table, from what the
 * map held, what was last applied to it, and what main says. */
int startup_layout(struct agent *agent, struct fault *fault);
int startup_table(struct agent *agent, struct fault *fault);

/* record.c: what the table decided, handed to history and to those who watch. */
extern const struct neighbour_ops record_ops; /* context: struct agent */
/* Tells those who watch of a change, and the host's neighbour table. */
void record_publish(struct agent *agent, const struct neighbour_change *change);
void record_notice(struct agent *agent, const char *line);
void record_local(struct agent *agent, unsigned segment, uint32_t address, const struct mac *mac);
/* Once a second: says it again of own addresses whose declared binding is gone. */
void record_locals(struct agent *agent);

/* announced.c: what the table has to announce. */
extern const struct announce_ops announced_ops; /* context: struct agent */
/* Whether policy has an address in this state announced. */
bool announced_is_wanted(const struct agent *agent, unsigned segment, enum slot_state state);

/* merge.c: what people changed, merged into the table (struct history_options.propose). */
void merge_init(struct agent *agent);
void merge_propose(void *context, struct history_proposal *proposal);

/* events.c: what the XDP program noticed. */
void events_handle(void *context, const struct event *event);

/* Asks the agent to end: detaches (unless `keep`), then leaves the loop. On error nothing has
 * ended. */
int agent_stop(struct agent *agent, bool keep, struct fault *fault);
/* Runs what is due now: call after anything that may have begun a request. */
void agent_wake(struct agent *agent);

#endif

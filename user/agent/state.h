/* SPDX-License-Identifier: MIT */
/* The agent's state: types only. */
#ifndef USER_AGENT_STATE_H
#define USER_AGENT_STATE_H

#include <uv.h>

#include "agent/alertlimit.h"
#include "agent/flood.h"
#include "config/config.h"
#include "control/control.h"
#include "ledger/ledger.h"
#include "neighbour/neighbour.h"
#include "offload/offload.h"
#include "ports/ports.h"
#include "sandbox/sandbox.h"

#define PERSON_TEXT         128
#define DURABLE_PATIENCE_MS 5000 /* then a client that waits for history hears of its trouble */

/* The operator behind the change that the table is making right now: set around neighbour_declare()
 * and neighbour_import(). */
struct operator_context {
	enum task_kind kind; /* of the operator's changes; others are not the operator's */
	uint64_t task;       /* that the changes belong to; 0: each is one of its own */
	bool said;           /* the task's commits have the rest already */
	const char *author;
	const char *message;
	const char *trigger; /* NULL: the change's own */
	history_done_fn *done;
	void *argument;
};

/* Replies to send (correct.h). */
struct correction {
	unsigned segment;
	struct address address;
	struct mac owner;
	struct address holder;
	struct mac holder_mac;
	bool again;      /* sent once already */
	uint64_t due_ms; /* loop time */
};

struct corrector {
	uv_timer_t timer;
	struct correction *item; /* owned, in no order */
	size_t count, room;
};

/* What people changed, on its way into the table (proposals.h). */
struct proposals {
	uv_idle_t idle;
	struct history_proposal *proposal; /* the ledger's; NULL: none */
};

/* What users who may not change want history to look at (reconciler.h). */
struct reconciler {
	struct look *first; /* oldest first */
	unsigned running;   /* those that history has */
};

/* One import at a time (importer.h). */
struct importer {
	struct import *import; /* NULL: none is under way */
	uv_idle_t idle;        /* runs while there is something to apply */
};

/* Alerts since the start (alerts.h). */
struct alerts {
	struct alertlimit limit;
	uint64_t raised[ALERT_KINDS];    /* those held back included */
	uint64_t held[ALERT_KINDS];      /* held back */
	uint64_t held_said[ALERT_KINDS]; /* of `held`: summed up already */
	uint64_t held_since, held_last;  /* milliseconds: what is not summed up; 0: none */
	struct flood flood;
};

/* What became of the alerts for agent.alert-command (alertcommand.h). */
struct alertcommand {
	struct courier_counts counts;
	uint64_t lost_ms; /* loop time: when some were last not passed on; 0: never */
	bool ended;       /* its process; to be said */
};

/* How long the loop's turns take, for `status`: during a turn, no event is handled and no client is
 * answered. Waiting does not count. */
struct turns {
	uv_prepare_t prepare;
	uint64_t at, idle; /* nanoseconds: when the last one ended, and idled until then */
	uint64_t longest;  /* nanoseconds */
	uint64_t count, over;
	struct histogram took;
};

/* How far the building of the table is (build.h). */
enum build_step {
	BUILD_RECORDER,
	BUILD_OPENING, /* it opens the repository */
	BUILD_MAPS,
	BUILD_NONSENSE,
	BUILD_TABLE,
	BUILD_LOADING, /* what main says */
	BUILD_UNRECORDED,
	BUILD_LAST,
};

struct building {
	enum build_step step;
	/* Slots that another program has written, or that say only that the host has them. 64 bits
	 * wide: few. */
	struct idmap nonsense;
	struct locals own; /* the host's own addresses */
	struct progress progress;
	uint64_t loaded;  /* entries */
	uint64_t crowded; /* of them: without a slot */
	uint32_t cursor;  /* the next slot to look at */
	bool mapped;      /* the maps are open, */
	bool searched;    /* and `nonsense` is complete */
	unsigned tries;   /* recorders that ended before all was loaded */
	uint64_t from;    /* uv_hrtime(): when the next one may start */
};

/* Another configuration takes effect, step by step (renew.h). */
enum renew_step { RENEW_CLOSING, RENEW_BUILDING, RENEW_GOING_BACK };

struct successor;
struct agent;

struct renewing {
	uv_idle_t idle;
	struct successor *next; /* owned; NULL: nothing is under way */
	enum renew_step step;
	struct fault fault; /* why it goes back */
	int error;
	void (*done)(struct agent *agent, int error, const struct fault *fault);
};

/* A configuration on its way into the running agent (reload.h). */
struct reloading {
	uv_timer_t timer;
	struct config config; /* what it becomes, while `pending` */
	bool pending;
	bool look;         /* addresses have changed */
	bool follows;      /* `pending` is due to them */
	uint64_t client;   /* that waits for the answer; 0: none does */
	uint64_t since_ms; /* loop time */
	uint64_t begun_ns;
	char by[PERSON_TEXT]; /* who asked for it, or what */
	json_t *changes;      /* owned: a line for each */
};

struct agent {
	struct config config;
	const char *program;     /* absolute path of this binary, for the hooks */
	const char *config_path; /* NULL: none was given */
	int (*configure)(void *context, struct config *config, struct config_problems *problems,
	                 struct fault *fault);
	void *configure_context;
	bool strict; /* it starts only if all interfaces and prefixes are there */
	char hostname[65];
	int64_t started; /* Unix seconds */
	int lock;
	struct layout layout;
	struct segment *history_segment;
	struct fleet_options in_fleet; /* for history; node NULL: it is in none */
	uint8_t *share;                /* owned: of in_fleet */
	bool memory, fresh;            /* the history is in memory; and was not there before */
	bool keep;        /* at the end, programs, maps and what belongs to them stay */
	const char *pull; /* a repository to start from; NULL: none */
	uint64_t about;   /* entries that come, roughly, until the table is loaded */
	/* Owned: slots that another recorder has an entry for; NULL: none does. */
	uint8_t *reloaded;
	unsigned misplaced; /* IPv6 addresses that the program's index refused */

	uv_loop_t loop;
	uv_poll_t *links_poll, *events_poll; /* freed when the loop has closed them */
	uv_timer_t tick, scan, beat;
	uv_signal_t signal[3];
	bool ready, stopping;
	bool failed; /* nothing is left to go on with: it ends, and the programs stay */

	struct building building;
	struct renewing renewing;
	struct reloading reloading;
	unsigned generation; /* of the configuration */
	unsigned shows;      /* answers to `show` that are under way */
	struct ports *ports; /* owned */
	struct announcer announcer;
	struct hearing hearing;
	struct corrector corrector;
	struct kernel *kernel;
	struct offload *offload;
	struct neighbour *neighbour;
	struct ledger *ledger;
	struct starter *starter;   /* of recorders */
	struct detacher *detacher; /* NULL: no port is in a dispatcher */
	struct courier *courier;   /* passes alerts to agent.alert-command; NULL: there is none */
	struct alertcommand alertcommand;
	struct fleet_sync *fleet; /* exchanges with remotes (fleet.h); NULL: there are none */
	uv_poll_t starter_poll;
	struct control *control;
	struct sandbox_user recorder_user;
	struct sandbox_report recorder; /* its rights, for `status`; empty until it has started */
	gid_t operators;                /* the group that may change, too; (gid_t)-1: none */
	struct reconciler reconciler;
	struct proposals proposals;
	struct turns turns;
	struct waiting *waiting; /* answers that wait for history (waiting.h) */
	/* Loop time: since when they wait beside a history in trouble; 0: they do not. */
	uint64_t troubled_ms;
	const struct operator_context *by; /* NULL: the agent itself */
	struct importer importer;
	struct alerts alerts;
};

#endif

/* SPDX-License-Identifier: MIT */
/* The ledger's state: types only. */
#ifndef USER_LEDGER_STATE_H
#define USER_LEDGER_STATE_H

#include "ledger/alertqueue.h"
#include "ledger/offer.h"
#include "ledger/pipe.h"
#include "ledger/posts.h"
#include "ledger/types.h"

enum ledger_stage {
	LEDGER_DOWN,    /* no recorder */
	LEDGER_OPENING, /* it opens the repository */
	LEDGER_LOADING, /* it sends the entries */
	LEDGER_RUNNING,
	LEDGER_CLOSED, /* it has recorded everything that it could */
};

/* What ledger_close() was asked for. */
struct ending {
	uint64_t deadline_ms; /* uv_hrtime() */
	bool remove;          /* the repository */
	bool asked;           /* the recorder was told to write everything out */
	unsigned starts;      /* of recorders meanwhile */
};

struct ledger {
	struct ledger_options options;
	struct packet_source source; /* how the recorder's messages are judged */
	size_t addresses;            /* of all segments */
	enum ledger_stage stage;
	struct pipe pipe;
	pid_t pid;
	bool greeted;         /* HELLO came */
	bool killed;          /* it is being ended by force */
	struct fault failure; /* its last words, or what was wrong with it; "": nothing */
	struct fault end;     /* how its process ended; "": not known */
	uint64_t heard_ms;    /* loop time: when something last came */
	uint64_t pinged_ms;   /* when it was asked; 0: it has answered */
	uint64_t restarts;
	uint32_t delay_ms; /* before the next start */
	bool closing;      /* the table must not change any more */
	struct ending ending;
	struct fault why; /* the last one ended; "": not known */
	bool told;        /* that this one ended */
	int closed;       /* the result of CLOSE */

	struct posts posts;
	uint64_t behind_ns; /* since when a change waits to be durable; 0: none does */
	struct histogram flushes;
	struct offer offer;
	struct alertqueue alerts;
	struct history_status status; /* the recorder's last; numbers begin anew with each */
	uint64_t commits, recorded;   /* of the recorders before: commits, alerts */
	uint64_t next_token;

	bool loaded;         /* once, at the first start */
	uint64_t about;      /* entries to come */
	struct packet chunk; /* the first start's: the owner has it */
	struct history_proposal given;
	bool read;                /* all entries came, */
	struct fault lost;        /* but for these, which cannot be read; "": none */
	struct fault losing;      /* the same, of the recorder that loads */
	struct addresses pending; /* addresses with posts, while another recorder loads */

	uv_poll_t *poll; /* freed when closed */
	uv_timer_t retry, beat;
	uv_prepare_t prepare;
	unsigned handles; /* open */
};

#endif

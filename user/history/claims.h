/* SPDX-License-Identifier: MIT */
/*
 * This node in the fleet: what it says (docs/history-format.md, "The fleet"). Each recorded change
 * of a segment that is shared becomes a word, and the word a file of the own branch
 * refs/heads/node/<segment>/<node>. Without options.fleet there is no struct claims, and nothing
 * here is called.
 *
 *     claims_word(state, &word, kind, &transition, fault)   before a change is taken: what is said
 *     claims_say(state, &word)                              it was taken
 *     claims_commit(state, fault)                           with each flush
 *
 * Durable in this order, which a kill between any two writes leaves whole:
 *
 *  1. The pack has main's new commits, and those of the own branches.
 *  2. One rewrite of packed-refs, which is placed as a whole, names `applied`, the own branches,
 * the tips of others that main has in it (gather.h), and the floors.
 *  3. main.
 *
 * Were the own branch first, another node would be given what no table here had, and a start would
 * propose it to the table as if it were news. Were it behind, main would have what nobody claims,
 * and a start would claim it, also what others had just removed. So 2 is one write. A kill after it
 * leaves main behind `applied`, and a start moves main on (load.h). A kill before leaves all of it
 * as it was, and what others said is gathered again.
 *
 * Words that follow from what others said (`tidied`) wait until main has what they said: gather.h.
 */
#ifndef USER_HISTORY_CLAIMS_H
#define USER_HISTORY_CLAIMS_H

#include <uv.h>

#include "fleet/fleet.h"
#include "history/archive.h"
#include "history/claimfile.h"
#include "history/doubts.h"
#include "history/types.h"

#define NODE_REFS  "refs/heads/node/"
#define FROM_REFS  "refs/fleet/from/"
#define FLOORS_REF "refs/fleet/floors"

struct state;

/* What this node says in one segment. */
struct own_branch {
	struct version tip;
	bool begun; /* there is a tip */
	uint64_t count;
	struct addresses said;   /* since the tip */
	struct addresses tidied; /* likewise, and main has not got yet what it follows from */
};

/* What another node says in one segment: the newest of its commits that the index has. */
struct node_branch {
	unsigned segment, node;
	bool known; /* there is a tip */
	bool moved; /* the reference is behind, until main has it */
	git_oid tip, tree;
	uint64_t count;
	git_oid refused; /* left out, and said so; zero: none */
};

struct claims {
	struct fleet *fleet;
	char node[NODE_NAME_MAX + 1];
	char boot[BOOT_TEXT];
	uint32_t poll_ms;
	uint8_t *share;             /* of each segment; owned */
	struct own_branch *own;     /* likewise */
	struct idmap numbers;       /* of segment and node: an index of `branch` */
	struct node_branch *branch; /* owned */
	size_t branch_room;
	int64_t now;          /* Unix seconds; never goes back */
	struct doubts doubts; /* main may not be what the view says */
	struct doubts asked;  /* those that the owner is asked about */
	struct waits waits;   /* learned, and claimed later */
	/* Of a start (claimload.h): what people did to main, what nobody claims, and all claims,
	 * with 1 where main has a file. */
	struct addresses edited, unclaimed;
	struct doubts held;
	bool compares;   /* what was applied is known */
	bool starts;     /* what the view says already is no word */
	bool look;       /* refs/fleet/from must be looked at */
	bool duplicate;  /* another node has this name: nothing is published */
	bool has_floors; /* FLOORS_REF is there */
	uint64_t overruled;
	uv_timer_t timer; /* for `waits` */
	bool has_timer;
	void (*raised)(void *context, const struct history_alert *alert);
	void *context;
};

/* `*claims` stays NULL where the options have no fleet, or no segment is shared. */
int claims_new(struct claims **claims, const struct history_options *options, struct fault *fault);
void claims_free(struct claims *claims); /* NULL is fine */

/* --- words ------------------------------------------------------------------------------------ */

struct word {
	unsigned segment;
	uint32_t address;
	bool heard; /* not of a segment that is not shared */
	bool says;  /* the own claim becomes this: */
	struct claim own;
	uint64_t due; /* it is claimed then, in milliseconds of the loop; 0: now or never */
	bool present; /* what main will have there: */
	git_oid file;
};

/* What a change makes this node say. Where the claim begins at another time than the entry, or
 * after an unset, so does the entry: main has the claim's text. Changes nothing else, so it can be
 * called again. `kind` is the task's. */
int claims_word(struct state *state, struct word *word, const char *kind,
                struct transition *transition, struct fault *fault);
/* The change was taken. */
void claims_say(struct state *state, const struct word *word);
/* Says what this node hears now that others' claims changed there (fleet_tidy()). `held`: main has
 * not got yet what they said. */
int claims_tidy(struct state *state, unsigned segment, uint32_t address, bool held,
                struct fault *fault);
/* Those that were learned and whose time has come are claimed. */
int claims_claim_due(struct state *state, struct fault *fault);

/* --- publication ------------------------------------------------------------------------------ */

/* Whether there is something to commit. */
bool claims_wait(const struct state *state);
/* Makes the own branches' commits, and has their references written with the tasks'. */
int claims_commit(struct state *state, struct fault *fault);
/* The floors are written with the tasks' branches. */
int claims_store_floors(struct state *state, struct fault *fault);

/* For `status`. */
void claims_report(const struct state *state);

/* --- others ----------------------------------------------------------------------------------- */

bool claims_share(const struct claims *claims, unsigned segment);
/* What the table is to have, by the view: false: nothing. Of a segment that shares only static
 * entries, others' dynamic ones do not count. `*node` is whose word it is. */
bool claims_want(const struct claims *claims, unsigned segment, uint32_t address,
                 struct claim *winner, unsigned *node);
/* The branch of another node, which is added if need be; NULL: out of memory. */
struct node_branch *claims_branch(struct claims *claims, unsigned segment, unsigned node);
char *claims_ref(char ref[REF_NAME_MAX], const struct archive *archive, unsigned segment,
                 const char *node);
/* The clock, for words and floors: now, and never less than before. */
void claims_tick(struct claims *claims);
/* Tells the owner of an incident. `words` as for printf(). */
void claims_raise(const struct claims *claims, const char *kind, const char *segment,
                  const char *address, const char *words, ...)
        __attribute__((format(printf, 5, 6)));

void claims_start(struct claims *claims, uv_loop_t *loop, uv_async_t *wake); /* NULL is fine */
void claims_due(uv_timer_t *timer);                                          /* wakes the thread */
void claims_stop(struct claims *claims);                                     /* likewise */

#endif

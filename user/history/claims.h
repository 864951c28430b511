/* SPDX-License-Identifier: MIT */
/*
 * This node in the fleet: what it says (docs/history-format.md, "The fleet"). Each recorded change
 * of a segment that is shared becomes a word, and the word a file of the own branch
 * refs/heads/node/<segment>/<node>. Without options.fleet there is no struct claims, and nothing
 * here is called.
 *
 *     claims_word(state, &word, kind, &transition, fault)   before a change is taken: what is said
 *     claims_say(state, &word)                              it was taken
 *     ownbranch_commit(state, fault)                        with each flush
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

#include "history/archive.h"
#include "history/fleetstate.h"

struct state;

/* `*claims` stays NULL where the options have no fleet, or no segment is shared. */
int claims_new(struct claims **claims, const struct history_options *options, struct fault *fault);
void claims_free(struct claims *claims); /* NULL is fine */

/* --- words ------------------------------------------------------------------------------------ */

struct word {
	unsigned segment;
	struct address address;
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
int claims_tidy(struct state *state, unsigned segment, struct address address, bool held,
                struct fault *fault);

/* --- others ----------------------------------------------------------------------------------- */

bool claims_share(const struct claims *claims, unsigned segment);
/* What the table is to have, by the view: false: nothing. Of a segment that shares only static
 * entries, others' dynamic ones do not count. `*node` is whose word it is. */
bool claims_want(const struct claims *claims, unsigned segment, struct address address,
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

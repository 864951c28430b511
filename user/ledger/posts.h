/* SPDX-License-Identifier: MIT */
/*
 * The posts that are not recorded yet. A post is what the table's owner hands over: a change, the
 * begin or end of a task, a mark, a request.
 *
 * The invariant: a change is here from when it is posted until the recorder has said that it is
 * durable, or until it is folded; a begin, until its end is durable; an end likewise; a mark or
 * request, until it is answered. Everything posted is therefore here or in main, and
 *
 *     posts_resume() removes exactly those that a dead recorder made durable without saying so.
 *
 * What is left is in the order of its posting, so sending it again continues the log of the table:
 * nothing is lost, and nothing is recorded twice. docs/recorder-protocol.md has the argument.
 *
 * `sent` has what the present recorder was sent, with ascending numbers; `unsent` has what follows.
 * The answer to a proposal waits among the unsent, in its place. It is not kept once it is sent:
 * what the table made of a proposal is compared at the next start of a recorder.
 */
#ifndef USER_LEDGER_POSTS_H
#define USER_LEDGER_POSTS_H

#include "protocol/protocol.h"

struct post {
	struct post *next;
	enum packet_kind kind;
	unsigned segment;
	struct address address; /* of a change */
	uint64_t number;        /* on this connection; 0: not sent */
	uint64_t task;          /* of a change, begin or end; 0: none */
	history_done_fn *done;
	history_outcome_fn *outcome;
	void *argument;
	uint32_t length; /* at most PACKET_MAX */
	bool durable;    /* and DONE has not come yet */
	char frame[];
};

struct post_list {
	struct post *first, **last;
	size_t count;
};

/* Sent to this recorder, by number. */
struct sent_post {
	uint64_t number;
	struct post *post; /* NULL: it was answered */
};

struct posts {
	struct post_list unsent;
	struct sent_post *sent;
	size_t sent_count, sent_room;
	size_t changes;         /* in both */
	size_t durable;         /* of these: durable, but their waiters have no answer yet */
	uint64_t settled;       /* changes that became durable, since the beginning */
	uint64_t number, taken; /* the last that was sent, and that the recorder has taken */
	uint64_t dropped;       /* folded */
	size_t backlog, fold_at;
	/* The last PREPARED of this recorder, and the last before that came true. */
	struct history_progress next, before;
};

/* More than `backlog` posts that no recorder has taken are folded. */
void posts_init(struct posts *posts, size_t backlog);
void posts_clear(struct posts *posts);

/* NULL: out of memory. The caller sets what else is known of it, and adds it. */
struct post *post_new(const struct packet *packet);
void posts_add(struct posts *posts, struct post *post);
/* Too many posts wait: of each address the last change stays, and those with a waiter. Returns how
 * many it dropped; 0: there was no need. */
uint64_t posts_fold(struct posts *posts);
/* Appends what may be sent now to `out`, which should not grow beyond `most` bytes. -ENOMEM leaves
 * the rest unsent. */
int posts_send(struct posts *posts, struct buffer *out, size_t most);

/* The recorder said so. -EPROTO: it cannot be true. */
int posts_taken(struct posts *posts, uint64_t number);
int posts_prepared(struct posts *posts, const struct history_progress *progress);
int posts_durable(struct posts *posts, const struct history_progress *progress);
/* DONE or OUTCOME came: takes the post with this number out; NULL: none waits for that with it. The
 * caller frees it. */
struct post *posts_answered(struct posts *posts, uint64_t number, enum packet_kind answer);

/* Another recorder starts, with this; its numbers begin anew. Waiters whose change main has get
 * main's tip. */
void posts_resume(struct posts *posts, const struct packet_loading *start);
/* Adds every address with a change. 0 or -ENOMEM. */
int posts_addresses(const struct posts *posts, struct addresses *set);
/* Takes one out, for the end, in no order; NULL: nothing is left. */
struct post *posts_take(struct posts *posts);

#endif

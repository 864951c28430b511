/* SPDX-License-Identifier: MIT */
/*
 * A change of the table on its way to a commit: what an address becomes, and the circumstances that
 * the commit names. And a set of addresses. Values that own what they hold; no git.
 */
#ifndef USER_PROTOCOL_TRANSITION_H
#define USER_PROTOCOL_TRANSITION_H

#include "entry/entry.h"

#define SUBJECT_MAX 72 /* characters in the first line of an operator's words */

/* The circumstances of a task, borrowed. All but `segment` may be NULL. */
struct task_context {
	const char *segment;
	const char *interface;
	const char *trigger;
	const char *author;  /* user name of the operator */
	const char *message; /* the operator's own words: SUBJECT_MAX */
};

/* The same, owned. NULL: absent. */
struct context {
	char *interface, *trigger, *author, *message;
};

/* `context` may be NULL. 0 or -ENOMEM. */
int context_copy(struct context *copy, const struct task_context *context);
void context_clear(struct context *context);

/* Whether this is the name of a kind of tasks, such as "learn". Branches have it in theirs. */
bool task_kind_is_valid(const char *kind);

/* One address becomes this. */
struct transition {
	unsigned segment;
	struct address address;
	struct entry *after; /* owned; NULL: removed */
	const char *node;    /* of the fleet, that says so; borrowed; NULL: this one */
};

struct transitions {
	struct transition *item; /* owned, with what they own */
	size_t count, room;
};

/* Room for `count` more, which transitions_add() needs. 0 or -ENOMEM. */
int transitions_reserve(struct transitions *transitions, size_t count);
/* Takes over what the transition owns. */
void transitions_add(struct transitions *transitions, struct transition *transition);
void transitions_clear(struct transitions *transitions);

/* A set of addresses of segments, which it numbers in the order in which they are added: 0, 1, 2.
 * An empty one is all zeros. The caller may have an array of what belongs to each. */
struct addresses {
	struct idmap keys; /* eight bytes: an IPv4 address, or the number of one in `v6` */
	struct idmap v6;
	uint64_t seed; /* of the hashes in `v6`: hosts choose IPv6 addresses at will */
};

/* The address's number, or IDMAP_NONE. */
uint32_t addresses_number(const struct addresses *set, unsigned segment, struct address address);
static inline uint32_t addresses_count(const struct addresses *set)
{
	return set->keys.count;
}

bool addresses_have(const struct addresses *set, unsigned segment, struct address address);
int addresses_add(struct addresses *set, unsigned segment,
                  struct address address); /* 0 or -ENOMEM */
/* Goes through all, in the order in which they were added: the next one from *cursor on (0 to begin
 * with), or false. */
bool addresses_next(const struct addresses *set, uint32_t *cursor, unsigned *segment,
                    struct address *address);
void addresses_empty(struct addresses *set); /* keeps the memory */
void addresses_clear(struct addresses *set);

#endif

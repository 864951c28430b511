/* SPDX-License-Identifier: MIT */
/*
 * The table's own state: what is beside the slots, and the queries in flight. Every file of the
 * room works on it; other rooms never see it.
 */
#ifndef USER_NEIGHBOUR_STATE_H
#define USER_NEIGHBOUR_STATE_H

#include "arpkeeper/slot.h"
#include "neighbour/types.h"

#define VERIFY_AT_ONCE    512  /* as RESOLVE_AT_ONCE, for ageing */
#define LEARN_AT_ONCE     512  /* likewise, for claims and contests */
#define FLIP_FLOP_SECONDS 3600 /* back at the previous MAC within this time: a flip-flop */
#define ORIGINS_SHARED    1000 /* origin strings kept once for all entries; others are copied */
#define ORIGIN_BUCKETS    2048
#define CLOCK_SLACK       2 /* seconds that the kernel's `seen` may be ahead of the agent's clock */
#define CONTEST_MS        1000 /* RFC 1122 2.3.2.1: one request a second and destination */
#define HOLD_MIN          3    /* seconds: RESOLVE_TRIES rounds */
#define HOLD_GROWS        240  /* seconds of a binding's age for one more of hold */
#define CONTEST_REST      10   /* seconds after a conflict before a binding is contested again */
#define DEFEND_INTERVAL   10   /* seconds, RFC 5227 1.1 */
#define DEAD_SECONDS_MAX  600  /* the longest back-off */
#define INTERFACE_TEXT    16   /* IFNAMSIZ */

/* Each kind of query has this share of RESOLVE_PER_SECOND for itself, so none starves; the first to
 * need it takes from the rest. */
#define QUEUE_PER_SECOND 100

/* In a shadow word's flags only: the slot came with this binding, and nothing was applied yet. */
#define SHADOW_INHERITED 0x80

/* The durable entry of an address, and where it was before. record.c keeps it packed. */
struct record {
	struct entry entry;
	struct mac previous; /* where it was before its last move; zero: it never moved */
	uint32_t moved;      /* coarse seconds: when */
	uint32_t owed;       /* for so many seconds since then it may go back there */
	uint32_t first_move; /* coarse seconds: of those that count together, */
	uint8_t moves;       /* so many */
	bool foreign;        /* another node's, in a fleet: answered, and not aged here */
};

/* No more than `limit` in any 1000 ms: the times of the last `limit`, going round. */
struct pace {
	uint64_t at[RESOLVE_PER_SECOND];
	unsigned limit, used, next;
};

/* A sender claims an address. Zero MAC: there is no claim. */
struct claim {
	struct mac mac;
	bool answered;                  /* in a contest: it replied to a request */
	bool router;                    /* its last reply says so */
	uint32_t heard;                 /* coarse seconds */
	const char *trigger;            /* what the query began with */
	char interface[INTERFACE_TEXT]; /* where it was heard; "": unknown */
};

struct query {
	uint32_t slot;
	uint32_t seen;       /* STALE: the slot's, when it began */
	unsigned tries;      /* requests sent; to both, if they go to two */
	bool contest;        /* requests go to two hosts in turn: the binding's owner, or the
	                        first to reply, and the claimant */
	bool reclaim;        /* a contest that the claimant decides: it was the owner before */
	uint32_t round_ms;   /* from one round of a contest to the next */
	enum task_kind kind; /* of the task */
	uint64_t task;
	uint64_t due;  /* milliseconds: the next request, or the end of the wait */
	uint64_t sent; /* milliseconds: the last request */
	uint64_t hint; /* milliseconds: the earliest time to follow another sign of life */
	struct claim claim;
	struct claim first; /* PENDING: the first to reply; zero: no host has */
};

enum queue_kind { QUEUE_RESOLVE, QUEUE_VERIFY, QUEUE_LEARN, QUEUES };

struct queue {
	struct query *query; /* in no order; `room` of them */
	uint32_t *slot;      /* their slots, for finding */
	unsigned count, room;
	struct pace pace;
};

/* Beside a slot that is EMPTY, PENDING or DEAD. */
struct silence {
	uint32_t since;   /* coarse seconds: when it was last found DEAD */
	uint8_t failures; /* how often in a row */
	uint8_t minute;   /* since then: the minute in which the slot counts requests */
	uint8_t holders;  /* HOLDERS_* */
	uint8_t unused;
};
#define HOLDERS_KNOWN     0x01 /* a host holds the sponge's MAC for it */
#define HOLDERS_FORGOTTEN 0x02 /* more hosts do than are remembered */

_Static_assert(sizeof(struct silence) == sizeof(uint64_t), "it fits beside a slot");

/* A short memory of slots, the oldest forgotten first: for what must not be repeated too soon. */
#define RECENT_MAX 512
struct recent {
	uint32_t slot[RECENT_MAX], at[RECENT_MAX]; /* at: coarse seconds */
	unsigned count, next;
};

/* IPv6 addresses: the sparse slots of the layout, and which of them an address has (sparse.h). */
struct sparse {
	struct places places;        /* by the slot's number minus `from` */
	uint32_t from;               /* the first sparse slot; without any: one that is not there */
	uint8_t *placed;             /* likewise: whether the owner knows of it */
	uint32_t count[SLOT_STATES]; /* but for SLOT_EMPTY */
	uint32_t hand;               /* where the last search for room ended */
	uint32_t swept;              /* coarse seconds: of the last search for a MAC's oldest */
};

struct segment_state {
	bool down;
	uint32_t up_since;            /* coarse seconds; 0: always */
	uint32_t learned;             /* DYNAMIC and STALE addresses */
	bool full;                    /* at learn_limit, and the alert was given */
	uint32_t count[SLOT_STATES];  /* addresses; SLOT_EMPTY is not counted */
	uint64_t changed[TASK_KINDS]; /* transitions that were handed on */
	bool scarce;             /* likewise, at the part of it that is kept for few addresses */
	struct learn_port *port; /* owned; the first is "" (port.h) */
	size_t ports, port_room;
};

struct neighbour {
	struct neigh_slot *slots;
	uint64_t *shadow; /* the word last written here; flags may hold SHADOW_INHERITED */
	uint64_t *beside; /* DYNAMIC, STALE, STATIC: a record, packed (record.c); LOCAL, and STALE
	                     that is kept (keep.h): 0; others: a struct silence */
	struct layout layout;
	struct neighbour_policy *policy;
	struct segment_state *segment;
	unsigned segments;
	const struct neighbour_ops *ops;
	void *context;
	struct sparse sparse;
	struct queue queue[QUEUES];
	struct pace pace; /* what the queues share */
	struct recent defended, contested;
	struct claim unheard[RECENT_MAX]; /* of `contested`: the last claim during the rest */
	struct holders *holders;          /* NULL: no segment has a sponge */
	struct limits *limits;
	uint32_t sponged; /* sponged slots */
	uint32_t frozen;  /* frozen ones */
	uint32_t random;
	uint32_t cursor; /* of neighbour_scan() */
	uint32_t count[SLOT_STATES];
	char *origin[ORIGINS_SHARED];
	unsigned origins;
	uint16_t bucket[ORIGIN_BUCKETS]; /* by hash: the number of an origin, from 1; 0: free */
	struct record viewed;            /* holds the last view's entry */
};

#endif

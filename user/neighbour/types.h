/* SPDX-License-Identifier: MIT */
/* The values that cross this room's border. Texts are borrowed for the call. */
#ifndef USER_NEIGHBOUR_TYPES_H
#define USER_NEIGHBOUR_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "entry/entry.h"
#include "wire/wire.h"

enum task_kind {
	TASK_LEARN,
	TASK_MOVE,
	TASK_RESOLVE,
	TASK_EXPIRE,
	TASK_OPERATOR,
	TASK_EXTERNAL,
	TASK_RECOVER,
	TASK_IMPORT,
	TASK_SYNC,
	TASK_KINDS
};
/* As branches, JSON and people know it. */
const char *task_kind_name(enum task_kind kind);

enum alert_kind {
	ALERT_NEW_STATION,
	ALERT_MOVED,
	ALERT_FLIP_FLOP,
	ALERT_RECLAIMED,        /* the owner before is back, and has its address again */
	ALERT_DUPLICATE,        /* it moved too often, and is frozen */
	ALERT_CONFLICT,         /* contradicts a binding, or another host's reply */
	ALERT_SPOOF,            /* likewise, and dropped */
	ALERT_MISMATCH,         /* the sender is not the frame's source */
	ALERT_BROADCAST_SOURCE, /* the sender is zero, a group address, or the prefix's broadcast
	                           address */
	ALERT_BOGON,            /* the sender's address is in no prefix of its segment */
	ALERT_MANY_ADDRESSES,   /* one MAC has more addresses than mac_limit */
	ALERT_LEARN_LIMIT, /* not learned: learn_limit, learn_rate, or too many claims at once */
	ALERT_FLOOD,       /* events were lost or suppressed */
	ALERT_EXTERNAL_INVALID, /* another program wrote an invalid slot; undone */
	ALERT_ROGUE_ROUTER,     /* a router message of no declared router, and dropped */
	/* History's, in a fleet. From here on they are not this room's. */
	ALERT_OVERRULED,      /* another node's word beat an operator's of this one */
	ALERT_CLOCK,          /* another node's clock is ahead */
	ALERT_DUPLICATE_NODE, /* another agent has this node's name */
	ALERT_BRANCH_REWOUND, /* another node's branch went back: it is left out */
	ALERT_BRANCH_INVALID, /* another node's branch is invalid: likewise */
	ALERT_UNANSWERED,     /* a request at a remote is decided, which does not take the answer */
	ALERT_KINDS
};
const char *alert_kind_name(enum alert_kind kind);

enum neighbour_learn {
	NEIGHBOUR_VERIFIED, /* a new or changed binding must reply to a unicast request first */
	NEIGHBOUR_PASSIVE,  /* every sender */
	NEIGHBOUR_UNTAUGHT  /* none */
};

struct neighbour_policy { /* one for each segment */
	bool answer_dynamic,
	        answer_static; /* answer = known: both; static: the latter; off: neither */
	bool answer_local;     /* local = offload */
	enum neighbour_learn learn;
	uint32_t learn_limit;   /* DYNAMIC and STALE addresses; 0: no limit */
	uint32_t mac_limit;     /* addresses at one MAC; more are an alert; 0: no limit */
	bool mac_limit_refuses; /* and are not learned */
	uint32_t learn_rate; /* new bindings a second of a port; of a MAC a quarter; 0: no limit */
	bool sponge;         /* answer for dead addresses under heavy request load */
	struct mac sponge_mac; /* with this MAC; zero: not known yet, so not at all */
	uint32_t sponge_rate;  /* requests a minute from which on */
	bool protect_static;   /* enforce = on */
	uint32_t timeout;      /* seconds until STALE */
	uint32_t hold;    /* seconds of silence until an old binding is given up; 0: as a new one */
	uint32_t reclaim; /* seconds in which the owner before gets its address back; 0: never */
	uint32_t duplicate_moves;           /* so often, 0: never, */
	uint32_t duplicate_time;            /* within so many seconds: frozen, */
	uint32_t duplicate_hold;            /* for so many seconds; 0: until it is set or unset */
	char origin[SEGMENT_NAME_MAX + 64]; /* default origin of learned entries; may be "" */
};

/* A durable transition of one address. `before` or `after` NULL: absent. */
struct neighbour_change {
	enum task_kind kind;
	uint64_t task; /* what task_begin() returned; 0: a task of its own */
	unsigned segment;
	struct address address;
	const struct entry *before, *after; /* valid during the call */
	const char *interface;              /* where it was seen; NULL: nowhere; likewise */
	const char *trigger; /* one word or phrase: "request", "reply", "silence", "bpf map", ... */
};

struct neighbour_alert {
	enum alert_kind kind;
	unsigned segment;
	struct address address;
	struct mac mac;        /* who */
	struct mac other;      /* the binding it contradicts, the frame's source, or zero */
	const char *interface; /* valid during the call; NULL: unknown */
};

/* Called after the map has changed. They must not call back into this room. */
struct neighbour_ops {
	/* Send a request for `address`, to `to` (NULL: broadcast), on all ports of the segment. */
	void (*ask)(void *context, unsigned segment, struct address address, const struct mac *to);
	/* A task that takes time begins; its changes, if any, follow. Returns a token, not 0. */
	uint64_t (*task_begin)(void *context, enum task_kind kind, unsigned segment,
	                       struct address address);
	void (*task_end)(void *context, uint64_t task);
	void (*changed)(void *context, const struct neighbour_change *change);
	void (*alert)(void *context, const struct neighbour_alert *alert);
	/* defend, correct and sponged may be NULL. */
	/* A static or local binding is contradicted (RFC 5227 2.4): announce it once, soon. */
	void (*defend)(void *context, unsigned segment, struct address address, struct mac mac);
	/* `holder` got the sponge's MAC for `address`: correct it by unicast to `mac`. Holder "::"
	 * at the broadcast MAC: not all holders are known, so correct all hosts. */
	void (*correct)(void *context, unsigned segment, struct address address, struct mac mac,
	                struct address holder, struct mac holder_mac);
	/* The program answers for a dead address with the sponge's MAC from now on, or no longer.
	 */
	void (*sponged)(void *context, unsigned segment, struct address address, bool begun);
	/* An IPv6 address has this slot from now on, which holds its binding already, or no longer.
	 * The slot is another's only after that. Without IPv6 prefixes it may be NULL. */
	void (*placed)(void *context, uint32_t slot, unsigned segment, struct address address,
	               bool taken);
	/* Whether the host's own address is a router's (RFC 4861 4.4, R). NULL: none is. */
	bool (*is_router)(void *context, unsigned segment, struct address address);
	/* A static or local binding began or changed: announce it if policy says so. */
	void (*declared)(void *context, unsigned segment, struct address address, struct mac mac,
	                 bool local);
};

struct neighbour_clock {
	uint32_t now;    /* coarse monotonic seconds, as in the slots */
	uint64_t now_ms; /* monotonic milliseconds, for the spacing of requests */
	int64_t wall;    /* Unix seconds, for `since` */
};

struct neighbour; /* opaque */

#define RESOLVE_TRIES      3    /* RFC 5227: PROBE_NUM */
#define RESOLVE_MIN_MS     1000 /* RFC 5227: PROBE_MIN, PROBE_MAX: 1..2 s apart, at random */
#define RESOLVE_MAX_MS     2000
#define RESOLVE_AT_ONCE    256 /* addresses being resolved at one time */
#define RESOLVE_PER_SECOND 500 /* requests on the wire, all addresses together */
#define DEAD_SECONDS       30  /* silence is remembered for this long */
/* After the first reply for a free address: the wait for another host's. Linux delays a reply by
 * proxy by up to 0.8 s. */
#define DECIDE_MS 1000

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The neighbour rules: what a segment's table becomes when something is heard, asked for,
 * silent, declared or merged. Pure: no I/O, no clock of its own, no git; what is to be
 * done is told through `struct neighbour_ops`. One thread.
 *
 * The table is the slots given (the BPF map, or plain memory in tests) and, beside each, a
 * shadow: what this module last wrote there, with what a slot has no room for. Where the
 * two differ, somebody else wrote: that is found by neighbour_scan() and recorded as task
 * `external`.
 */
#ifndef USER_NEIGHBOUR_H
#define USER_NEIGHBOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arpkeeper/slot.h"
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
const char *task_kind_name(enum task_kind kind);

enum alert_kind {
	ALERT_NEW_STATION,
	ALERT_MOVED,
	ALERT_FLIP_FLOP,
	ALERT_CONFLICT,         /* contradicts a static or local binding */
	ALERT_SPOOF,            /* likewise, and dropped */
	ALERT_MISMATCH,         /* sender is not the frame's source */
	ALERT_BROADCAST_SOURCE, /* sender is zero, a group address, or the prefix's broadcast
	                           address */
	ALERT_BOGON,            /* sender's address is in no prefix of its segment */
	ALERT_MANY_ADDRESSES,   /* one MAC has more addresses than policy's mac_limit */
	ALERT_LEARN_LIMIT, /* not learned: the segment has as many as it may, or too much at once */
	ALERT_FLOOD,       /* events were lost or held back: the agent does not hear everything */
	ALERT_EXTERNAL_INVALID, /* somebody wrote nonsense into the map; healed */
	ALERT_KINDS
};
const char *alert_kind_name(enum alert_kind kind);

enum neighbour_learn {
	NEIGHBOUR_VERIFIED, /* what is new or changed must answer a unicast request first */
	NEIGHBOUR_PASSIVE,  /* whatever passes */
	NEIGHBOUR_UNTAUGHT  /* nothing */
};

struct neighbour_policy { /* one for each segment */
	bool answer_dynamic,
	        answer_static; /* answer = known: both; static: the latter; off: neither */
	bool answer_local;     /* local = offload */
	enum neighbour_learn learn;
	uint32_t learn_limit;  /* DYNAMIC and STALE addresses; 0: no limit */
	uint32_t mac_limit;    /* addresses at one MAC, beyond which there is an alert; 0: never */
	bool sponge;           /* answer for dead addresses that are hammered, */
	struct mac sponge_mac; /* with this; zero: not yet known, so not */
	uint32_t sponge_rate;  /* from so many requests a minute on */
	bool protect_static;   /* enforce = on */
	uint32_t timeout;      /* seconds until STALE */
	char origin[SEGMENT_NAME_MAX + 64]; /* default origin of learned entries; may be "" */
};

/* A durable transition of one address. `before` or `after` NULL: absent. */
struct neighbour_change {
	enum task_kind kind;
	uint64_t task; /* what task_begin() returned; 0: a task of its own */
	unsigned segment;
	uint32_t address;
	const struct entry *before, *after; /* valid during the call */
	const char *interface;              /* where it was seen; NULL: nowhere; likewise */
	const char *trigger; /* one word or phrase: "request", "reply", "silence", "bpf map", ... */
};

struct neighbour_alert {
	enum alert_kind kind;
	unsigned segment;
	uint32_t address;
	struct mac mac;        /* who */
	struct mac other;      /* the binding it contradicts, the frame's source, or zero */
	const char *interface; /* valid during the call; NULL: unknown */
};

/* Called when the map already says so. They must not call back into this module. */
struct neighbour_ops {
	/* Send a request for `address`, to `to` (NULL: broadcast), on all ports of the segment. */
	void (*ask)(void *context, unsigned segment, uint32_t address, const struct mac *to);
	/* A task that takes time begins; its changes, if any, follow; returns a token, not 0. */
	uint64_t (*task_begin)(void *context, enum task_kind kind, unsigned segment,
	                       uint32_t address);
	void (*task_end)(void *context, uint64_t task);
	void (*changed)(void *context, const struct neighbour_change *change);
	void (*alert)(void *context, const struct neighbour_alert *alert);
	/* The three that follow may be NULL: nobody wants to know. */
	/* A static or local binding is contradicted (RFC 5227 2.4): announce it once, soon. */
	void (*defend)(void *context, unsigned segment, uint32_t address, struct mac mac);
	/* `holder` took `address` to be at the sponge: tell him, by unicast, that it is at `mac`.
	 * Holder 0 at the broadcast MAC: not all holders are known, so tell everybody. */
	void (*correct)(void *context, unsigned segment, uint32_t address, struct mac mac,
	                uint32_t holder, struct mac holder_mac);
	/* The sponge's MAC is answered for a dead address from now on, or no longer is. */
	void (*sponged)(void *context, unsigned segment, uint32_t address, bool begun);
	/* A static or local binding began or changed: announce it if policy says so. */
	void (*declared)(void *context, unsigned segment, uint32_t address, struct mac mac,
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
#define RESOLVE_AT_ONCE    256 /* addresses being asked for at one time */
#define RESOLVE_PER_SECOND 500 /* requests on the wire, all addresses together */
#define DEAD_SECONDS       30  /* silence is remembered for this long */

/* `slots` has layout->slots elements; `policy` has `segments` elements (copied). */
int neighbour_new(struct neighbour **neighbour, struct neigh_slot *slots,
                  const struct layout *layout, const struct neighbour_policy *policy,
                  unsigned segments, const struct neighbour_ops *ops, void *context,
                  uint32_t random_seed);
void neighbour_free(struct neighbour *neighbour);

/* Events from the wire. */
struct neighbour_heard {
	uint32_t slot;
	struct mac mac;
	bool reply;  /* or a request */
	bool answer; /* a reply that was sent to us alone: it may answer what we asked */
	bool gratuitous;
	const char *interface;
	const char *trigger; /* a string literal; NULL: "request", "reply" or "announcement" */
};
void neighbour_heard(struct neighbour *neighbour, const struct neighbour_heard *heard,
                     const struct neighbour_clock *clock);
void neighbour_asked(struct neighbour *neighbour, uint32_t slot,
                     const struct neighbour_clock *clock);

/* `holder` was given the sponge's MAC for the slot's address. */
void neighbour_sponged(struct neighbour *neighbour, uint32_t slot, uint32_t holder,
                       struct mac holder_mac, const struct neighbour_clock *clock);
/* A segment's last link went down (nothing is concluded from silence while it is), or its first one
 * came up (what was learned before is verified anew). At start all are up. */
void neighbour_link(struct neighbour *neighbour, unsigned segment, bool up,
                    const struct neighbour_clock *clock);
/* The MAC that stands for dead addresses from now on (policy's sponge_mac was zero, or changed). */
void neighbour_sponge_at(struct neighbour *neighbour, unsigned segment, struct mac mac);

/* Runs what is due: requests, verifications, expiries. Returns milliseconds until it should
 * run again (at most 1000). */
uint32_t neighbour_tick(struct neighbour *neighbour, const struct neighbour_clock *clock);
/* Looks at up to `count` slots, going round: ageing, DEAD's end, and external changes. */
void neighbour_scan(struct neighbour *neighbour, uint32_t count,
                    const struct neighbour_clock *clock);

/* An operator's set or unset (after NULL). `task` 0: a task of its own. Goes through changed().
 * -ERANGE: address in no prefix of the segment. -EADDRNOTAVAIL: network or broadcast address.
 * -EINVAL: not a station's MAC. -ENOENT: unset of what is not there. -EBUSY: the host's own
 * address. -ENOMEM. 1: nothing to change (MAC, state and note are the same already). */
int neighbour_declare(struct neighbour *neighbour, unsigned segment, uint32_t address,
                      const struct entry *after, const struct neighbour_clock *clock);
/* The same of an entry of a list, in task `import`. A dynamic one is answered, and asked for soon.
 */
int neighbour_import(struct neighbour *neighbour, unsigned segment, uint32_t address,
                     const struct entry *after, const struct neighbour_clock *clock);
/* Stores what history says the address is, without calling changed(): start-up, and merges.
 * `entry` NULL: nothing. `verify`: a dynamic one is loaded as STALE, to be asked for soon, unless
 * it was heard at that MAC lately. Same errors; 1: the table says so already. */
int neighbour_apply(struct neighbour *neighbour, unsigned segment, uint32_t address,
                    const struct entry *entry, bool verify, const struct neighbour_clock *clock);
/* Start-up: the slot held this before us. What it says durably (MAC, state), `false` if nothing, or
 * once the slot was applied to. What was not when the next event or scan comes to it is
 * recorded as task `recover`. */
bool neighbour_inherited(const struct neighbour *neighbour, uint32_t slot, struct mac *mac,
                         enum entry_state *state);
/* The host has, or no longer has, this address (netlink). Never durable: an entry that was there
 * is removed through changed(). But one that declares another MAC static stays, with an
 * alert `conflict`; say it again when that is gone. */
void neighbour_local(struct neighbour *neighbour, unsigned segment, uint32_t address,
                     const struct mac *mac,
                     const struct neighbour_clock *clock); /* mac NULL: gone */

/* What the table holds for an address; the view is valid until the next call. */
struct neighbour_view {
	unsigned segment;
	uint32_t address;
	uint32_t slot;
	enum slot_state state;
	struct mac mac;
	uint8_t flags;
	uint32_t seen;             /* coarse seconds; 0: never */
	const struct entry *entry; /* the durable part; NULL if none */
};
/* False: in no prefix of the segment. An address of which nothing is known is SLOT_EMPTY. */
bool neighbour_view(struct neighbour *neighbour, unsigned segment, uint32_t address,
                    struct neighbour_view *view);
/* Iterates: the first non-empty slot at or after *cursor; false at the end. Start with 0. */
bool neighbour_next(struct neighbour *neighbour, uint32_t *cursor, struct neighbour_view *view);

struct neighbour_totals {
	uint32_t state[SLOT_STATES];
	uint32_t resolving; /* addresses being asked for, verifications included */
	uint32_t sponged;   /* of the DEAD ones, those that are answered for */
	uint64_t refused;   /* senders not learned, since the start, for want of room */
};
void neighbour_totals(const struct neighbour *neighbour, struct neighbour_totals *totals);

#endif

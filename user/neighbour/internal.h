/* SPDX-License-Identifier: MIT */
/*
 * What the files of this module share: the table beside the slots, the queries in flight,
 * and the one way in which anything happens to an address. Not for other modules.
 */
#ifndef USER_NEIGHBOUR_INTERNAL_H
#define USER_NEIGHBOUR_INTERNAL_H

#include <string.h>

#include "neighbour/neighbour.h"

#define VERIFY_AT_ONCE    512  /* as RESOLVE_AT_ONCE, for ageing */
#define LEARN_AT_ONCE     512  /* likewise, for what must be proved: claims, and contests */
#define FLIP_FLOP_SECONDS 3600 /* back at the previous MAC within this time: a flip-flop */
#define ORIGINS_SHARED    1000 /* origin strings kept once for all entries; others are copied */
#define ORIGIN_BUCKETS    2048
#define CLOCK_SLACK       2    /* seconds that the kernel's `seen` may be ahead of our clock */
#define CONTEST_MS        1000 /* RFC 1122 2.3.2.1: one request a second and destination */
#define CONTEST_REST      10   /* seconds after a conflict before a binding is contested again */
#define DEFEND_INTERVAL   10   /* seconds, RFC 5227 1.1 */
#define DEAD_SECONDS_MAX  600  /* the longest back-off */
#define INTERFACE_TEXT    16   /* IFNAMSIZ */

/* Each kind of query has so much of RESOLVE_PER_SECOND for itself, so none starves; the rest is
 * whoever's comes first. */
#define QUEUE_PER_SECOND 100

/* In a shadow word's flags only: the slot held this before us, and nothing was applied yet. */
#define SHADOW_INHERITED 0x80

/* The durable entry of an address, and where it was before. As a value: record.c keeps it packed.
 */
struct record {
	struct entry entry;
	struct mac previous; /* where it was before it last moved; zero: it did not */
	uint32_t moved;      /* coarse seconds: when */
};

/* No more than `limit` in any 1000 ms: the times of the last `limit`, going round. */
struct pace {
	uint64_t at[RESOLVE_PER_SECOND];
	unsigned limit, used, next;
};

/* Somebody says that an address is his. Zero MAC: nobody did. */
struct claim {
	struct mac mac;
	bool answered;                  /* a contest: he answered when he was asked */
	const char *trigger;            /* what the query began with */
	char interface[INTERFACE_TEXT]; /* where he was heard; "": unknown */
};

struct query {
	uint32_t slot;
	uint32_t seen;       /* STALE: the slot's, when it began */
	unsigned tries;      /* requests sent; a contest's, to both */
	bool contest;        /* the binding's owner and the claimant are asked in turn */
	enum task_kind kind; /* of the task */
	uint64_t task;
	uint64_t due;  /* milliseconds: the next request, or the end of waiting */
	uint64_t sent; /* milliseconds: the last request */
	uint64_t hint; /* milliseconds: not before, another sign of life is followed */
	struct claim claim;
};

enum queue_kind { QUEUE_RESOLVE, QUEUE_VERIFY, QUEUE_LEARN, QUEUES };

struct queue {
	struct query *query; /* in no order; `room` of them */
	uint32_t *slot;      /* their slots, for finding */
	unsigned count, room;
	struct pace pace;
};

/* What is remembered beside a slot that is EMPTY, PENDING or DEAD. */
struct silence {
	uint32_t since;   /* coarse seconds: when it was last found DEAD */
	uint8_t failures; /* how often in a row */
	uint8_t minute;   /* since then: the one in which the slot counts requests */
	uint8_t holders;  /* HOLDERS_* */
	uint8_t unused;
};
#define HOLDERS_KNOWN     0x01 /* somebody holds the sponge's MAC for it */
#define HOLDERS_FORGOTTEN 0x02 /* and there were more than are remembered */

_Static_assert(sizeof(struct silence) == sizeof(uint64_t), "it fits beside a slot");

/* Slots and when something was done about them: the newest RECENT_MAX. */
#define RECENT_MAX 512
struct recent {
	uint32_t slot[RECENT_MAX], at[RECENT_MAX];
	unsigned count, next;
};

struct segment {
	bool down;
	uint32_t up_since; /* coarse seconds; 0: always */
	uint32_t learned;  /* DYNAMIC and STALE addresses */
	bool full;         /* of learned ones, and that was told */
};

struct neighbour {
	struct neigh_slot *slots;
	uint64_t *shadow; /* the word we last wrote; flags may hold SHADOW_INHERITED */
	uint64_t *beside; /* DYNAMIC, STALE, STATIC: a record, packed (record.c); LOCAL: 0; others:
	                     a struct silence */
	struct layout layout;
	struct neighbour_policy *policy;
	struct segment *segment;
	unsigned segments;
	const struct neighbour_ops *ops;
	void *context;
	struct queue queue[QUEUES];
	struct pace pace; /* what the queues share */
	struct recent defended, contested;
	struct claim unheard[RECENT_MAX]; /* of `contested`: who spoke last while there was rest */
	struct holders *holders;          /* NULL: no segment has a sponge */
	struct limits *limits;
	uint32_t sponged; /* slots that are */
	uint32_t random;
	uint32_t cursor; /* of neighbour_scan() */
	uint32_t count[SLOT_STATES];
	char *origin[ORIGINS_SHARED];
	unsigned origins;
	uint16_t bucket[ORIGIN_BUCKETS]; /* by hash: the number of an origin, from 1; 0: free */
	struct record viewed;            /* what the last view's entry is in */
};

/* What can happen to an address. machine.c has the table of what then becomes of it. */
enum happening {
	HEARD_SAME,  /* the MAC of its binding was heard */
	HEARD_OTHER, /* any other was, and is believed (learn = passive) */
	CLAIMED,     /* any other was, and must prove it (learn = verified) */
	ANSWERED,    /* likewise, in a reply to us alone */
	OVERHEARD,   /* any other was, and nothing is learned (learn = off) */
	ASKED,       /* somebody asks for it, and the table has no answer */
	AGED,        /* silent for longer than the timeout, or waiting to be verified */
	SPOKE,       /* `seen` moved while it was being verified */
	SILENT,      /* all requests are out, and nobody answered */
	REMEMBERED,  /* silence was remembered for long enough */
	HAMMERED,    /* dead, and asked for as often as the sponge wants */
	LINK_DOWN,   /* its segment's link went down while it was being asked for */
	STORED,      /* an operator, history or an outsider gives it an entry */
	REMOVED,     /* an operator or history takes its entry away */
	EMPTIED,     /* an outsider emptied its slot */
	LOCAL_BEGUN, /* the host has it */
	LOCAL_ENDED, /* the host no longer has it */
	HAPPENINGS
};

struct cause {
	enum happening what;
	const struct neighbour_clock *clock;
	uint32_t slot;
	uint32_t address;
	unsigned segment;
	bool host; /* a host may have this address */
	const struct neighbour_policy *policy;

	struct mac mac;            /* what was heard, LOCAL_BEGUN */
	const char *interface;     /* what was heard; may be NULL */
	const char *trigger;       /* what was heard, STORED, REMOVED, EMPTIED */
	const struct entry *entry; /* STORED; copied */
	enum task_kind kind;       /* STORED, REMOVED, EMPTIED */
	bool quiet;                /* STORED, REMOVED: history knows */
	bool verify;               /* STORED: a dynamic one becomes STALE */
};

/* Inline, because the scan is made of these: a pass over 65,536 learned addresses takes 0.08 ms so,
 * and 0.69 ms with calls. */
/* The slot's word. XDP programs on other CPUs read it, too: it goes in and out whole. */
static inline uint64_t table_load(const struct neighbour *neighbour, uint32_t slot)
{
	return __atomic_load_n(&neighbour->slots[slot].binding, __ATOMIC_ACQUIRE);
}

static inline uint32_t table_seen(const struct neighbour *neighbour, uint32_t slot)
{
	return __atomic_load_n(&neighbour->slots[slot].seen, __ATOMIC_RELAXED);
}

/* What we last wrote there. */
static inline union binding table_binding(const struct neighbour *neighbour, uint32_t slot)
{
	union binding binding = {.word = neighbour->shadow[slot]};

	binding.flags &= (uint8_t)~SHADOW_INHERITED;
	return binding;
}

static inline struct mac binding_mac(union binding binding)
{
	struct mac mac;

	memcpy(mac.octet, binding.mac, sizeof(mac.octet));
	return mac;
}

/* In the word that we last wrote; zero: there is none. A DEAD one may have the sponge's. */
static inline struct mac table_mac(const struct neighbour *neighbour, uint32_t slot)
{
	return binding_mac(table_binding(neighbour, slot));
}

/* Learned: what ages, and what limits count. */
static inline bool state_is_learned(uint8_t state)
{
	return state == SLOT_DYNAMIC || state == SLOT_STALE;
}

static inline bool state_is_durable(uint8_t state)
{
	return state_is_learned(state) || state == SLOT_STATIC;
}

/* Has a struct silence beside it. */
static inline bool state_is_silent(uint8_t state)
{
	return state == SLOT_EMPTY || state == SLOT_PENDING || state == SLOT_DEAD;
}

static inline struct silence silence_of(const struct neighbour *neighbour, uint32_t slot)
{
	struct silence silence;

	memcpy(&silence, &neighbour->beside[slot], sizeof(silence));
	return silence;
}

static inline void silence_put(struct neighbour *neighbour, uint32_t slot, struct silence silence)
{
	memcpy(&neighbour->beside[slot], &silence, sizeof(silence));
}

/* Seconds since `seen`; UINT32_MAX when it lies in the future, where nobody honest puts it. */
static inline uint32_t table_age(uint32_t seen, uint32_t now)
{
	int32_t age = (int32_t)(now - seen);

	if (age >= 0)
		return (uint32_t)age;
	return age >= -CLOCK_SLACK ? 0 : UINT32_MAX;
}

/* What happens to an address is done by actions: 0, 1 (nothing to change) or a negative errno. They
 * change the slot first and tell of it afterwards. */
typedef int action(struct neighbour *neighbour, const struct cause *cause);

/* machine.c */
/* What happens, happens through here. */
action machine_happen;
/* The same of what time, or a link, does. */
void machine_pass(struct neighbour *neighbour, enum happening what, uint32_t slot,
                  const struct neighbour_clock *clock);

/* tell.c */
void tell_change(struct neighbour *neighbour, const struct cause *cause, enum task_kind kind,
                 uint64_t task, const struct entry *before, const struct entry *after);
void tell_alert(struct neighbour *neighbour, const struct cause *cause, enum alert_kind kind,
                struct mac other);
void tell_end(struct neighbour *neighbour, uint64_t task); /* 0: there is none */

/* bind.c */
action bind_learn, bind_move, bind_store, bind_drop, bind_expire, bind_own, bind_own_static,
        bind_own_again;

/* contest.c */
action contest_claim, contest_hint, contest_begin, contest_answer, contest_spoke, contest_silent;
/* Where the rest after a conflict is over, whoever spoke meanwhile has his turn. */
void contest_tick(struct neighbour *neighbour, const struct neighbour_clock *clock);

/* defend.c */
action defend_binding;

/* recent.c */
#define RECENT_NONE UINT32_MAX
/* Where it is; RECENT_NONE: nothing was done in the last `seconds`. */
uint32_t recent_find(const struct recent *recent, uint32_t slot, uint32_t now, uint32_t seconds);
/* No more fit without forgetting one of the last `seconds`. */
bool recent_is_full(const struct recent *recent, uint32_t now, uint32_t seconds);
/* Returns where it is now. */
uint32_t recent_add(struct recent *recent, uint32_t slot, uint32_t now);

/* dead.c */
action dead_or_empty, dead_again, dead_over, dead_revive, dead_answered;
/* What time did to a DEAD address. */
void dead_look(struct neighbour *neighbour, uint32_t slot, const struct neighbour_clock *clock);
/* It was heard of: the back-off begins anew. */
void dead_forget(struct neighbour *neighbour, uint32_t slot);

/* sponge.c */
action sponge_begin;

/* holders.c */
int holders_init(struct neighbour *neighbour);
void holders_remember(struct neighbour *neighbour, uint32_t slot, uint32_t holder, struct mac mac);
/* The address has a binding, at the cause's slot: who holds the sponge's MAC is told. */
void holders_correct(struct neighbour *neighbour, const struct cause *cause, struct mac mac,
                     uint8_t known);

/* limits.c */
int limits_init(struct neighbour *neighbour);
void limits_free(struct neighbour *neighbour);
/* The binding of a slot changes; goes with every table_put(). `address`: of the slot. */
void limits_change(struct neighbour *neighbour, unsigned segment, uint32_t address,
                   union binding before, union binding after);
/* Whether the segment may have one more learned address. Refusing one that is heard is counted, and
 * an alert. */
bool limits_may_learn(struct neighbour *neighbour, const struct cause *cause);
/* The same of the queue for what must be proved. */
bool limits_may_prove(struct neighbour *neighbour, const struct cause *cause);
uint64_t limits_refused(const struct neighbour *neighbour);
/* Counts what may be too much. */
void limits_tick(struct neighbour *neighbour, const struct neighbour_clock *clock);

/* table.c */
/* Fills the part of a cause that follows from the slot. */
void table_cause(const struct neighbour *neighbour, struct cause *cause, enum happening what,
                 uint32_t slot, const struct neighbour_clock *clock);
/* Puts the shadow's word back where somebody else wrote `word`; false: written yet again. */
bool table_restore(struct neighbour *neighbour, uint32_t slot, uint64_t word);
/* This and the next are the only places that change a binding. `mac` is ignored for states that
 * carry none. */
void table_put(struct neighbour *neighbour, const struct cause *cause, enum slot_state state,
               struct mac mac);
/* DEAD, and answered with the sponge's MAC, or, if policy has none, no longer. */
void table_put_dead(struct neighbour *neighbour, const struct cause *cause, bool sponged);
void table_set_seen(struct neighbour *neighbour, uint32_t slot, uint32_t seen);

/* record.c */
/* The slot's record; its texts are the table's, until it is released. False: no durable entry. */
bool record_read(const struct neighbour *neighbour, uint32_t slot, struct record *record);
/* Packs a record, MAC and state left out, with copies of its texts: to be attached, or released. 0
 * or -ENOMEM. */
int record_make(struct neighbour *neighbour, uint64_t *word, const struct record *record);
/* Goes after the table_put() that gives the slot a durable state. */
void record_attach(struct neighbour *neighbour, uint32_t slot, uint64_t word);
/* Takes the record off the slot, to be released; before the table_put() that ends its state. */
uint64_t record_detach(struct neighbour *neighbour, uint32_t slot);
void record_release(uint64_t word);
/* The origin of what is learned: "host/interface", "host", or NULL, in `text`. */
#define ORIGIN_TEXT (sizeof(((struct neighbour_policy *)0)->origin) + 64)
char *record_origin(char text[ORIGIN_TEXT], const struct neighbour_policy *policy,
                    const char *interface);

/* resolve.c */
int queries_init(struct neighbour *neighbour);
bool queries_have_room(const struct neighbour *neighbour, enum queue_kind kind);
/* There is room, and the segment's link is up. */
bool queries_may_begin(const struct neighbour *neighbour, const struct cause *cause,
                       enum queue_kind kind);
/* The query about a slot; NULL if there is none. It follows from the slot's state, so it is found
 * before that changes. */
struct query *query_find(const struct neighbour *neighbour, uint32_t slot);
/* Begins asking; `how` has what is not zero. There must be room. The first request leaves at once
 * (or when `how` says that it is due) if the rate allows. */
void query_begin(struct neighbour *neighbour, const struct cause *cause, enum queue_kind kind,
                 const struct query *how);
/* Asks the cause's MAC, which shows life, but not more than once a second a query. */
void query_hint(struct neighbour *neighbour, struct query *query, const struct cause *cause);
/* Forgets the query, if there is one, and says what it was; the caller ends its task. */
struct query query_take(struct neighbour *neighbour, uint32_t slot);
/* The same, and ends the task. */
void query_cancel(struct neighbour *neighbour, uint32_t slot);

/* scan.c */
/* Looks whether somebody else wrote the slot, and deals with it. Goes before every event. */
void scan_reconcile(struct neighbour *neighbour, uint32_t slot,
                    const struct neighbour_clock *clock);

#endif

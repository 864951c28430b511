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
#define FLIP_FLOP_SECONDS 3600 /* back at the previous MAC within this time: a flip-flop */
#define ORIGINS_SHARED    1000 /* origin strings kept once for all entries; others are copied */
#define ORIGIN_BUCKETS    2048
#define CLOCK_SLACK       2 /* seconds that the kernel's `seen` may be ahead of our clock */

/* Resolving and verifying may each use so much of RESOLVE_PER_SECOND: neither starves. */
#define QUEUE_PER_SECOND (RESOLVE_PER_SECOND * 4 / 5)

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

struct query {
	uint32_t slot;
	uint32_t seen;  /* the slot's, when it began */
	unsigned tries; /* requests sent */
	uint64_t due;   /* milliseconds: the next request, or the end of waiting */
	uint64_t task;
};

enum queue_kind { QUEUE_RESOLVE, QUEUE_VERIFY, QUEUES };

struct queue {
	struct query *query; /* in no order; `room` of them */
	unsigned count, room;
	struct pace pace;
};

struct neighbour {
	struct neigh_slot *slots;
	uint64_t *shadow; /* the word we last wrote; flags may hold SHADOW_INHERITED */
	uint64_t *beside; /* DEAD: coarse seconds since when; else a record, packed (record.c) */
	struct layout layout;
	struct neighbour_policy *policy;
	const struct neighbour_ops *ops;
	void *context;
	struct queue queue[QUEUES];
	struct pace pace;
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
	HEARD_OTHER, /* any other was */
	ASKED,       /* somebody asks for it, and the table has no answer */
	AGED,        /* silent for longer than the timeout, or waiting to be verified */
	SPOKE,       /* `seen` moved while it was being verified */
	SILENT,      /* all requests are out, and nobody answered */
	REMEMBERED,  /* silence was remembered for long enough */
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

	struct mac mac;            /* HEARD_*, LOCAL_BEGUN */
	const char *interface;     /* HEARD_*; may be NULL */
	const char *trigger;       /* HEARD_*, STORED, REMOVED, EMPTIED */
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

/* Seconds since `seen`; UINT32_MAX when it lies in the future, where nobody honest puts it. */
static inline uint32_t table_age(uint32_t seen, uint32_t now)
{
	int32_t age = (int32_t)(now - seen);

	if (age >= 0)
		return (uint32_t)age;
	return age >= -CLOCK_SLACK ? 0 : UINT32_MAX;
}

/* machine.c */
/* What happens, happens through here. 0, 1 (nothing to change) or a negative errno. */
int machine_happen(struct neighbour *neighbour, const struct cause *cause);

/* table.c */
/* Fills the part of a cause that follows from the slot. */
void table_cause(const struct neighbour *neighbour, struct cause *cause, enum happening what,
                 uint32_t slot, const struct neighbour_clock *clock);
/* Puts the shadow's word back where somebody else wrote `word`; false: written yet again. */
bool table_restore(struct neighbour *neighbour, uint32_t slot, uint64_t word);
/* The only place that changes a binding. `mac` is ignored for states that carry none. */
void table_put(struct neighbour *neighbour, const struct cause *cause, enum slot_state state,
               struct mac mac);
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
/* The query about a slot; NULL if there is none. */
struct query *query_find(const struct neighbour *neighbour, uint32_t slot);
/* Begins asking. There must be room. The first request leaves at once if the rate allows. */
void query_begin(struct neighbour *neighbour, const struct cause *cause, enum queue_kind kind,
                 enum task_kind task);
/* Forgets the query, if there is one, and returns its task; the caller ends it. 0: none. */
uint64_t query_take(struct neighbour *neighbour, uint32_t slot);
/* The same, and ends the task. */
void query_cancel(struct neighbour *neighbour, uint32_t slot);

/* scan.c */
/* Looks whether somebody else wrote the slot, and deals with it. Goes before every event. */
void scan_reconcile(struct neighbour *neighbour, uint32_t slot,
                    const struct neighbour_clock *clock);

#endif

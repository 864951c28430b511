/* SPDX-License-Identifier: MIT */
/* The state machine: every change of an address passes through machine_happen(). */
#ifndef USER_NEIGHBOUR_MACHINE_H
#define USER_NEIGHBOUR_MACHINE_H

#include "neighbour/state.h"

/* What can happen to an address. machine.c has the table of what follows. */
enum happening {
	HEARD_SAME,  /* the MAC of its binding was heard */
	HEARD_OTHER, /* another MAC was heard, and is believed (learn = passive) */
	CLAIMED,     /* another MAC was heard, and must be proved (learn = verified) */
	ANSWERED,    /* likewise, in a reply to the agent alone */
	OVERHEARD,   /* another MAC was heard, and nothing is learned: learn = off, or frozen */
	ASKED,       /* a host asks for it, and the table has no answer */
	AGED,        /* silent for longer than the timeout, or loaded to be verified */
	SPOKE,       /* `seen` moved while it was being verified */
	SILENT,      /* all requests are out, and no host replied */
	RELEASED,    /* frozen for as long as policy says */
	REMEMBERED,  /* DEAD for as long as its back-off */
	HAMMERED,    /* DEAD, and requested at the sponge's rate */
	LINK_DOWN,   /* its segment's link went down while requests were out */
	EVICTED,     /* its sparse slot is needed for another address */
	STORED,      /* an operator, history or an outsider gives it an entry */
	REMOVED,     /* an operator or history removes its entry */
	EMPTIED,     /* an outsider emptied its slot */
	LOCAL_BEGUN, /* the host has it */
	LOCAL_ENDED, /* the host no longer has it */
	HAPPENINGS
};

struct cause {
	enum happening what;
	const struct neighbour_clock *clock;
	uint32_t slot;
	struct address address;
	unsigned segment;
	bool host; /* a host may have this address */
	const struct neighbour_policy *policy;

	struct mac mac;            /* of the sender; LOCAL_BEGUN */
	bool router;               /* the sender says that it is a router */
	uint32_t heard;            /* coarse seconds: when the sender last spoke; 0: now */
	const char *interface;     /* of the sender; may be NULL */
	const char *trigger;       /* of the sender; STORED, REMOVED, EMPTIED */
	const struct entry *entry; /* STORED; copied */
	enum task_kind kind;       /* STORED, REMOVED, EMPTIED */
	bool quiet;                /* STORED, REMOVED: history has it already */
	bool verify;               /* STORED: a dynamic one becomes STALE */
	bool foreign;              /* STORED, REMOVED: another node says so */
};

/* An action changes the slot first and notifies afterwards. 0, 1 (nothing to change) or a negative
 * errno. */
typedef int action(struct neighbour *neighbour, const struct cause *cause);

action machine_happen;
/* The same for what time, or a link, does. */
void machine_pass(struct neighbour *neighbour, enum happening what, uint32_t slot,
                  const struct neighbour_clock *clock);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Announcements (RFC 5227 2.3): each is sent ANNOUNCE_NUM = 2 times, at least ANNOUNCE_INTERVAL = 2
 * s apart. All together are paced, so that thousands of declared addresses do not flood a link.
 * Each frame says what the table holds when it leaves: an address that was unset meanwhile is
 * not announced again.
 */
#ifndef USER_PORTS_ANNOUNCE_H
#define USER_PORTS_ANNOUNCE_H

#include <uv.h>

#include "ports/port.h"

struct announcement {
	unsigned segment;
	struct address address;
	struct mac owner;
	uint64_t due_ms; /* loop time */
};

enum announce_next {
	ANNOUNCE_FOUND,
	ANNOUNCE_LATER, /* enough for one turn: go on from the cursor */
	ANNOUNCE_END
};

/* What to announce, from the table and the configuration. */
struct announce_ops {
	/* Whether to announce `address`, and at which MAC. */
	bool (*holds)(void *context, unsigned segment, struct address address, struct mac *owner);
	/* The segment's next one at or after the cursor, which begins with 0; moves the cursor on.
	 */
	enum announce_next (*next)(void *context, unsigned segment, uint32_t *cursor,
	                           struct address *address, struct mac *owner);
};

/* A queue whose elements become due in order. */
struct announce_queue {
	struct announcement *item; /* owned */
	size_t first, count, room;
};

/* All of a segment, from the first address to the last. */
struct announce_sweep {
	unsigned rounds; /* left, the current one included */
	uint32_t cursor;
	uint64_t begun_ms, due_ms;  /* loop time: of this round */
	uint64_t every_ms, next_ms; /* announce-every */
};

#define ANNOUNCE_SINGLE_MAX 1024
#define ANNOUNCE_QUEUE_MAX  4096

struct announcer {
	uv_timer_t timer;
	struct ports *ports;
	const struct announce_ops *ops;
	void *context;
	struct announcement single[ANNOUNCE_SINGLE_MAX]; /* in no order */
	size_t singles;
	struct announce_queue queue[2]; /* first and second time */
	struct announce_sweep *sweep;   /* owned: one for each segment */
	size_t segments, turn;
};

/* Once the ports are known. On error, too, announce_clear() must follow. */
int announce_init(struct announcer *announcer, uv_loop_t *loop, struct ports *ports,
                  const struct announce_ops *ops, void *context, struct fault *fault);
/* With other ports, whose segments may be others: forgets what was left. On error, too,
 * announce_clear() must follow. */
int announce_restart(struct announcer *announcer, struct ports *ports, struct fault *fault);
/* One address, soon. If the queue is full, the whole segment is announced instead. */
void announce_add(struct announcer *announcer, unsigned segment, struct address address);
/* All addresses of the segment. If that is under way, it is done once more afterwards. */
void announce_all(struct announcer *announcer, unsigned segment);
/* Once a second: what announce-every makes due, each once. */
void announce_beat(struct announcer *announcer);
/* A single one, `delay_ms` from now, ahead of all others: a defence (RFC 5227 2.4), which the
 * caller rate-limits. More than ANNOUNCE_SINGLE_MAX at a time are not sent. */
void announce_once(struct announcer *announcer, unsigned segment, struct address address,
                   struct mac owner, uint32_t delay_ms);
/* Forgets what was left, once the loop has closed the timer. */
void announce_clear(struct announcer *announcer);

#endif

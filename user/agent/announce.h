/* SPDX-License-Identifier: MIT */
/*
 * Announcements (RFC 5227 2.3): each is sent ANNOUNCE_NUM = 2 times, ANNOUNCE_INTERVAL = 2 s
 * apart, and all together paced, so that a link that comes up with thousands of
 * declared addresses is not flooded.
 */
#ifndef USER_AGENT_ANNOUNCE_H
#define USER_AGENT_ANNOUNCE_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "agent/ports.h"

struct announcement {
	unsigned segment;
	uint32_t address;
	struct mac owner;
	uint64_t due_ms; /* loop time */
};

/* A queue whose elements become due in the order in which they were put in. */
struct announce_queue {
	struct announcement *item; /* owned */
	size_t first, count, room;
};

#define ANNOUNCE_SINGLE_MAX 1024

struct announcer {
	uv_timer_t timer;
	struct ports *ports;
	struct announcement single[ANNOUNCE_SINGLE_MAX]; /* in no order */
	size_t singles;
	struct announce_queue queue[2]; /* first and second time */
};

void announce_init(struct announcer *announcer, uv_loop_t *loop, struct ports *ports);
void announce_add(struct announcer *announcer, unsigned segment, uint32_t address,
                  struct mac owner);
/* A single one, `delay_ms` from now: a defence (RFC 5227 2.4). It is sent before all others.
 * Whether that may be, and after which delay, is the caller's to know; more than
 * ANNOUNCE_SINGLE_MAX at a time are not sent. */
void announce_once(struct announcer *announcer, unsigned segment, uint32_t address,
                   struct mac owner, uint32_t delay_ms);
/* Closes the timer and forgets what was left. */
void announce_close(struct announcer *announcer);

#endif

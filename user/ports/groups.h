/* SPDX-License-Identifier: MIT */
/*
 * The solicited-node groups of a segment's addresses. Addresses with the same last 24 bits share a
 * group (RFC 4291 2.7.1), so each is counted. Groups are numbered from 0; when one goes, the last
 * gets its number: who walks from the last to the first misses none.
 */
#ifndef USER_PORTS_GROUPS_H
#define USER_PORTS_GROUPS_H

#include "wire/wire.h"

struct group {
	uint32_t suffix; /* the last 24 bits */
	uint32_t addresses;
};

struct groups {             /* zero: empty */
	struct group *item; /* owned */
	size_t count, room;
	uint32_t *slot; /* hash table of numbers, plus one; 0: free; owned */
	size_t slots;   /* a power of two, at least twice `count` */
};

/* The suffix of an address's group; and a group of that suffix. */
uint32_t group_suffix(struct address address);
struct address group_address(uint32_t suffix);
/* 1: the group is new; 0: it was there; or -ENOMEM. */
int groups_add(struct groups *groups, uint32_t suffix);
/* 1: the group has no addresses left, and is gone; else 0. */
int groups_remove(struct groups *groups, uint32_t suffix);
bool groups_has(const struct groups *groups, uint32_t suffix);
void groups_clear(struct groups *groups);

#endif

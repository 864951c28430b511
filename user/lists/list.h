/* SPDX-License-Identifier: MIT */
/* A list as a value: its bindings, and its problems. */
#ifndef USER_LISTS_LIST_H
#define USER_LISTS_LIST_H

#include <errno.h>

#include "entry/entry.h"
#include "lists/hosts.h"

enum list_format {
	LIST_IP_NEIGH,
	LIST_ETHERS,
	LIST_ARPWATCH,
	LIST_ARP,
	LIST_PROC,
	LIST_DNSMASQ,
	LIST_JSON,
	LIST_SHOW_ARP,
	LIST_DHCPD,
	LIST_CSV,
	LIST_FORMATS,
	LIST_GUESS = LIST_FORMATS
};

struct list_item {
	struct address address;
	uint32_t line;
	struct mac mac;
	uint8_t state;                     /* enum entry_state */
	bool gone;                         /* the list says that the address is free again */
	bool router;                       /* declared as a router, with ENTRY_STATIC */
	int64_t since;                     /* Unix seconds; 0: not in the list */
	int64_t heard;                     /* likewise: when the list's writer last heard it */
	const char *origin, *note, *extra; /* as in an entry; owned by the list */
};

#define LIST_PROBLEMS     20 /* so many are kept; all are counted */
#define LIST_PROBLEM_TEXT 200

struct list_problem {
	uint32_t line;
	char text[LIST_PROBLEM_TEXT];
};

struct list {
	enum list_format format;
	struct list_item *item; /* by line; after list_settle() by address */
	size_t count, room;
	size_t unbound; /* skipped: neighbours without a MAC */
	struct list_problem problem[LIST_PROBLEMS];
	size_t problems;
	struct list_pool *pool;
};

struct list_options {
	enum list_format format;
	bool with_state; /* every item gets `state`, whatever the list says */
	enum entry_state state;
	const char *note;          /* for items without one; NULL: none */
	const struct hosts *hosts; /* for names in place of addresses; NULL: none */
};

/* What a line or an object of a list turned out to be. */
enum list_verdict {
	LIST_BINDING,
	LIST_EMPTY,
	LIST_UNBOUND,
	LIST_BAD = -EINVAL /* what fault_set() returns: the fault says why */
};

/* Adds an item, counts it, or keeps its problem, as the verdict says. 0 or -ENOMEM. */
int list_add(struct list *list, enum list_verdict verdict, struct list_item *item,
             const struct list_options *options, const struct fault *fault);
void list_add_problem(struct list *list, uint32_t line, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* Sorts by address. Of lines that agree on an address the last one stays. Lines that contradict
 * each other are a problem, and dropped; but if the list says when each was heard, the latest
 * stays. */
void list_settle(struct list *list);
void list_clear(struct list *list);

#endif

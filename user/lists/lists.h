/* SPDX-License-Identifier: MIT */
/*
 * A list of bindings as other programs write them, read whole, checked whole: `ip neigh`,
 * /etc/ethers, arpwatch's arp.dat, `arp`, /proc/net/arp, dnsmasq's leases, JSON. What is wrong is
 * kept with line and reason; what has no place here (IPv6, neighbours that did not answer) is
 * counted. Nothing is told to anybody.
 */
#ifndef USER_LISTS_H
#define USER_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	LIST_FORMATS,
	LIST_GUESS = LIST_FORMATS
};

const char *list_format_name(enum list_format format);
/* LIST_FORMATS: there is none of that name. */
enum list_format list_format_find(const char *name);

struct list_item {
	uint32_t address;
	uint32_t line;
	struct mac mac;
	uint8_t state;                     /* enum entry_state */
	int64_t since;                     /* Unix seconds; 0: the list does not say */
	int64_t heard;                     /* likewise: when the list's writer last heard it */
	const char *origin, *note, *extra; /* as in an entry; the list's; NULL: none */
};

#define LIST_PROBLEMS     20 /* so many are kept, and all are counted */
#define LIST_PROBLEM_TEXT 200

struct list_problem {
	uint32_t line;
	char text[LIST_PROBLEM_TEXT];
};

struct list {
	enum list_format format;
	struct list_item *item; /* by line; after list_settle() by address */
	size_t count, room;
	size_t ipv6, unbound; /* passed over: IPv6; no station answered, or none has to */
	struct list_problem problem[LIST_PROBLEMS];
	size_t problems;
	struct list_pool *pool;
};

struct list_options {
	enum list_format format;
	bool with_state; /* all are of this state, whatever the list says */
	enum entry_state state;
	const char *note;          /* for those that bring none; NULL: none */
	const struct hosts *hosts; /* for names in place of addresses; NULL: none is known */
};

/* Reads a file, or with "-" standard input. What is wrong with a line is a problem, not an error.
 * Errors: it cannot be read; it looks like none of the formats. list_clear() in any case. */
int list_read(struct list *list, const char *path, const struct list_options *options,
              struct fault *fault);
/* The same of text in memory. `name` is for the fault. */
int list_parse(struct list *list, const char *name, const char *text, size_t length,
               const struct list_options *options, struct fault *fault);
void list_clear(struct list *list);

/* Sorts by address. Of lines that say the same of an address the last stays; lines that
 * contradict each other are a problem, and dropped, unless the list says when each was heard:
 * then the latest stays. */
void list_settle(struct list *list);

void list_add_problem(struct list *list, uint32_t line, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#endif

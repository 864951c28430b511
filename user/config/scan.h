/* SPDX-License-Identifier: MIT */
/* The line of each section and variable in a git-config file. */
#ifndef USER_CONFIG_SCAN_H
#define USER_CONFIG_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct scan_item {
	unsigned line; /* from 1 */
	size_t at;     /* its first byte in the text */
	bool header;   /* of a section; else a variable */
	bool unclosed; /* a quote of its value is not closed */
	bool bad;      /* of a section: refused; of a variable: in such a section */
	char *name;    /* as git writes it: section.subsection[.variable]; owned */
};

struct scan {
	struct scan_item *item; /* owned; in the order of the file */
	size_t items, room;
};

/* `text` ends in NUL. 0 or -ENOMEM. Skips what it does not understand. */
int scan_read(struct scan *scan, const char *text);
/* The line of the `occurrence`-th (from 0) variable called `name`; 0: not found. */
unsigned scan_line(const struct scan *scan, const char *name, size_t occurrence);
void scan_clear(struct scan *scan);

#endif

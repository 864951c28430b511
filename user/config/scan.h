/* SPDX-License-Identifier: MIT */
/* On which line of a git-config file each section and variable stands. Private to the config
 * module. */
#ifndef USER_CONFIG_SCAN_H
#define USER_CONFIG_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct scan_item {
	unsigned line; /* from 1 */
	bool header;   /* a section's header, or a variable */
	char *name;    /* as git normalises it: section.subsection[.variable]; owned */
};

struct scan {
	struct scan_item *item; /* owned; in the order of the file */
	size_t items;
	unsigned unclosed; /* line of the first value with a quote that is not closed; 0: none */
};

/* `text` ends in NUL. 0 or -ENOMEM. Tolerant: what is no syntax is passed over. */
int scan_read(struct scan *scan, const char *text);
/* The line of the `occurrence`-th (from 0) variable called `name`; 0 if there is none. */
unsigned scan_line(const struct scan *scan, const char *name, size_t occurrence);
void scan_clear(struct scan *scan);

#endif

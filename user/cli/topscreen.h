/* SPDX-License-Identifier: MIT */
/*
 * The terminal of `arpkeeper top`, by ncurses: a head, the table, the newest changes and alerts,
 * and the keys. Draws what it is given. Whatever controls a terminal, in any text, is drawn as '?'.
 *
 *     topscreen_open(&screen, fault);
 *     topscreen_draw(&screen);     as often as something changed
 *     topscreen_close(&screen);    the terminal is as it was
 */
#ifndef USER_CLI_TOPSCREEN_H
#define USER_CLI_TOPSCREEN_H

#include "cli/toptable.h"
#include "cli/words.h"

#define TOPSCREEN_HEAD   3   /* lines */
#define TOPSCREEN_LINE   512 /* bytes of a line of the head */
#define TOPSCREEN_FILTER 64
#define TOPSCREEN_EVENTS 64

struct topevent {
	char time[40], address[40], words[WORDS_TEXT];
	bool alert;
};

struct topscreen {
	void *terminal; /* ncurses'; NULL: not open */
	char head[TOPSCREEN_HEAD][TOPSCREEN_LINE];
	bool alarmed; /* the head's last line says what is wrong */
	const struct toptable *table;
	struct topchoice choice;
	char filter[TOPSCREEN_FILTER];
	bool typing; /* the filter */
	size_t top;  /* the first row shown; topscreen_draw() keeps it within the table */
	size_t page; /* rows that fit; set by topscreen_draw() */
	struct topevent event[TOPSCREEN_EVENTS]; /* a ring */
	unsigned events;                         /* so many in all; the newest is the last */
	bool no_events;                          /* the table has their place, too */
	int64_t now;                             /* Unix seconds */
	int64_t clock;                           /* as the rows' `changed` */
	int64_t fresh; /* rows that changed less than so long ago are bold */
};

/* After topterminal_check(). 0 or -ENOMEM, and a fault. */
int topscreen_open(struct topscreen *screen, struct fault *fault);
void topscreen_close(struct topscreen *screen); /* one that is not open is fine */
/* After the terminal's size changed. */
void topscreen_resize(void);
void topscreen_draw(struct topscreen *screen);
void topscreen_add(struct topscreen *screen, const struct topevent *event);

#endif

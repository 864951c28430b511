/* SPDX-License-Identifier: MIT */
/* Draws by ncurses. All text goes through put(), which makes it harmless. */
#include "cli/topscreen.h"

#include <errno.h>
#include <locale.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "cli/when.h"
#include "entry/entry.h"

#define GAP              2
#define CUT              L".."
#define EVENTS_LEAST     3 /* lines of events; a quarter of the screen, if that is more */
#define TABLE_LEAST      4 /* lines of the table that events leave to it */
#define LINE_MAX_COLUMNS 512
#define ESCAPE_MS        25 /* what follows an escape later is another key */

/* Numbers of colours. */
enum { PLAIN, GREEN, CYAN, BLUE, YELLOW, RED };

int topscreen_open(struct topscreen *screen, struct fault *fault)
{
	const char *no_color = getenv("NO_COLOR");

	(void)setlocale(LC_CTYPE, "");
	screen->terminal = newterm(NULL, stdout, stdin);
	if (!screen->terminal)
		return fault_set(fault, -ENOMEM, "the terminal cannot be drawn on: out of memory");
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	if (has_colors() && !(no_color && *no_color)) {
		static const short colour[] = {[GREEN] = COLOR_GREEN,
		                               [CYAN] = COLOR_CYAN,
		                               [BLUE] = COLOR_BLUE,
		                               [YELLOW] = COLOR_YELLOW,
		                               [RED] = COLOR_RED};

		start_color();
		use_default_colors();
		for (int i = GREEN; i <= RED; i++)
			init_pair((short)i, colour[i], -1);
	}
	return 0;
}

void topscreen_close(struct topscreen *screen)
{
	if (!screen->terminal)
		return;
	endwin();
	delscreen(screen->terminal);
	screen->terminal = NULL;
	(void)setlocale(LC_CTYPE, "C");
}

void topscreen_resize(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
	clearok(stdscr, TRUE);
}

/* --- text ------------------------------------------------------------------------------------ */

/* So many columns of the text, as characters that each take one or two; '?' for the others. Returns
 * how many columns they take; `whole`: nothing was cut off. */
static int convert(wchar_t *out, const char *text, int columns, bool *whole)
{
	mbstate_t state = {0};
	int used = 0, length = 0;

	*whole = false;
	while (*text) {
		wchar_t character;
		size_t bytes = mbrtowc(&character, text, strlen(text), &state);
		int width;

		if (bytes == (size_t)-1 || bytes == (size_t)-2 || bytes == 0) {
			state = (mbstate_t){0};
			bytes = 1;
			character = L'?';
		}
		width = wcwidth(character);
		if (!iswprint((wint_t)character) || width < 1) {
			character = L'?';
			width = 1;
		}
		if (used + width > columns || length + 3 >= LINE_MAX_COLUMNS)
			goto out;
		out[length++] = character;
		used += width;
		text += bytes;
	}
	*whole = true;
out:
	out[length] = L'\0';
	return used;
}

/* A text from a column on, cut to a width, and marked if it was. */
static void put(int row, int column, int width, const char *text)
{
	wchar_t wide[LINE_MAX_COLUMNS];
	bool whole;

	if (width <= 0 || row < 0 || row >= LINES)
		return;
	if (width > LINE_MAX_COLUMNS - 4)
		width = LINE_MAX_COLUMNS - 4;
	convert(wide, text, width, &whole);
	if (!whole && width > 4) {
		convert(wide, text, width - 2, &whole);
		wcscat(wide, CUT);
	}
	mvaddwstr(row, column, wide);
}

static int colour_of(const char *state)
{
	static const struct {
		const char *state;
		int colour;
	} known[] = {{"dynamic", GREEN}, {"static", CYAN},    {"local", BLUE},
	             {"stale", YELLOW},  {"pending", YELLOW}, {"dead", RED}};

	if (strstr(state, ", frozen"))
		return RED;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strncmp(state, known[i].state, strlen(known[i].state)))
			return known[i].colour;
	return PLAIN;
}

/* --- the table ------------------------------------------------------------------------------- */

static const struct column {
	const char *title;
	int width;
	bool grows; /* gets a part of what is left */
} columns[TOPKEYS] = {
        {"ADDRESS", 15, false}, {"MAC", 17, false},    {"STATE", 8, false}, {"SINCE", 11, false},
        {"SEEN", 11, false},    {"SEGMENT", 7, false}, {"ORIGIN", 7, true}, {"NOTE", 6, true},
};

/* Addresses of IPv6 need more room than those of IPv4. */
static int address_width(const struct toptable *table)
{
	const int least = columns[TOPKEY_ADDRESS].width, most = (int)ADDRESS_TEXT - 1;

	return table->widest < least ? least : table->widest < most ? table->widest : most;
}

/* Widths for this terminal; 0: there is no place for the column. */
static void fit(int width[TOPKEYS], const struct toptable *table)
{
	int left = COLS + GAP, growing = 0;

	for (unsigned i = 0; i < TOPKEYS; i++) {
		int wanted = i == TOPKEY_ADDRESS ? address_width(table) : columns[i].width;

		width[i] = left >= wanted + GAP ? wanted : 0;
		left -= width[i] ? width[i] + GAP : 0;
		growing += width[i] && columns[i].grows;
	}
	for (unsigned i = 0; i < TOPKEYS && growing && left > 0; i++) {
		if (!width[i] || !columns[i].grows)
			continue;
		width[i] += left / growing;
		left -= left / growing;
		growing--;
	}
}

static void draw_titles(const struct topscreen *screen, int row, const int width[TOPKEYS])
{
	int column = 0;

	attron(A_REVERSE);
	mvhline(row, 0, ' ', COLS);
	for (unsigned i = 0; i < TOPKEYS; i++) {
		char title[32];

		if (!width[i])
			continue;
		snprintf(title, sizeof(title), "%s%s", columns[i].title,
		         screen->choice.key != i    ? ""
		         : screen->choice.backwards ? " v"
		                                    : " ^");
		put(row, column, width[i] + (i + 1 < TOPKEYS ? 1 : 0), title);
		column += width[i] + GAP;
	}
	attroff(A_REVERSE);
}

/* "3m12s ago"; a text that is no time as it is. */
static const char *age_of(char text[WHEN_TEXT], const char *utc, int64_t now)
{
	int64_t then;

	if (!*utc)
		return "-";
	if (time_parse(&then, utc, strlen(utc)) < 0)
		return utc;
	when_age(text, now - then);
	strcat(text, " ago");
	return text;
}

static void draw_row(const struct topscreen *screen, const struct toprow *entry, int row,
                     const int width[TOPKEYS])
{
	attr_t bold = entry->changed && screen->clock - entry->changed < screen->fresh ? A_BOLD : 0;
	int column = 0;

	for (unsigned i = 0; i < TOPKEYS; i++) {
		char address[ADDRESS_TEXT], age[WHEN_TEXT];
		const char *text = toprow_text(address, entry, (enum topkey)i);
		attr_t style = bold;

		if (i == TOPKEY_STATE)
			style |= (attr_t)COLOR_PAIR(colour_of(text));
		if (i == TOPKEY_SINCE || i == TOPKEY_SEEN)
			text = age_of(age, text, screen->now);
		attron(style);
		put(row, column, width[i], *text ? text : "-");
		attroff(style);
		column += width[i] ? width[i] + GAP : 0;
	}
}

static void draw_table(struct topscreen *screen, int first, int rows)
{
	const struct toptable *table = screen->table;
	int width[TOPKEYS];
	size_t page = rows > 1 ? (size_t)rows - 1 : 0;

	fit(width, table);
	draw_titles(screen, first, width);
	screen->page = page;
	if (screen->top + page > table->shown)
		screen->top = table->shown > page ? table->shown - page : 0;
	for (size_t i = 0; i < page && screen->top + i < table->shown; i++)
		draw_row(screen, toptable_at(table, screen->top + i), first + 1 + (int)i, width);
	if (!table->shown && page)
		put(first + 1, 0, COLS,
		    screen->filter[0] ? "no address matches the filter" : "nothing is known");
}

/* --- the rest -------------------------------------------------------------------------------- */

void topscreen_add(struct topscreen *screen, const struct topevent *event)
{
	screen->event[screen->events++ % TOPSCREEN_EVENTS] = *event;
}

static void draw_events(const struct topscreen *screen, int first, int rows)
{
	unsigned kept = screen->events < TOPSCREEN_EVENTS ? screen->events : TOPSCREEN_EVENTS;
	const int width = address_width(screen->table), words = 22 + width + GAP;

	mvhline(first, 0, 0, COLS);
	put(first, 2, COLS - 2, " changes and alerts ");
	for (unsigned i = 0; i + 1 < (unsigned)rows && i < kept; i++) {
		const struct topevent *event =
		        &screen->event[(screen->events - 1 - i) % TOPSCREEN_EVENTS];
		attr_t style = event->alert ? (attr_t)(COLOR_PAIR(RED) | A_BOLD) : 0;
		int row = first + 1 + (int)i;

		attron(style);
		put(row, 0, 20, event->time);
		put(row, 22, width, event->address);
		put(row, words, COLS - words, event->words);
		attroff(style);
	}
}

static void draw_keys(const struct topscreen *screen)
{
	char text[TOPSCREEN_LINE];

	if (screen->typing)
		snprintf(text, sizeof(text), "filter: %s_   Enter: keep  Esc: all", screen->filter);
	else
		snprintf(text, sizeof(text),
		         "q quit  s sort  r reverse  / filter  arrows, PgUp, PgDn scroll  e "
		         "events%s%s",
		         screen->filter[0] ? "   filter: " : "", screen->filter);
	attron(A_REVERSE);
	mvhline(LINES - 1, 0, ' ', COLS);
	put(LINES - 1, 0, COLS, text);
	attroff(A_REVERSE);
}

void topscreen_draw(struct topscreen *screen)
{
	int events = LINES / 4 > EVENTS_LEAST ? LINES / 4 : EVENTS_LEAST;
	int rows = LINES - 1 - TOPSCREEN_HEAD;

	if (screen->no_events || rows - events < TABLE_LEAST)
		events = 0;
	erase();
	for (int i = 0; i < TOPSCREEN_HEAD; i++) {
		bool alarm = screen->alarmed && i == TOPSCREEN_HEAD - 1;
		attr_t style = alarm ? (attr_t)(COLOR_PAIR(RED) | A_BOLD) : i == 0 ? A_BOLD : 0;

		attron(style);
		put(i, 0, COLS, screen->head[i]);
		attroff(style);
	}
	draw_table(screen, TOPSCREEN_HEAD, rows - events);
	if (events)
		draw_events(screen, LINES - 1 - events, events);
	draw_keys(screen);
	refresh();
}

/* SPDX-License-Identifier: MIT */
/* What each key does to what is shown. */
#include "cli/topkeys.h"

#include <ncurses.h>
#include <string.h>

#define ESCAPE 27
#define CTRL_L 12

static void scroll_by(struct topscreen *screen, long rows)
{
	if (rows < 0 && (size_t)-rows > screen->top)
		screen->top = 0;
	else
		screen->top += (size_t)rows;
}

/* A letter of the filter. Only what an address, a MAC, a name or a note may have. */
static bool add_letter(struct topscreen *screen, int key)
{
	size_t length = strlen(screen->filter);

	if (key < ' ' || key > '~' || length + 1 >= sizeof(screen->filter))
		return false;
	screen->filter[length] = (char)key;
	screen->filter[length + 1] = '\0';
	screen->top = 0;
	return true;
}

static enum topkeypress take_filter_key(struct topscreen *screen, int key)
{
	size_t length = strlen(screen->filter);

	switch (key) {
	case ESCAPE:
		screen->filter[0] = '\0';
		/* fall through */
	case '\r':
	case '\n':
	case KEY_ENTER:
		screen->typing = false;
		return TOPPRESS_VIEW;
	case KEY_BACKSPACE:
	case 127:
	case '\b':
		if (length)
			screen->filter[length - 1] = '\0';
		return TOPPRESS_VIEW;
	default:
		return add_letter(screen, key) ? TOPPRESS_VIEW : TOPPRESS_DRAW;
	}
}

static enum topkeypress scroll_key(struct topscreen *screen, int key)
{
	long page = screen->page > 1 ? (long)screen->page - 1 : 1;

	switch (key) {
	case KEY_UP:
	case 'k':
		scroll_by(screen, -1);
		break;
	case KEY_DOWN:
	case 'j':
		scroll_by(screen, 1);
		break;
	case KEY_PPAGE:
		scroll_by(screen, -page);
		break;
	case KEY_NPAGE:
	case ' ':
		scroll_by(screen, page);
		break;
	case KEY_HOME:
	case 'g':
		screen->top = 0;
		break;
	case KEY_END:
	case 'G':
		screen->top = screen->table->shown;
		break;
	default:
		break;
	}
	return TOPPRESS_DRAW;
}

static enum topkeypress take_key(struct topscreen *screen, int key)
{
	/* What an address or a MAC begins with begins a filter. */
	if (key == '/' || (key >= '0' && key <= '9')) {
		screen->filter[0] = '\0';
		screen->typing = true;
		return key == '/' || !add_letter(screen, key) ? TOPPRESS_DRAW : TOPPRESS_VIEW;
	}
	switch (key) {
	case 'q':
	case 'Q':
		return TOPPRESS_QUIT;
	case 's':
	case '>':
	case '<':
		screen->choice.key =
		        (screen->choice.key + (key == '<' ? TOPKEYS - 1 : 1)) % TOPKEYS;
		screen->choice.backwards = false;
		return TOPPRESS_VIEW;
	case 'r':
		screen->choice.backwards = !screen->choice.backwards;
		return TOPPRESS_VIEW;
	case 'e':
		screen->no_events = !screen->no_events;
		return TOPPRESS_DRAW;
	case ESCAPE:
		screen->filter[0] = '\0';
		return TOPPRESS_VIEW;
	case CTRL_L: /* Ctrl-L: something else has written to the terminal */
		clearok(stdscr, TRUE);
		return TOPPRESS_DRAW;
	default:
		return scroll_key(screen, key);
	}
}

enum topkeypress topkeys_take(struct topscreen *screen)
{
	int key = getch();

	if (key == ERR)
		return TOPPRESS_NOTHING;
	return screen->typing ? take_filter_key(screen, key) : take_key(screen, key);
}

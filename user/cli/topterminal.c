/* SPDX-License-Identifier: MIT */
/* Asks before the screen is opened: newterm() leaks what it has begun when it fails. Alone, because
 * term.h takes short words such as `columns`. */
#include "cli/topterminal.h"

#include <curses.h>
#include <errno.h>
#include <stdlib.h>
#include <term.h>
#include <unistd.h>

int topterminal_check(struct fault *fault)
{
	const char *name = getenv("TERM");
	int found;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return fault_set(
		        fault, -ENOTTY,
		        "top draws on a terminal, and here is none: `arpkeeper show` prints "
		        "the table, `arpkeeper watch` the changes");
	if (setupterm(NULL, STDOUT_FILENO, &found) != OK || !cursor_address)
		return fault_set(
		        fault, -EINVAL,
		        "the terminal '%.40s' is not known, or cannot be drawn on: set TERM",
		        name ? name : "");
	del_curterm(cur_term);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Waits for an agent to come. */
#ifndef USER_CLIENT_AWAIT_H
#define USER_CLIENT_AWAIT_H

/* Until something changes where the control socket is to be, `ending` (-1: none) is readable, or so
 * many milliseconds are over: the folder may not be there yet, and its change comes before the
 * agent listens. */
void client_await(const char *path, int ending, int most_ms);

#endif

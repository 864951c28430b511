/* SPDX-License-Identifier: MIT */
/* `arpkeeper hook sync`: one exchange with a remote. */
#ifndef USER_CLI_SYNCHOOK_H
#define USER_CLI_SYNCHOOK_H

/* Reads a request (sync/request.h) from standard input, exchanges branches of the repository, and
 * reports to the agent at the request's control socket; without one, on standard output. Returns
 * the exit status: EXIT_OK also for an exchange that failed, if that was reported. */
int synchook_run(const char *repository);

#endif

/* SPDX-License-Identifier: MIT */
/* The recorder's life. */
#ifndef USER_RECORDER_RUN_H
#define USER_RECORDER_RUN_H

/* `socket`: connected to the keeper; taken over. Returns the process's exit status. */
int recorder_run(int socket);

#endif

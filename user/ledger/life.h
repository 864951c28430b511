/* SPDX-License-Identifier: MIT */
/* The recorders, one after the other: started, listened to, sent to, ended, started again. */
#ifndef USER_LEDGER_LIFE_H
#define USER_LEDGER_LIFE_H

#include "ledger/state.h"

/* Prepares the handles on the owner's loop. */
void life_init(struct ledger *ledger);
/* Starts a recorder. 0, or an error and a fault. */
int life_start(struct ledger *ledger, struct fault *fault);
/* Waits, at most so long (-1: for ever), and takes what has come. Without the loop: for the first
 * start and the end. 0; or an error, and then this recorder has ended. */
int life_turn(struct ledger *ledger, int timeout_ms);
/* The table is complete: from now on the loop does it. */
void life_begin(struct ledger *ledger);
/* From now on it is life_turn() again. */
void life_rest(struct ledger *ledger);
/* This recorder has ended, or must. The next one starts after a while. */
void life_end(struct ledger *ledger);
/* For how long a question has had no answer; 0: none waits. */
uint64_t life_silent_ms(const struct ledger *ledger);
/* Sends what is posted. */
void life_push(struct ledger *ledger);
/* Closes the handles, ends the recorder, and frees the ledger when its loop has turned. */
void life_free(struct ledger *ledger);

#endif

/* SPDX-License-Identifier: MIT */
/* The end of a ledger: everything is recorded, for as long as there is time. */
#ifndef USER_LEDGER_ENDING_H
#define USER_LEDGER_ENDING_H

#include "ledger/types.h"

struct ledger;

/* Has everything recorded that is posted, for at most `timeout_ms`, and ends the recorder.
 * `remove`: the repository is removed. Callbacks that are due are called before it returns;
 * afterwards the owner's loop must turn once more. Changes of others that the table has not merged
 * are merged by the rule, and the next start proposes them. NULL is fine. -ETIMEDOUT: some changes
 * are not recorded. */
int ledger_close(struct ledger *ledger, uint32_t timeout_ms, bool remove);

/* The same in steps, for an owner whose loop turns in between. From the first one on the owner
 * posts nothing. ledger_close_step() waits for at most `wait_ms`, and returns true when nothing is
 * left to do, or the time is over. ledger_close_end() frees the ledger. */
void ledger_close_begin(struct ledger *ledger, uint32_t timeout_ms, bool remove);
bool ledger_close_step(struct ledger *ledger, int wait_ms);
int ledger_close_end(struct ledger *ledger);

#endif

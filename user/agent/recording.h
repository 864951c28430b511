/* SPDX-License-Identifier: MIT */
/*
 * The recorder as the agent has it: started in a sandbox, with what it needs of the file system.
 * What the ledger asks of the process is done here; what it asks of the table, in startup.c.
 */
#ifndef USER_AGENT_RECORDING_H
#define USER_AGENT_RECORDING_H

#include "agent/state.h"

/* Makes the starter of recorders. As root, with one thread, in the namespaces that recorders are to
 * live in. */
int recording_prepare(struct agent *agent, struct fault *fault);
/* Starts the first recorder: ledger_opened() follows. */
int recording_start(struct agent *agent, struct fault *fault);
/* From now on the loop notices the end of a recorder. */
void recording_begin(struct agent *agent);
/* Has everything recorded, and ends the recorder. -ETIMEDOUT: not everything. The loop must turn
 * once more; then recording_clear(). */
int recording_close(struct agent *agent, bool remove);
/* The same in steps. recording_close_step() waits for at most `wait_ms`: -EAGAIN: there is more to
 * do. */
void recording_close_begin(struct agent *agent);
int recording_close_step(struct agent *agent, int wait_ms);
void recording_clear(struct agent *agent);

#endif

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
/* Starts the first recorder, and waits until it has opened the repository. `about`: entries. */
int recording_open(struct agent *agent, uint64_t *about, struct fault *fault);
/* From now on the loop notices the end of a recorder. */
void recording_begin(struct agent *agent);
/* Has everything recorded, and ends the recorder. -ETIMEDOUT: not everything. The loop must turn
 * once more; then recording_clear(). */
int recording_close(struct agent *agent, bool remove);
void recording_clear(struct agent *agent);

#endif

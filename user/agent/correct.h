/* SPDX-License-Identifier: MIT */
/*
 * Corrections: a host that got the sponge's MAC for an address is sent the true one, by unicast.
 * Twice, CORRECT_AGAIN_MS apart: for a second, Linux ignores what differs from the last reply
 * (`locktime`), so that the first may be in vain. Paced: there may be thousands of holders.
 */
#ifndef USER_AGENT_CORRECT_H
#define USER_AGENT_CORRECT_H

#include "agent/state.h"

void correct_init(struct agent *agent);
/* The segments are about to be others. */
void correct_forget(struct agent *agent);
/* Soon, and once again if the address is still at `owner`. Without memory: once, immediately. The
 * context is the struct agent. */
void correct_add(void *context, unsigned segment, struct address address, struct mac owner,
                 struct address holder, struct mac holder_mac);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What people changed in the repository, merged into the table. Each item of a proposal is merged,
 * by the one merge rule, into what the table holds at that moment. A large proposal is taken a
 * slice at a time, with turns of the loop in between.
 */
#ifndef USER_AGENT_PROPOSALS_H
#define USER_AGENT_PROPOSALS_H

#include "agent/state.h"

/* Functions of struct ledger_options; context: struct agent. */
void proposals_take(void *context, struct history_proposal *proposal);
void proposals_withdraw(void *context);

#endif

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

/* Stores what an item's merge gave, `winner`, in place of the table's entry `ours`, and whose it
 * is. 0; 1: the entry stays as it is; or an error of neighbour_apply(). */
int proposals_store(struct agent *agent, const struct history_item *item, const struct entry *ours,
                    bool was_foreign, const struct entry *winner,
                    const struct neighbour_clock *clock);

#endif

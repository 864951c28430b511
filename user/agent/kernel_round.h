/* SPDX-License-Identifier: MIT */
/*
 * A round lists the host's table, puts right what is wrong, and adds what is missing. There is one
 * at the start, and one when interfaces or addresses changed or messages were lost. With export
 * there is one every ROUND_MS, which keeps an entry REACHABLE. To wait for a message would be too
 * late: of an entry in use, REACHABLE becomes DELAY without one, and DELAY becomes PROBE with a
 * request (neigh_timer_handler()).
 *
 * Each turn of the loop spends a millisecond on it.
 */
#ifndef USER_AGENT_KERNEL_ROUND_H
#define USER_AGENT_KERNEL_ROUND_H

#include "agent/kernel_state.h"

void kernel_round_init(struct kernel *kernel);
void kernel_round_begin(struct kernel *kernel);
void kernel_round_within(struct kernel *kernel, uint64_t milliseconds);
void kernel_round_end(struct kernel *kernel);
/* Work is due: a millisecond of it in each turn of the loop. */
void kernel_work(struct kernel *kernel);

#endif

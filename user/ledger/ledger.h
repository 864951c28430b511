/* SPDX-License-Identifier: MIT */
/*
 * The ledger: every durable change of the table, on its way to the recorder, which is another
 * process. The table's owner hands changes over, and goes on: nothing here waits for a disk. When
 * the recorder ends, hangs, or says what it must not, the ledger starts another one, and sends it
 * what was not recorded (posts.h has the invariant).
 *
 * The owner runs a libuv loop:
 *
 *     ledger_open(&ledger, &options, ...)         starts a recorder, which opens the repository
 *       ledger_load_next(ledger, &chunk, ...)     until it returns 0; the owner fills in results
 *       ledger_load_found(ledger, ...)            an entry that is only in the owner's table
 *     ledger_loaded(ledger)
 *
 *     ledger_record(ledger, ...)                  a change that is a task of its own
 *     task = ledger_begin(ledger, kind)           or a task of many changes:
 *       ledger_task_change(ledger, task, ...)
 *     ledger_end(ledger, task, ...)
 *
 *     options.propose(context, proposal)          is called when others changed the repository:
 *       proposal_decide(), proposal_set_result()    for each item; merge it into the table
 *     ledger_proposal_done(ledger)
 *
 *     options.reload(context, item, pending)      is called when another recorder starts
 *
 *     ledger_close(ledger, ...)
 *
 * The owner changes its table first and posts the change afterwards. So what it posts is a linear
 * log of the table, and changes of one address are recorded in the order of their posting.
 */
#ifndef USER_LEDGER_H
#define USER_LEDGER_H

#include "ledger/ending.h"
#include "ledger/keep.h"

#endif

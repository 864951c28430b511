/* SPDX-License-Identifier: MIT */
/* What the recorder says. */
#ifndef USER_LEDGER_RECEIVE_H
#define USER_LEDGER_RECEIVE_H

#include "ledger/state.h"

/* Takes what has been received, up to the next chunk of the first start. 0; or an error: -EPROTO,
 * -ENOMEM, -EIO (it failed, and said why in ledger->failure). Then this recorder must end. */
int receive_all(struct ledger *ledger);
/* The owner has set the result of an item: the recorder keeps what main has not. */
int receive_keep(struct ledger *ledger, struct history_item *item);
/* The same of an entry that is only in the table. */
int receive_found(struct ledger *ledger, unsigned segment, struct address address,
                  struct entry *result);
/* Not all could be read: the owner is told. */
void receive_tell_lost(const struct ledger *ledger);

#endif

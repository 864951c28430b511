/* SPDX-License-Identifier: MIT */
/* Replies to senders that wait until something is durable. */
#ifndef USER_HISTORY_WAITERS_H
#define USER_HISTORY_WAITERS_H

#include <git2.h>

#include "history/message.h"

/* Takes over the message's reply, if it wants one. */
void waiters_add(struct mails *waiters, struct message *message);
/* The commit or outcome that each of them gets. */
void waiters_set_commit(struct mails *waiters, const git_oid *commit);
void waiters_set_outcome(struct mails *waiters, const struct history_outcome *outcome);
/* Sends all replies. `tip` is the commit for those without one of their own. */
void waiters_reply(struct mails *waiters, struct mailbox *out, int status, const git_oid *tip);

#endif

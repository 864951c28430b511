/* SPDX-License-Identifier: MIT */
/*
 * A mailbox between two threads, first in, first out. It carries whatever begins with a struct
 * mail, and never looks inside. Its lock is the only thing that it waits for.
 */
#ifndef USER_HISTORY_MAILBOX_H
#define USER_HISTORY_MAILBOX_H

#include <stddef.h>
#include <uv.h>

struct mail {
	struct mail *next;
};

/* Mail in order. For one thread. */
struct mails {
	struct mail *first, **last;
	size_t count;
};

void mails_init(struct mails *mails);
void mails_add(struct mails *mails, struct mail *mail);
/* The oldest; NULL: empty. */
struct mail *mails_take(struct mails *mails);
/* Appends all of `from` to `to`. */
void mails_move(struct mails *to, struct mails *from);

struct mailbox {
	uv_mutex_t lock;
	struct mails mails;
	uv_async_t *wake; /* the receiver's; NULL: none */
};

int mailbox_init(struct mailbox *mailbox);
/* It must be empty. */
void mailbox_destroy(struct mailbox *mailbox);
/* The receiver's handle; set it to NULL before that is closed. */
void mailbox_set_wake(struct mailbox *mailbox, uv_async_t *wake);
void mailbox_wake(struct mailbox *mailbox);
/* Takes over the mail and wakes the receiver. */
void mailbox_put(struct mailbox *mailbox, struct mail *mail);
/* The oldest; NULL: empty. */
struct mail *mailbox_take(struct mailbox *mailbox);
/* Puts mail back in front of what has come since. */
void mailbox_return(struct mailbox *mailbox, struct mails *mails);
size_t mailbox_count(struct mailbox *mailbox);

#endif

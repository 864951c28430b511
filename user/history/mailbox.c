// SPDX-License-Identifier: MIT
/* Mail between two threads: a list under a lock. */
#include "history/mailbox.h"

void mails_init(struct mails *mails)
{
	*mails = (struct mails){.last = &mails->first};
}

void mails_add(struct mails *mails, struct mail *mail)
{
	mail->next = NULL;
	*mails->last = mail;
	mails->last = &mail->next;
	mails->count++;
}

struct mail *mails_take(struct mails *mails)
{
	struct mail *mail = mails->first;

	if (!mail)
		return NULL;
	mails->first = mail->next;
	if (!mails->first)
		mails->last = &mails->first;
	mails->count--;
	return mail;
}

void mails_move(struct mails *to, struct mails *from)
{
	if (!from->first)
		return;
	*to->last = from->first;
	to->last = from->last;
	to->count += from->count;
	mails_init(from);
}

int mailbox_init(struct mailbox *mailbox)
{
	*mailbox = (struct mailbox){.wake = NULL};
	mails_init(&mailbox->mails);
	return uv_mutex_init(&mailbox->lock);
}

void mailbox_destroy(struct mailbox *mailbox)
{
	uv_mutex_destroy(&mailbox->lock);
}

void mailbox_set_wake(struct mailbox *mailbox, uv_async_t *wake)
{
	uv_mutex_lock(&mailbox->lock);
	mailbox->wake = wake;
	uv_mutex_unlock(&mailbox->lock);
}

void mailbox_wake(struct mailbox *mailbox)
{
	uv_mutex_lock(&mailbox->lock);
	if (mailbox->wake)
		uv_async_send(mailbox->wake);
	uv_mutex_unlock(&mailbox->lock);
}

void mailbox_put(struct mailbox *mailbox, struct mail *mail)
{
	uv_mutex_lock(&mailbox->lock);
	mails_add(&mailbox->mails, mail);
	if (mailbox->wake)
		uv_async_send(mailbox->wake);
	uv_mutex_unlock(&mailbox->lock);
}

struct mail *mailbox_take(struct mailbox *mailbox)
{
	struct mail *mail;

	uv_mutex_lock(&mailbox->lock);
	mail = mails_take(&mailbox->mails);
	uv_mutex_unlock(&mailbox->lock);
	return mail;
}

void mailbox_return(struct mailbox *mailbox, struct mails *mails)
{
	uv_mutex_lock(&mailbox->lock);
	mails_move(mails, &mailbox->mails);
	mails_move(&mailbox->mails, mails);
	uv_mutex_unlock(&mailbox->lock);
}

size_t mailbox_count(struct mailbox *mailbox)
{
	size_t count;

	uv_mutex_lock(&mailbox->lock);
	count = mailbox->mails.count;
	uv_mutex_unlock(&mailbox->lock);
	return count;
}

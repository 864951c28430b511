/* SPDX-License-Identifier: MIT */
/* Lets recorders write until everything is written, or the time is over. Drops nothing before. */
#include "ledger/ending.h"

#include <errno.h>
#include <stdlib.h>

#include "ledger/life.h"

#define TURN_MS  50
#define GRACE_MS 2000 /* for a recorder that gave up in time to say so */
#define STARTS   3    /* of recorders that end without having said that all is written */

static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

static bool is_all_sent(const struct ledger *ledger)
{
	return ledger->stage == LEDGER_RUNNING && ledger->posts.unsent.count == 0;
}

/* Tells the recorder to write everything out, with what is left of the time. */
static void ask(struct ledger *ledger, uint64_t now)
{
	struct ending *ending = &ledger->ending;
	uint64_t left = now < ending->deadline_ms ? ending->deadline_ms - now : 0;
	const struct packet close = {
	        .kind = PACKET_CLOSE,
	        .close = {.timeout_ms = (uint32_t)left, .remove = ending->remove}};

	ending->asked = pipe_put(&ledger->pipe, &close) == 0;
}

/* Answers what is left. */
static void reply_to_rest(struct ledger *ledger)
{
	static const struct history_outcome outcome = {
	        .status = -ETIMEDOUT, .text = "the agent stopped before it came to this"};
	struct post *post;

	while ((post = posts_take(&ledger->posts))) {
		if (post->done)
			post->done(post->argument, -ETIMEDOUT, "");
		if (post->outcome)
			post->outcome(post->argument, &outcome);
		free(post);
	}
}

void ledger_close_begin(struct ledger *ledger, uint32_t timeout_ms, bool remove)
{
	ledger->ending = (struct ending){.deadline_ms = now_ms() + timeout_ms, .remove = remove};
	ledger->closing = true;
	if (!ledger->loaded)
		return;
	life_rest(ledger);
	if (ledger->offer.complete)
		(void)offer_answer(&ledger->offer, &ledger->posts, true);
}

bool ledger_close_step(struct ledger *ledger, int wait_ms)
{
	struct ending *ending = &ledger->ending;
	uint64_t now = now_ms();
	struct fault fault = {""};

	if (!ledger->loaded)
		return true;
	/* It may have been ended, unnoticed, before it was told. */
	if (ledger->stage == LEDGER_DOWN) {
		if (ending->starts == STARTS || now >= ending->deadline_ms ||
		    life_start(ledger, &fault) < 0)
			return true;
		ending->starts++;
		ending->asked = false;
	}
	if (!ending->asked && (is_all_sent(ledger) ||
	                       (now >= ending->deadline_ms && ledger->stage == LEDGER_RUNNING)))
		ask(ledger, now);
	(void)life_turn(ledger, wait_ms);
	return ledger->stage == LEDGER_CLOSED || now > ending->deadline_ms + GRACE_MS;
}

int ledger_close_end(struct ledger *ledger)
{
	bool left = ledger->posts.changes > 0 || ledger->closed < 0;

	if (!ledger->loaded) {
		life_free(ledger);
		return 0;
	}
	if (ledger->alerts.count > 0)
		log_warning("%zu alerts were left unrecorded", ledger->alerts.count);
	reply_to_rest(ledger);
	life_free(ledger);
	return left ? -ETIMEDOUT : 0;
}

int ledger_close(struct ledger *ledger, uint32_t timeout_ms, bool remove)
{
	if (!ledger)
		return 0;
	ledger_close_begin(ledger, timeout_ms, remove);
	while (!ledger_close_step(ledger, TURN_MS))
		;
	return ledger_close_end(ledger);
}

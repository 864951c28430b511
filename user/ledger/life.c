/* SPDX-License-Identifier: MIT */
/*
 * A recorder that ends is followed by another: after 0.1 s, and each time after twice as long, up
 * to 30 s, until one of them makes something durable. One that does not answer for 30 s is ended by
 * force, since it may have stopped in the middle of anything.
 */
#include "ledger/life.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/receive.h"

#define DELAY_FIRST_MS 100
#define DELAY_LAST_MS  30000
#define BEAT_MS        1000
#define SILENCE_MS     5000   /* then it is asked whether it is there */
#define PATIENCE_MS    30000  /* for its answer */
#define LOADING_MS     600000 /* for a repository to be opened and read */
#define PUSH_BYTES     (256 << 10)
#define RECEIVES       4 /* in a turn of the loop */

static void on_retry(uv_timer_t *timer);

/* False: it has ended. That is noticed when receiving, after its last words. */
static bool send_waiting(struct pipe *pipe)
{
	if (pipe_send(pipe) == 0)
		return true;
	pipe->sent = pipe->out.length = 0;
	return false;
}

static int say_open(struct ledger *ledger)
{
	const struct ledger_options *options = &ledger->options;
	struct packet packet = {.kind = PACKET_OPEN,
	                        .open = {.version = PROTOCOL_VERSION,
	                                 .path = options->path,
	                                 .instance = options->instance,
	                                 .node = options->node,
	                                 .control = options->control,
	                                 .program = options->program,
	                                 .pull = ledger->loaded ? NULL : options->pull,
	                                 .interval_ms = options->interval_ms,
	                                 .keep = options->keep,
	                                 .archive = options->archive,
	                                 .guard = options->guard,
	                                 .log_level = (uint8_t)options->log_level,
	                                 .resumed = ledger->loaded,
	                                 .segment = (struct segment *)options->segment,
	                                 .segments = options->segments}};
	int error;

	if (options->fleet)
		packet.open.fleet = *options->fleet;
	error = pipe_put(&ledger->pipe, &packet);
	if (!error)
		(void)send_waiting(&ledger->pipe);
	return error;
}

int life_start(struct ledger *ledger, struct fault *fault)
{
	int other, error = pipe_open(&ledger->pipe, &other, fault);

	if (error)
		return error;
	/* The recorder may end at once: start() then calls ledger_ended() before it returns. */
	ledger->stage = LEDGER_OPENING;
	ledger->failure = ledger->end = (struct fault){""};
	error = ledger->options.start(ledger->options.context, other, &ledger->pid, fault);
	close(other);
	if (!error)
		error = say_open(ledger);
	if (error) {
		pipe_close(&ledger->pipe);
		ledger->pid = 0;
		ledger->stage = LEDGER_DOWN;
		return fault->text[0] ? error : fault_set(fault, error, "%s", strerror(-error));
	}
	ledger->greeted = ledger->killed = false;
	ledger->heard_ms = uv_now(ledger->options.loop);
	ledger->pinged_ms = 0;
	return 0;
}

void life_push(struct ledger *ledger)
{
	struct pipe *pipe = &ledger->pipe;
	bool running = ledger->stage == LEDGER_RUNNING;

	if (pipe->socket < 0)
		return;
	do {
		if (running && !ledger->killed) {
			alertqueue_send(&ledger->alerts, &pipe->out);
			(void)posts_send(&ledger->posts, &pipe->out, PUSH_BYTES);
		}
		if (pipe_waiting(pipe) == 0 || !send_waiting(pipe))
			break;
	} while (pipe_waiting(pipe) == 0);
}

/* Ends it by force. What it has sent is still read, up to the end of its socket. */
static void kill_it(struct ledger *ledger)
{
	if (!ledger->killed && ledger->pid > 0)
		ledger->options.kill(ledger->options.context, ledger->pid);
	ledger->killed = true;
}

static void on_poll_closed(uv_handle_t *handle)
{
	free(handle);
}

static void end_poll(struct ledger *ledger)
{
	if (ledger->poll)
		uv_close((uv_handle_t *)ledger->poll, on_poll_closed);
	ledger->poll = NULL;
}

void life_end(struct ledger *ledger)
{
	struct history_status *status = &ledger->status;

	if (ledger->stage == LEDGER_DOWN)
		return;
	kill_it(ledger);
	end_poll(ledger);
	pipe_close(&ledger->pipe);
	packet_clear(&ledger->chunk);
	if (ledger->offer.complete)
		ledger->options.withdraw(ledger->options.context);
	offer_withdraw(&ledger->offer, &ledger->posts);
	ledger->commits += status->commits;
	ledger->recorded += status->alerts;
	status->commits = status->alerts = status->alerts_dropped = 0;
	status->queued = status->dropped = 0;
	status->all_inside = false; /* others may write before the next one reads */
	ledger->stage = LEDGER_DOWN;
	ledger->pid = 0;
	ledger->delay_ms = ledger->delay_ms ? 2 * ledger->delay_ms : DELAY_FIRST_MS;
	if (ledger->delay_ms > DELAY_LAST_MS)
		ledger->delay_ms = DELAY_LAST_MS;
	if (ledger->loaded && !ledger->closing)
		uv_timer_start(&ledger->retry, on_retry, ledger->delay_ms, 0);
}

/* One chunk of bytes, and what it says. 1: there may be more. */
static int take(struct ledger *ledger)
{
	int received = pipe_receive(&ledger->pipe), error;

	if (received <= 0)
		return received;
	ledger->heard_ms = uv_now(ledger->options.loop);
	error = receive_all(ledger);
	if (error == -EPROTO && !ledger->failure.text[0])
		fault_set(&ledger->failure, error, "it said what no recorder says");
	return error ? error : 1;
}

/* One that does not load is ended by force. */
static void look_at_loading(struct ledger *ledger)
{
	uint64_t silent = uv_now(ledger->options.loop) - ledger->heard_ms;

	/* To fetch another repository may take long, and has limits of its own. */
	bool fetches = !ledger->loaded && ledger->options.pull;

	if (ledger->killed || ledger->stage == LEDGER_DOWN || ledger->stage >= LEDGER_RUNNING ||
	    silent <= LOADING_MS || fetches)
		return;
	fault_set(&ledger->failure, -ETIMEDOUT, "it did not answer for %llu s",
	          (unsigned long long)silent / 1000);
	kill_it(ledger);
}

int life_turn(struct ledger *ledger, int timeout_ms)
{
	int error;

	uv_update_time(ledger->options.loop);
	look_at_loading(ledger);
	error = receive_all(ledger);
	life_push(ledger);
	/* The owner has something to do first. */
	if (!error && (ledger->loaded || (!ledger->chunk.memory && !ledger->read))) {
		pipe_wait(&ledger->pipe, timeout_ms);
		error = take(ledger);
		life_push(ledger);
	}
	if (error >= 0)
		return 0;
	life_end(ledger);
	return error;
}

static void watch(struct ledger *ledger);

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct ledger *ledger = poll->data;
	int more = 1;

	(void)status;
	(void)events;
	for (unsigned i = 0; i < RECEIVES && more > 0; i++)
		more = take(ledger);
	if (more < 0) {
		life_end(ledger);
		return;
	}
	life_push(ledger);
	watch(ledger);
}

/* The loop tells when something comes, and, if something waits, when it can be sent. */
static void watch(struct ledger *ledger)
{
	int events = UV_READABLE;

	if (!ledger->poll)
		return;
	if (pipe_waiting(&ledger->pipe) > 0)
		events |= UV_WRITABLE;
	uv_poll_start(ledger->poll, events, on_poll);
}

static int begin_poll(struct ledger *ledger)
{
	ledger->poll = calloc(1, sizeof(*ledger->poll));
	if (!ledger->poll)
		return -ENOMEM;
	if (uv_poll_init(ledger->options.loop, ledger->poll, ledger->pipe.socket) < 0) {
		free(ledger->poll);
		ledger->poll = NULL;
		return -EIO;
	}
	ledger->poll->data = ledger;
	watch(ledger);
	return 0;
}

static void tell(struct ledger *ledger)
{
	char words[FAULT_TEXT];

	ledger->why = ledger->failure.text[0] ? ledger->failure : ledger->end;
	if (ledger->told)
		return;
	ledger->told = true;
	snprintf(words, sizeof(words), "the recorder ended%s%.400s: it is started again",
	         ledger->why.text[0] ? ": " : "", ledger->why.text);
	ledger->options.ended(ledger->options.context, words);
}

static void on_retry(uv_timer_t *timer)
{
	struct ledger *ledger = timer->data;
	struct fault fault = {""};
	int error;

	tell(ledger);
	error = life_start(ledger, &fault);
	if (!error) {
		ledger->restarts++;
		error = begin_poll(ledger);
		if (error)
			life_end(ledger);
		return;
	}
	ledger->failure = ledger->why = fault;
	ledger->delay_ms =
	        2 * ledger->delay_ms < DELAY_LAST_MS ? 2 * ledger->delay_ms : DELAY_LAST_MS;
	uv_timer_start(timer, on_retry, ledger->delay_ms, 0);
}

uint64_t life_silent_ms(const struct ledger *ledger)
{
	return ledger->pinged_ms ? uv_now(ledger->options.loop) - ledger->pinged_ms : 0;
}

static void on_beat(uv_timer_t *timer)
{
	struct ledger *ledger = timer->data;
	uint64_t now = uv_now(timer->loop), silent = now - ledger->heard_ms;
	const struct packet ping = {.kind = PACKET_PING, .number = now};

	if (ledger->stage == LEDGER_DOWN || ledger->killed)
		return;
	look_at_loading(ledger);
	if (life_silent_ms(ledger) > PATIENCE_MS) {
		fault_set(&ledger->failure, -ETIMEDOUT, "it did not answer for %llu s",
		          (unsigned long long)silent / 1000);
		kill_it(ledger);
	} else if (ledger->stage == LEDGER_RUNNING && !ledger->pinged_ms && silent > SILENCE_MS) {
		ledger->pinged_ms = now;
		(void)pipe_put(&ledger->pipe, &ping);
	}
}

/* Before the loop waits. */
static void on_prepare(uv_prepare_t *prepare)
{
	struct ledger *ledger = prepare->data;

	life_push(ledger);
	if (ledger->poll && pipe_waiting(&ledger->pipe) > 0)
		watch(ledger);
}

void life_init(struct ledger *ledger)
{
	uv_loop_t *loop = ledger->options.loop;

	uv_timer_init(loop, &ledger->retry);
	uv_timer_init(loop, &ledger->beat);
	uv_prepare_init(loop, &ledger->prepare);
	ledger->retry.data = ledger->beat.data = ledger->prepare.data = ledger;
	ledger->handles = 3;
}

void life_begin(struct ledger *ledger)
{
	uv_timer_start(&ledger->beat, on_beat, BEAT_MS, BEAT_MS);
	uv_prepare_start(&ledger->prepare, on_prepare);
	/* If it has ended already, it is noticed there. */
	if (begin_poll(ledger) < 0)
		life_end(ledger);
}

void life_rest(struct ledger *ledger)
{
	uv_timer_stop(&ledger->retry);
	uv_timer_stop(&ledger->beat);
	uv_prepare_stop(&ledger->prepare);
	end_poll(ledger);
}

static void on_closed(uv_handle_t *handle)
{
	struct ledger *ledger = handle->data;

	if (--ledger->handles == 0)
		free(ledger);
}

void life_free(struct ledger *ledger)
{
	if (ledger->stage != LEDGER_CLOSED)
		kill_it(ledger);
	end_poll(ledger);
	pipe_close(&ledger->pipe);
	packet_clear(&ledger->chunk);
	offer_withdraw(&ledger->offer, &ledger->posts);
	posts_clear(&ledger->posts);
	alertqueue_clear(&ledger->alerts);
	addresses_clear(&ledger->pending);
	uv_close((uv_handle_t *)&ledger->retry, on_closed);
	uv_close((uv_handle_t *)&ledger->beat, on_closed);
	uv_close((uv_handle_t *)&ledger->prepare, on_closed);
}

/* SPDX-License-Identifier: MIT */
/*
 * A start in order (the keeper's first message, the seed, the repository, its entries), an event
 * loop, and an end in which everything received is recorded, also when the keeper has gone.
 */
#include "recorder/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recorder/take.h"
#include "recorder/tell.h"
#include "sandbox/sandbox.h"

#define STATUS_MS   200
#define PARTING_MS  10000 /* to write out what a keeper that has gone had posted */
#define IN_USE_MS   5000  /* the recorder of a killed agent may still write that */
#define IN_USE_STEP 50
#define AT_ONCE     64 /* reads, then history's messages have their turn */

/* --- the start ------------------------------------------------------------------------------- */

/* The keeper decides when the recorder ends; a terminal's or service manager's signals are for it.
 * Programs that are run get the default back, which ignored signals would not. */
static void on_signal(int number)
{
	(void)number;
}

static void set_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}

/* Waits for the keeper's first message. */
static int take_open(struct recorder *recorder)
{
	char *frame = NULL;
	size_t length;
	int error = 0;

	while (!error && !frame) {
		error = inbox_next(&recorder->link.in, &frame, &length);
		if (!error && !frame && link_receive(&recorder->link, true) < 0)
			error = -EPIPE;
	}
	if (error)
		return error;
	recorder->open_bytes = malloc(length);
	if (!recorder->open_bytes)
		return -ENOMEM;
	memcpy(recorder->open_bytes, frame, length);
	error = packet_decode(&recorder->open, &recorder->keeper, recorder->open_bytes, length);
	if (!error &&
	    (recorder->open.kind != PACKET_OPEN || recorder->open.open.version != PROTOCOL_VERSION))
		error = -EPROTO;
	recorder->keeper.segment = recorder->open.open.segment;
	recorder->keeper.segments = recorder->open.open.segments;
	return error;
}

static int fetch_seed(const struct recorder *recorder, struct seed **seed, struct fault *fault)
{
	const struct packet_open *open = &recorder->open.open;
	const struct seed_options options = {.url = open->pull,
	                                     .path = open->path,
	                                     .netns = -1,
	                                     .segment = open->segment,
	                                     .segments = open->segments};

	return open->pull ? seed_fetch(seed, &options, fault) : 0;
}

/* For `top -H`. */
static void name_thread(void *context)
{
	(void)context;
	prctl(PR_SET_NAME, "arpkeeper-hist");
}

static int open_history(struct recorder *recorder, struct seed *seed, struct fault *fault)
{
	const struct packet_open *open = &recorder->open.open;
	const struct history_options options = {
	        .path = open->path,
	        .instance = open->instance,
	        .node = open->node,
	        .control = open->control,
	        .program = open->program,
	        .segment = open->segment,
	        .segments = open->segments,
	        .interval_ms = open->interval_ms,
	        .keep = open->keep,
	        .thinned = open->archive,
	        .guard = open->guard,
	        .fleet = open->fleet.node ? &open->fleet : NULL,
	        .loop = &recorder->loop,
	        .on_thread = name_thread,
	        .propose = tell_proposal,
	        .progress = tell_progress,
	        .warning = tell_warning,
	        .raised = tell_raised,
	        .notice = tell_notice,
	        .again = tell_again,
	        .context = recorder,
	        .resumed = open->resumed,
	        .seed = seed,
	};
	const uint64_t deadline = uv_hrtime() + IN_USE_MS * UINT64_C(1000000);
	int error;

	while ((error = history_open(&recorder->history, &options, fault)) == -EBUSY &&
	       uv_hrtime() < deadline)
		uv_sleep(IN_USE_STEP);
	return error;
}

/* What history begins with, as a message. */
static int tell_loading(struct recorder *recorder, uint64_t about)
{
	const struct history_start *start = history_start(recorder->history);
	struct packet packet = {
	        .kind = PACKET_LOADING,
	        .loading = {.about = about, .adopted = start->branch, .count = start->branches}};

	memcpy(packet.loading.applied, start->applied, sizeof(packet.loading.applied));
	memcpy(packet.loading.tip, start->tip, sizeof(packet.loading.tip));
	return link_send(&recorder->link, &packet);
}

/* What could not be read, if there is anything. */
static int tell_lost(struct recorder *recorder)
{
	struct packet packet = {.kind = PACKET_LOST};

	snprintf(packet.notice, sizeof(packet.notice), "%s",
	         history_start(recorder->history)->lost);
	return packet.notice[0] ? link_send(&recorder->link, &packet) : 0;
}

/* Sends all entries. What the table makes of them comes as KEEP. */
static int load(struct recorder *recorder, struct fault *fault)
{
	const struct packet read = {.kind = PACKET_READ};
	struct history_proposal *chunk;
	uint64_t about = 0;
	int error = history_load(recorder->history, &about, fault);

	if (!error)
		error = tell_loading(recorder, about);
	while (!error && (error = history_load_next(recorder->history, &chunk, fault)) > 0) {
		for (size_t i = 0; i < chunk->items; i++)
			chunk->item[i].result = chunk->item[i].theirs;
		error = tell_items(recorder, PACKET_CHUNK, chunk->item, chunk->items);
	}
	if (!error)
		error = tell_lost(recorder);
	return error ? error : link_send(&recorder->link, &read);
}

/* From the first message to the last entry. */
static int start(struct recorder *recorder, struct fault *fault)
{
	struct seed *seed = NULL;
	int error = fetch_seed(recorder, &seed, fault);

	/* Before there is a second thread. */
	if (!error)
		error = sandbox_end_fetching(fault);
	if (!error)
		error = open_history(recorder, seed, fault);
	if (!error)
		error = load(recorder, fault);
	seed_free(seed);
	return error;
}

/* --- the loop -------------------------------------------------------------------------------- */

/* Takes what has been received. */
static int take_all(struct recorder *recorder)
{
	char *frame;
	size_t length;
	int error;

	while (!(error = inbox_next(&recorder->link.in, &frame, &length)) && frame) {
		struct packet packet;

		error = packet_decode(&packet, &recorder->keeper, frame, length);
		if (!error)
			error = take_packet(recorder, &packet);
		packet_clear(&packet);
		if (error)
			return error;
	}
	return error;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct recorder *recorder = poll->data;
	int error = 0;

	(void)status;
	(void)events;
	for (unsigned i = 0; i < AT_ONCE && !error && !recorder->closing; i++) {
		int received = link_receive(&recorder->link, false);

		if (received == 0)
			break;
		error = received < 0 ? received : take_all(recorder);
	}
	if (!error && recorder->loaded)
		take_mark(recorder);
	/* Another recorder may understand it, or have the memory. */
	if (error && error != -EPIPE)
		log_error("the recorder cannot go on: %s", strerror(-error));
	if (error || recorder->closing)
		uv_stop(poll->loop);
}

/* Not all could be read, and files have changed: another recorder looks. */
static void end_in_favour(struct recorder *recorder)
{
	struct packet failed = {.kind = PACKET_FAILED, .failed = {.error = -EAGAIN}};

	snprintf(failed.failed.text, sizeof(failed.failed.text),
	         "files of the history have changed");
	(void)link_send(&recorder->link, &failed);
	uv_stop(&recorder->loop);
}

static void on_news(uv_async_t *news)
{
	struct recorder *recorder = news->data;

	tell_status(recorder);
	if (atomic_load(&recorder->again))
		end_in_favour(recorder);
}

static bool has_child(void)
{
	siginfo_t information;

	return waitid(P_ALL, 0, &information, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* A thread that hangs cannot be ended alone: another recorder goes on with what was not recorded.
 */
static void look_at_thread(struct recorder *recorder)
{
	const struct pulse *pulse = history_pulse(recorder->history);
	const struct sign sign = {pulse_beats(pulse), pulse_cpu_ns(pulse), has_child()};
	uint64_t hangs_ms = stillness_look(&recorder->stillness, &sign, uv_now(&recorder->loop));
	struct packet failed = {.kind = PACKET_FAILED, .failed = {.error = -ETIMEDOUT}};

	if (!hangs_ms)
		return;
	snprintf(failed.failed.text, sizeof(failed.failed.text), "history's thread hung for %llu s",
	         (unsigned long long)hangs_ms / 1000);
	log_error("%s: the recorder ends", failed.failed.text);
	(void)link_send(&recorder->link, &failed);
	_exit(EXIT_FAILURE);
}

static void on_timer(uv_timer_t *timer)
{
	tell_status(timer->data);
	look_at_thread(timer->data);
}

static int init_loop(struct recorder *recorder)
{
	int error = uv_loop_init(&recorder->loop);

	if (!error)
		error = uv_poll_init(&recorder->loop, &recorder->poll, recorder->link.socket);
	if (!error)
		error = uv_async_init(&recorder->loop, &recorder->news, on_news);
	if (!error)
		error = uv_timer_init(&recorder->loop, &recorder->timer);
	recorder->poll.data = recorder->news.data = recorder->timer.data = recorder;
	return error;
}

/* --- the end --------------------------------------------------------------------------------- */

/* The folder itself may be in one that belongs to the keeper. */
static void remove_repository(const char *path)
{
	int error = folder_empty(path);

	if (error && error != -ENOENT)
		log_warning("%s: %s: it is left there", path, strerror(-error));
	(void)rmdir(path);
}

/* Writes out everything that was received. */
static int finish(struct recorder *recorder)
{
	uint32_t timeout = recorder->closing ? recorder->close.timeout_ms : PARTING_MS;
	struct packet closed = {.kind = PACKET_CLOSED};
	struct history *history = recorder->history;

	recorder->history = NULL;
	closed.failed.error = history_close(history, timeout);
	if (recorder->closing && recorder->close.remove)
		remove_repository(recorder->open.open.path);
	(void)link_send(&recorder->link, &closed);
	return closed.failed.error ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void close_handle(uv_handle_t *handle, void *argument)
{
	(void)argument;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static int fail(struct recorder *recorder, int error, const struct fault *fault)
{
	struct packet failed = {.kind = PACKET_FAILED, .failed = {.error = error}};

	snprintf(failed.failed.text, sizeof(failed.failed.text), "%s",
	         fault->text[0] ? fault->text : strerror(-error));
	(void)link_send(&recorder->link, &failed);
	return EXIT_FAILURE;
}

static int run(struct recorder *recorder)
{
	const struct packet hello = {.kind = PACKET_HELLO, .version = PROTOCOL_VERSION};
	struct fault fault = {""};
	int error = link_send(&recorder->link, &hello), status = EXIT_FAILURE;

	if (!error)
		error = take_open(recorder);
	if (!error)
		error = init_loop(recorder);
	if (error)
		return error == -EPIPE ? status : fail(recorder, error, &fault);
	log_set_level((enum log_level)recorder->open.open.log_level);
	error = start(recorder, &fault);
	if (error && error != -EPIPE)
		status = fail(recorder, error, &fault);
	if (!error) {
		uv_poll_start(&recorder->poll, UV_READABLE, on_readable);
		uv_timer_start(&recorder->timer, on_timer, 0, STATUS_MS);
		uv_run(&recorder->loop, UV_RUN_DEFAULT);
	}
	if (recorder->history)
		status = finish(recorder);
	uv_walk(&recorder->loop, close_handle, NULL);
	uv_run(&recorder->loop, UV_RUN_DEFAULT);
	uv_loop_close(&recorder->loop);
	return status;
}

int recorder_run(int socket)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	int status = EXIT_FAILURE;

	prctl(PR_SET_NAME, "arpkeeper-rec"); /* in place of "exe", as it was started */
	log_set_style(log_service_style());
	set_signals();
	if (recorder && fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 &&
	    link_init(&recorder->link, socket) == 0) {
		status = run(recorder);
		packet_clear(&recorder->open);
		free(recorder->open_bytes);
		link_clear(&recorder->link);
	}
	free(recorder);
	return status;
}

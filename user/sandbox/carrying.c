// SPDX-License-Identifier: MIT
/*
 * The courier's process: one loop over the keeper's socket, and the command's end and standard
 * error. What the keeper sends is bounded here, and so is what the command writes.
 */
#include "sandbox/carrying.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/carried.h"
#include "sandbox/command.h"
#include "sandbox/descendants.h"

#define GRACE_MS   5000  /* when the keeper has ended */
#define SUMMARY_MS 60000 /* what was dropped is said so often, */
#define REPORT_MS  100   /* and the keeper is told so often */
#define LINES      8     /* of the command's standard error, in one run */
#define LINE_TEXT  200

enum { TROUBLE, NEWS, WEIGHTS };

struct waiting {
	char *text[COURIER_WAITING]; /* owned; a ring */
	unsigned first, count;
};

/* The command that runs. */
struct run {
	pid_t pid;      /* 0: none does */
	int descriptor; /* of the process: readable when it ended */
	int output;     /* its standard error; -1: closed */
	uint64_t end_ms;
	bool late;
	unsigned lines;
	char line[LINE_TEXT];
	size_t length;
};

struct carrying {
	const struct courier_options *options;
	struct waiting waiting[WEIGHTS];
	struct run run;
	uint64_t begun_ms[COURIER_RUNS_MAX]; /* of the last runs, a ring; 0: none yet */
	bool begun_news[COURIER_RUNS_MAX];
	unsigned begun;
	uint64_t dropped, say_ms; /* when the next summary may be said */
	struct carrying_report report, told;
	uint64_t tell_ms; /* when the keeper may be told */
	bool failing;     /* and that was said */
	bool asked;       /* the keeper is there */
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- what waits ------------------------------------------------------------------------------- */

static void drop(struct carrying *carrying, uint64_t count)
{
	carrying->dropped += count;
	carrying->report.counts.dropped += count;
}

/* Those that came first say how it began: the newest is dropped. */
static void add(struct carrying *carrying, unsigned weight, const char *text)
{
	struct waiting *waiting = &carrying->waiting[weight];
	char *copy = waiting->count < COURIER_WAITING ? strdup(text) : NULL;

	if (!copy) {
		drop(carrying, 1);
		return;
	}
	waiting->text[(waiting->first + waiting->count++) % COURIER_WAITING] = copy;
}

static char *take(struct waiting *waiting)
{
	char *text = waiting->text[waiting->first];

	waiting->first = (waiting->first + 1) % COURIER_WAITING;
	waiting->count--;
	return text;
}

static bool is_waiting(const struct carrying *carrying)
{
	return carrying->waiting[TROUBLE].count || carrying->waiting[NEWS].count;
}

/* The keeper has ended, or breaks the rules: false. */
static bool serve_request(struct carrying *carrying)
{
	static char text[COURIER_TEXT_MAX + 1];
	struct carrying_head head;
	struct iovec part[] = {{&head, sizeof(head)}, {text, sizeof(text) - 1}};
	struct msghdr message = {.msg_iov = part, .msg_iovlen = 2};
	ssize_t length = recvmsg(CARRYING_SOCKET, &message, 0);

	if (length < 0 && errno == EINTR)
		return true;
	if (length < (ssize_t)sizeof(head) || message.msg_flags & MSG_TRUNC)
		return false;
	text[(size_t)length - sizeof(head)] = '\0';
	drop(carrying, head.lost);
	add(carrying, head.news ? NEWS : TROUBLE, text);
	return true;
}

static void say_dropped(struct carrying *carrying, uint64_t now)
{
	const struct courier_options *options = carrying->options;

	if (!carrying->dropped || now < carrying->say_ms)
		return;
	log_warning("%s: %llu alert%s not passed on: %u wait at most, and %s is run "
	            "%u times in %u s at most",
	            options->label, (unsigned long long)carrying->dropped,
	            carrying->dropped == 1 ? " was" : "s were", COURIER_WAITING, options->command,
	            options->runs, options->window_ms / 1000);
	carrying->dropped = 0;
	carrying->say_ms = now + SUMMARY_MS;
}

/* Returns when to tell the keeper; UINT64_MAX: it knows. */
static uint64_t tell(struct carrying *carrying, uint64_t now)
{
	if (!memcmp(&carrying->report, &carrying->told, sizeof(carrying->told)))
		return UINT64_MAX;
	if (now < carrying->tell_ms)
		return carrying->tell_ms;
	carrying->tell_ms = now + REPORT_MS;
	if (send(CARRYING_SOCKET, &carrying->report, sizeof(carrying->report),
	         MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return carrying->tell_ms;
	carrying->told = carrying->report;
	return UINT64_MAX;
}

/* --- how often -------------------------------------------------------------------------------- */

/* So many runs began within the window. `next`: when the first of them leaves it. */
static unsigned recent(const struct carrying *carrying, bool news, uint64_t now, uint64_t *next)
{
	unsigned count = 0;

	for (unsigned i = 0; i < carrying->options->runs; i++) {
		uint64_t leaves = carrying->begun_ms[i] + carrying->options->window_ms;

		if (!carrying->begun_ms[i] || leaves <= now || (news && !carrying->begun_news[i]))
			continue;
		count++;
		if (leaves < *next)
			*next = leaves;
	}
	return count;
}

/* The text that may go now; NULL: none, and `next` is when to look again. */
static char *choose(struct carrying *carrying, uint64_t now, uint64_t *next)
{
	const unsigned runs = carrying->options->runs;
	bool news;
	char *text;

	if (!is_waiting(carrying) || recent(carrying, false, now, next) >= runs)
		return NULL;
	if (carrying->waiting[TROUBLE].count)
		news = false;
	else if (carrying->waiting[NEWS].count &&
	         recent(carrying, true, now, next) < (runs + 1) / 2)
		news = true;
	else
		return NULL;
	text = take(&carrying->waiting[news ? NEWS : TROUBLE]);
	carrying->begun_ms[carrying->begun] = now;
	carrying->begun_news[carrying->begun] = news;
	carrying->begun = (carrying->begun + 1) % runs;
	return text;
}

/* --- the command ------------------------------------------------------------------------------ */

static void fail(struct carrying *carrying, const char *why)
{
	log_write(carrying->failing ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING,
	          "%s %s: %s: %s (this is said once, until it works again)",
	          carrying->options->label, carrying->options->command, why,
	          carrying->options->failed);
	carrying->failing = true;
	carrying->report.counts.failed++;
}

/* A pipe with all of the text: it holds more than the longest. Returns the end to read; negative:
 * an errno. */
static int fill_pipe(const char *text)
{
	int ends[2], error = 0;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	if (dprintf(ends[1], "%s\n", text) < 0)
		error = -errno;
	close(ends[1]);
	if (error)
		close(ends[0]);
	return error ? error : ends[0];
}

static int start(struct carrying *carrying, int input)
{
	struct run *run = &carrying->run;
	int ends[2], error = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	/* Only this end does not wait. */
	if (fcntl(ends[1], F_SETFL, O_WRONLY) < 0)
		error = -errno;
	/* Not fork(), as in starting.c. */
	pid = error ? -1 : _Fork();
	if (pid == 0)
		carried_run(carrying->options, input, ends[1]);
	if (!error && pid < 0)
		error = -errno;
	close(ends[1]);
	if (!error) {
		*run = (struct run){.pid = pid,
		                    .descriptor = (int)syscall(SYS_pidfd_open, pid, 0),
		                    .output = ends[0],
		                    .end_ms = now_ms() + carrying->options->limit_ms};
		if (run->descriptor >= 0)
			return 0;
		error = -errno;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		run->pid = 0;
	}
	close(ends[0]);
	return error;
}

static void begin(struct carrying *carrying, const char *text)
{
	struct fault fault = {""};
	const struct courier_options *options = carrying->options;
	int error = options->arguments ? 0 : sandbox_check_command(options->command, &fault);
	int input = -1;

	if (error) {
		fail(carrying, fault.text);
		return;
	}
	input = fill_pipe(text);
	error = input < 0 ? input : start(carrying, input);
	if (input >= 0)
		close(input);
	if (error)
		fail(carrying, strerror(-error));
}

static void say_line(const struct carrying *carrying, struct run *run)
{
	if (run->length && run->lines < LINES)
		log_info("%s %s: %.*s", carrying->options->label, carrying->options->command,
		         (int)run->length, run->line);
	else if (run->length && run->lines == LINES)
		log_info("%s %s: (more is left out)", carrying->options->label,
		         carrying->options->command);
	run->lines += run->length > 0;
	run->length = 0;
}

/* Long lines are cut. */
static void take_text(const struct carrying *carrying, struct run *run, const char *text,
                      size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			say_line(carrying, run);
		else if (run->length < LINE_TEXT)
			run->line[run->length++] = text[i];
	}
}

/* A pipe's worth at most: then the loop looks at the time. */
static void read_output(const struct carrying *carrying, struct run *run)
{
	char text[4096];
	ssize_t length = 0;

	for (unsigned i = 0; i < 16 && run->output >= 0; i++) {
		length = read(run->output, text, sizeof(text));
		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			break;
		take_text(carrying, run, text, (size_t)length);
	}
	if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR)) {
		close(run->output);
		run->output = -1;
	}
}

static void judge(struct carrying *carrying, int status)
{
	char why[64];

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		if (carrying->failing)
			log_info("%s %s works again", carrying->options->label,
			         carrying->options->command);
		carrying->failing = false;
		carrying->report.counts.passed++;
		return;
	}
	if (carrying->run.late)
		snprintf(why, sizeof(why), "killed, because it took longer than %u ms",
		         carrying->options->limit_ms);
	else if (WIFEXITED(status))
		snprintf(why, sizeof(why), "it ended with status %d", WEXITSTATUS(status));
	else
		snprintf(why, sizeof(why), "it was killed by signal %d", WTERMSIG(status));
	fail(carrying, why);
}

/* What has moved to another session. */
static void end_rest(struct carrying *carrying)
{
	int ended = descendants_end();

	if (ended > 0)
		log_info("%s %s: %d process%s that it left behind %s ended",
		         carrying->options->label, carrying->options->command, ended,
		         ended == 1 ? "" : "es", ended == 1 ? "was" : "were");
	else if (ended < 0)
		log_warning("%s %s: processes that it left behind cannot be "
		            "ended: %s",
		            carrying->options->label, carrying->options->command, strerror(-ended));
	carrying->report.counts.left += ended > 0 ? (unsigned)ended : 0;
}

/* The process is a zombie still, so that its group cannot be another's. */
static void bury(struct carrying *carrying)
{
	struct run *run = &carrying->run;
	int status = 0;

	kill(-run->pid, SIGKILL);
	while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (run->output >= 0)
		read_output(carrying, run);
	say_line(carrying, run);
	judge(carrying, status);
	close(run->descriptor);
	if (run->output >= 0)
		close(run->output);
	*run = (struct run){.output = -1};
	end_rest(carrying);
}

/* Its leader may not lead yet. */
static void kill_run(struct run *run)
{
	run->late = true;
	run->end_ms = UINT64_MAX;
	kill(-run->pid, SIGKILL);
	kill(run->pid, SIGKILL);
}

/* --- the loop --------------------------------------------------------------------------------- */

static int timeout(uint64_t until, uint64_t now)
{
	if (until == UINT64_MAX)
		return -1;
	return until <= now ? 0 : until - now < 600000 ? (int)(until - now) : 600000;
}

static void await(struct carrying *carrying, uint64_t until)
{
	struct run *run = &carrying->run;
	struct pollfd ready[] = {
	        {.fd = carrying->asked ? CARRYING_SOCKET : -1, .events = POLLIN},
	        {.fd = run->pid ? run->output : -1, .events = POLLIN},
	        {.fd = run->pid ? run->descriptor : -1, .events = POLLIN},
	};

	if (poll(ready, 3, timeout(until, now_ms())) <= 0)
		return;
	if (ready[0].revents)
		carrying->asked = serve_request(carrying);
	if (ready[1].revents)
		read_output(carrying, run);
	if (ready[2].revents)
		bury(carrying);
}

/* Does what is due, and returns when to look again. */
static uint64_t proceed(struct carrying *carrying)
{
	uint64_t now = now_ms(), next = UINT64_MAX, told;
	char *text = carrying->run.pid ? NULL : choose(carrying, now, &next);

	if (text) {
		begin(carrying, text);
		free(text);
		next = now; /* it may have failed at once */
	}
	if (carrying->run.pid && carrying->run.end_ms <= now)
		kill_run(&carrying->run);
	if (carrying->run.pid)
		next = carrying->run.end_ms;
	say_dropped(carrying, now);
	if (carrying->dropped && carrying->say_ms < next)
		next = carrying->say_ms;
	told = carrying->asked ? tell(carrying, now) : UINT64_MAX;
	return told < next ? told : next;
}

/* What waits has a little time, if it may run at all. */
static void finish(struct carrying *carrying)
{
	uint64_t end = now_ms() + GRACE_MS;

	while ((carrying->run.pid || is_waiting(carrying)) && now_ms() < end) {
		uint64_t next = proceed(carrying);

		if (!carrying->run.pid && next >= end)
			break;
		await(carrying, next < end ? next : end);
	}
	if (carrying->run.pid) {
		kill_run(&carrying->run);
		bury(carrying);
	}
	for (unsigned weight = 0; weight < WEIGHTS; weight++)
		drop(carrying, carrying->waiting[weight].count);
	carrying->say_ms = 0;
	say_dropped(carrying, now_ms());
}

void carrying_serve(const struct courier_options *options)
{
	struct carrying carrying = {.options = options, .run = {.output = -1}, .asked = true};

	(void)descendants_adopt();
	prctl(PR_SET_NAME, options->arguments ? "arpkeeper-sync" : "arpkeeper-alert");
	/* The keeper handles them, and then closes the socket. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	while (carrying.asked)
		await(&carrying, proceed(&carrying));
	finish(&carrying);
	_exit(0);
}

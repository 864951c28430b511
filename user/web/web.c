// SPDX-License-Identifier: MIT
/* Opens the socket, gives up all rights, starts the threads, and waits for the signal. */
#include "web/web.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "web/http.h"
#include "web/state.h"
#include "web/vendor.h"

#define PRESENT_AT_ONCE 2 /* requests about the table: each takes a CPU */
#define PAST_AT_ONCE    4
#define DOOR            3 /* the descriptor that the sandbox leaves open */

/* What Landlock lets the process read: the repository, or where it will be. */
static const char *readable_path(char folder[PATH_MAX], const char *repository)
{
	char *slash;

	if (access(repository, F_OK) == 0)
		return repository;
	snprintf(folder, PATH_MAX, "%s", repository);
	slash = strrchr(folder, '/');
	if (slash && slash != folder)
		*slash = '\0';
	return folder;
}

static int give_up(const struct web_options *options, int *door, struct fault *fault)
{
	char folder[PATH_MAX];
	const char *const readable[] = {readable_path(folder, options->repository),
	                                "/usr/share/ieee-data", NULL};
	const struct sandbox_options sandbox = {
	        .user = options->user, .readable = readable, .serves = true};
	struct sandbox_report report;
	int error;

	if (*door != DOOR) {
		if (dup3(*door, DOOR, O_CLOEXEC) < 0)
			return fault_set(fault, -errno, "dup3: %s", strerror(errno));
		close(*door);
		*door = DOOR;
	}
	error = sandbox_enter(&sandbox, &report, fault);
	if (!error)
		log_info("web: %s", report.text);
	return error;
}

static int init(struct web *web, const struct web_options *options, struct fault *fault)
{
	unsigned seed = 0;

	web->control = options->control;
	web->repository = options->repository;
	web->complete = options->complete;
	if (getrandom(&seed, sizeof(seed), 0) == (ssize_t)sizeof(seed))
		srandom(seed);
	if (copy_init(&web->copy) || events_init(&web->events))
		return fault_set(fault, -ENOMEM, "out of memory");
	gate_init(&web->present, PRESENT_AT_ONCE);
	gate_init(&web->past, PAST_AT_ONCE);
	pthread_mutex_init(&web->lock, NULL);
	return 0;
}

static void clear(struct web *web)
{
	json_decref(web->status.value);
	json_decref(web->stats.value);
	copy_clear(&web->copy);
	events_clear(&web->events);
	gate_clear(&web->present);
	gate_clear(&web->past);
	pthread_mutex_destroy(&web->lock);
	vendor_clear();
}

/* Until a signal ends it. */
static int serve(struct web *web, int door, const sigset_t *signals, struct fault *fault)
{
	struct MHD_Daemon *daemon = http_start(web, door, fault);
	int error, signal;

	if (!daemon)
		return -EIO;
	error = follow_start(&web->follow, web->control, &web->copy, &web->events, fault);
	if (!error) {
		/* What waits for it reads this line. */
		log_info("web: the page is at %s", web->listen.text);
		sigwait(signals, &signal);
		events_stop(&web->events);
		follow_stop(&web->follow);
	}
	http_stop(daemon);
	return error;
}

int web_run(const struct web_options *options, struct fault *fault)
{
	static struct web web; /* large: the ring of events */
	sigset_t signals;
	size_t vendors;
	int error, door;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	/* Before the first thread, which inherits it. */
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	error = listen_parse(&web.listen, options->listen, fault);
	if (error)
		return error;
	door = listen_open(&web.listen, geteuid() == 0 ? options->user->gid : (gid_t)-1, fault);
	if (door < 0)
		return door;
	error = give_up(options, &door, fault);
	if (!error)
		error = init(&web, options, fault);
	if (error) {
		close(door);
		return error;
	}
	vendors = vendor_load(VENDOR_FILE);
	log_info("web: %zu vendors' prefixes%s", vendors,
	         vendors ? "" : ": install ieee-data to see who made a network card");
	error = serve(&web, door, &signals, fault);
	clear(&web);
	return error;
}

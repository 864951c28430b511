/* SPDX-License-Identifier: MIT */
#include "agent/recording.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/alerts.h"
#include "agent/proposals.h"
#include "agent/publish.h"
#include "agent/startup.h"

#define CLOSE_MS    10000
#define END_MS      1000 /* from the end of a recorder's socket to that of its process */
#define FOLDER_MODE 0750

/* Makes the folder of the repository, and its parents, if they are missing: the recorder's user may
 * not be allowed to. */
static int make_folder(const struct sandbox_user *user, char *folder, struct fault *fault)
{
	for (char *at = strchr(folder + 1, '/');; at = strchr(at + 1, '/')) {
		bool made;

		if (at)
			*at = '\0';
		made = mkdir(folder, at ? 0755 : FOLDER_MODE) == 0;
		if ((!made && errno != EEXIST) ||
		    (made && !at && user->uid && chown(folder, user->uid, user->gid) < 0))
			return fault_set(fault, -errno, "%s cannot be made: %s", folder,
			                 strerror(errno));
		if (!at)
			return 0;
		*at = '/';
	}
}

/* The folder that memory.c has prepared. An operator may have mounted something there, for that
 * user. */
static int give(const char *folder, const struct sandbox_user *user, struct fault *fault)
{
	struct stat status;

	if (user->uid == 0 || (!stat(folder, &status) && status.st_uid == user->uid) ||
	    !chown(folder, user->uid, user->gid))
		return 0;
	return fault_set(fault, -errno, "%s cannot be given to user %s: %s", folder, user->name,
	                 strerror(errno));
}

/* A repository that another user owns, or that a group shares. */
static bool is_others(const struct agent *agent)
{
	struct stat repository;

	return !stat(agent->config.history_path, &repository) &&
	       (repository.st_uid != geteuid() || repository.st_mode & S_ISGID);
}

/* The path that `--pull` reads; NULL: it is an address. */
static const char *pulled_path(const struct agent *agent)
{
	static const char scheme[] = "file://";
	const char *pull = agent->pull;

	if (pull && !strncmp(pull, scheme, sizeof(scheme) - 1))
		return pull + sizeof(scheme) - 1;
	return pull && !strstr(pull, "://") ? pull : NULL;
}

int recording_prepare(struct agent *agent, struct fault *fault)
{
	const char *path = agent->config.history_path;
	char *archive = agent->config.archive;
	char folder[PATH_MAX];
	/* One in memory is removed as a whole. */
	const char *const writable[] = {agent->memory ? folder : archive,
	                                agent->memory ? archive : NULL, NULL};
	const char *const readable[] = {pulled_path(agent), NULL};
	const struct sandbox_options options = {.user = &agent->recorder_user,
	                                        .repository = path,
	                                        .writable = writable,
	                                        .readable = readable,
	                                        .others_files = is_others(agent),
	                                        .fetches = agent->pull != NULL};
	int error;

	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	error = folder[0] ? make_folder(&agent->recorder_user, folder, fault) : 0;
	if (error)
		return error;
	if (archive)
		error = make_folder(&agent->recorder_user, archive, fault);
	if (!error && agent->memory)
		error = give(folder, &agent->recorder_user, fault);
	if (error)
		return error;
	if (agent->recorder_user.missing)
		log_warning("history is kept by root, because there is no user " SANDBOX_USER
		            ": make one, or name another with --recorder-user");
	error = starter_open(&agent->starter, &options, "recorder", &agent->recorder, fault);
	if (!error)
		log_info("the recorder: %s", agent->recorder.text);
	return error;
}

/* Takes note of recorders that have ended. */
static void reap(struct agent *agent)
{
	pid_t pid;
	int status, error;

	while ((error = starter_next(agent->starter, &pid, &status)) == 0)
		if (agent->ledger)
			ledger_ended(agent->ledger, pid, status);
	if (error == -EPIPE)
		uv_poll_stop(&agent->starter_poll);
}

static int on_start(void *context, int socket, pid_t *pid, struct fault *fault)
{
	struct agent *agent = context;
	int error = starter_start(agent->starter, socket, pid, fault);

	reap(agent);
	return error;
}

static void on_kill(void *context, pid_t pid)
{
	struct agent *agent = context;

	(void)starter_kill(agent->starter, pid);
}

static void on_await_end(void *context)
{
	struct agent *agent = context;
	struct pollfd ended = {.fd = starter_fd(agent->starter), .events = POLLIN};

	(void)poll(&ended, 1, END_MS);
	reap(agent);
}

static void on_lost(void *context, const char *words)
{
	alerts_recorder(context, words);
}

static void on_warned(void *context, const char *words)
{
	alerts_recorder(context, words);
}

static void on_ended(void *context, const char *words)
{
	alerts_recorder(context, words);
}

static void on_starter(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	reap(poll->data);
}

int recording_start(struct agent *agent, struct fault *fault)
{
	const struct ledger_options options = {
	        .path = agent->config.history_path,
	        .instance = agent->config.instance,
	        .node = agent->config.node,
	        .control = agent->config.control,
	        .program = agent->program,
	        .pull = agent->pull,
	        .segment = agent->history_segment,
	        .segments = agent->config.segments,
	        .interval_ms = agent->config.interval_ms,
	        .backlog = agent->config.backlog,
	        .keep = agent->config.keep,
	        .archive = agent->config.archive,
	        .guard = agent->config.guard,
	        .fleet = agent->in_fleet.node ? &agent->in_fleet : NULL,
	        .log_level = log_level(),
	        .loop = &agent->loop,
	        .context = agent,
	        .start = on_start,
	        .kill = on_kill,
	        .await_end = on_await_end,
	        .ended = on_ended,
	        .lost = on_lost,
	        .propose = proposals_take,
	        .withdraw = proposals_withdraw,
	        .reload = startup_reload,
	        .reloaded = startup_reloaded,
	        .warned = on_warned,
	        .raised = alerts_found,
	        .notice = publish_notice,
	};

	/* Once: the starter outlives the recorders. */
	if (!agent->starter_poll.data)
		uv_poll_init(&agent->loop, &agent->starter_poll, starter_fd(agent->starter));
	agent->starter_poll.data = agent;
	return ledger_start(&agent->ledger, &options, fault);
}

void recording_begin(struct agent *agent)
{
	uv_poll_start(&agent->starter_poll, UV_READABLE, on_starter);
}

int recording_close(struct agent *agent, bool remove)
{
	struct ledger *ledger = agent->ledger;
	int error = ledger_close(ledger, CLOSE_MS, remove);

	agent->ledger = NULL;
	return error;
}

void recording_close_begin(struct agent *agent)
{
	ledger_close_begin(agent->ledger, CLOSE_MS, false);
}

int recording_close_step(struct agent *agent, int wait_ms)
{
	int error;

	if (!ledger_close_step(agent->ledger, wait_ms))
		return -EAGAIN;
	error = ledger_close_end(agent->ledger);
	agent->ledger = NULL;
	return error;
}

void recording_clear(struct agent *agent)
{
	starter_close(agent->starter);
	agent->starter = NULL;
}

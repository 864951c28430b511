/* SPDX-License-Identifier: MIT */
/*
 * `arpkeeper repair`: the ways out when a repository is damaged. It works where nothing writes:
 * without an agent, or beside one whose recorder has given the lock back, because it could not read
 * all. That one looks for itself when it can go on.
 */
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/table.h"
#include "history/history.h"

#define WRITE_MS 60000 /* for a new history to be written */

static const char doc[] =
        "Mend a repository in which something cannot be read.\v"
        "Without an option it says what is missing or damaged, and changes nothing; the exit "
        "status is 1 then.\n"
        "--from takes it from another repository: a clone, a backup, or a peer that was started "
        "from this one. What is damaged is kept in the folder `damaged` of the repository.\n"
        "--new begins a new history, with the table and whatever can be read. The old one is "
        "kept in a folder beside it.\n"
        "A running agent goes on by itself. Run it as root, or as the repository's owner.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper repair\n"
        "  arpkeeper repair --from ssh://backup/arp/history.git\n"
        "  arpkeeper repair --new\n";

struct arguments {
	struct settings settings;
	const char *from;
	bool new;
};

/* What is written must be the owner's: an agent could not go on otherwise. */
static int become_owner(const char *path, struct fault *fault)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	if (geteuid() != 0 || status.st_uid == 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(status.st_gid, status.st_gid, status.st_gid) < 0 ||
	    setresuid(status.st_uid, status.st_uid, status.st_uid) < 0)
		return fault_set(fault, -errno, "%s: its owner's rights cannot be taken: %s", path,
		                 strerror(errno));
	return 0;
}

static int lock(int *held, const struct mend *mend, struct fault *fault)
{
	int error = repository_lock(held, mend->directory, "history.path", fault);

	return error == -EBUSY
	               ? fault_set(fault, error,
	                           "%s is in use: an agent writes it, which it does only if all of "
	                           "main can be read. To mend older history, stop the agent first",
	                           mend->directory)
	               : error;
}

/* --- from another repository ------------------------------------------------------------------ */

static int say_missing(const struct mend *mend)
{
	char what[200] = "`git fsck` finds it damaged";

	if (mend->missing > 0)
		snprintf(what, sizeof(what), "%zu object%s missing, such as %s", mend->missing,
		         mend->missing == 1 ? " is" : "s are", mend->first);
	log_error("%s: %s. `arpkeeper repair --from URL` takes what is missing from a peer or a "
	          "backup; `arpkeeper repair --new` begins anew, and keeps this one aside",
	          mend->directory, what);
	return EXIT_FAILED;
}

static int mend(struct mend *mend, const char *from, struct fault *fault)
{
	bool whole;
	int error = mend_look(mend, &whole, fault);

	if (error)
		return error;
	if (whole) {
		line_write(stdout, "%s is whole: there is nothing to mend", mend->directory);
		return EXIT_OK;
	}
	if (!from)
		return say_missing(mend);
	error = mend_from(mend, from, fault);
	if (!error)
		error = mend_look(mend, &whole, fault);
	if (error)
		return error;
	if (mend->aside > 0)
		line_write(stdout, "%zu damaged files are in %sdamaged", mend->aside,
		           mend->directory);
	if (!whole)
		return say_missing(mend);
	line_write(stdout, "%s is whole again", mend->directory);
	return EXIT_OK;
}

static int mend_locked(const char *directory, const char *from, struct fault *fault)
{
	struct mend what = {.directory = directory};
	int held = -1, status = lock(&held, &what, fault);

	if (!status)
		status = mend(&what, from, fault);
	repository_release(held);
	return status;
}

/* --- a new beginning -------------------------------------------------------------------------- */

/* An entry that could be read. */
struct found {
	unsigned segment;
	struct address address;
	struct entry *entry; /* owned */
};

struct beginning {
	struct history_options options;
	struct segment *segment; /* owned */
	struct found *found;     /* owned */
	size_t count, room;
	char program[PATH_MAX];
	uv_loop_t loop;
};

/* There are no requests where nothing was pushed. One that comes is left to the agent. */
static void leave(void *context, struct history_proposal *proposal)
{
	(void)context;
	(void)proposal;
}

static int set_up(struct beginning *beginning, const struct settings *settings, const char *path,
                  struct fault *fault)
{
	git_repository *repository = NULL;
	size_t segments = 0;
	ssize_t length = readlink("/proc/self/exe", beginning->program, PATH_MAX - 1);
	int error = uv_loop_init(&beginning->loop);

	if (error < 0 || length < 0)
		return fault_set(fault, error < 0 ? error : -errno,
		                 "this program cannot be set up");
	beginning->program[length] = '\0';
	if (git_repository_open_ext(&repository, path, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL) < 0)
		error = fault_set(
		        fault, -EINVAL,
		        "%s: this is not a git repository any more: move it away; an agent "
		        "makes a new one",
		        path);
	else
		error = segments_read(&beginning->segment, &segments, repository, fault);
	git_repository_free(repository);
	beginning->options = (struct history_options){.path = path,
	                                              .instance = settings->config.instance,
	                                              .control = settings->control,
	                                              .program = beginning->program,
	                                              .segment = beginning->segment,
	                                              .segments = segments,
	                                              .loop = &beginning->loop,
	                                              .propose = leave};
	return error;
}

static void clear(struct beginning *beginning)
{
	uv_run(&beginning->loop, UV_RUN_DEFAULT);
	uv_loop_close(&beginning->loop);
	segments_free(beginning->segment, beginning->options.segments);
	for (size_t i = 0; i < beginning->count; i++)
		entry_free(beginning->found[i].entry);
	free(beginning->found);
}

static int note(struct beginning *beginning, const struct history_proposal *chunk)
{
	for (size_t i = 0; i < chunk->items; i++) {
		const struct history_item *item = &chunk->item[i];
		struct found found = {item->segment, item->address, entry_copy(item->theirs)};

		if (!item->theirs)
			continue;
		if (!found.entry ||
		    array_reserve(&beginning->found, &beginning->room, beginning->count + 1)) {
			entry_free(found.entry);
			return -ENOMEM;
		}
		beginning->found[beginning->count++] = found;
	}
	return 0;
}

/* Reads what can be read. 1: all of it can. */
static int collect(struct beginning *beginning, struct fault *fault)
{
	struct history_proposal *chunk;
	struct history *history = NULL;
	uint64_t about;
	int error = history_open(&history, &beginning->options, fault);
	bool whole = false;

	if (error)
		return error;
	error = history_load(history, &about, fault);
	while (!error && (error = history_load_next(history, &chunk, fault)) > 0) {
		for (size_t i = 0; i < chunk->items; i++)
			chunk->item[i].result = chunk->item[i].theirs;
		error = note(beginning, chunk);
		if (error)
			fault_set(fault, error, "out of memory");
	}
	whole = !error && !history_start(history)->lost[0];
	(void)history_close(history, 0);
	return error ? error : whole;
}

/* Records what was found in a repository that is made now. */
static int record(struct beginning *beginning, struct fault *fault)
{
	struct history_proposal *chunk;
	struct history *history = NULL;
	uint64_t about;
	int error = history_open(&history, &beginning->options, fault);

	/* The agent was faster: its table has what can be read. */
	if (error)
		return error == -EBUSY ? 0 : error;
	error = history_load(history, &about, fault);
	while (!error && (error = history_load_next(history, &chunk, fault)) > 0)
		error = 0;
	for (size_t i = 0; i < beginning->count && !error; i++) {
		const struct found *found = &beginning->found[i];

		error = history_load_found(history, found->segment, found->address, found->entry,
		                           false);
		beginning->found[i].entry = NULL;
	}
	if (!error)
		error = history_loaded(history, fault);
	if (history_close(history, WRITE_MS) < 0 && !error)
		error = fault_set(fault, -ETIMEDOUT, "%s: the new history could not be written",
		                  beginning->options.path);
	return error;
}

static int begin_anew(const struct settings *settings, const char *directory, struct fault *fault)
{
	struct mend what = {.directory = directory};
	struct beginning beginning = {.count = 0};
	char path[PATH_MAX], kept[PATH_MAX + 32];
	int held = -1, error;

	snprintf(path, sizeof(path), "%.*s", (int)strlen(directory) - 1, directory);
	error = set_up(&beginning, settings, path, fault);
	if (!error)
		error = collect(&beginning, fault);
	if (error > 0)
		error = fault_set(fault, -EINVAL,
		                  "%s: all of main can be read: there is no reason to begin anew",
		                  path);
	if (!error)
		error = lock(&held, &what, fault);
	if (!error)
		error = mend_keep_aside(&what, kept, sizeof(kept), fault);
	repository_release(held);
	if (!error)
		error = record(&beginning, fault);
	if (!error)
		line_write(
		        stdout,
		        "%s is new, with %zu addresses that could be read, and those of a running "
		        "agent. The old history is kept in %s",
		        path, beginning.count, kept);
	clear(&beginning);
	return error;
}

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	char *path = realpath(arguments->settings.repository, NULL), directory[PATH_MAX + 1];
	int error;

	if (!path)
		return fault_set(fault, -errno, "%s: %s", arguments->settings.repository,
		                 strerror(errno));
	error = become_owner(path, fault);
	if (!error)
		error = repository_set_up(fault);
	if (!error)
		error = trust_check(path, settings_sections, fault);
	if (!error) {
		snprintf(directory, sizeof(directory), "%s/", path);
		error = arguments->new ? begin_anew(&arguments->settings, directory, fault)
		                       : mend_locked(directory, arguments->from, fault);
		git_libgit2_shutdown();
	}
	free(path);
	return error;
}

static void check(const void *given, const struct argp_state *state)
{
	const struct arguments *arguments = given;

	if (arguments->from && arguments->new)
		argp_error(state, "--from and --new do not go together");
}

static const struct command_option options[] = {
        {"from", "URL", "Take what is missing from this repository", STORE(from)},
        {"new", NULL, "Begin a new history, and keep this one aside", STORE(new)},
        {0},
};

const struct command_spec command_repair = {
        .size = sizeof(struct arguments),
        .doc = doc,
        .options = options,
        .check = check,
        .run = run,
};

/* SPDX-License-Identifier: MIT */
/*
 * `arpkeeper hook`: what git runs in the repository. On a push, pre-receive judges it.
 * post-receive reports it to the agent and prints the agent's answer; it never fails, because the
 * push has already happened. For a work tree (`git worktree add`), post-checkout warns of branches
 * that the agent moves. `hook upkeep` and `hook sync` are what the agent runs.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "cli/ask.h"
#include "cli/command.h"
#include "cli/synchook.h"
#include "cli/table.h"
#include "client/client.h"
#include "lookback/lookback.h"
#include "reader/reader.h"
#include "upkeep/upkeep.h"

#define MAIN          "refs/heads/main"
#define MERGE         "refs/heads/merge/"
#define REVIEW        "refs/heads/review/"
#define HEADS         "refs/heads/"
#define REF_MAX       1024
#define HEX           40 /* letters of an object id */
#define REPLY_SECONDS 60

/* NULL: not reached, and the reason has been printed. */
static FILE *connect_agent(void)
{
	const struct timeval patience = {.tv_sec = REPLY_SECONDS};
	const char *repository = getenv("GIT_DIR");
	struct reader *reader = NULL;
	struct fault fault = {""};
	char *control = NULL;
	FILE *agent = NULL;
	int error = reader_open(&reader, repository ? repository : ".", &fault);

	if (error == 0)
		error = reader_control(reader, &control, &fault);
	if (error == 0)
		error = client_connect(&agent, control, &fault);
	if (control && (error == -ENOENT || error == -ECONNREFUSED))
		puts("received; no agent is running: it will be merged when the agent starts");
	else if (error < 0)
		line_write(stdout, "received, but the agent cannot be reached: %s", fault.text);
	else
		setsockopt(fileno(agent), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	free(control);
	reader_close(reader);
	return agent;
}

static void reconcile(FILE *agent, const char *ref)
{
	struct fault fault = {""};
	json_t *response = client_call(
	        agent, json_pack("{s:s, s:s}", "command", "reconcile", "ref", ref), &fault);

	if (response)
		lines_write(stdout, json_text(response, "text"));
	else
		line_write(stdout, "received, but %s", fault.text);
	json_decref(response);
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* The agent need not know. */
static void explain_review(const char *ref)
{
	const char *branch = ref + strlen(HEADS);

	line_write(stdout, "%s is not merged: it waits to be looked at", branch);
	line_write(stdout, "  what a merge would change now: arpkeeper preview %s", branch);
	line_write(stdout, "  to merge it:                   arpkeeper merge %s", branch);
}

static int post_receive(void)
{
	char line[REF_MAX + 2 * HEX + 4], new[HEX + 1], ref[REF_MAX];
	FILE *agent = NULL;
	bool tried = false;

	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%*40s %40s %1023s", new, ref) != 2 ||
		    strspn(new, "0") == strlen(new)) /* deleted */
			continue;
		if (begins(ref, REVIEW))
			explain_review(ref);
		if (strcmp(ref, MAIN) != 0 && !begins(ref, MERGE))
			continue;
		if (!tried)
			agent = connect_agent();
		tried = true;
		if (agent)
			reconcile(agent, ref);
	}
	client_close(agent);
	return EXIT_OK;
}

/* A file's first line behind `begin`. */
static bool read_behind(char *text, int size, const char *path, const char *begin)
{
	FILE *file = fopen(path, "re");
	bool found = file && fgets(text, size, file) && !strncmp(text, begin, strlen(begin));

	if (file)
		fclose(file);
	if (!found)
		return false;
	memmove(text, text + strlen(begin), strlen(text + strlen(begin)) + 1);
	text[strcspn(text, "\n")] = '\0';
	return true;
}

static void warn_of_branch(const char *branch, const char *repository)
{
	bool main = strcmp(branch, "main") == 0;

	if (!main && strncmp(branch, "task/", strlen("task/")) != 0 &&
	    strncmp(branch, "node/", strlen("node/")) != 0 && strcmp(branch, "alerts") != 0)
		return;
	if (main)
		line_write(stderr, "warning: the agent moves main on, and the files here stay "
		                   "behind. A commit is taken as an edit of the state that they "
		                   "are from.");
	else
		line_write(stderr,
		           "warning: only the agent writes %s: a commit here does not change the "
		           "table, and may be lost.",
		           branch);
	line_write(stderr,
	           "Better: `git switch -c NAME%s`, and when it is done `git push %s "
	           "HEAD:merge/NAME`; or a clone.",
	           main ? "" : " main", repository);
}

/* git runs it in the work tree, whose file .git leads to "<repository>/worktrees/<name>". */
static int post_checkout(void)
{
	char folder[PATH_MAX], head[PATH_MAX + sizeof("/HEAD")], branch[REF_MAX], *slash;

	if (!read_behind(folder, sizeof(folder), ".git", "gitdir: "))
		return EXIT_OK;
	snprintf(head, sizeof(head), "%s/HEAD", folder);
	for (int i = 0; i < 2 && (slash = strrchr(folder, '/')); i++)
		*slash = '\0';
	if (read_behind(branch, sizeof(branch), head, "ref: refs/heads/"))
		warn_of_branch(branch, folder);
	return EXIT_OK;
}

struct arguments {
	struct settings settings;
	const char *keep, *archive;
	bool now;
};

static const struct command_option options[] = {
        {"keep", "SECONDS", "Thin history that is older", STORE(keep)},
        {"archive", "PATH", "First bring it to this repository", STORE(archive)},
        {"now", NULL, "Do all of it now, due or not", STORE(now)},
        {0},
};

static int upkeep(const struct arguments *arguments)
{
	const char *repository = arguments->settings.repository, *keep = arguments->keep;
	bool has_slash = *repository && repository[strlen(repository) - 1] == '/';
	/* The index first: an agent without one keeps its commits in memory until it is made. */
	struct chores chores = {.own = lookback_tend,
	                        .now = arguments->now,
	                        .archive = arguments->archive,
	                        .keep = keep ? (uint32_t)strtoul(keep, NULL, 10) : 0};
	struct fault fault = {""};
	char directory[PATH_MAX];
	int error;

	snprintf(directory, sizeof(directory), "%s%s", repository, has_slash ? "" : "/");
	chores.git_directory = directory;
	error = chores_run(&chores, &fault);
	if (!error)
		return EXIT_OK;
	log_warning("upkeep of %s: %s", directory, fault.text);
	return error == -EREMOTEIO ? UPKEEP_NO_ARCHIVE : EXIT_FAILED;
}

/* As a script's interpreter, this program gets the script's path. */
static const char *name_of(const struct settings *settings)
{
	const char *slash = strrchr(settings->argument[0], '/');

	return slash ? slash + 1 : settings->argument[0];
}

static void check(const void *given, const struct argp_state *state)
{
	static const char *const names[] = {"pre-receive", "post-receive", "post-checkout",
	                                    "upkeep",      "sync",         NULL};
	const struct settings *settings = given;
	const char *name = name_of(settings);
	char list[CHOICES_TEXT];

	if (choices_find(name, names, list) < 0)
		argp_error(state, "'%s' is not a hook: give %s", name, list);
	if ((!strcmp(name, "upkeep") || !strcmp(name, "sync")) &&
	    !(settings->repository && *settings->repository))
		argp_error(state, "%s needs --repo", name);
}

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const char *name = name_of(&arguments->settings);

	(void)fault;
	if (!strcmp(name, "pre-receive"))
		return prereceive_run();
	if (!strcmp(name, "post-checkout"))
		return post_checkout();
	if (!strcmp(name, "sync"))
		return synchook_run(arguments->settings.repository);
	return !strcmp(name, "upkeep") ? upkeep(arguments) : post_receive();
}

const struct command_spec command_hook = {
        .size = sizeof(struct arguments),
        /* git says what post-checkout checked out. */
        .arguments = "pre-receive|post-receive|post-checkout|upkeep|sync [OLD] [NEW] [FLAG]",
        .too_few = "name a hook",
        .doc = "Run by git in the repository on a push or for a work tree, or by the agent.",
        .options = options,
        .check = check,
        .loads = true,
        .run = run,
};
